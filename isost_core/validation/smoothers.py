"""Simple means of expression at a 3D point, from the cells of training sections: neighbours, kernels, splines.

Each is fitted once and called with points (n, 3) µm; it returns mean (n, genes) and the sd of one cell's value
there, or None. Length scales are chosen by leaving training sections out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

Predictor = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray | None]]  # (n, 3) um -> mean and sd (n, genes)

CHUNK = 4096
REACH = 3.5  # kernels are cut off here, in their length scales
KERNEL_WIDTHS = (0.35, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)  # cell spacings
KERNEL_DEPTHS = (1.0, 0.5, 0.75, 1.5, 2.0, 4.0)  # median gaps; the first is kept on a tie
SPLINE_SMOOTHING = (0.1, 1.0, 10.0)  # cell spacings
TRIED_CELLS = 1000  # cells of a left-out section that length scales are judged on


@dataclass(frozen=True, eq=False)
class TrainingCells:
    """Cells of the training sections: xyz (n, 3) µm, number (n,) of the section, values (n, genes) log1p.

    depths : (sections,) µm, increasing; spacing_um : distance between neighbouring cells
    """

    xyz: np.ndarray
    number: np.ndarray
    values: np.ndarray
    depths: np.ndarray
    spacing_um: float
    _trees: dict = field(default_factory=dict, repr=False)

    def rows(self, section: int) -> np.ndarray:
        return np.flatnonzero(self.number == section)

    def tree(self, section: int) -> tuple[np.ndarray, cKDTree]:
        """(rows, k-d tree of their positions in the plane) of one section."""
        if section not in self._trees:
            from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

            rows = self.rows(section)
            self._trees[section] = rows, cKDTree(self.xyz[rows, :2])
        return self._trees[section]

    def without(self, section: int) -> TrainingCells:
        """The cells of the other sections."""
        kept = self.number != section
        number = self.number[kept]
        return TrainingCells(self.xyz[kept], number - (number > section), self.values[kept],
                             np.delete(self.depths, section), self.spacing_um)

    def around(self, depth: float) -> tuple[tuple[int, float], ...]:
        """((section below, weight), (section above, weight)); weights fall linearly with distance in depth."""
        if len(self.depths) == 1:
            return ((0, 1.0),)
        low = int(np.clip(np.searchsorted(self.depths, depth, side="right") - 1, 0, len(self.depths) - 2))
        share = (depth - self.depths[low]) / (self.depths[low + 1] - self.depths[low])
        share = float(np.clip(share, 0, 1))
        return (low, 1 - share), (low + 1, share)

    def left_out(self) -> Iterable[int]:
        """Sections that length scales are judged on: at most five inner ones, of two sections both."""
        count = len(self.depths)
        return np.unique(np.linspace(1, count - 2, 5).round().astype(int)) if count > 2 else range(count)

    @cached_property
    def variance(self) -> np.ndarray:
        """(genes,) over all cells; 1 for a constant gene."""
        variance = self.values.var(0, dtype=np.float64)
        return np.where(variance > 1e-12, variance, 1.0)


def in_chunks(predict: Predictor) -> Predictor:
    """The same predictor, called with a few thousand points at a time."""
    def call(xyz: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        parts = [predict(xyz[lo:lo + CHUNK]) for lo in range(0, len(xyz), CHUNK)]
        mean, sd = zip(*parts, strict=True)
        return np.concatenate(mean), None if sd[0] is None else np.concatenate(sd)

    return call


def fit_neighbours(cells: TrainingCells, k: int) -> Predictor:
    """Mean of the k nearest cells of the section below and of the one above, weighted by inverse distance.

    The two sections are weighted by distance in depth.
    """
    return in_chunks(partial(near_mean, cells, k))


def near_mean(cells: TrainingCells, k: int, xyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and sd (n, genes) of the k nearest cells a side, see `fit_neighbours`."""
    pick = _nearest_cells(cells, k, xyz)
    mean = pick @ cells.values
    return mean, _sd(mean, pick @ cells.values**2)


def _nearest_cells(cells: TrainingCells, k: int, xyz: np.ndarray) -> csr_matrix:
    """Sparse (points, cells): what each cell contributes to a point; rows sum to 1."""
    from scipy.sparse import csr_matrix

    total = 0
    for section, share in cells.around(xyz[:, 2].mean()):
        rows, tree = cells.tree(section)
        away, index = (a.reshape(len(xyz), -1) for a in tree.query(xyz[:, :2], k=min(k, len(rows))))
        weight = 1 / np.maximum(away, cells.spacing_um)
        weight = (share * weight / weight.sum(1, keepdims=True)).astype(np.float32)
        starts = np.arange(0, index.size + 1, index.shape[1])
        total = total + csr_matrix((weight.ravel(), rows[index.ravel()], starts), (len(xyz), len(cells.values)))
    return total


def fit_kernel(cells: TrainingCells, seed: int = 0, neighbours_only: bool = False) -> Predictor:
    """Gaussian kernel average over the cells of all sections (or of both neighbours, weighted by distance in depth).

    Its width in the plane and along depth have the smallest error on left-out training sections.
    """
    rng = np.random.default_rng(seed)
    gap = float(np.median(np.diff(cells.depths)))
    lengths = (None,) if neighbours_only else tuple(gap * d for d in KERNEL_DEPTHS)
    error = np.zeros((len(KERNEL_WIDTHS), len(lengths)))
    for section in cells.left_out():
        others, (xyz, truth) = cells.without(section), some_cells(cells, section, rng)
        for i, width in enumerate(KERNEL_WIDTHS):
            sums = _kernel_sums(others, xyz, width * cells.spacing_um)
            for j, length in enumerate(lengths):
                error[i, j] += relative_error(cells, truth, _kernel_mean(others, sums, xyz, length)[0])
    i, j = np.unravel_index(np.argmin(error), error.shape)
    return in_chunks(partial(_kernel, cells, KERNEL_WIDTHS[i] * cells.spacing_um, lengths[j]))


def _kernel(cells: TrainingCells, width: float, length: float | None, xyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    total, square = _kernel_mean(cells, _kernel_sums(cells, xyz, width), xyz, length)
    return total, _sd(total, square)


def _kernel_sums(cells: TrainingCells, xyz: np.ndarray,
                 width: float) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Per section, sums over its cells of the kernel's weight, of value and of value², at each point.

    Cells are summed over bins of half the width first, which widens the kernel by 1 %.
    """
    from scipy.sparse import csr_matrix
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    points, sums = cKDTree(xyz[:, :2]), []
    for section in range(len(cells.depths)):
        rows, tree = cells.tree(section)
        bins, label, count = np.unique(np.floor(cells.xyz[rows, :2] / (width / 2)), axis=0, return_inverse=True,
                                       return_counts=True)
        gather = csr_matrix((np.ones(len(rows), np.float32), (label.ravel(), np.arange(len(rows)))))
        middle = gather @ cells.xyz[rows, :2] / count[:, None]
        near = points.sparse_distance_matrix(cKDTree(middle), REACH * width, output_type="coo_matrix").tocsr()
        near.data = np.exp(-0.5 * (near.data / width) ** 2).astype(np.float32)
        near = near.astype(np.float32)
        mass, values = near @ count.astype(np.float32), cells.values[rows]
        total, square = near @ (gather @ values), near @ (gather @ values**2)
        far = np.flatnonzero(mass < 1e-6)
        if len(far):
            nearest = values[tree.query(xyz[far, :2])[1]]
            mass[far], total[far], square[far] = 1e-6, 1e-6 * nearest, 1e-6 * nearest**2
        sums.append((mass[:, None], total, square))
    return sums


def _kernel_mean(cells: TrainingCells, sums: list[tuple[np.ndarray, np.ndarray, np.ndarray]], xyz: np.ndarray,
                 length: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Mean and mean square from the sums of each section; a length of None takes both neighbours alone."""
    if length is None:
        weights = [(sums[s], w / sums[s][0]) for s, w in cells.around(xyz[:, 2].mean())]
    else:
        weights = [(part, np.exp(-0.5 * ((xyz[:, 2:] - depth) / length) ** 2) + 1e-12)
                   for part, depth in zip(sums, cells.depths, strict=True)]
    mass = sum(w * part[0] for part, w in weights)
    mean, square = (np.asarray(sum(w * part[i] for part, w in weights)) / mass for i in (1, 2))
    return mean, square


def fit_splines(cells: TrainingCells, seed: int = 0, axes: int = 50) -> Predictor:
    """Linear radial basis functions on the leading principal components, from the 50 nearest cells; no sd.

    How much they smooth has the smallest error on left-out training sections.
    """
    rng, scores = np.random.default_rng(seed), np.zeros(len(SPLINE_SMOOTHING))
    for section in cells.left_out():
        others, (xyz, truth) = cells.without(section), some_cells(cells, section, rng)
        scores += [relative_error(cells, truth, _splines(others, axes, s)(xyz)[0]) for s in SPLINE_SMOOTHING]
    return in_chunks(_splines(cells, axes, SPLINE_SMOOTHING[int(np.argmin(scores))]))


def _splines(cells: TrainingCells, axes: int, smoothing: float) -> Predictor:
    from scipy.interpolate import RBFInterpolator

    space = fit_components(cells.values, axes)
    found = RBFInterpolator(cells.xyz, space.encode(cells.values), min(50, len(cells.xyz)),
                            smoothing * cells.spacing_um, "linear")
    return lambda xyz: (space.decode(found(xyz)), None)


@dataclass(frozen=True)
class Components:
    """Leading principal components: centre, scale (genes,), axes (genes, k)."""

    centre: np.ndarray
    scale: np.ndarray
    axes: np.ndarray

    def encode(self, values: np.ndarray) -> np.ndarray:
        return (values - self.centre) / self.scale @ self.axes

    def decode(self, latent: np.ndarray) -> np.ndarray:
        return np.maximum(latent @ self.axes.T * self.scale + self.centre, 0).astype(np.float32)


def fit_components(values: np.ndarray, axes: int, standardise: bool = False) -> Components:
    """Components of cells' values (n, genes), of genes with unit variance where `standardise`."""
    centre = values.mean(0, dtype=np.float64)
    spread = values.std(0, dtype=np.float64)
    scale = np.where(spread > 1e-9, spread, 1.0) if standardise else np.ones(len(centre))
    scaled = (values - centre) / scale
    vector = np.linalg.eigh(scaled.T @ scaled)[1]
    return Components(centre, scale, vector[:, ::-1][:, :axes])


def some_cells(cells: TrainingCells, section: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Positions and values of cells of one section that settings are judged on."""
    rows = cells.rows(section)
    rows = np.sort(rng.choice(rows, min(len(rows), TRIED_CELLS), replace=False))
    return cells.xyz[rows], cells.values[rows]


def relative_error(cells: TrainingCells, truth: np.ndarray, mean: np.ndarray) -> float:
    """Squared error over the variance of each gene in all training cells, averaged."""
    return float((((truth - mean) ** 2).mean(0) / cells.variance).mean())


def _sd(mean: np.ndarray, square: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(square - mean**2, 0))
