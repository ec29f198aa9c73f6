"""Synthetic tissue whose 3D truth is known: for tests, and for a demo without a network."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core import keys
from isost_core.datasets.phantom_brain import PARTS, parts_at
from isost_core.datasets.phantom_genes import draw_counts, make_genes, rates
from isost_core.datasets.phantom_shapes import BRANCH_HOLLOW, EMBRYO_HOLLOW, KINDS, Shape, make_shape
from isost_core.errors import InputError
from isost_core.words import plain

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

JITTER = 0.33  # displacement of cells from a regular lattice, in lattice spacings; keeps neighbours apart
PARTS_MEANING = ("Invented, in the shape of a forebrain. A gene of a part follows the part's share at a place, 0 to 1; "
                 "'cortical depth' runs from 0 at the surface to 1 at the white matter and is 2 outside the cortex.")
MAX_TRUTH_CELLS = 400_000
MAX_TRUTH_VALUES = 400_000_000


def make_phantom(kind: str, n_sections: int, gap_um: float, n_cells: int = 800, n_genes: int = 30,
                 sparse: bool = False, seed: int = 0) -> tuple[AnnData, AnnData]:
    """Sections cut from a synthetic tissue, and the tissue itself.

    Parameters
    ----------
    kind : 'ball' (spherical gradients), 'layers' (a slab with laminae), 'tube' (a disc that drifts along depth,
        radial layers), 'embryo' (a hollow ellipsoid with stripes along depth), 'brain' (an invented forebrain:
        cortex in layers, white matter, deep parts that come and go along depth, genes named as a mouse's; obs['region']
        names each cell's part), 'branch' (a hollow tube that drifts and parts in two), 'lobe' (a long ellipse that
        turns) or 'horn' (a disc with a process that ends between sections)
    n_sections, gap_um : sections lie at 0, gap, 2 gap, ... µm
    n_cells : cells per section, on average
    sparse : CSR counts of mostly low genes; else dense counts

    Returns
    -------
    sections, truth : AnnData of counts (float32). Sections are in the documented layout; `truth` has cells at all
        depths with obsm['spatial_3d']. A section is one cell layer thick: with s the spacing, s**-2 cells per µm²
        in a section are s**-3 per µm³ in the tissue. `uns['phantom']` of both is JSON that `true_rate` reads.
    """
    _check(kind, n_sections, gap_um, n_cells, n_genes)
    rng = np.random.default_rng(seed)
    shape = make_shape(kind, n_sections, float(gap_um), n_cells)
    genes = make_genes(kind, n_genes, rng, sparse=sparse, stripes=min(max((n_sections - 1) // 2, 2), 7))
    cut = [cells_at(shape, z, rng) for z in shape.depths]
    solid, fraction = _cells_of_tissue(shape, n_genes, rng)
    about = json.dumps(_describe(shape, genes, fraction))
    names = np.repeat([f"S{k + 1:02d}" for k in range(n_sections)], [len(c) for c in cut])
    count = partial(draw_counts, genes, shape.coordinates, sparse=sparse)
    sections = _anndata(np.vstack(cut), count(np.vstack(cut), rng), genes, names, about)
    truth = _anndata(solid, count(solid, rng), genes, None, about)
    for made, xyz in ((sections, np.vstack(cut)), (truth, solid)) if kind == "brain" else ():
        made.obs["region"] = region_at(shape, xyz)
    return sections, truth


def region_at(shape: Shape, xyz: np.ndarray) -> pd.Categorical:
    """Categorical (n,) of the part of the brain with the largest share at each place, (n, 3) in µm."""
    import pandas as pd

    return pd.Categorical(parts_at(shape.local(xyz)), categories=PARTS)


def true_rate(phantom: str | dict[str, Any], xyz: np.ndarray) -> np.ndarray:
    """(n, genes) expected counts of the phantom described by `phantom` (its JSON) at `xyz`, (n, 3) in µm."""
    about = json.loads(phantom) if isinstance(phantom, str) else phantom
    return rates(about["genes"], shape_of(about).coordinates(np.asarray(xyz, dtype=float)))


def shape_of(phantom: str | dict[str, Any]) -> Shape:
    """Shape of the phantom described by `phantom`, its JSON."""
    about = json.loads(phantom) if isinstance(phantom, str) else phantom
    return Shape(about["kind"], tuple(about["depths_um"]), about["spacing_um"], tuple(about["half_extent_um"]),
                 tuple(map(tuple, about["centre_line"])), tuple(about["z_range_um"]), about["motion"])


def _check(kind, n_sections, gap_um, n_cells, n_genes):
    if kind not in KINDS:
        raise InputError(f"Phantom '{kind}' is not known. Choose one of {', '.join(KINDS)}.")
    if n_sections < 2:
        raise InputError(f"A phantom needs at least two sections, found {n_sections}.")
    if not 0 < gap_um < float("inf"):
        raise InputError(f"The gap between sections must be above 0 µm, found {plain(gap_um)}.")
    if n_cells < 50:
        raise InputError(f"A phantom needs at least 50 cells in a section, found {n_cells}.")
    if n_genes < 4:
        raise InputError(f"A phantom needs at least 4 genes, found {n_genes}.")


def cells_at(shape: Shape, z: float, rng: np.random.Generator) -> np.ndarray:
    """(n, 3) cells exactly at depth `z`: a hexagonal lattice in any direction, shaken, cut to the tissue."""
    step = shape.spacing * np.sqrt(2 / np.sqrt(3))  # hexagonal lattice with one cell per spacing**2
    reach = 1.1 * np.hypot(*shape.reach) + 2 * step
    i = np.arange(-int(reach / step) - 1, int(reach / step) + 2)
    j = np.arange(-int(reach / (step * np.sqrt(0.75))) - 1, int(reach / (step * np.sqrt(0.75))) + 2)
    a, b = np.meshgrid(i, j, indexing="ij")
    xy = np.column_stack([(a + 0.5 * (b % 2)).ravel(), np.sqrt(0.75) * b.ravel()]) * step
    xy = xy[(np.abs(xy) <= reach).all(axis=1)]
    turn = rng.uniform(0, 2 * np.pi)
    xy = (xy + rng.uniform(0, step, 2)) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    xy += _shake(len(xy), JITTER * step, rng) + shape.centre(np.array([z]))
    xyz = np.column_stack([xy, np.full(len(xy), z)])
    return xyz[shape.inside(xyz)]


def _cells_of_tissue(shape, n_genes, rng):
    """(n, 3) cells at all depths, and their share of the full density: below 1 only where they would be too many.

    A body-centred cubic lattice, shaken within its layers, so that the density is even along depth.
    """
    limit = min(MAX_TRUTH_CELLS, max(MAX_TRUTH_VALUES // n_genes, 20_000))
    fraction = min(1.0, 0.99 * limit * shape.spacing ** 3 / shape.volume)
    step = shape.spacing * (2 / fraction) ** (1 / 3)  # two cells per step**3
    x, y, z = (np.arange(a - step * (1 + rng.random()), b + step, step) for a, b in zip(*shape.box, strict=True))
    kept = []
    for depth in z:
        grid = np.stack(np.meshgrid(x, y, [depth], indexing="ij"), axis=-1).reshape(-1, 3)
        xyz = np.vstack([grid, grid + step / 2])
        xyz[:, :2] += _shake(len(xyz), 0.25 * step, rng)
        xyz[:, 2] += rng.uniform(-step / 4, step / 4, len(xyz))
        kept.append(xyz[shape.inside(xyz)])
    return np.vstack(kept), float(fraction)


def _shake(n, reach, rng):
    """(n, 2) displacements, even over a disc."""
    away, angle = reach * np.sqrt(rng.random(n)), rng.uniform(0, 2 * np.pi, n)
    return np.column_stack([away * np.cos(angle), away * np.sin(angle)])


def _describe(shape, genes, fraction):
    """What `uns['phantom']` says, as plain values."""
    line = np.asarray(shape.centre_line)
    z = line[:, 0]
    u2 = ((z - sum(shape.z_range) / 2) / shape.half[2]) ** 2
    round_ = shape.kind in ("ball", "embryo")
    outer = shape.half[0] * (np.sqrt(np.maximum(1 - u2, 0)) if round_ else np.ones_like(z))
    about = {
        "kind": shape.kind,
        "description": "Tissue with cells at one density; centre_line lists [z, x, y] of its centre along depth, "
                       "radii [z, half width along x], both in µm. A gene's expected count at a place is rate * "
                       "(floor + (1 - floor) * f(u)), u its coordinate from 0 to 1 (true_rate computes it).",
        "coordinates": "spherical: distance from the centre; radial: distance from the centre line; both in half "
                       "extents; depth: from first to last depth of the tissue; layer: from least to greatest y.",
        "depths_um": list(shape.depths),
        "spacing_um": shape.spacing,
        "half_extent_um": list(shape.half),
        "radius_um": None if shape.kind == "layers" else shape.half[0],
        "radii": np.column_stack([z, outer]).round(3).tolist(),
        "hollow": {"embryo": EMBRYO_HOLLOW, "branch": BRANCH_HOLLOW}.get(shape.kind, 0.0),
        "motion": shape.motion,
        "z_range_um": list(shape.z_range),
        "centre_line": [list(p) for p in shape.centre_line],
        "cells_per_um3": shape.spacing ** -3,
        "truth_fraction": fraction,
        "genes": genes,
    }
    return about | {"parts": {"names": list(PARTS), "meaning": PARTS_MEANING}} if shape.kind == "brain" else about


def _anndata(xyz, counts, genes, names, about):
    import anndata
    import pandas as pd

    prefix = names if names is not None else np.repeat("T", len(xyz))
    index = pd.Index(np.char.add(prefix, np.char.mod("_%d", np.arange(len(xyz)))).astype(object))
    obs = pd.DataFrame({keys.Z_UM: xyz[:, 2]}, index=index)
    obsm = {keys.SPATIAL: xyz[:, :2].copy()}
    if names is None:
        obsm[keys.SPATIAL_3D] = xyz
    else:
        obs[keys.SECTION] = pd.Categorical(names)
    var = pd.DataFrame(index=pd.Index([g["name"] for g in genes]))
    return anndata.AnnData(counts, obs=obs, var=var, obsm=obsm, uns={keys.PHANTOM: about})
