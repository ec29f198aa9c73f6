"""Synthetic tissue whose 3D truth is known: for tests, and for a demo without a network."""

import json
from dataclasses import dataclass
from functools import partial

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.phantom_genes import draw_counts, make_genes, rates

KINDS = ("ball", "layers", "tube", "embryo")
SPACING_UM = 15.0  # between neighbouring cells, except in the ball, whose size follows from the gap
BALL_CUT = 1.5  # radius of the ball (half length of the embryo) in half stacks: sections cover its middle 2/3
EMBRYO_HOLLOW = 0.7  # the yolk: where the ellipsoidal distance from the centre is below this there are no cells
JITTER = 0.33  # displacement of cells from a regular lattice, in lattice spacings; keeps neighbours apart
MAX_TRUTH_CELLS = 400_000
MAX_TRUTH_VALUES = 400_000_000


@dataclass(frozen=True)
class Shape:
    """Geometry of a phantom, µm; the same for every cell count per section asked for."""

    kind: str
    depths: tuple
    spacing: float  # of cells in a section
    half: tuple  # half extent in x, y, z of the tissue's box about `centre`
    centre_line: tuple  # [z, x, y] densely along depth
    z_range: tuple  # first and last depth that has tissue

    def centre(self, z):
        """(n, 2) centre of the tissue at each depth."""
        line = np.asarray(self.centre_line)
        return np.column_stack([np.interp(z, line[:, 0], line[:, i]) for i in (1, 2)])

    def local(self, xyz):
        """(n, 3) position about the centre line and the middle depth, in units of the half extents."""
        middle = sum(self.z_range) / 2
        flat = (xyz[:, :2] - self.centre(xyz[:, 2])) / self.half[:2]
        return np.column_stack([flat, (xyz[:, 2] - middle) / self.half[2]])

    def inside(self, xyz):
        """(n,) whether each place is tissue."""
        u = self.local(xyz)
        if self.kind == "layers":
            return (np.abs(u) <= 1).all(axis=1)
        if self.kind == "tube":
            return ((u[:, :2] ** 2).sum(axis=1) <= 1) & (np.abs(u[:, 2]) <= 1)
        q = np.sqrt((u ** 2).sum(axis=1))
        return (q <= 1) & (q >= (EMBRYO_HOLLOW if self.kind == "embryo" else 0.0))

    def coordinates(self, xyz):
        """The scalars that genes depend on, each (n,) from 0 to 1."""
        u = self.local(xyz)
        return {
            "spherical": np.sqrt((u ** 2).sum(axis=1)),
            "radial": np.sqrt((u[:, :2] ** 2).sum(axis=1)),
            "depth": (u[:, 2] + 1) / 2,
            "layer": (u[:, 1] + 1) / 2,
        }


def make_phantom(kind, n_sections, gap_um, n_cells=800, n_genes=30, sparse=False, seed=0):
    """Sections cut from a synthetic tissue, and the tissue itself.

    Parameters
    ----------
    kind : 'ball' (spherical gradients), 'layers' (a slab with laminae), 'tube' (a disc that drifts along depth,
        radial layers) or 'embryo' (a hollow ellipsoid with stripes along depth)
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
    shape = _make_shape(kind, n_sections, float(gap_um), n_cells)
    genes = make_genes(kind, n_genes, rng, sparse=sparse, stripes=min(max((n_sections - 1) // 2, 2), 7))
    cut = [_cells_of_section(shape, z, rng) for z in shape.depths]
    solid, fraction = _cells_of_tissue(shape, n_genes, rng)
    about = json.dumps(_describe(shape, genes, fraction))
    names = np.repeat([f"S{k + 1:02d}" for k in range(n_sections)], [len(c) for c in cut])
    count = partial(draw_counts, genes, shape.coordinates, sparse=sparse)
    sections = _anndata(np.vstack(cut), count(np.vstack(cut), rng), genes, names, about)
    truth = _anndata(solid, count(solid, rng), genes, None, about)
    return sections, truth


def true_rate(phantom, xyz):
    """(n, genes) expected counts of the phantom described by `phantom` (its JSON) at `xyz`, (n, 3) in µm."""
    about = json.loads(phantom) if isinstance(phantom, str) else phantom
    return rates(about["genes"], shape_of(about).coordinates(np.asarray(xyz, dtype=float)))


def shape_of(phantom):
    """Shape of the phantom described by `phantom`, its JSON."""
    about = json.loads(phantom) if isinstance(phantom, str) else phantom
    return Shape(about["kind"], tuple(about["depths_um"]), about["spacing_um"], tuple(about["half_extent_um"]),
                 tuple(map(tuple, about["centre_line"])), tuple(about["z_range_um"]))


def _check(kind, n_sections, gap_um, n_cells, n_genes):
    if kind not in KINDS:
        raise InputError(f"Phantom '{kind}' is not known. Choose one of {', '.join(KINDS)}.")
    if n_sections < 2:
        raise InputError(f"A phantom needs at least two sections, found {n_sections}.")
    if not 0 < gap_um < float("inf"):
        raise InputError(f"The gap between sections must be above 0 µm, found {gap_um:g}.")
    if n_cells < 50:
        raise InputError(f"A phantom needs at least 50 cells in a section, found {n_cells}.")
    if n_genes < 4:
        raise InputError(f"A phantom needs at least 4 genes, found {n_genes}.")


def _make_shape(kind, n_sections, gap, n_cells):
    depths = np.arange(n_sections) * gap
    middle, half_stack, s = depths[-1] / 2, depths[-1] / 2, SPACING_UM
    if kind == "ball":
        radius = BALL_CUT * half_stack
        s = float(np.sqrt(np.pi * (radius ** 2 - (depths - middle) ** 2).mean() / n_cells))
        half = (radius, radius, radius)
    elif kind == "embryo":
        half_z = BALL_CUT * half_stack
        u2 = ((depths - middle) / half_z) ** 2
        area = np.pi * ((1 - u2) - np.maximum(EMBRYO_HOLLOW ** 2 - u2, 0)).mean() * 0.8
        half_x = s * np.sqrt(n_cells / area)
        half = (half_x, 0.8 * half_x, half_z)
    elif kind == "layers":
        height = s * np.sqrt(n_cells / 1.6)
        half = (0.8 * height, 0.5 * height, half_stack + gap / 2)
    else:
        radius = s * np.sqrt(n_cells / np.pi)
        half = (radius, radius, half_stack + gap / 2)
    z_range = (float(middle - half[2]), float(middle + half[2]))
    line = _centre_line(kind, depths, gap, s, z_range)
    return Shape(kind, tuple(depths.tolist()), s, tuple(float(h) for h in half), line, z_range)


def _centre_line(kind, depths, gap, s, z_range):
    """[z, x, y] along depth: straight, but for the tube, which drifts 3 spacings a gap and bends gently.

    The bend departs from the chord over one gap by 0.15 spacings at most, so that a reconstruction between
    sections can be expected to follow it.
    """
    z = np.linspace(*z_range, 401)
    x, y = np.zeros_like(z), np.zeros_like(z)
    if kind == "tube":
        gaps = len(depths) - 1
        height = min(1.2 * (gaps / np.pi) ** 2, 6.0) * s
        x, y = 3.0 * s * (z / gap - gaps / 2), height * np.sin(np.pi * z / depths[-1])
    return tuple(zip(z.tolist(), x.tolist(), y.tolist(), strict=True))


def _cells_of_section(shape, z, rng):
    """(n, 3) cells exactly at depth `z`: a hexagonal lattice in any direction, shaken, cut to the tissue."""
    step = shape.spacing * np.sqrt(2 / np.sqrt(3))  # hexagonal lattice with one cell per spacing**2
    reach = 1.1 * np.hypot(*shape.half[:2]) + 2 * step
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
    fraction = min(1.0, 0.99 * limit * shape.spacing ** 3 / _volume(shape))
    step = shape.spacing * (2 / fraction) ** (1 / 3)  # two cells per step**3
    line = np.asarray(shape.centre_line)
    low = np.array([*(line[:, 1:].min(axis=0) - shape.half[:2]), shape.z_range[0]])
    high = np.array([*(line[:, 1:].max(axis=0) + shape.half[:2]), shape.z_range[1]])
    x, y, z = (np.arange(a - step * (1 + rng.random()), b + step, step) for a, b in zip(low, high, strict=True))
    kept = []
    for depth in z:
        grid = np.stack(np.meshgrid(x, y, [depth], indexing="ij"), axis=-1).reshape(-1, 3)
        xyz = np.vstack([grid, grid + step / 2])
        xyz[:, :2] += _shake(len(xyz), 0.25 * step, rng)
        xyz[:, 2] += rng.uniform(-step / 4, step / 4, len(xyz))
        kept.append(xyz[shape.inside(xyz)])
    return np.vstack(kept), float(fraction)


def _volume(shape):
    """Volume of the tissue, µm³."""
    ball = 4 / 3 * np.pi
    unit = {"ball": ball, "embryo": ball * (1 - EMBRYO_HOLLOW ** 3), "tube": 2 * np.pi, "layers": 8}
    return unit[shape.kind] * np.prod(shape.half)


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
    return {
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
        "hollow": EMBRYO_HOLLOW if shape.kind == "embryo" else 0.0,
        "z_range_um": list(shape.z_range),
        "centre_line": [list(p) for p in shape.centre_line],
        "cells_per_um3": shape.spacing ** -3,
        "truth_fraction": fraction,
        "genes": genes,
    }


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
