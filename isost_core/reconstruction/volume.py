"""Volumes: genes on an isotropic grid with a tissue mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isost_core.errors import InputError
from isost_core.genes import find_genes
from isost_core.reconstruction.interpolation import resample
from isost_core.reconstruction.lattice import expressed
from isost_core.reconstruction.reconstruction import Reconstruction
from isost_core.words import plain, um

MAX_VALUES = 150_000_000


@dataclass(frozen=True)
class Volume:
    """Predicted log1p expression on an isotropic grid, axes x, y, z.

    values, sd : (genes, x, y, z) float32, NaN outside the mask; sd is that of one cell's value
    known : (genes, x, y, z) float32, share of the gene's spatial variance that the sections fix there, 0 to 1, NaN
        outside the mask; None where it cannot be told
    mask : (x, y, z) bool, tissue; origin_um : (3,) centre of voxel (0, 0, 0)
    """

    genes: tuple[str, ...]
    values: np.ndarray
    sd: np.ndarray
    mask: np.ndarray
    spacing_um: float
    origin_um: np.ndarray
    known: np.ndarray | None = None


def make_volume(run: Reconstruction, genes: str | Sequence[str], spacing_um: float | None = None) -> Volume:
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
        raise InputError(f"The spacing must be above 0 µm, found {plain(spacing)}.")
    low, high = (np.array(corner) for corner in run.extent_um)
    shape = np.floor((high - low) / spacing + 1e-6).astype(int) + 1
    if np.prod(shape.astype(float)) * max(1, len(columns)) > MAX_VALUES:
        raise InputError(f"A spacing of {um(spacing)} needs {plain(float(np.prod(shape.astype(float))))} voxels for "
                         f"{len(columns)} gene(s). Choose a larger spacing or fewer genes.")
    axes = [low[d] + spacing * np.arange(shape[d]) for d in range(3)]
    mask = resample(lattice, lattice.inside, axes) > 0
    layers = np.empty((3 if run.decoder.tells_known_share else 2, len(columns), *shape), np.float32)
    for g, column in enumerate(columns):
        for layer, field in zip(layers, run.gene_fields(column)[1:], strict=True):
            resample(lattice, field, axes, out=layer[g].reshape(-1, shape[2]))
    expressed(layers[0])
    np.copyto(layers, np.float32(np.nan), where=~mask)
    values, sd, *known = layers
    return Volume(tuple(run.genes[c] for c in columns), values, sd, mask, spacing, low, *known)
