"""The finished tissue on a regular lattice: latent mean field, its variance and the tissue mask.

Made once at the end of a run and stored; volumes, slices and profiles of any gene are read from it by
trilinear interpolation and one small matrix product.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

MAX_VOXELS = 400_000
BLOCKS = 1024  # solved between two reports of progress
DECODED = 2**18  # latent values decoded at once: few enough for the processor's cache, and for one thread
COARSE = 1.5  # cell spacings from one lattice point to the next; where it is coarser, cells are carried as sparsely
EDGE = 1.5  # tissue reaches this many typical neighbour distances beyond the outermost cells


@dataclass(frozen=True)
class Lattice:
    """Axes x, y, z; voxel (i, j, k) is centred at origin_um + spacing_um * (i, j, k).

    inside : (x, y, z) float32, tissue depth in um: above 0 in tissue, below 0 outside (signed distance)
    rows : (x, y, z) int32, row of each lattice point in `latent`, -1 far outside tissue
    latent : (rows, axes) float16 mean field; variance : (rows, groups) float16
    """

    spacing_um: float
    origin_um: np.ndarray
    inside: np.ndarray
    rows: np.ndarray
    latent: np.ndarray
    variance: np.ndarray

    @property
    def extent_um(self):
        """((x, y, z) of the first voxel, (x, y, z) of the last)."""
        last = self.origin_um + self.spacing_um * (np.array(self.inside.shape) - 1)
        return tuple(map(float, self.origin_um)), tuple(map(float, last))

    def save(self, folder):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "grid.npz", spacing_um=self.spacing_um, origin_um=self.origin_um, inside=self.inside,
                 rows=self.rows)
        np.save(folder / "latent.npy", self.latent)
        np.save(folder / "variance.npy", self.variance)

    @classmethod
    def load(cls, folder):
        folder = Path(folder)
        with np.load(folder / "grid.npz") as grid:
            held = {k: grid[k] for k in grid.files}
        return cls(float(held["spacing_um"]), held["origin_um"], held["inside"], held["rows"],
                   np.load(folder / "latent.npy", mmap_mode="r"), np.load(folder / "variance.npy", mmap_mode="r"))

    def gene_fields(self, decoder, gene):
        """One gene on the lattice, (3 or 4, x, y, z) float32: tissue depth, mean, sd and, where the run has one, known
        share (see `Decoder`). In memory x runs faster than y and z, and the fields of a point lie together.

        gene : index. Far outside tissue the values of the nearest lattice point inside are used, so that
        interpolation at the border is not pulled to zero.
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
        mean = decoder.latent.expression(np.asarray(self.latent[rows], dtype=np.float32), [gene])
        variance = np.asarray(self.variance[rows], dtype=np.float32)
        known = decoder.known_share(variance, [gene])
        return np.hstack([mean, decoder.value_sd(variance, mean, [gene]), *([] if known is None else [known])])

    def doubt(self, decoder, genes, xyz):
        """Standard error of the predicted mean at points (n, 3) um and the share of the pattern that is known there
        (None where not known), each (genes, n), from the nearest lattice point."""
        place = np.round((xyz - self.origin_um) / self.spacing_um).astype(int)
        near = np.clip(place, 0, np.array(self.inside.shape) - 1)
        rows, back = np.unique(self.rows[tuple(near.T)], return_inverse=True)
        variance = np.asarray(self.variance[rows], dtype=np.float32)
        known = decoder.known_share(variance, genes)
        return decoder.mean_sd(variance, genes).T[:, back], None if known is None else known.T[:, back]


def make_lattice(model, seed=0, on_layer=None):
    """Evaluate the mean field and the tissue mask of a trained model on a regular lattice.

    on_layer : called with the finished fraction

    Returns
    -------
    Lattice, and the TissueCells that it was made from
    """
    from isost_core.reconstruct import carry_to

    low, high = _bounds(model)
    spacing = spacing_of(high - low, model.spacing_um)
    origin, shape = _box(model, spacing)
    depths = origin[2] + spacing * np.arange(shape[2])
    rng = np.random.default_rng([seed, 2])
    inside = np.full(shape, -np.inf, np.float32)
    share = min(1.0, (COARSE * model.spacing_um / spacing) ** 2)
    edge = 2 * tissue_edge(model) / EDGE * 1.25 / np.sqrt(share)
    clouds = []
    for k, z in enumerate(np.clip(depths, model.depths[0], model.depths[-1])):
        cloud = carry_to(model, float(z), seed, share=share)
        clouds.append(replace(cloud, change=cloud.change.astype(np.float16)))
        inside[:, :, k] = _tissue_depth(cloud.xy, origin, shape, spacing, edge)
        if on_layer:
            on_layer(0.5 * (k + 1) / shape[2])
    near, rows = _near_tissue(inside)
    latent, variance = _fields(model, near, (origin, spacing), (clouds, depths), on_layer)
    made = Lattice(spacing, origin, inside, rows, latent, variance)
    return made, _tissue_cells(clouds, depths, model, rng)


@dataclass(frozen=True)
class TissueCells:
    """Virtual cells through the whole tissue: xyz (n, 3) um, the measured cell (row) each one started from, and
    the change (n, axes) of its latent expression on the way."""

    xyz: np.ndarray
    source: np.ndarray
    change: np.ndarray

    def save(self, folder):
        np.savez(Path(folder) / "cells.npz", xyz=self.xyz, source=self.source, change=self.change)

    @classmethod
    def load(cls, folder):
        with np.load(Path(folder) / "cells.npz") as held:
            return cls(held["xyz"].astype(np.float64), held["source"], held["change"])

    def expression(self, run, genes, rows):
        """Sampled log1p expression (rows, genes): the measured cell's own, changed by what its path says."""
        from isost_core.reconstruct import changed_expression

        change = self.change[rows].astype(np.float32)
        X, latent = run.sections.cells.X[self.source[rows]], run.decoder.latent
        if run.config.objective == "sinkhorn":  # as published, the latent expression alone is decoded
            return latent.expression(latent.transform(X) + change, genes)
        return changed_expression(X, change, latent, genes)


def _tissue_cells(clouds, depths, model, rng):
    """The cells of all layers, each at a depth drawn from the thickness of its layer."""
    step = depths[1] - depths[0] if len(depths) > 1 else 0
    z = np.repeat(depths, [len(c.xy) for c in clouds])
    z = np.clip(z + rng.uniform(-step / 2, step / 2, len(z)), model.depths[0], model.depths[-1])
    xyz = np.column_stack([np.concatenate([c.xy for c in clouds]), z]).astype(np.float32)
    return TissueCells(xyz, np.concatenate([c.source for c in clouds]).astype(np.int32),
                       np.concatenate([c.change for c in clouds]))


def spacing_of(size_um, cell_spacing_um):
    """Lattice spacing (um) for a box (x, y, z): about the distance between cells, finer in a thin stack.

    At least 8 layers where cells lie that close, at most MAX_VOXELS points in the box.
    """
    size = np.maximum(size_um, cell_spacing_um)
    spacing = COARSE * cell_spacing_um
    if size[2] / spacing < 8:
        spacing = max(size[2] / 8, 0.75 * cell_spacing_um)
    return float(max(spacing, (np.prod(size) / MAX_VOXELS) ** (1 / 3)))


def _bounds(model):
    xy = model.sections.cells.obsm["spatial"]
    return np.append(xy.min(0), model.depths[0]), np.append(xy.max(0), model.depths[-1])


def _box(model, spacing):
    """Origin and shape: the tissue in x and y with a margin; in depth the last layer reaches the last section."""
    low, high = _bounds(model)
    margin = np.array([1, 1, 0]) * (tissue_edge(model) + spacing)
    low, high = low - margin, high + margin
    shape = np.ceil((high - low) / spacing - 1e-6).astype(int) + 1
    return low, tuple(int(s) for s in shape)


def tissue_edge(model):
    """Distance (um) from a cell to the border of the tissue it stands for."""
    from isost_core.graph import neighbour_distances

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

    Blocks of 2 x 2 x 2 points share one solve. With the sinkhorn objective, which has no mean field, the mean of
    the nearest virtual cells.
    """
    origin, spacing = frame
    index = np.argwhere(near)
    if model.field is None:
        mean = _cloud_mean(model, origin + spacing * index, *clouds)
        return mean.astype(np.float16), np.zeros((len(mean), 1), np.float16)
    blocks, block = np.unique(index // 2, axis=0, return_inverse=True)
    corner = (index % 2) @ np.array([4, 2, 1])
    around = (np.array([[c >> 2 & 1, c >> 1 & 1, c & 1] for c in range(8)]) - 0.5) * spacing
    centres = origin + spacing * (2 * blocks + 0.5)
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
    from isost_core.places import places_of

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
