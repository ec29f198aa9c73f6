"""Virtual slices: a plane at any angle through the reconstructed tissue."""

from dataclasses import dataclass

import numpy as np

from isost_core.errors import InputError
from isost_core.volume import sample

MAX_PIXELS = 4096


@dataclass(frozen=True)
class Slice:
    """Predicted log1p expression of a gene on a square plane.

    values, sd : (n, n) float32, NaN outside tissue; mask : (n, n) bool
    known : (n, n) float32, known share of the gene's pattern (see Volume), NaN outside tissue; None where not known
    Pixel (i, j) is centred at origin + spacing_um * (i * v + j * u); u, v, normal are right-handed.
    """

    gene: str
    values: np.ndarray
    sd: np.ndarray
    mask: np.ndarray
    spacing_um: float
    origin: np.ndarray
    u: np.ndarray
    v: np.ndarray
    normal: np.ndarray
    known: np.ndarray | None = None


def plane_axes(azimuth, tilt):
    """Unit vectors (u, v, normal) of a plane; azimuth and tilt in degrees. At tilt 0 the normal is +z."""
    a, t = np.radians(azimuth), np.radians(tilt)
    normal = np.array([np.sin(t) * np.cos(a), np.sin(t) * np.sin(a), np.cos(t)])
    u = np.array([np.cos(t) * np.cos(a), np.cos(t) * np.sin(a), -np.sin(t)])
    v = np.array([-np.sin(a), np.cos(a), 0.0])
    return u, v, normal


def square_size(extent_um, azimuth, tilt):
    """Side (um) of a square about the middle of a box that holds all of the box as the plane sees it."""
    half = (np.array(extent_um[1]) - np.array(extent_um[0])) / 2
    return 2.1 * max(float(np.abs(axis) @ half) for axis in plane_axes(azimuth, tilt)[:2])


def moved(centre, azimuth, tilt, offset_um):
    """The point `centre` moved by an offset along the plane's normal."""
    return [float(c + offset_um * n) for c, n in zip(centre, plane_axes(azimuth, tilt)[2], strict=True)]


def oblique(run, gene, centre, azimuth, tilt, size_um, pixels=256):
    """Virtual slice of a gene through `centre`.

    Parameters
    ----------
    centre : (x, y, z) um, centre of the square
    azimuth, tilt : degrees; size_um : full side of the square; pixels : along a side
    """
    if not size_um > 0:
        raise InputError(f"The size of the slice must be above 0 µm, found {size_um:g}.")
    if not 2 <= pixels <= MAX_PIXELS:
        raise InputError(f"The slice can have 2 to {MAX_PIXELS} pixels a side, found {pixels}.")
    u, v, normal = plane_axes(azimuth, tilt)
    spacing = size_um / pixels
    step = spacing * np.arange(pixels)
    origin = np.asarray(centre, dtype=float) - spacing * (pixels - 1) / 2 * (u + v)
    points = origin + step[:, None, None] * v + step[None, :, None] * u
    *layers, inside = sample(run, [gene], points)
    name = run.genes[_column(run, gene)]
    values, sd, known = (None if f is None else np.where(inside, f[0], np.nan).astype(np.float32) for f in layers)
    return Slice(name, values, sd, inside, float(spacing), origin, u, v, normal, known)


def _column(run, gene):
    from isost_core.genes import find_genes

    return find_genes([gene], run.genes)[0]
