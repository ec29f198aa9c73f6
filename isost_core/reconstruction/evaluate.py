"""Evaluating the lattice: tissue, expected expression and its variance at every point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from isost_core.model.model import Expectation, Model
from isost_core.model.nearest_cells import Layers
from isost_core.reconstruction.carrying import carry_to
from isost_core.reconstruction.lattice import Lattice
from isost_core.reconstruction.tissue_cells import TissueCells, tissue_cells
from isost_core.sections.spacing import neighbour_distances

MAX_VOXELS = 400_000
BLOCKS = 1024  # solved between two reports of progress
COARSE = 1.5  # cell spacings from one lattice point to the next; where it is coarser, cells are carried as sparsely
FINEST, FEW_VOXELS = 0.25, 40_000  # small tissue has a finer lattice: so many points, down to so many cell spacings
EDGE = 1.5  # tissue reaches this many typical neighbour distances beyond the outermost cells


def make_lattice(model: Model, seed: int = 0,
                 on_layer: Callable[[float], None] | None = None) -> tuple[Lattice, TissueCells]:
    """Evaluate the expected expression and the tissue mask of a trained model on a regular lattice.

    on_layer : called with the finished fraction

    Returns
    -------
    Lattice, and the TissueCells that it was made from
    """
    box = _box(model)
    made, layers = _layers(model, box, range(box.shape[2]), seed, on_layer or (lambda done: None), expression=True)
    return made, tissue_cells(layers, model.depths, np.random.default_rng([seed, 2]))


def layers_around(model: Model, depth: float, seed: int = 0) -> Lattice:
    """The two layers of the lattice on either side of a depth (um): what a virtual section reads, without the rest."""
    box = _box(model)
    first = min(int((depth - box.origin[2]) / box.step[2]), box.shape[2] - 2)
    return _layers(model, box, range(first, first + 2), seed, lambda done: None, expression=False)[0]


@dataclass(frozen=True, eq=False)
class Box:
    """Where the lattice of a model lies: origin (3,) um, steps (3,) um, and points along x, y and z."""

    origin: np.ndarray
    step: np.ndarray
    shape: tuple[int, int, int]

    def plane(self) -> np.ndarray:
        """(points, 2) um of one layer, the last axis fastest."""
        axes = [self.origin[d] + self.step[0] * np.arange(self.shape[d]) for d in range(2)]
        return np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)


def _box(model: Model) -> Box:
    """The tissue in x and y with a margin; in depth the last layer reaches the last section."""
    low, high = _bounds(model)
    step = steps_of(high - low, model.spacing_um, model.depths)
    margin = np.array([1, 1, 0]) * (tissue_edge(model) + step[0])
    low, high = low - margin, high + margin
    x, y, z = (int(n) for n in np.ceil((high - low) / step - 1e-6).astype(int) + 1)
    return Box(low, step, (x, y, z))


def _layers(model: Model, box: Box, numbers: range, seed: int, tell: Callable[[float], None],
            expression: bool) -> tuple[Lattice, Layers]:
    """Lattice of some neighbouring layers (by number), and the cells of each; with their expression where that is
    wanted."""
    spacing, depths = box.step[0], box.origin[2] + box.step[2] * np.array(numbers)
    inside = np.full((*box.shape[:2], len(numbers)), -np.inf, np.float32)
    share = share_carried(model.spacing_um, spacing)
    edge = 2 * tissue_edge(model) / EDGE * 1.25 / np.sqrt(share)
    clouds = []
    for k, z in enumerate(np.clip(depths, model.depths[0], model.depths[-1])):
        cloud = carry_to(model, float(z), seed, expression, share)
        clouds.append(replace(cloud, change=cloud.change.astype(np.float16)))
        inside[:, :, k] = _tissue_depth(cloud.xy, box, edge)
        tell(0.5 * (k + 1) / len(numbers))
    near, rows = _near_tissue(inside)
    layers = Layers(clouds, depths)
    latent, variance = _expected(model.expectation(layers), near, box, numbers[0], tell)
    spacing_um, layer_um = map(float, box.step[1:])
    return Lattice(spacing_um, layer_um, np.append(box.origin[:2], depths[0]), inside, rows, latent, variance), layers


def share_carried(cell_spacing_um: float, spacing_um: float) -> float:
    """Share of the cells that are carried to each layer: as sparse as a coarse lattice."""
    return min(1.0, (COARSE * cell_spacing_um / spacing_um) ** 2)


def steps_of(size_um: np.ndarray, cell_spacing_um: float, depths: np.ndarray) -> np.ndarray:
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


def _bounds(model: Model) -> tuple[np.ndarray, np.ndarray]:
    xy = model.sections.cells.obsm["spatial"]
    return np.append(xy.min(0), model.depths[0]), np.append(xy.max(0), model.depths[-1])


def tissue_edge(model: Model) -> float:
    """Distance (um) from a cell to the border of the tissue it stands for."""
    xy, rows = model.sections.cells.obsm["spatial"], model.sections.rows
    far = [np.quantile(neighbour_distances(xy[rows(n)], 4)[:, -1], 0.9) for n in model.sections.names]
    return EDGE * float(np.median(far)) / 2


def _tissue_depth(xy: np.ndarray, box: Box, edge: float) -> np.ndarray:
    """How far (um) each point of a layer lies inside the tissue, from the fourth-nearest cell's distance, which is
    `edge` at its border."""
    from scipy.ndimage import gaussian_filter
    from scipy.spatial import cKDTree

    if len(xy) < 4:
        return np.full(box.shape[:2], -1e3, np.float32)
    distance = cKDTree(xy).query(box.plane(), k=4, workers=-1)[0][:, -1].reshape(box.shape[:2])
    return gaussian_filter(np.clip(edge - distance, -3 * edge, edge), 0.7).astype(np.float32)


def _near_tissue(inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lattice points in or next to tissue, and for every point the row of the nearest such one."""
    from scipy.ndimage import binary_dilation, distance_transform_edt

    near = binary_dilation(inside > 0, iterations=2)
    if not near.any():
        near[:] = True
    rows = np.full(inside.shape, -1, np.int32)
    rows[near] = np.arange(near.sum(), dtype=np.int32)
    nearest = distance_transform_edt(~near, return_distances=False, return_indices=True)
    return near, rows[tuple(nearest)]


def _expected(expectation: Expectation, near: np.ndarray, box: Box, first: int,
              tell: Callable[[float], None]) -> tuple[np.ndarray, np.ndarray]:
    """Latent mean (rows, axes) and variance (rows, groups), float16, at the lattice points of `near`.

    first : number of the first layer. Blocks of 2 x 2 x 2 points share one solve.
    """
    index = np.argwhere(near) + [0, 0, first]
    blocks, block = np.unique(index // 2, axis=0, return_inverse=True)
    corner = (index % 2) @ np.array([4, 2, 1])
    around = (np.array([[c >> 2 & 1, c >> 1 & 1, c & 1] for c in range(8)]) - 0.5) * box.step
    centres = box.origin + box.step * (2 * blocks + 0.5)
    order = np.argsort(block.ravel(), kind="stable")
    ends = np.searchsorted(block.ravel()[order], np.arange(0, len(blocks) + BLOCKS, BLOCKS))
    latent = variance = np.empty((len(index), 0), np.float16)
    for n, (lo, hi) in enumerate(zip(ends[:-1], ends[1:], strict=True)):
        mean, var = expectation(centres[n * BLOCKS : (n + 1) * BLOCKS], around)
        if n == 0:
            latent, variance = (np.empty((len(index), part.shape[2]), np.float16) for part in (mean, var))
        rows = order[lo:hi]
        at = (block.ravel()[rows] - n * BLOCKS, corner[rows])
        latent[rows], variance[rows] = mean[at], var[at]
        tell(0.5 + 0.5 * (n + 1) / (len(ends) - 1))
    return latent, variance
