"""Visium and Visium HD (Space Ranger): a folder with the count matrix, the places of spots or bins, and their scale."""

import json
from functools import partial

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import pairs, tenx_h5
from isost_core.readers.header import Header, check_genes, numbers
from isost_core.section_images import FoundImage

SPOT_UM, PITCH_UM = 55.0, 100.0  # diameter of a Visium spot, and distance between spots
DISAGREE = 0.04  # relative, between the scales that the two give
BIN = "square_008um"  # the bins of Visium HD that are taken where there are several
COLUMNS = ("barcode", "in_tissue", "array_row", "array_col", "pxl_row_in_fullres", "pxl_col_in_fullres")
IMAGES = {"tissue_hires_image.png": "tissue_hires_scalef", "tissue_lowres_image.png": "tissue_lowres_scalef"}


def is_one(path):
    """Whether a path is of this format."""
    return path.is_dir() and _parts(path) is not None


def read_headers(path, options):
    """Header of the section in the folder; spots outside the tissue are left out and counted."""
    base, matrix, places, scale_file = _parts(path)
    scales = _scales(scale_file)
    barcodes, genes, keep = tenx_h5.describe(matrix)
    check_genes(genes, matrix.name)
    table = _places(places)
    table, outside = table[table["in_tissue"] == 1], int((table["in_tissue"] != 1).sum())
    import pandas as pd

    kept, rows, n_left = pairs.join(pd.Index(barcodes), table.index, matrix.name, places.name)
    table = table.iloc[rows]
    pixels = np.column_stack([numbers(table[c], c, places.name) for c in ("pxl_col_in_fullres", "pxl_row_in_fullres")])
    um, notes = _um_per_pixel(scales, table, pixels, path.name)
    notes += (*pairs.left_out(path.name, outside, "spots outside the tissue were"),
              *pairs.left_out(path.name, max(n_left - outside, 0), "barcodes without a place or counts were"),
              *pairs.left_out(path.name, int((~keep).sum()), "features that are no genes were"),
              *_other_bins(base, path))
    obs = table[["array_row", "array_col"]]
    return [Header(path=path, genes=genes, obs=obs, coordinates={keys.SPATIAL: pixels * um}, is_log1p=False,
                   is_table=False, notes=notes, um_per_unit=1.0, images=_images(scale_file.parent, scales, pixels),
                   load=partial(tenx_h5.load, matrix, np.flatnonzero(kept), keep),
                   kind="Visium HD folder" if "bin_size_um" in scales else "Visium folder",
                   sources=(matrix, places, scale_file))]


def _parts(path):
    """(folder, matrix, places, scale factors) of the section in or below a folder, or None."""
    for base in (path / "outs" / "binned_outputs" / BIN, path / "binned_outputs" / BIN, path / BIN,
                 path / "outs", path):
        for spatial in (base / "spatial", base):
            scale = spatial / "scalefactors_json.json"
            places = next((p for p in (spatial / n for n in ("tissue_positions.parquet", "tissue_positions.csv",
                                                             "tissue_positions_list.csv")) if p.is_file()), None)
            matrix = tenx_h5.matrix_files(base) if base.is_dir() else []
            if scale.is_file() and places and matrix:
                return base, matrix[0], places, scale
    return None


def _other_bins(base, path):
    others = sorted(p.name for p in base.parent.glob("square_*um") if p != base and base.name.startswith("square"))
    return (f"{path.name}: bins {', '.join(others)} were not read; those of {base.name} were.",) if others else ()


def _scales(path):
    try:
        held = json.loads(path.read_text())
    except (ValueError, OSError, RecursionError) as error:
        raise InputError(f"{path.name} is not readable JSON. Copy it again from Space Ranger's output.") from error
    if not isinstance(held, dict):
        raise InputError(f"{path.name} does not hold scale factors. Copy it again from Space Ranger's output.")
    good = (int, float)
    return {k: float(v) for k, v in held.items() if isinstance(v, good) and 0 < v < 1e9}


def _places(path):
    """Places by barcode (DataFrame): with a header, without one (old), or as Parquet."""
    import pandas as pd

    if path.suffix == ".parquet" or path.name == "tissue_positions.csv":
        table = tenx_h5.table_of(path, COLUMNS[1:], COLUMNS[0])
    else:
        try:
            table = pd.read_csv(path, header=None, names=COLUMNS, dtype={"barcode": str}, index_col=0)
        except (ValueError, OSError) as error:
            raise InputError(f"{path.name} cannot be read as the table of spots. Copy it again from Space Ranger's "
                             "output.") from error
        table = table.iloc[int("barcode" in table.index[:1]):].rename_axis(None)
    for column in COLUMNS[1:]:
        table[column] = numbers(table[column], column, path.name)
    return table


def _um_per_pixel(scales, table, pixels, name):
    """µm per full-resolution pixel, and notes. The lattice of spots counts where the spot's diameter disagrees."""
    if "microns_per_pixel" in scales:
        return scales["microns_per_pixel"], ()
    from isost_core.graph import neighbour_distances

    placed = pixels[np.isfinite(pixels).all(axis=1)]
    pitch = float(np.median(neighbour_distances(placed))) if len(placed) > 3 else 0.0
    by_pitch = PITCH_UM / pitch if pitch > 0 else None
    by_spot = SPOT_UM / scales["spot_diameter_fullres"] if "spot_diameter_fullres" in scales else None
    if by_spot is None and by_pitch is None:
        raise InputError(f"{name}: neither the spot diameter nor the spots' places give a scale. Give the complete "
                         "folder of Space Ranger.")
    if by_pitch is None or (by_spot is not None and abs(by_pitch / by_spot - 1) <= DISAGREE):
        return by_spot, ()
    return by_pitch, (f"{name}: the scale was taken from the distance between spots (100 µm): {by_pitch:.4g} µm per "
                      "pixel" + ("." if by_spot is None else f"; the spot diameter would give {by_spot:.4g}."),)


def _images(spatial, scales, pixels):
    """The finest image there is, and where the spots lie on it."""
    for file, factor in IMAGES.items():
        if (spatial / file).is_file() and factor in scales:
            return {None: FoundImage(spatial / file, "", pixels * scales[factor])}
    return {}
