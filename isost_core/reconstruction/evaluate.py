"""Evaluating the lattice: tissue, expected expression and its variance at every point."""

from dataclasses import replace

import numpy as np

from isost_core.model.tracing import places_of
from isost_core.reconstruction.carrying import carry_to, latent_of
from isost_core.reconstruction.lattice import BLOCKS, COARSE, EDGE, FEW_VOXELS, FINEST, MAX_VOXELS, Lattice
from isost_core.reconstruction.virtual_cells import tissue_cells
from isost_core.sections.spacing import neighbour_distances


def make_lattice(model, seed=0, on_layer=None):
    """Evaluate the mean field and the tissue mask of a trained model on a regular lattice.

    on_layer : called with the finished fraction

    Returns
    -------
    Lattice, and the TissueCells that it was made from
    """
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
    return model.field.predict(points, places_of(model, points) if model.follow else None, around=around)


def _cloud_mean(model, points, clouds, depths):
    """Mean latent value (n, axes) of the virtual cells of the nearest layer around each point."""
    from scipy.spatial import cKDTree


    layer = np.abs(points[:, 2:] - depths).argmin(1)
    mean = np.zeros((len(points), len(model.latent.signal)), np.float32)
    for k in np.unique(layer):
        xy, latent = clouds[k].xy, latent_of(model, clouds[k])
        here = layer == k
        near = min(8, len(xy))
        index = cKDTree(xy).query(points[here, :2], k=near, workers=-1)[1].reshape(-1, near)
        mean[here] = latent[index].mean(1)
    return mean
