"""Volumes for imaging programs: NIfTI and NRRD (RAS, mm), OME-Zarr 0.4 (µm, several levels of detail).

NIfTI has one space, RAS in mm: +x right, +y anterior, +z superior. Programs that take NRRD ignore its unit and take mm,
so NRRD is written in that same space, and both lie in one place. ITK turns both into its own LPS: -x, -y, z.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.figures.colours import channels, colour_range, gene_colours

if TYPE_CHECKING:
    from isost_core.reconstruction.volume import Volume

UM_PER_MM = 1000.0
SMALLEST = 64  # voxels along the longest axis of the coarsest level
NGFF = "0.4"


def write_nifti(volume: Volume, path: str | Path) -> None:
    """Write a volume as NIfTI (.nii.gz): float32 log1p, axes x, y, z and, of several genes, one volume for each.

    The affine (sform and qform) is in mm; x, y and depth are given as its +x, +y and +z. Outside the tissue the value
    is 0. The description holds the first gene and that the values are predicted.
    """
    import nibabel

    data = np.moveaxis(np.nan_to_num(_inside(volume)), 0, -1)
    affine = np.diag([*[volume.spacing_um / UM_PER_MM] * 3, 1.0])
    affine[:3, 3] = np.asarray(volume.origin_um) / UM_PER_MM
    image = nibabel.Nifti1Image(data[..., 0] if len(volume.genes) == 1 else data, affine)
    image.header.set_xyzt_units("mm")
    image.set_sform(affine, code="scanner")
    image.set_qform(affine, code="scanner")
    image.header["descrip"] = f"predicted log1p {','.join(volume.genes)}"[:79].encode("ascii", "replace")
    nibabel.save(image, path)


def write_nrrd(volume: Volume, path: str | Path) -> None:
    """Write a volume as NRRD: float32 log1p, axes x, y, z (after one of genes where there are several), in the space of
    `write_nifti`: right-anterior-superior, mm; NaN outside the tissue."""
    import nrrd

    several = len(volume.genes) > 1
    directions = np.diag([float(volume.spacing_um) / UM_PER_MM] * 3)
    if several:
        directions = np.vstack([np.full(3, np.nan), directions])
    header = {"space": "right-anterior-superior", "space directions": directions,
              "space origin": np.asarray(volume.origin_um, float) / UM_PER_MM, "space units": ["mm"] * 3,
              "kinds": ["list"] * several + ["domain"] * 3,
              "content": "predicted log1p " + ", ".join(volume.genes), "encoding": "gzip"}
    data = _inside(volume)
    nrrd.write(str(path), data if several else data[0], header)


def write_ome_zarr(volume: Volume, path: str | Path) -> None:
    """Write a volume as OME-Zarr 0.4 (Zarr 2) in one zip (.ome.zarr.zip): axes c, z, y, x in µm; a channel a gene.

    Each further level averages the tissue in blocks of 2 x 2 x 2 voxels; NaN outside the tissue. ome-zarr-py would
    bring dask and a cloud stack for these few lines of metadata, so zarr writes them.
    """
    import zarr
    from numcodecs import Zlib
    from zarr.storage import ZipStore

    levels = [_inside(volume).transpose(0, 3, 2, 1)]
    while max(levels[-1].shape[1:]) > SMALLEST:
        levels.append(_halved(levels[-1]))
    axes = [{"name": "c", "type": "channel"}] + [{"name": a, "type": "space", "unit": "micrometer"} for a in "zyx"]
    about = {"omero": {"channels": _channels(volume)}, "multiscales": [
        {"version": NGFF, "name": "predicted expression, log1p", "axes": axes, "type": "mean",
         "datasets": [_dataset(volume, level) for level in range(len(levels))]}]}
    with ZipStore(path, mode="w") as store:
        root = zarr.create_group(store, zarr_format=2, attributes=about)
        for level, data in enumerate(levels):
            array = root.create_array(str(level), shape=data.shape, dtype="float32", fill_value=np.nan,
                                      compressors=Zlib(level=5), chunk_key_encoding={"name": "v2", "separator": "/"},
                                      chunks=(1, *(min(n, 128) for n in data.shape[1:])))
            array[...] = data


def _dataset(volume: Volume, level: int) -> dict[str, Any]:
    """Path and place of a level: the centre of its first voxel is that of the block it stands for."""
    scale = float(volume.spacing_um) * 2**level
    shift = [float(o) + (scale - volume.spacing_um) / 2 for o in np.asarray(volume.origin_um)[::-1]]
    return {"path": str(level), "coordinateTransformations": [
        {"type": "scale", "scale": [1.0, scale, scale, scale]}, {"type": "translation", "translation": [0.0, *shift]}]}


def _channels(volume: Volume) -> list[dict[str, Any]]:
    colours = gene_colours(volume.genes)
    made = []
    for gene, values in zip(volume.genes, volume.values, strict=True):
        low, high = map(float, colour_range(values))
        found = values[np.isfinite(values)]
        window = {"start": low, "end": high, "min": float(found.min(initial=0)), "max": float(found.max(initial=1))}
        made.append({"label": f"{gene} (predicted, log1p)", "active": True, "window": window,
                     "color": "{:02X}{:02X}{:02X}".format(*channels(colours[gene]))})
    return made


def _halved(data: np.ndarray) -> np.ndarray:
    """Means of blocks of 2 x 2 x 2 over the tissue (NaN is outside), (c, z, y, x)."""
    odd = [(0, 0)] + [(0, n % 2) for n in data.shape[1:]]
    data = np.pad(data, odd, constant_values=np.nan)
    c, z, y, x = data.shape
    blocks = data.reshape(c, z // 2, 2, y // 2, 2, x // 2, 2)
    known = np.isfinite(blocks)
    n = known.sum((2, 4, 6))
    total = np.where(known, blocks, 0).sum((2, 4, 6))
    return np.where(n > 0, total / np.maximum(n, 1), np.nan).astype(np.float32)


def _inside(volume: Volume) -> np.ndarray:
    return np.where(volume.mask, np.asarray(volume.values, np.float32), np.float32(np.nan))
