"""What a profile is taken around: the coordinate of a place in 3D, and the one that a single section would give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from isost_core.errors import InputError
from isost_core.reconstruction.border_distance import Border
from isost_core.words import plain

if TYPE_CHECKING:
    from isost_core.reconstruction.reconstruction import Reconstruction

KINDS = ("depth", "radial", "spherical", "surface")
STEEP = np.cos(np.pi / 4)  # an axis this steep along depth shows as a point in a section, a flatter one as a line


@dataclass(frozen=True, eq=False)
class Focus:
    """A focus and how distance from it counts.

    kind : 'depth' (against depth, cells within radius_um of the centre in x, y), 'radial' (against the distance from an
        axis through the centre), 'spherical' (from the centre) or 'surface' (from a surface, below 0 within it)
    centre : (x, y, z) um, or the Border of kind 'surface'
    axis : (x, y, z) any direction, for 'radial'; by default the depth axis
    radius_um : cells farther away are left out; by default none is
    """

    kind: str
    centre: Sequence[float] | np.ndarray | Border
    axis: Sequence[float] | np.ndarray | None = None
    radius_um: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"Profile '{self.kind}' is not known. Choose one of {', '.join(KINDS)}.")
        if self.kind == "surface":
            if not isinstance(self.centre, Border):
                raise InputError(f"A profile of kind surface needs a surface as its centre, found {self.centre!r}. "
                                 "Give a gene and a level.")
        elif (isinstance(self.centre, Border) or np.shape(self.centre) != (3,)
              or not np.isfinite(self._point).all()):
            raise InputError(f"The centre needs three numbers x, y, z in µm, found {self.centre!r}. Give a point in "
                             "the tissue.")
        if self.axis is not None and not np.linalg.norm(self.axis) > 0:
            raise InputError(f"The axis needs three numbers that are not all 0, found {self.axis!r}. Give a direction "
                             "such as (0, 0, 1).")
        if self.radius_um is not None and not self.radius_um > 0:
            raise InputError(f"The radius must be above 0 µm, found {plain(self.radius_um)}.")

    @property
    def direction(self) -> np.ndarray:
        """(3,) unit vector of the axis."""
        axis = np.array([0.0, 0.0, 1.0]) if self.axis is None else np.asarray(self.axis, float)
        return axis / np.linalg.norm(axis)

    @property
    def border(self) -> Border:
        """The surface of kind 'surface'."""
        assert isinstance(self.centre, Border)
        return self.centre

    @property
    def _point(self) -> np.ndarray:
        """The centre of every other kind."""
        return np.asarray(self.centre, float)

    def distance(self, xyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The profile's coordinate (n,) um of places (n, 3) um, and which of them (n,) belong to it."""
        if self.kind == "surface":
            distance = self.border.at(xyz)
            return distance, self._near(np.abs(distance))
        to = xyz - self._point
        if self.kind == "depth":
            return xyz[:, 2], self._near(np.linalg.norm(to[:, :2], axis=1))
        if self.kind == "radial":
            to = to - np.outer(to @ self.direction, self.direction)
        distance = np.linalg.norm(to, axis=1)
        return distance, self._near(distance)

    def distance_2d(self, run: Reconstruction) -> tuple[np.ndarray, np.ndarray]:
        """What measured sections alone would give: the coordinate within a section's own plane.

        Spherical: distance in the plane from the focus's projection, in the one section nearest to the focus in depth.
        Radial: the same from the point where the axis crosses that section or, where the axis runs flatter than 45°,
        from the line that it casts on the section. Surface: distance in the plane from the outline that the surface has
        in each section. Depth: that of the cell's section, whatever its own.

        Returns
        -------
        rows of the measured cells, and distance (rows,) um
        """
        names, depths = run.sections.names, run.sections.depths
        if self.kind == "depth":
            distance = np.repeat(depths, [len(run.sections.rows(name)) for name in names])
            rows = np.flatnonzero(self.distance(run.measured_xyz)[1])
            return rows, distance[rows]
        if self.kind == "surface":
            rows = np.arange(len(run.measured_xyz))
            parts = [self.border.in_plane(run.measured_xyz[run.sections.rows(name), :2], depth)
                     for name, depth in zip(names, depths, strict=True)]
            distance = np.concatenate(parts)
            used = np.isfinite(distance) & self._near(np.abs(distance))
            return rows[used], distance[used]
        k = int(np.argmin(np.abs(depths - self._point[2])))
        rows = run.sections.rows(names[k])
        to = run.measured_xyz[rows, :2] - self._point[:2]
        if self.kind == "radial":
            to = to - self._seen_axis(depths[k]) if abs(self.direction[2]) >= STEEP else _off_line(to, self.direction)
        distance = np.linalg.norm(to, axis=1)
        used = self._near(distance)
        return rows[used], distance[used]

    def _seen_axis(self, depth: float) -> np.ndarray:
        """Where a steep axis crosses a depth, (2,) um from the centre."""
        return self.direction[:2] / self.direction[2] * (depth - self._point[2])

    def _near(self, away: np.ndarray) -> np.ndarray:
        return away <= (np.inf if self.radius_um is None else self.radius_um)


def _off_line(to: np.ndarray, direction: np.ndarray) -> np.ndarray:
    line = direction[:2] / np.linalg.norm(direction[:2])
    return to - np.outer(to @ line, line)
