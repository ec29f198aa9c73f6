"""Simple means of expression at a 3D point, from the cells of training sections: neighbours, kernels, ridge.

Each is fitted once and called with points (n, 3) µm; it returns mean (n, genes) and the sd of one cell's value
there, or None. Length scales are chosen by leaving training sections out.
"""

from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

CHUNK = 4096
REACH = 3.5  # kernels are cut off here, in their length scales
KERNEL_WIDTHS = (0.35, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)  # cell spacings
KERNEL_DEPTHS = (1.0, 0.5, 0.75, 1.5, 2.0, 4.0)  # median gaps; the first is kept on a tie
RIDGE_WIDTHS = (3.0, 6.0, 12.0, 24.0, 48.0)  # cell spacings
RIDGE_DEPTHS = (1.0, 0.5, 2.0)  # of the width in the plane
RIDGE_NOISE = (0.01, 0.1, 1.0, 10.0, 100.0)
LANDMARKS = 1200
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

    def rows(self, section):
        return np.flatnonzero(self.number == section)

    def tree(self, section):
        """(rows, k-d tree of their positions in the plane) of one section."""
        if section not in self._trees:
            from scipy.spatial import cKDTree

            rows = self.rows(section)
            self._trees[section] = rows, cKDTree(self.xyz[rows, :2])
        return self._trees[section]

    def without(self, section):
        """The cells of the other sections."""
        kept = self.number != section
        number = self.number[kept]
        return TrainingCells(self.xyz[kept], number - (number > section), self.values[kept],
                             np.delete(self.depths, section), self.spacing_um)

    def around(self, depth):
        """((section below, weight), (section above, weight)); weights fall linearly with distance in depth."""
        if len(self.depths) == 1:
            return ((0, 1.0),)
        low = int(np.clip(np.searchsorted(self.depths, depth, side="right") - 1, 0, len(self.depths) - 2))
        share = (depth - self.depths[low]) / (self.depths[low + 1] - self.depths[low])
        share = float(np.clip(share, 0, 1))
        return (low, 1 - share), (low + 1, share)

    def left_out(self):
        """Sections that length scales are judged on: at most five inner ones, of two sections both."""
        count = len(self.depths)
        return np.unique(np.linspace(1, count - 2, 5).round().astype(int)) if count > 2 else range(count)

    @cached_property
    def variance(self):
        """(genes,) over all cells; 1 for a constant gene."""
        variance = self.values.var(0, dtype=np.float64)
        return np.where(variance > 1e-12, variance, 1.0)


def in_chunks(predict):
    """The same predictor, called with a few thousand points at a time."""
    def call(xyz):
        parts = [predict(xyz[lo:lo + CHUNK]) for lo in range(0, len(xyz), CHUNK)]
        mean, sd = zip(*parts, strict=True)
        return np.concatenate(mean), None if sd[0] is None else np.concatenate(sd)

    return call


def fit_neighbours(cells, k):
    """Mean of the k nearest cells of the section below and of the one above, weighted by inverse distance.

    The two sections are weighted by distance in depth.
    """
    return in_chunks(partial(_neighbours, cells, k))


def _neighbours(cells, k, xyz):
    pick = _nearest_cells(cells, k, xyz)
    mean = pick @ cells.values
    return mean, _sd(mean, pick @ cells.values**2)


def _nearest_cells(cells, k, xyz):
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


def fit_kernel(cells, seed=0, neighbours_only=False):
    """Gaussian kernel average over the cells of all sections (or of both neighbours, weighted by distance in depth).

    Its width in the plane and along depth have the smallest error on left-out training sections.
    """
    rng = np.random.default_rng(seed)
    gap = float(np.median(np.diff(cells.depths)))
    lengths = (None,) if neighbours_only else tuple(gap * d for d in KERNEL_DEPTHS)
    error = np.zeros((len(KERNEL_WIDTHS), len(lengths)))
    for section in cells.left_out():
        others, (xyz, truth) = cells.without(section), _some_cells(cells, section, rng)
        for i, width in enumerate(KERNEL_WIDTHS):
            sums = _kernel_sums(others, xyz, width * cells.spacing_um)
            for j, length in enumerate(lengths):
                error[i, j] += _loss(cells, truth, _kernel_mean(others, sums, xyz, length)[0])
    i, j = np.unravel_index(np.argmin(error), error.shape)
    return in_chunks(partial(_kernel, cells, KERNEL_WIDTHS[i] * cells.spacing_um, lengths[j]))


def _kernel(cells, width, length, xyz):
    total, square = _kernel_mean(cells, _kernel_sums(cells, xyz, width), xyz, length)
    return total, _sd(total, square)


def _kernel_sums(cells, xyz, width):
    """Per section, sums over its cells of the kernel's weight, of value and of value², at each point.

    Cells are summed over bins of half the width first, which widens the kernel by 1 %.
    """
    from scipy.sparse import csr_matrix
    from scipy.spatial import cKDTree

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


def _kernel_mean(cells, sums, xyz, length):
    """Mean and mean square from the sums of each section; a length of None takes both neighbours alone."""
    if length is None:
        weights = [(sums[s], w / sums[s][0]) for s, w in cells.around(xyz[:, 2].mean())]
    else:
        weights = [(part, np.exp(-0.5 * ((xyz[:, 2:] - depth) / length) ** 2) + 1e-12)
                   for part, depth in zip(sums, cells.depths, strict=True)]
    mass = sum(w * part[0] for part, w in weights)
    return tuple(sum(w * part[i] for part, w in weights) / mass for i in (1, 2))


def fit_ridge(cells, seed=0):
    """Kernel ridge regression of every gene on (x, y, z) with an exponential kernel on landmark cells (Nyström).

    Kernel widths and noise have the smallest error on left-out training sections. Many small solves: one thread, since
    several wait for each other on a busy computer.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        scale, noise = _ridge_settings(cells, np.random.default_rng(seed))
        rng = np.random.default_rng(seed)
        marks = np.sort(rng.choice(len(cells.xyz), min(len(cells.xyz), LANDMARKS), replace=False))
        mean = _ridge_at(cells, np.arange(len(cells.xyz)), cells.xyz[marks], scale)(noise)
    return in_chunks(partial(_ridge, cells, mean))


def _ridge_settings(cells, rng):
    """(kernel width along x, y, z in µm; noise)"""
    scores = {}
    for section in cells.left_out():
        others, (xyz, truth) = cells.without(section), _some_cells(cells, section, rng)
        few = np.sort(rng.choice(len(others.xyz), min(len(others.xyz), 5 * TRIED_CELLS), replace=False))
        marks = rng.choice(few, min(len(few), LANDMARKS // 3), replace=False)
        for width in RIDGE_WIDTHS:
            for depth in RIDGE_DEPTHS:
                scale = cells.spacing_um * width * np.array([1, 1, depth])
                at = _ridge_at(others, few, others.xyz[marks], scale)
                for noise in RIDGE_NOISE:
                    key = (width, depth, noise)
                    scores[key] = scores.get(key, 0.0) + _loss(cells, truth, at(noise)(xyz))
    width, depth, noise = min(scores, key=scores.get)
    return cells.spacing_um * width * np.array([1, 1, depth]), noise


def _ridge(cells, mean, xyz):
    """Its mean, and the spread of the 50 nearest cells of both sections about it."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        m = mean(xyz)
    near, sd = _neighbours(cells, 50, xyz)
    return m, np.sqrt(sd**2 + (near - m) ** 2)


def fit_splines(cells, axes=50):
    """Linear radial basis functions on the leading principal components, from the 50 nearest cells; no sd."""
    from scipy.interpolate import RBFInterpolator

    space = fit_components(cells.values, axes)
    smoothing = 0.1 * cells.spacing_um
    found = RBFInterpolator(cells.xyz, space.encode(cells.values), min(50, len(cells.xyz)), smoothing, "linear")
    return in_chunks(lambda xyz: (space.decode(found(xyz)), None))


@dataclass(frozen=True)
class Components:
    """Leading principal components: centre, scale (genes,), axes (genes, k)."""

    centre: np.ndarray
    scale: np.ndarray
    axes: np.ndarray

    def encode(self, values):
        return (values - self.centre) / self.scale @ self.axes

    def decode(self, latent):
        return np.maximum(latent @ self.axes.T * self.scale + self.centre, 0).astype(np.float32)


def fit_components(values, axes, standardise=False):
    """Components of cells' values (n, genes), of genes with unit variance where `standardise`."""
    centre = values.mean(0, dtype=np.float64)
    spread = values.std(0, dtype=np.float64)
    scale = np.where(spread > 1e-9, spread, 1.0) if standardise else np.ones(len(centre))
    scaled = (values - centre) / scale
    vector = np.linalg.eigh(scaled.T @ scaled)[1]
    return Components(centre, scale, vector[:, ::-1][:, :axes])


def _ridge_at(cells, rows, marks, scale):
    """noise -> (points -> mean): the regression on the chosen cells, for any noise."""
    from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
    from scipy.spatial.distance import cdist

    def kernel(xyz):
        return np.exp(-cdist(xyz / scale, marks / scale))

    root = cholesky(kernel(marks) + 1e-6 * np.eye(len(marks)), lower=True)

    def features(xyz):
        return solve_triangular(root, kernel(xyz).T, lower=True).T

    centre = cells.values[rows].mean(0, dtype=np.float64)
    gram, right = 0.0, 0.0
    for part in np.array_split(rows, max(1, len(rows) // CHUNK)):
        f = features(cells.xyz[part])
        gram, right = gram + f.T @ f, right + f.T @ (cells.values[part] - centre)

    def at(noise):
        weight = cho_solve(cho_factor(gram + noise * np.eye(len(gram)), lower=True), right)
        return lambda xyz: (features(xyz) @ weight + centre).astype(np.float32)

    return at


def _some_cells(cells, section, rng):
    rows = cells.rows(section)
    rows = np.sort(rng.choice(rows, min(len(rows), TRIED_CELLS), replace=False))
    return cells.xyz[rows], cells.values[rows]


def _loss(cells, truth, mean):
    """Squared error over the variance of each gene in all training cells, averaged."""
    return float((((truth - mean) ** 2).mean(0) / cells.variance).mean())


def _sd(mean, square):
    return np.sqrt(np.maximum(square - mean**2, 0))
