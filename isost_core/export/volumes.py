"""Files for other programs: volumes and virtual slices by the ending of the file (see also imaging_formats)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.errors import InputError
from isost_core.export.imaging_formats import write_nifti, write_nrrd, write_ome_zarr
from isost_core.figures.colours import colour_range, paint
from isost_core.reconstruction.isosurfaces import image_data

if TYPE_CHECKING:
    from isost_core.reconstruction.slices import Slice
    from isost_core.reconstruction.volume import Volume

VOLUME_TYPES = {  # ending: for what
    ".vti": "ParaView, 3D Slicer", ".nii.gz": "NIfTI: brain imaging programs (mm)", ".nrrd": "3D Slicer, ITK",
    ".ome.zarr.zip": "OME-Zarr 0.5: napari, BigDataViewer", ".npz": "Python"}
SLICE_TYPES = (".npz", ".png")


def write_volume(volume: Volume, path: str | Path) -> None:
    """Write a volume in the format that the file name ends with, one of VOLUME_TYPES."""
    {".npz": write_npz, ".vti": write_vti, ".nii.gz": write_nifti, ".nrrd": write_nrrd,
     ".ome.zarr.zip": write_ome_zarr}[_ending(path, list(VOLUME_TYPES), "A volume")](volume, path)


def write_npz(volume: Volume, path: str | Path) -> None:
    """Write a volume as .npz.

    genes (g,); values and sd (g, x, y, z) float32, log1p, NaN outside the tissue; known (g, x, y, z), the known share
    of the pattern, 0 to 1, where the run has one; mask (x, y, z) bool; spacing_um; origin_um (3,), the centre of
    voxel 0.
    """
    _ending(path, (".npz",), "A volume")
    outside = ~volume.mask
    np.savez_compressed(path, genes=np.array(volume.genes, dtype=str), values=_blank(volume.values, outside),
                        sd=_blank(volume.sd, outside), mask=np.asarray(volume.mask, bool),
                        spacing_um=float(volume.spacing_um), origin_um=np.asarray(volume.origin_um, float),
                        **_known(volume, outside))


def write_vti(volume: Volume, path: str | Path) -> None:
    """Write a volume as VTK ImageData (.vti), for ParaView and 3D Slicer.

    Point data <gene> and <gene>_sd (float32, log1p, NaN outside the tissue), <gene>_known (known share of the pattern,
    0 to 1, where the run has one) and mask (1 inside); spacing and origin in µm; points in VTK's order, x fastest.
    """
    _ending(path, (".vti",), "A volume")
    image_data(volume).save(str(path))


def write_slice(slice_: Slice, path: str | Path, colour_map: str = "viridis",
                limits: tuple[float, float] | None = None) -> None:
    """Write a virtual slice as .npz or .png.

    npz: values, sd, known (n, n) float32, NaN where mask is False; mask; spacing_um; origin, u, v, normal (3,); gene.
    png: one pixel per value, row i along v from the top and column j along u from the left, so pixel [i, j] lies at
    origin + spacing_um (i v + j u); clear outside the tissue; its text holds the gene, range, spacing and frame.
    """
    if _ending(path, SLICE_TYPES, "A virtual slice") == ".npz":
        _slice_npz(slice_, path)
    else:
        _slice_png(slice_, path, colour_map, limits)


def _slice_npz(slice_: Slice, path: str | Path) -> None:
    outside = ~slice_.mask
    frame: dict[str, Any] = {k: np.asarray(getattr(slice_, k), float) for k in ("origin", "u", "v", "normal")}
    np.savez_compressed(path, values=_blank(slice_.values, outside), sd=_blank(slice_.sd, outside),
                        mask=np.asarray(slice_.mask, bool), spacing_um=float(slice_.spacing_um),
                        gene=np.array(slice_.gene), **frame, **_known(slice_, outside))


def _slice_png(slice_: Slice, path: str | Path, colour_map: str, limits: tuple[float, float] | None) -> None:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    low, high = limits or colour_range(slice_.values)
    pixels = np.zeros((*slice_.mask.shape, 4), np.uint8)
    pixels[..., :3] = paint(slice_.values, (low, high), colour_map)
    pixels[..., 3] = np.where(slice_.mask, 255, 0)
    about = PngInfo()
    about.add_text("isost", f"{slice_.gene}, predicted, log1p, {colour_map} from {low:.4g} to {high:.4g}")
    about.add_text("spacing_um", f"{slice_.spacing_um:.6g}")
    for name in ("origin", "u", "v", "normal"):
        about.add_text(name, ",".join(f"{c:.6g}" for c in getattr(slice_, name)))
    Image.fromarray(pixels, "RGBA").save(path, "PNG", pnginfo=about)


def _known(made: Slice | Volume, outside: np.ndarray) -> dict[str, Any]:
    return {} if made.known is None else {"known": _blank(made.known, outside)}


def _blank(values: np.ndarray, outside: np.ndarray) -> np.ndarray:
    return np.where(outside, np.float32(np.nan), np.asarray(values, np.float32))


def _ending(path: str | Path, allowed: Sequence[str], what: str) -> str:
    ending = next((one for one in allowed if Path(path).name.lower().endswith(one)), None)
    if ending is None:
        ending = Path(path).suffix.lower()
        found = f"ends with '{ending}'" if ending else "has no ending"
        raise InputError(f"{what} is written as {' or '.join(allowed)}, but '{Path(path).name}' {found}. Choose "
                         "another ending.")
    return ending
