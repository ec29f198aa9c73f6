"""The finished tissue on a regular lattice: latent mean field, its variance and the tissue mask.

Made once at the end of a run and stored. Between its points the mean field is trilinear: volumes, slices, profiles and
virtual sections of any gene are read from it by one interpolation and one small matrix product, and so agree.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

DECODED = 2**18  # latent values decoded at once: few enough for the processor's cache, and for one thread
GRID = ("spacing_um", "layer_um", "origin_um", "inside", "rows")  # what a file of the grid holds


@dataclass(frozen=True)
class Lattice:
    """Axes x, y, z; voxel (i, j, k) is centred at origin_um + step_um * (i, j, k).

    spacing_um : in the plane; layer_um : along depth
    inside : (x, y, z) float32, tissue depth in um: above 0 in tissue, below 0 outside (signed distance)
    rows : (x, y, z) int32, row of each lattice point in `latent`, -1 far outside tissue
    latent : (rows, axes) float16 mean field; variance : (rows, groups) float16
    """

    spacing_um: float
    layer_um: float
    origin_um: np.ndarray
    inside: np.ndarray
    rows: np.ndarray
    latent: np.ndarray
    variance: np.ndarray

    @property
    def step_um(self):
        """(3,) distances from one point to the next."""
        return np.array([self.spacing_um, self.spacing_um, self.layer_um])

    @property
    def extent_um(self):
        """((x, y, z) of the first voxel, (x, y, z) of the last)."""
        last = self.origin_um + self.step_um * (np.array(self.inside.shape) - 1)
        return tuple(map(float, self.origin_um)), tuple(map(float, last))

    def save(self, folder):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "grid.npz", **{name: getattr(self, name) for name in GRID})
        np.save(folder / "latent.npy", self.latent)
        np.save(folder / "variance.npy", self.variance)

    @classmethod
    def load(cls, folder):
        folder = Path(folder)
        with np.load(folder / "grid.npz") as grid:
            spacing, layer, *arrays = (grid[name] for name in GRID)
        return cls(float(spacing), float(layer), *arrays,
                   np.load(folder / "latent.npy", mmap_mode="r"), np.load(folder / "variance.npy", mmap_mode="r"))

    def gene_fields(self, decoder, gene):
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

    def _decoded(self, decoder, gene, rows):
        """Mean, sd and known share, (rows, 2 or 3), of some rows of the lattice."""
        mean = decoder.latent.raw_expression(np.asarray(self.latent[rows], dtype=np.float32), [gene])
        variance = np.asarray(self.variance[rows], dtype=np.float32)
        known, sd = decoder.known_share(variance, [gene]), decoder.value_sd(variance, np.maximum(mean, 0), [gene])
        return np.hstack([mean, sd, *([] if known is None else [known])])

    def latent_at(self, xyz):
        """Latent mean field (n, axes) and its variance (n, groups), float32, at points (n, 3) um."""
        from scipy.sparse import csr_matrix

        last = np.array(self.inside.shape) - 1
        place = np.clip((xyz - self.origin_um) / self.step_um, 0, last)
        low = np.minimum(place.astype(int), last - 1)
        side = np.array([[c >> 2 & 1, c >> 1 & 1, c & 1] for c in range(8)])
        share = np.where(side, (place - low)[:, None], 1 - (place - low)[:, None]).prod(2)
        rows, back = np.unique(self.rows[tuple((low[:, None] + side).T)].T, return_inverse=True)
        between = csr_matrix((share.astype(np.float32).ravel(), back.ravel(), np.arange(0, 8 * len(xyz) + 1, 8)),
                             (len(xyz), len(rows)))
        return tuple(between @ np.asarray(part[rows], dtype=np.float32) for part in (self.latent, self.variance))

    def doubt(self, decoder, genes, xyz):
        """Standard error of the predicted mean at points (n, 3) um and the share of the pattern that is known there
        (None where not known), each (genes, n), from the nearest lattice point."""
        place = np.round((xyz - self.origin_um) / self.step_um).astype(int)
        near = np.clip(place, 0, np.array(self.inside.shape) - 1)
        rows, back = np.unique(self.rows[tuple(near.T)], return_inverse=True)
        variance = np.asarray(self.variance[rows], dtype=np.float32)
        known = decoder.known_share(variance, genes)
        return decoder.mean_sd(variance, genes).T[:, back], None if known is None else known.T[:, back]


def expressed(mean):
    """Log1p expression, not below zero, of an interpolated mean; in place."""
    return np.maximum(mean, 0, out=mean)
