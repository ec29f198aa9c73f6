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


def plane_axes(azimuth: float, tilt: float, turn: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit vectors (u, v, normal) of a plane, right-handed. Angles in degrees.

    The normal leans away from the depth axis by `tilt`, towards `azimuth` (0: x, 90: y). u and v are the x and the y
    axis, rotated with it by the shortest way: about the line that the plane shares with a flat one. A flat plane is
    therefore upright (u is x, v is y) whatever its azimuth. `turn` then rotates u and v in the plane, u towards v.
    """
    a, t, s = np.radians([azimuth, tilt, turn])
    towards, line = np.array([np.cos(a), np.sin(a), 0.0]), np.array([-np.sin(a), np.cos(a), 0.0])
    depth = np.array([0.0, 0.0, 1.0])
    lowered = np.cos(t) * towards - np.sin(t) * depth  # where the direction of the azimuth goes; the line stays
    u, v = np.cos(a - s) * lowered - np.sin(a - s) * line, np.sin(a - s) * lowered + np.cos(a - s) * line
    return u, v, np.sin(t) * towards + np.cos(t) * depth


def square_size(extent_um: tuple[Corner, Corner], azimuth: float, tilt: float, turn: float = 0.0) -> float:
    """Side (um) of a square about the middle of a box that holds all of the box as the plane sees it."""
    half = (np.array(extent_um[1]) - np.array(extent_um[0])) / 2
    return 2.1 * max(float(np.abs(axis) @ half) for axis in plane_axes(azimuth, tilt, turn)[:2])


def along_normal(centre: Sequence[float], azimuth: float, tilt: float, offset_um: float) -> list[float]:
    """The point `centre` moved by an offset along the plane's normal."""
    return [float(c + offset_um * n) for c, n in zip(centre, plane_axes(azimuth, tilt)[2], strict=True)]


def oblique(run: Reconstruction, gene: str, centre: Sequence[float],  # noqa: PLR0913 (each says what it is)
            azimuth: float, tilt: float, size_um: float, pixels: int = 256, turn: float = 0.0) -> Slice:
    """Virtual slice of a gene through `centre`.

    Parameters
    ----------
    centre : (x, y, z) um, centre of the square
    azimuth, tilt, turn : degrees, see `plane_axes`; size_um : full side of the square; pixels : along a side
    """
    if not size_um > 0:
        raise InputError(f"The size of the slice must be above 0 µm, found {plain(size_um)}.")
    if not 2 <= pixels <= MAX_PIXELS:
        raise InputError(f"The slice can have 2 to {MAX_PIXELS} pixels a side, found {pixels}.")
    column = find_genes([gene], run.genes)[0]
    u, v, normal = plane_axes(azimuth, tilt, turn)
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
