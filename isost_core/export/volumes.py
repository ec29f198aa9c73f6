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
    ".vti": "ParaView (µm)", ".nii.gz": "NIfTI: brain imaging programs (mm)", ".nrrd": "3D Slicer, ITK (mm)",
    ".ome.zarr.zip": "OME-Zarr 0.4: napari, BigDataViewer (µm)", ".npz": "Python (µm)"}
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
                limits: tuple[float, float] | None = None, y_down: bool = False) -> None:
    """Write a virtual slice as .npz or .png.

    npz: values, sd, known (n, n) float32, NaN where mask is False; mask; spacing_um; origin, u, v, normal (3,); gene;
    value [i, j] lies at origin + spacing_um (i v + j u).
    png: one pixel per value, the way up that the pages have: u to the right and v downwards, so the first row has the
    least v; without `y_down` v goes upwards. Clear outside the tissue. Its text holds the gene, range, spacing_um,
    origin, right and down: the pixel in row i and column j lies at origin + spacing_um (i down + j right).
    """
    if _ending(path, SLICE_TYPES, "A virtual slice") == ".npz":
        _slice_npz(slice_, path)
    else:
        _slice_png(slice_, path, colour_map, limits or colour_range(slice_.values), y_down)


def _slice_npz(slice_: Slice, path: str | Path) -> None:
    outside = ~slice_.mask
    frame: dict[str, Any] = {k: np.asarray(getattr(slice_, k), float) for k in ("origin", "u", "v", "normal")}
    np.savez_compressed(path, values=_blank(slice_.values, outside), sd=_blank(slice_.sd, outside),
                        mask=np.asarray(slice_.mask, bool), spacing_um=float(slice_.spacing_um),
                        gene=np.array(slice_.gene), **frame, **_known(slice_, outside))


def _slice_png(slice_: Slice, path: str | Path, colour_map: str, limits: tuple[float, float], y_down: bool) -> None:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    pixels = np.zeros((*slice_.mask.shape, 4), np.uint8)
    pixels[..., :3] = paint(slice_.values, limits, colour_map)
    pixels[..., 3] = np.where(slice_.mask, 255, 0)
    v = np.asarray(slice_.v, float)
    top = 0 if y_down else len(pixels) - 1  # row of `values` that is drawn first
    frame = {"origin": np.asarray(slice_.origin, float) + top * slice_.spacing_um * v, "right": slice_.u,
             "down": v if y_down else -v, "normal": slice_.normal}
    about = PngInfo()
    about.add_text("isost", f"{slice_.gene}, predicted, log1p, {colour_map} from {limits[0]:.4g} to {limits[1]:.4g}")
    about.add_text("spacing_um", f"{slice_.spacing_um:.6g}")
    for name, vector in frame.items():
        about.add_text(name, ",".join(f"{c:.6g}" for c in np.asarray(vector) + 0.0))
    Image.fromarray(pixels if y_down else pixels[::-1], "RGBA").save(path, "PNG", pnginfo=about)


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
