"""Values between the points of the lattice: trilinear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isost_core.genes import find_genes
from isost_core.reconstruction.lattice import Lattice, expressed
from isost_core.reconstruction.reconstruction import Reconstruction


def resample(lattice: Lattice, field: np.ndarray, axes: Sequence[np.ndarray],
             out: np.ndarray | None = None) -> np.ndarray:
    """Trilinear values of a lattice field (x, y, z) on the grid spanned by three coordinate axes.

    One axis at a time, as a product with a matrix that has two entries a row: on a processor faster than picking
    neighbours.
    """
    for d, axis in enumerate(axes):
        weight = _between(axis, lattice.origin_um[d], lattice.step_um[d], len(field))
        rest = field.shape[1:]
        flat = np.matmul(field.reshape(len(field), -1).T, weight.T, out=out if d == 2 else None)
        field = flat.reshape(*rest, len(axis))
    return field


def _between(places: np.ndarray, origin: float, spacing: float, n: int) -> np.ndarray:
    """Matrix (places, n) that interpolates linearly between n points; beyond them the nearest one's value."""
    place = np.clip((places - origin) / spacing, 0, n - 1)
    low = np.minimum(place.astype(int), max(n - 2, 0))
    weight = np.zeros((len(place), n), np.float32)
    row = np.arange(len(place))
    weight[row, low] = 1 - (place - low)
    weight[row, np.minimum(low + 1, n - 1)] += place - low
    return weight


def sample(run: Reconstruction, gene: str,
           points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray]:
    """Predicted mean, sd, known share and tissue flag of a gene at any points.

    points : (n, 3) um

    Returns
    -------
    mean, sd (n,) float32, known (n,) float32 or None (see Volume) and inside (n,) bool; values outside tissue are not
    NaN here
    """
    from scipy.ndimage import map_coordinates

    lattice = run.lattice
    points = np.asarray(points, dtype=np.float64)
    low, high = (np.array(corner) for corner in run.extent_um)
    within = ((points >= low - 1e-6) & (points <= high + 1e-6)).all(-1)
    place = ((points - lattice.origin_um) / lattice.step_um).T
    inside, mean, sd, *known = (map_coordinates(f, place, order=1, mode="nearest")
                                for f in run.gene_fields(find_genes([gene], run.genes)[0]))
    return expressed(mean), sd, known[0] if known else None, within & (inside > 0)
