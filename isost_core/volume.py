"""Volumes: genes on an isotropic grid with a tissue mask."""

from dataclasses import dataclass

import numpy as np

from isost_core.errors import InputError
from isost_core.genes import find_genes

MAX_VALUES = 150_000_000


@dataclass(frozen=True)
class Volume:
    """Predicted log1p expression on an isotropic grid, axes x, y, z.

    values, sd : (genes, x, y, z) float32, NaN outside the mask; sd is that of one cell's value
    known : (genes, x, y, z) float32, share of the gene's spatial variance that the sections fix there, 0 to 1, NaN
        outside the mask; None with the sinkhorn objective, which has no such uncertainty
    mask : (x, y, z) bool, tissue; origin_um : (3,) centre of voxel (0, 0, 0)
    """

    genes: tuple
    values: np.ndarray
    sd: np.ndarray
    mask: np.ndarray
    spacing_um: float
    origin_um: np.ndarray
    known: np.ndarray | None = None


def make_volume(run, genes, spacing_um=None):
    """Volume of some genes from a finished run.

    Parameters
    ----------
    run : Run
    genes : gene names
    spacing_um : float, equal in x, y and z; by default the lattice spacing of the run
    """
    columns = find_genes(genes, run.genes)
    lattice = run.lattice
    spacing = float(spacing_um or lattice.spacing_um)
    if not spacing > 0:
        raise InputError(f"The spacing must be above 0 µm, found {spacing:g}.")
    low, high = (np.array(corner) for corner in run.extent_um)
    shape = np.floor((high - low) / spacing + 1e-6).astype(int) + 1
    if np.prod(shape.astype(float)) * max(1, len(columns)) > MAX_VALUES:
        raise InputError(f"A spacing of {spacing:g} µm needs {np.prod(shape.astype(float)):.3g} voxels for "
                         f"{len(columns)} gene(s). Choose a larger spacing or fewer genes.")
    axes = [low[d] + spacing * np.arange(shape[d]) for d in range(3)]
    mask = _resample(lattice.inside, lattice, axes) > 0
    values, sd, known = (None if fields is None else np.stack([_resample(f, lattice, axes) for f in fields])
                         for fields in run.gene_fields(columns))
    for layer in (values, sd, known):
        if layer is not None:
            layer[:, ~mask] = np.nan
    return Volume(tuple(run.genes[c] for c in columns), values, sd, mask, spacing, low, known)


def _resample(field, lattice, axes):
    """Trilinear values of a lattice field on the grid spanned by three coordinate axes: one axis at a time."""
    out = field
    for d, axis in enumerate(axes):
        place = np.clip((axis - lattice.origin_um[d]) / lattice.spacing_um, 0, field.shape[d] - 1)
        low = np.minimum(place.astype(int), max(field.shape[d] - 2, 0))
        high = np.minimum(low + 1, field.shape[d] - 1)
        part = (place - low).astype(np.float32).reshape([-1 if k == d else 1 for k in range(3)])
        out = np.take(out, low, axis=d) * (1 - part) + np.take(out, high, axis=d) * part
    return out


def sample(run, genes, points):
    """Predicted mean, sd, known share and tissue flag of genes at any points.

    Parameters
    ----------
    genes : gene names; points : (..., 3) um

    Returns
    -------
    mean, sd, known (genes, ...) float32 (see Volume) and inside (...) bool; values outside tissue are not NaN here
    """
    from scipy.ndimage import map_coordinates

    lattice = run.lattice
    points = np.asarray(points, dtype=np.float64)
    low, high = (np.array(corner) for corner in run.extent_um)
    within = ((points >= low - 1e-6) & (points <= high + 1e-6)).all(-1)
    place = np.moveaxis((points - lattice.origin_um) / lattice.spacing_um, -1, 0)
    at = [None if fields is None else np.stack([map_coordinates(f, place, order=1, mode="nearest") for f in fields])
          for fields in run.gene_fields(find_genes(genes, run.genes))]
    inside = within & (map_coordinates(lattice.inside, place, order=1, mode="nearest") > 0)
    return *at, inside
