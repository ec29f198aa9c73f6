"""Meshes of the tissue: isosurfaces, its outline, VTK image data. Contouring with pyvista is safe in any process,
drawing is not (see isost_core.figures.lit_scene)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from isost_core.genes import find_genes
from isost_core.reconstruction.interpolation import resample
from isost_core.reconstruction.reconstruction import Reconstruction
from isost_core.reconstruction.slices import plane_axes
from isost_core.reconstruction.volume import Volume

if TYPE_CHECKING:
    import pyvista as pv

OPENING_PERCENTILE = 84  # of a gene in the tissue: where its surface opens, unless it falls to crumbs there
_OTHER_LEVELS = (88, 90, 92, 94, 95, 80, 75)  # in this order; higher ones leave little to see, lower ones hide all
FEW_PARTS, MOST_OF_IT = 5, 0.9  # a surface of one piece: so few parts hold so much of its volume
CRUMB, MOST_CRUMBS = 0.01, 24  # a part below this share of the volume, and how many of them are no confetti
_COUNTED_AT = 300_000  # lattice points at most: more are thinned out to count parts
MOST_TRIANGLES = 80_000  # of a surface: 1.4 MB on its way to the browser
FINEST = 2.0  # points of a contour for each point of the lattice, along an axis
CAP = 0.05  # lattice spacings by which the surface lies outside the first and the last section


@dataclass(frozen=True, eq=False)
class Surface:
    """A triangle mesh in µm: vertices (n, 3), faces (m, 3); `level` where it is an isosurface.

    known : (n,) known share of the gene's pattern at the vertices, 0 to 1; None where not known or not asked for
    """

    name: str
    vertices: np.ndarray
    faces: np.ndarray
    level: float | None = None
    known: np.ndarray | None = None


AnySurface = TypeVar("AnySurface", bound=Surface)
Bounds = list[tuple[np.ndarray, float]]  # lattice fields (x, y, z) and the least value of each


def level_of_percentile(volume: Volume, gene: str, percentile: float | Sequence[float]) -> Any:
    """The value below which the given percentage of the tissue's voxels lies; percentages, or a list of them."""
    return np.percentile(volume.values[list(volume.genes).index(gene)][volume.mask], percentile)


def opening_percentile(run: Reconstruction, gene: str) -> int:
    """The percentile at which a gene's surface opens: OPENING_PERCENTILE, or near it, so that a few large parts make
    it up and not dozens of crumbs; where every level has many, the one with the fewest."""
    tissue, mean = run.gene_fields(find_genes([gene], run.genes)[0])[:2]
    step = max(1, int(np.ceil(np.sqrt(tissue[:, :, 0].size * tissue.shape[2] / _COUNTED_AT))))
    inside, mean = tissue[::step, ::step] > 0, mean[::step, ::step]
    tried, crumbs = (OPENING_PERCENTILE, *_OTHER_LEVELS), {}
    for percentile, level in zip(tried, np.percentile(mean[inside], tried), strict=True):
        parts, number = _parts(inside & (mean >= level))
        if parts > FEW_PARTS:
            continue
        if number <= MOST_CRUMBS:
            return percentile
        crumbs[percentile] = number
    return min(crumbs, key=crumbs.__getitem__, default=OPENING_PERCENTILE)


def _parts(solid: np.ndarray) -> tuple[int, int]:
    """How many connected parts hold MOST_OF_IT, and how many are crumbs."""
    from scipy.ndimage import label

    marked: Any = label(solid)
    sizes = np.sort(np.bincount(marked[0].ravel())[1:])[::-1]
    held = np.cumsum(sizes)
    return int(np.searchsorted(held, MOST_OF_IT * held[-1])) + 1, int((sizes < CRUMB * held[-1]).sum())


def isosurface(run: Reconstruction, gene: str, level: float, least_known: float = 0.0,
               most: int = MOST_TRIANGLES) -> tuple[np.ndarray, np.ndarray]:
    """Closed surface around the tissue where the gene is at `level` or above.

    Returns vertices (n, 3) float32 µm and faces (m, 3) int32, at most `most`, both empty where no tissue reaches the
    level. The surface closes along the border of the tissue. Where less than a share `least_known` of the gene's
    pattern is known it is cut away. It is contoured from the run's own lattice, finer where few triangles are needed:
    a volume on a finer grid holds nothing more.
    """
    tissue, mean, _, *known = run.gene_fields(find_genes([gene], run.genes)[0])
    bounds = [(tissue, 0.0), (mean, level)]
    if least_known > 0 and known:
        bounds.append((known[0], least_known))
    return _arrays(fitted(run, bounds, most))


def tissue_surface(run: Reconstruction, most: int = 8_000) -> tuple[np.ndarray, np.ndarray]:
    """Smooth closed outline of the tissue: vertices (n, 3) float32 µm and faces (m, 3) int32."""
    mesh = fitted(run, [(run.lattice.inside, 0.0)], most)
    return _arrays(mesh.smooth_taubin(n_iter=20, pass_band=0.08) if mesh.n_points else mesh)


def clipped(surface: AnySurface, point: Sequence[float], azimuth: float, tilt: float) -> AnySurface:
    """The part of a surface behind a plane through a point (µm), seen along its normal, closed by a lid where it has no
    known share. azimuth, tilt : degrees, see `slices.plane_axes`."""
    import pyvista as pv

    if not len(surface.faces):
        return surface
    mesh, towards = pv.PolyData.from_regular_faces(surface.vertices, surface.faces), -plane_axes(azimuth, tilt)[2]
    if surface.known is None:
        cut = mesh.clip_closed_surface(normal=towards, origin=point)
    else:
        mesh.point_data["known"] = surface.known
        cut = mesh.clip(normal=towards, origin=point, invert=False)
    vertices, faces = _arrays(cut.triangulate())
    return replace(surface, vertices=vertices, faces=faces,
                   known=None if surface.known is None else np.asarray(cut.point_data["known"]))


def image_data(volume: Volume) -> pv.ImageData:
    """The volume as pyvista ImageData: point data <gene>, <gene>_sd, <gene>_known and mask; NaN outside the mask."""
    import pyvista as pv

    grid = pv.ImageData(dimensions=volume.mask.shape, spacing=(float(volume.spacing_um),) * 3,
                        origin=tuple(float(o) for o in volume.origin_um))
    for g, gene in enumerate(volume.genes):
        for layer, ending in ((volume.values, ""), (volume.sd, "_sd"), (volume.known, "_known")):
            if layer is not None:
                inside = np.where(volume.mask, layer[g], np.nan)
                grid.point_data[f"{gene}{ending}"] = _x_fastest(inside, np.float32)
    grid.point_data["mask"] = _x_fastest(volume.mask, np.uint8)
    return grid


def _x_fastest(array: np.ndarray, dtype: type) -> np.ndarray:
    return np.asarray(array).ravel(order="F").astype(dtype)


def _arrays(mesh: Any) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(mesh.points, np.float32), np.asarray(mesh.regular_faces, np.int32).reshape(-1, 3)


def fitted(run: Reconstruction, bounds: Bounds, most: int) -> pv.PolyData:
    """The surface within all bounds in at most so many triangles."""
    spacing = run.lattice.spacing_um
    mesh: Any = contour(run, bounds, spacing)
    if mesh.n_cells:
        finer = min(FINEST, 0.98 * np.sqrt(most / mesh.n_cells))
        if not 0.7 < finer < 1.1:  # a grid that is a little coarser misses more than triangles merged
            mesh = contour(run, bounds, spacing / finer)
    if mesh.n_cells > most:
        mesh = mesh.decimate_pro(1 - most / mesh.n_cells, preserve_topology=True)
    return mesh


def contour(run: Reconstruction, bounds: Bounds, spacing_um: float) -> pv.PolyData:
    """Closed surface (pyvista PolyData) around the part of the box of a run where each lattice field of `bounds`
    (field, least value) is at its least value or above, contoured on a grid of this spacing."""
    import pyvista as pv

    lattice = run.lattice
    low, high = (np.array(corner) for corner in run.extent_um)
    shape = np.ceil((high - low) / spacing_um - 1e-6).astype(int) + 3
    axes = [corner + spacing_um * np.arange(-1, n - 1) for corner, n in zip(low, shape, strict=True)]
    spread = [float(field[lattice.inside > 0].std()) or 1.0 for field, _ in bounds]
    within = np.full(shape, np.inf, np.float32)
    for (field, least), unit in zip(bounds, spread, strict=True):
        np.minimum(within, (resample(lattice, field, axes) - np.float32(least)) / np.float32(unit), out=within)
    for d, axis in enumerate(axes):
        border = np.minimum(axis - low[d], high[d] - axis) + CAP * lattice.spacing_um
        np.minimum(within, (border / spread[0]).astype(np.float32).reshape([-1 if k == d else 1 for k in range(3)]),
                   out=within)
    grid: Any = pv.ImageData(dimensions=within.shape, spacing=(spacing_um,) * 3, origin=[axis[0] for axis in axes])
    grid.point_data["within"] = _x_fastest(within, np.float32)
    return grid.contour([0.0], scalars="within", method="flying_edges", compute_normals=False)
