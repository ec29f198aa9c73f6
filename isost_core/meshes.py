"""Meshes of a volume: isosurfaces, the outline of the tissue, VTK image data. Contouring with pyvista is safe in any
process, drawing is not (see isost_core.scene)."""

import numpy as np

MOST_VOXELS = 3_000_000
_PAD = 2


def level_of_percentile(volume, gene, percentile):
    """The value below which the given percentage of the tissue's voxels lies."""
    values = volume.values[_index(volume, gene)]
    return float(np.nanpercentile(values[volume.mask], percentile))


def isosurface(volume, gene, level, max_triangles=24_000, least_known=0.0):
    """Closed surface around the tissue where the gene is at `level` or above.

    Returns vertices (n, 3) float32 µm and faces (m, 3) int32, both empty where no voxel reaches the level.
    The surface closes along the border of the tissue; it is contoured coarser where it would exceed
    `max_triangles`. Where less than a share `least_known` of the gene's pattern is known it is cut away.
    """
    g = _index(volume, gene)
    values, mask, spacing = _coarsen(volume.values[g], volume.mask, volume.spacing_um)
    origin = _coarse_origin(volume, spacing)
    mask = mask & np.isfinite(values)
    wanted = values >= level
    bounds = [(values, level)]
    if least_known > 0 and volume.known is not None:
        bounds.append((_coarsen(volume.known[g], volume.mask, volume.spacing_um)[0], least_known))
        wanted &= bounds[1][0] >= least_known
    if not np.any(wanted & mask):
        return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)
    inside, nearest = _border(mask)
    for layer, least in bounds:
        spread = float(np.std(layer[mask])) or 1.0
        inside = np.minimum(inside, (np.pad(layer, _PAD)[nearest] - least) / spread)
    return _contour(inside, spacing, origin, max_triangles)


def tissue_surface(volume, max_triangles=8_000):
    """Smooth closed outline of the tissue: vertices (n, 3) float32 µm and faces (m, 3) int32."""
    _, mask, spacing = _coarsen(volume.mask.astype(np.float32), volume.mask, volume.spacing_um)
    border, _ = _border(mask)
    return _contour(border, spacing, _coarse_origin(volume, spacing), max_triangles, smooth=True)


def image_data(volume):
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


def _index(volume, gene):
    return list(volume.genes).index(gene)


def _x_fastest(array, dtype):
    return np.asarray(array).ravel(order="F").astype(dtype)


def _coarsen(values, mask, spacing):
    """Values and mask with the longest axes halved until they fit in MOST_VOXELS, and the spacing of each axis."""
    spacing = np.full(3, float(spacing))
    while mask.size > MOST_VOXELS:
        axis = int(np.argmax(mask.shape))
        even = mask.shape[axis] // 2 * 2
        pair = [np.take(values, range(s, even, 2), axis) for s in (0, 1)]
        kept = [np.take(mask, range(s, even, 2), axis) for s in (0, 1)]
        weight = np.maximum(kept[0].astype(np.float32) + kept[1], 1)
        values = sum(np.where(k, p, 0) for k, p in zip(kept, pair, strict=True)) / weight
        mask = kept[0] | kept[1]
        spacing[axis] *= 2
    return values, mask, spacing


def _coarse_origin(volume, spacing):
    return np.asarray(volume.origin_um, float) + (spacing - volume.spacing_um) / 2


def _border(mask):
    """Signed distance (voxels, positive inside) to the border of the padded mask; nearest inside voxels."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    mask = np.pad(mask, _PAD)
    outside, nearest = distance_transform_edt(~mask, return_indices=True)
    signed = np.where(mask, distance_transform_edt(mask) - 0.5, 0.5 - outside).astype(np.float32)
    return gaussian_filter(np.clip(signed, -4, 4), 0.7), tuple(nearest)


def _contour(field_, spacing, origin, max_triangles, smooth=False):
    """Triangles where the padded field crosses zero."""
    import pyvista as pv
    from scipy.ndimage import zoom

    start = np.asarray(origin, float) - _PAD * spacing
    for _ in range(5):
        grid = pv.ImageData(dimensions=field_.shape, spacing=tuple(spacing), origin=tuple(start))
        grid.point_data["field"] = _x_fastest(field_, np.float32)
        mesh = grid.contour([0.0], scalars="field", method="flying_edges", compute_normals=False)
        if mesh.n_cells <= max_triangles:
            break
        factor = 0.97 * (max_triangles / mesh.n_cells) ** 0.5
        shape = [max(round(n * factor), min(n, 8)) for n in field_.shape]
        spacing = spacing * [(n - 1) / (m - 1) for n, m in zip(field_.shape, shape, strict=True)]
        field_ = zoom(field_, [m / n for n, m in zip(field_.shape, shape, strict=True)], order=1)
    if smooth and mesh.n_points:
        mesh = mesh.smooth_taubin(n_iter=20, pass_band=0.08)
    faces = np.asarray(mesh.faces).reshape(-1, 4)[:, 1:]
    return np.asarray(mesh.points, np.float32), np.asarray(faces, np.int32)
