"""A region drawn on a plane: what is predicted and what was measured in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from isost_core.errors import InputError
from isost_core.reconstruction.interpolation import sample
from isost_core.sections.agreement import values_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from isost_core.reconstruction.reconstruction import Reconstruction

COLUMNS = ["gene", "source", "area_um2", "n", "mean", "sd", "median", "low", "high"]


def inside_polygon(points: ArrayLike, corners: np.ndarray) -> np.ndarray:
    """Which points (n, 2) lie inside a polygon (m, 2): a ray to the right crosses its border an odd number of times."""
    x, y = np.asarray(points, float).T
    inside = np.zeros(len(x), bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crosses = (ay > y) != (by > y)
        inside ^= crosses & (x < ax + (y - ay) * (bx - ax) / (by - ay if by != ay else 1.0))
    return inside


class Region:
    """A polygon on a plane of a run.

    Parameters
    ----------
    points : (m, 3) µm, corners; u, v : unit vectors of the plane
    section : number of the measured section that stands beside the plane, or None for the cells within half a gap
    """

    def __init__(self, run: Reconstruction, points: ArrayLike, u: ArrayLike, v: ArrayLike, section: int | None = None):
        self.run = run
        self.points = np.asarray(points, float)
        if self.points.ndim != 2 or self.points.shape[0] < 3 or self.points.shape[1] != 3:
            raise InputError(f"A region needs at least three corners, each with x, y and {run.sections.axis.name} in "
                             f"{run.sections.axis.unit}, found shape {self.points.shape}. Draw it again.")
        self.u, self.v = np.asarray(u, float), np.asarray(v, float)
        self.section = section
        self.corners = self._flat(self.points)
        self._tissue = self._places()

    @property
    def area_um2(self) -> float:
        """Area of the tissue in the region."""
        return len(self._tissue) * self._step**2

    @property
    def depths_um(self) -> tuple[float, float]:
        """Least and largest depth of the tissue in the region, or of its corners where it holds none."""
        depths = (self._tissue if len(self._tissue) else self.points)[:, 2]
        return float(depths.min()), float(depths.max())

    def _flat(self, xyz: np.ndarray) -> np.ndarray:
        return (xyz - self.points[0]) @ np.stack([self.u, self.v], 1)

    def _places(self) -> np.ndarray:
        """Points (n, 3) of a fine grid in the region that lie in tissue."""
        low, high = self.corners.min(0), self.corners.max(0)
        self._step = max(float((high - low).max()) / 300, 1e-6)
        a, b = (np.arange(low[d], high[d], self._step) + self._step / 2 for d in range(2))
        grid = np.stack(np.meshgrid(a, b, indexing="ij"), -1).reshape(-1, 2)
        grid = grid[inside_polygon(grid, self.corners)]
        xyz = self.points[0] + grid @ np.stack([self.u, self.v])
        return xyz[sample(self.run, self.run.genes[0], xyz)[3]]

    def cells(self) -> np.ndarray:
        """Rows of the measured cells in the region."""
        xyz, sections = self.run.measured_xyz, self.run.sections
        if self.section is not None:
            rows = sections.rows(sections.names[self.section])
        else:
            away = np.abs((xyz - self.points[0]) @ np.cross(self.u, self.v))
            rows = np.flatnonzero(away <= np.median(np.diff(sections.depths)) / 2)
        return rows[inside_polygon(self._flat(xyz[rows]), self.corners)]

    def statistics(self, genes: Sequence[str]) -> pd.DataFrame:
        """DataFrame: gene, source ('predicted' over the area, or 'measured' in cells), area_um2 of predicted and n of
        measured values (the places of the grid are not independent: their number says nothing), mean, sd, median, low
        and high (5 and 95 %), log1p."""
        import pandas as pd

        rows, table = self.cells(), []
        for gene in genes:
            measured = values_of(self.run.sections, rows, [self.run.genes.index(gene)])[:, 0]
            for source, values in (("predicted", sample(self.run, gene, self._tissue)[0]), ("measured", measured)):
                if len(values):
                    low, high = np.percentile(values, [5, 95])
                    size = {"area_um2": self.area_um2} if source == "predicted" else {"n": len(values)}
                    table.append({"gene": gene, "source": source, **size, "mean": values.mean(),
                                  "sd": values.std(), "median": np.median(values), "low": low, "high": high})
        return pd.DataFrame(table, columns=pd.Index(COLUMNS)).astype({"n": "Int64"})

    def cell_table(self, genes: Sequence[str]) -> pd.DataFrame:
        """DataFrame of the measured cells in the region: their names (a column called as they are: cell, spot, bead or
        bin), section, x, y, depth (µm), genes (log1p)."""
        import pandas as pd

        rows = self.cells()
        held = self.run.sections.cells
        values = values_of(self.run.sections, rows, [self.run.genes.index(gene) for gene in genes])
        table = pd.DataFrame(values, columns=pd.Index(genes))
        xyz = self.run.measured_xyz[rows]
        for at, (name, places) in enumerate(zip(("x_um", "y_um", self.run.sections.axis.column), xyz.T, strict=True)):
            table.insert(at, name, places)
        table.insert(0, "section", held.obs["section"].astype(str).to_numpy()[rows])
        table.insert(0, self.run.noun, held.obs_names[rows])
        return table

    def geojson(self, genes: Sequence[str]) -> str:
        """The region as GeoJSON text: one polygon, corners x, y, depth in µm, its statistics as properties."""
        ring = [*self.points.tolist(), self.points[0].tolist()]
        table = self.statistics(genes)
        statistics = [row.dropna().to_dict() for _, row in table.astype(object).iterrows()]
        about = {"unit": "micrometer", "axes": ["x", "y", self.run.sections.axis.name], "area_um2": self.area_um2,
                 "u": self.u.tolist(), "v": self.v.tolist(), "statistics": statistics}
        return json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": about}]})
