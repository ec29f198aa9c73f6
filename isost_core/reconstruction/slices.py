"""Virtual slices: a plane at any angle through the reconstructed tissue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isost_core.errors import InputError
from isost_core.genes import find_genes
from isost_core.reconstruction.lattice import Corner, expressed
from isost_core.reconstruction.reconstruction import Reconstruction
from isost_core.words import plain

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


def plane_axes(azimuth: float, tilt: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit vectors (u, v, normal) of a plane; azimuth and tilt in degrees. At tilt 0 the normal is +z."""
    a, t = np.radians(azimuth), np.radians(tilt)
    normal = np.array([np.sin(t) * np.cos(a), np.sin(t) * np.sin(a), np.cos(t)])
    u = np.array([np.cos(t) * np.cos(a), np.cos(t) * np.sin(a), -np.sin(t)])
    v = np.array([-np.sin(a), np.cos(a), 0.0])
    return u, v, normal


def square_size(extent_um: tuple[Corner, Corner], azimuth: float, tilt: float) -> float:
    """Side (um) of a square about the middle of a box that holds all of the box as the plane sees it."""
    half = (np.array(extent_um[1]) - np.array(extent_um[0])) / 2
    return 2.1 * max(float(np.abs(axis) @ half) for axis in plane_axes(azimuth, tilt)[:2])


def along_normal(centre: Sequence[float], azimuth: float, tilt: float, offset_um: float) -> list[float]:
    """The point `centre` moved by an offset along the plane's normal."""
    return [float(c + offset_um * n) for c, n in zip(centre, plane_axes(azimuth, tilt)[2], strict=True)]


def oblique(run: Reconstruction, gene: str, centre: Sequence[float], azimuth: float, tilt: float, size_um: float,
            pixels: int = 256) -> Slice:
    """Virtual slice of a gene through `centre`.

    Parameters
    ----------
    centre : (x, y, z) um, centre of the square
    azimuth, tilt : degrees; size_um : full side of the square; pixels : along a side
    """
    if not size_um > 0:
        raise InputError(f"The size of the slice must be above 0 µm, found {plain(size_um)}.")
    if not 2 <= pixels <= MAX_PIXELS:
        raise InputError(f"The slice can have 2 to {MAX_PIXELS} pixels a side, found {pixels}.")
    column = find_genes([gene], run.genes)[0]
    u, v, normal = plane_axes(azimuth, tilt)
    spacing = size_um / pixels
    origin = np.asarray(centre, dtype=float) - spacing * (pixels - 1) / 2 * (u + v)
    depth, values, sd, *known = _resliced(run, column, [u, v, normal], origin, spacing, pixels)
    inside = (depth > 0) & _within(run.extent_um, u, v, origin, spacing * np.arange(pixels))
    for layer in (expressed(values), sd, *known):
        np.copyto(layer, np.float32(np.nan), where=~inside)
    return Slice(run.genes[column], values, sd, inside, float(spacing), origin, u, v, normal, *known)


def _resliced(run: Reconstruction, column: int, axes: list[np.ndarray], origin: np.ndarray, spacing: float,
              pixels: int) -> np.ndarray:
    """The gene's lattice fields on the plane with axes u, v, normal, (fields, n, n) float32; what lies beyond the
    lattice counts as far outside tissue. By VTK: an interpolation of all fields at once, on every core."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkImagingCore import vtkImageReslice

    fields, lattice = run.gene_fields(column), run.lattice
    image = vtkImageData()
    image.SetDimensions(fields.shape[1:])
    image.SetSpacing(*lattice.step_um.tolist())
    image.SetOrigin(*lattice.origin_um.tolist())
    image.GetPointData().SetScalars(numpy_to_vtk(fields.T.reshape(-1, len(fields))))
    plane = vtkImageReslice()
    plane.SetInputData(image)
    plane.SetResliceAxesDirectionCosines(*(float(part) for axis in axes for part in axis))
    plane.SetResliceAxesOrigin(*origin.tolist())
    plane.SetOutputDimensionality(2)
    plane.SetOutputOrigin(0, 0, 0)
    plane.SetOutputSpacing(spacing, spacing, 1)
    plane.SetOutputExtent(0, pixels - 1, 0, pixels - 1, 0, 0)
    plane.SetInterpolationModeToLinear()
    plane.SetBackgroundColor([-1.0] * 4)
    plane.Update()
    made = vtk_to_numpy(plane.GetOutput().GetPointData().GetScalars())
    return np.ascontiguousarray(made.reshape(pixels, pixels, -1).transpose(2, 0, 1))


def _within(extent_um: tuple[Corner, Corner], u: np.ndarray, v: np.ndarray, origin: np.ndarray,
            step: np.ndarray) -> np.ndarray:
    """Which pixels (n, n) lie in the box; pixel (i, j) is at origin + step[j] * u + step[i] * v."""
    inside = np.ones((len(step), len(step)), bool)
    for d, (low, high) in enumerate(zip(*extent_um, strict=True)):
        place = origin[d] + step * u[d] + (step * v[d])[:, None]
        inside &= (place >= low - 1e-6) & (place <= high + 1e-6)
    return inside
