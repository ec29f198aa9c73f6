"""The finished tissue on a regular lattice: expected latent expression, its variance and the tissue mask.

Made once at the end of a run and stored. Between its points it is trilinear: volumes, slices, profiles and
virtual sections of any gene are read from it by one interpolation and one small matrix product, and so agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isost_core.model.decoder import Decoder, Genes

DECODED = 2**18  # latent values decoded at once: few enough for the processor's cache, and for one thread
GRID = ("spacing_um", "layer_um", "origin_um", "inside", "rows")  # what a file of the grid holds


Corner = tuple[float, float, float]  # x, y, z um


@dataclass(frozen=True, eq=False)
class Lattice:
    """Axes x, y, z; voxel (i, j, k) is centred at origin_um + step_um * (i, j, k).

    spacing_um : in the plane; layer_um : along depth
    inside : (x, y, z) float32, tissue depth in um: above 0 in tissue, below 0 outside (signed distance)
    rows : (x, y, z) int32, row of each lattice point in `latent`, -1 far outside tissue
    latent : (rows, axes) float16, expected; variance : (rows, groups) float16
    """

    spacing_um: float
    layer_um: float
    origin_um: np.ndarray
    inside: np.ndarray
    rows: np.ndarray
    latent: np.ndarray
    variance: np.ndarray

    @property
    def step_um(self) -> np.ndarray:
        """(3,) distances from one point to the next."""
        return np.array([self.spacing_um, self.spacing_um, self.layer_um])

    @property
    def extent_um(self) -> tuple[Corner, Corner]:
        """((x, y, z) of the first voxel, (x, y, z) of the last)."""
        last = self.origin_um + self.step_um * (np.array(self.inside.shape) - 1)
        return _corner(self.origin_um), _corner(last)

    def save(self, folder: str | Path) -> None:
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "grid.npz", **{name: getattr(self, name) for name in GRID})
        np.save(folder / "latent.npy", self.latent)
        np.save(folder / "variance.npy", self.variance)

    @classmethod
    def load(cls, folder: str | Path) -> Lattice:
        folder = Path(folder)
        with np.load(folder / "grid.npz") as grid:
            spacing, layer, origin, inside, rows = (grid[name] for name in GRID)
        return cls(float(spacing), float(layer), origin, inside, rows,
                   np.load(folder / "latent.npy", mmap_mode="r"), np.load(folder / "variance.npy", mmap_mode="r"))

    def gene_fields(self, decoder: Decoder, gene: int) -> np.ndarray:
        """One gene on the lattice, (3 or 4, x, y, z) float32: tissue depth, mean, sd and, where the run has one, known
        share (see `Decoder`). In memory x runs faster than y and z, and the fields of a point lie together.

        gene : index. The mean may lie below 0, where expression is 0: whoever interpolates it cuts it off afterwards
        (`expressed`). Far outside tissue the values of the nearest lattice point inside are used, so that interpolation
        at the border is not pulled to zero.
        """
        step = max(1, DECODED // self.latent.shape[1])
        table = np.concatenate([self._decoded(decoder, gene, slice(lo, lo + step))
                                for lo in range(0, len(self.latent), step)])
        fields = np.empty((*self.inside.shape[::-1], 1 + table.shape[1]), np.float32)
        fields[..., 0] = self.inside.T
        fields[..., 1:] = np.take(table, self.rows.T, axis=0)
        fields.flags.writeable = False
        return fields.T

    def _decoded(self, decoder: Decoder, gene: int, rows: slice) -> np.ndarray:
        """Mean, sd and known share, (rows, 2 or 3), of some rows of the lattice."""
        mean = decoder.latent.raw_expression(np.asarray(self.latent[rows], dtype=np.float32), [gene])
        variance = np.asarray(self.variance[rows], dtype=np.float32)
        known, sd = decoder.known_share(variance, [gene]), decoder.value_sd(variance, np.maximum(mean, 0), [gene])
        return np.hstack([mean, sd, *([] if known is None else [known])])

    def latent_at(self, xyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Expected latent expression (n, axes) and its variance (n, groups), float32, at points (n, 3) um."""
        from scipy.sparse import csr_matrix

        last = np.array(self.inside.shape) - 1
        place = np.clip((xyz - self.origin_um) / self.step_um, 0, last)
        low = np.minimum(place.astype(int), last - 1)
        side = np.array([[c >> 2 & 1, c >> 1 & 1, c & 1] for c in range(8)])
        share = np.where(side, (place - low)[:, None], 1 - (place - low)[:, None]).prod(2)
        rows, back = np.unique(self.rows[tuple((low[:, None] + side).T)].T, return_inverse=True)
        between = csr_matrix((share.astype(np.float32).ravel(), back.ravel(), np.arange(0, 8 * len(xyz) + 1, 8)),
                             (len(xyz), len(rows)))
        latent, variance = (between @ np.asarray(part[rows], dtype=np.float32) for part in (self.latent, self.variance))
        return latent, variance

    def doubt(self, decoder: Decoder, genes: Genes, xyz: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Standard error of the predicted mean at points (n, 3) um and the share of the pattern that is known there
        (None where not known), each (genes, n), from the nearest lattice point."""
        place = np.round((xyz - self.origin_um) / self.step_um).astype(int)
        near = np.clip(place, 0, np.array(self.inside.shape) - 1)
        rows, back = np.unique(self.rows[tuple(near.T)], return_inverse=True)
        variance = np.asarray(self.variance[rows], dtype=np.float32)
        known = decoder.known_share(variance, genes)
        return decoder.mean_sd(variance, genes).T[:, back], None if known is None else known.T[:, back]


def _corner(point: np.ndarray) -> Corner:
    x, y, z = point.tolist()
    return x, y, z


def expressed(mean: np.ndarray) -> np.ndarray:
    """Log1p expression, not below zero, of an interpolated mean; in place."""
    return np.maximum(mean, 0, out=mean)
