"""Signed distance to a surface in the tissue: an isosurface of a gene, or the border of any labelled region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from isost_core.errors import InputError
from isost_core.reconstruction.reconstruction import Reconstruction
from isost_core.reconstruction.volume import make_volume

MOST_VOXELS = 2_000_000


@dataclass(frozen=True, eq=False)
class Border:
    """The border of a region of the tissue, on an isotropic grid with axes x, y, z.

    signed_um : (x, y, z) float32, distance to the border in um, below 0 within the region. The border of the tissue is
        no surface: outside tissue the grid continues what the nearest tissue is
    spacing_um, origin_um : of the grid, as of a Volume; name : what the surface is, for titles
    """

    signed_um: np.ndarray
    spacing_um: float
    origin_um: np.ndarray
    name: str = "surface"

    def at(self, xyz: np.ndarray) -> np.ndarray:
        """Signed distance (n,) um at points (n, 3) um, trilinear."""
        from scipy.ndimage import map_coordinates

        place = ((np.asarray(xyz, float) - self.origin_um) / self.spacing_um).T
        return map_coordinates(self.signed_um, place, order=1, mode="nearest").astype(float)

    def in_plane(self, xy: np.ndarray, depth: float) -> np.ndarray:
        """Signed distance (n,) um within the plane at `depth` um, to the outline that the surface has there; NaN where
        it has none: what one section shows of it."""
        from scipy.ndimage import map_coordinates

        layer = np.clip((depth - self.origin_um[2]) / self.spacing_um, 0, self.signed_um.shape[2] - 1)
        low = min(int(layer), max(self.signed_um.shape[2] - 2, 0))
        high = min(low + 1, self.signed_um.shape[2] - 1)
        inside = (1 + low - layer) * self.signed_um[..., low] + (layer - low) * self.signed_um[..., high] < 0
        if inside.all() or not inside.any():
            return np.full(len(xy), np.nan)
        place = ((np.asarray(xy, float) - self.origin_um[:2]) / self.spacing_um).T
        return map_coordinates(_signed(inside, self.spacing_um), place, order=1, mode="nearest").astype(float)


def isosurface_border(run: Reconstruction, gene: str, level: float) -> Border:
    """Border around the tissue where a gene's predicted mean (log1p) is at `level` or above."""
    low, high = (np.array(corner) for corner in run.extent_um)
    finest = (np.prod(high - low) / MOST_VOXELS) ** (1 / 3)
    volume = make_volume(run, [gene], max(run.lattice.spacing_um / 2, finest))
    inside = volume.mask & (np.nan_to_num(volume.values[0], nan=-np.inf) >= level)
    return border_of(inside, volume.mask, volume.spacing_um, volume.origin_um, f"{volume.genes[0]} at {level:.3g}")


def border_of(inside: np.ndarray, tissue: np.ndarray, spacing_um: float, origin_um: np.ndarray,
              name: str = "region") -> Border:
    """Border of a labelled region, such as a niche.

    Parameters
    ----------
    inside, tissue : (x, y, z) bool on an isotropic grid; voxel (0, 0, 0) is centred at origin_um, (3,) um
    """
    from scipy.ndimage import distance_transform_edt

    inside = inside & tissue
    if not inside.any() or inside[tissue].all():
        held = "all" if inside.any() else "none"
        raise InputError(f"The surface '{name}' has {held} of the tissue inside it, so there is no distance to it. "
                         "Choose another level or region.")
    nearest = cast(np.ndarray, distance_transform_edt(~tissue, return_distances=False, return_indices=True))
    return Border(_signed(inside[tuple(nearest)], spacing_um), float(spacing_um), np.asarray(origin_um, float), name)


def _signed(inside: np.ndarray, spacing_um: float) -> np.ndarray:
    """Distance to the border between voxels that are and are not `inside`, float32; half a voxel from either side."""
    from scipy.ndimage import distance_transform_edt

    away, deep = (cast(np.ndarray, distance_transform_edt(part)) - 0.5 for part in (~inside, inside))
    return (np.where(inside, -deep, away) * spacing_um).astype(np.float32)
