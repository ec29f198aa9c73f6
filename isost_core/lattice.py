"""The finished tissue on a regular lattice: latent mean field, its variance and the tissue mask.

Made once at the end of a run and stored. Between its points the mean field is trilinear: volumes, slices, profiles and
virtual sections of any gene are read from it by one interpolation and one small matrix product, and so agree.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

MAX_VOXELS = 400_000
BLOCKS = 1024  # solved between two reports of progress
DECODED = 2**18  # latent values decoded at once: few enough for the processor's cache, and for one thread
COARSE = 1.5  # cell spacings from one lattice point to the next; where it is coarser, cells are carried as sparsely
FINEST, FEW_VOXELS = 0.25, 40_000  # small tissue has a finer lattice: so many points, down to so many cell spacings
GRID = ("spacing_um", "layer_um", "origin_um", "inside", "rows")  # what a file of the grid holds
EDGE = 1.5  # tissue reaches this many typical neighbour distances beyond the outermost cells


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


def make_lattice(model, seed=0, on_layer=None):
    """Evaluate the mean field and the tissue mask of a trained model on a regular lattice.

    on_layer : called with the finished fraction

    Returns
    -------
    Lattice, and the TissueCells that it was made from
    """
    from isost_core.tissue_cells import tissue_cells

    frame = _frame(model)
    made, clouds, depths = _layers(model, frame, range(frame[2][2]), seed, on_layer)
    return made, tissue_cells(clouds, depths, model, np.random.default_rng([seed, 2]))


def layers_around(model, depth, seed=0):
    """The two layers of the lattice on either side of a depth (um): what a virtual section reads, without the rest."""
    origin, step, shape = frame = _frame(model)
    first = min(int((depth - origin[2]) / step[2]), shape[2] - 2)
    return _layers(model, frame, range(first, first + 2), seed, None)[0]


def _frame(model):
    """Origin (3,) um, steps (3,) um and shape of the lattice of a model: the tissue in x and y with a margin; in depth
    the last layer reaches the last section."""
    low, high = _bounds(model)
    step = steps_of(high - low, model.spacing_um, model.depths)
    margin = np.array([1, 1, 0]) * (tissue_edge(model) + step[0])
    low, high = low - margin, high + margin
    return low, step, tuple(int(n) for n in np.ceil((high - low) / step - 1e-6).astype(int) + 1)


def _layers(model, frame, numbers, seed, on_layer):
    """Lattice of some neighbouring layers (range of numbers), the cells of each, and the depths (um) of the layers."""
    from isost_core.reconstruct import carry_to

    origin, step, shape = frame
    spacing, depths = step[0], origin[2] + step[2] * np.array(numbers)
    inside = np.full((*shape[:2], len(numbers)), -np.inf, np.float32)
    share = share_carried(model.spacing_um, spacing)
    edge = 2 * tissue_edge(model) / EDGE * 1.25 / np.sqrt(share)
    clouds = []
    for k, z in enumerate(np.clip(depths, model.depths[0], model.depths[-1])):
        cloud = carry_to(model, float(z), seed, on_layer is not None, share)
        clouds.append(replace(cloud, change=cloud.change.astype(np.float16)))
        inside[:, :, k] = _tissue_depth(cloud.xy, origin, shape, spacing, edge)
        if on_layer:
            on_layer(0.5 * (k + 1) / len(numbers))
    near, rows = _near_tissue(inside)
    latent, variance = _fields(model, near, (origin, step, numbers[0]), (clouds, depths), on_layer)
    made = Lattice(*map(float, step[1:]), np.append(origin[:2], depths[0]), inside, rows, latent, variance)
    return made, clouds, depths


def share_carried(cell_spacing_um, spacing_um):
    """Share of the cells that are carried to each layer: as sparse as a coarse lattice."""
    return min(1.0, (COARSE * cell_spacing_um / spacing_um) ** 2)


def steps_of(size_um, cell_spacing_um, depths):
    """Steps (3,) um of the lattice in a box (x, y, z) with sections at `depths` um.

    In the plane about the distance between cells, finer in a small or thin stack: at least 8 layers where cells lie
    that close, at most MAX_VOXELS points in the box. Along depth as far, but a whole number of layers to the median
    gap, and two at least where the points suffice.
    """
    size = np.maximum(size_um, cell_spacing_um)
    spacing = np.clip((np.prod(size) / FEW_VOXELS) ** (1 / 3), FINEST * cell_spacing_um, COARSE * cell_spacing_um)
    if size[2] / spacing < 8:
        spacing = min(spacing, max(size[2] / 8, 0.75 * cell_spacing_um))
    spacing = max(spacing, (np.prod(size) / MAX_VOXELS) ** (1 / 3))
    gap = float(np.median(np.diff(depths)))
    layer = gap / max(2, np.ceil(gap / spacing))
    if size[2] / layer > MAX_VOXELS * spacing**2 / np.prod(size[:2]) and gap < spacing:
        layer = spacing
    return np.array([spacing, spacing, layer])


def _bounds(model):
    xy = model.sections.cells.obsm["spatial"]
    return np.append(xy.min(0), model.depths[0]), np.append(xy.max(0), model.depths[-1])


def tissue_edge(model):
    """Distance (um) from a cell to the border of the tissue it stands for."""
    from isost_core.sections.spacing import neighbour_distances

    xy, rows = model.sections.cells.obsm["spatial"], model.sections.rows
    far = [np.quantile(neighbour_distances(xy[rows(n)], 4)[:, -1], 0.9) for n in model.sections.names]
    return EDGE * float(np.median(far)) / 2


def _tissue_depth(xy, origin, shape, spacing, edge):
    """How far (um) each point of a layer lies inside the tissue, from the fourth-nearest cell's distance, which is
    `edge` at its border."""
    from scipy.ndimage import gaussian_filter
    from scipy.spatial import cKDTree

    if len(xy) < 4:
        return np.full(shape[:2], -1e3, np.float32)
    axes = [origin[d] + spacing * np.arange(shape[d]) for d in range(2)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    distance = cKDTree(xy).query(grid, k=4, workers=-1)[0][:, -1].reshape(shape[:2])
    return gaussian_filter(np.clip(edge - distance, -3 * edge, edge), 0.7).astype(np.float32)


def _near_tissue(inside):
    """Lattice points in or next to tissue, and for every point the row of the nearest such one."""
    from scipy.ndimage import binary_dilation, distance_transform_edt

    near = binary_dilation(inside > 0, iterations=2)
    if not near.any():
        near[:] = True
    rows = np.full(inside.shape, -1, np.int32)
    rows[near] = np.arange(near.sum(), dtype=np.int32)
    nearest = distance_transform_edt(~near, return_distances=False, return_indices=True)
    return near, rows[tuple(nearest)]


def _fields(model, near, frame, clouds, on_layer):
    """Latent mean (rows, axes) and variance (rows, groups), float16, at the lattice points of `near`.

    frame : origin and steps (3,) um, number of the first layer. Blocks of 2 x 2 x 2 points share one solve. With the
    sinkhorn objective, which has no mean field, the mean of the nearest virtual cells.
    """
    origin, step, first = frame
    index = np.argwhere(near) + [0, 0, first]
    if model.field is None:
        mean = _cloud_mean(model, origin + step * index, *clouds)
        return mean.astype(np.float16), np.zeros((len(mean), 1), np.float16)
    blocks, block = np.unique(index // 2, axis=0, return_inverse=True)
    corner = (index % 2) @ np.array([4, 2, 1])
    around = (np.array([[c >> 2 & 1, c >> 1 & 1, c & 1] for c in range(8)]) - 0.5) * step
    centres = origin + step * (2 * blocks + 0.5)
    axes, groups = model.field.values.shape[1], len(model.field.covariance.weight)
    latent, variance = (np.empty((len(index), n), np.float16) for n in (axes, groups))
    order = np.argsort(block.ravel(), kind="stable")
    ends = np.searchsorted(block.ravel()[order], np.arange(0, len(blocks) + BLOCKS, BLOCKS))
    for n, (lo, hi) in enumerate(zip(ends[:-1], ends[1:], strict=True)):
        here = centres[n * BLOCKS : (n + 1) * BLOCKS]
        mean, var = _field_at(model, here, around)
        rows = order[lo:hi]
        at = (block.ravel()[rows] - n * BLOCKS, corner[rows])
        latent[rows], variance[rows] = mean[at], var[at]
        if on_layer:
            on_layer(0.5 + 0.5 * (n + 1) / (len(ends) - 1))
    return latent, variance


def _field_at(model, points, around):
    from isost_core.model.tracing import places_of

    return model.field.predict(points, places_of(model, points) if model.follow else None, around=around)


def _cloud_mean(model, points, clouds, depths):
    """Mean latent value (n, axes) of the virtual cells of the nearest layer around each point."""
    from scipy.spatial import cKDTree

    from isost_core.reconstruct import latent_of

    layer = np.abs(points[:, 2:] - depths).argmin(1)
    mean = np.zeros((len(points), len(model.latent.signal)), np.float32)
    for k in np.unique(layer):
        xy, latent = clouds[k].xy, latent_of(model, clouds[k])
        here = layer == k
        near = min(8, len(xy))
        index = cKDTree(xy).query(points[here, :2], k=near, workers=-1)[1].reshape(-1, near)
        mean[here] = latent[index].mean(1)
    return mean
