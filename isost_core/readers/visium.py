"""Visium and Visium HD (Space Ranger): a folder with the count matrix, the places of spots or bins, and their scale."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import pairs, tenx_h5
from isost_core.readers.header import Header, check_genes, numbers
from isost_core.readers.options import ReadOptions
from isost_core.sections.images import FoundImage
from isost_core.sections.spacing import neighbour_distances

if TYPE_CHECKING:
    import pandas as pd

SPOT_UM, PITCH_UM = 55.0, 100.0  # diameter of a Visium spot, and distance between spots
DISAGREE = 0.04  # relative, between the scales that the two give
BINS = ("square_008um", "square_016um")  # of Visium HD, the first that there is; those of 2 µm hold hardly any counts
COLUMNS = ("barcode", "in_tissue", "array_row", "array_col", "pxl_row_in_fullres", "pxl_col_in_fullres")
IMAGES = {"tissue_hires_image.png": "tissue_hires_scalef", "tissue_lowres_image.png": "tissue_lowres_scalef"}


def is_one(path: Path) -> bool:
    """Whether a path is of this format."""
    try:
        return path.is_dir() and _parts(path) is not None
    except InputError:  # it is, of several sections at once: reading it says so
        return True


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of the section in the folder; spots outside the tissue are left out and counted."""
    import pandas as pd

    parts = _parts(path)
    if parts is None:
        raise InputError(f"{path.name} has no matrix or no table of spots. Copy the whole folder again.")
    base, matrix, places = parts.base, parts.matrix, parts.places
    scales = _scales(parts.scales) if parts.scales else {}
    held = tenx_h5.describe(matrix)
    check_genes(held.genes, matrix.name)
    table = _places(places)
    off = (table["in_tissue"] != 1) & (not options.keep_all_cells)
    table, outside = table[~off], int(off.sum())
    joined = pairs.join(pd.Index(held.barcodes), table.index, matrix.name, places.name)
    table = table.iloc[joined.rows]
    pixels = np.column_stack([numbers(table[c], c, places.name) for c in ("pxl_col_in_fullres", "pxl_row_in_fullres")])
    um, notes = _um_per_pixel(scales, table, pixels, path.name, base.name)
    notes += (*pairs.left_out(path.name, outside, "spots outside the tissue were"),
              *pairs.left_out(path.name, max(joined.n_left - outside, 0), "barcodes without a position or counts "
                                                                          "were"),
              *pairs.left_out(path.name, int((~held.keep).sum()), "features that are not genes were"),
              *_other_bins(base, path))
    obs = table[["array_row", "array_col"]]
    return [Header(path=path, genes=held.genes, obs=obs, coordinates={keys.SPATIAL: pixels * (um or 1)}, is_log1p=False,
                   is_table=False, notes=notes, um_per_unit=um and 1.0, other_names=held.other_names,
                   images=_images(places.parent, scales, pixels),
                   load=partial(tenx_h5.load, matrix, np.flatnonzero(joined.kept), held.keep),
                   kind="Visium HD folder" if base.name.startswith("square") else "Visium folder",
                   sources=(*tenx_h5.files_of(matrix), places, *([parts.scales] if parts.scales else [])))]


@dataclass(frozen=True)
class _Parts:
    """Of a section the folder with all of it, matrix, places of the spots, and scale factors where there are some."""

    base: Path
    matrix: Path
    places: Path
    scales: Path | None


def _parts(path: Path) -> _Parts | None:
    """What there is of the section in or below a folder."""
    binned = [top / one for one in BINS for top in (path / "outs" / "binned_outputs", path / "binned_outputs", path)]
    for base in (*binned, path / "outs", path):
        for spatial in (base / "spatial", base):
            places = _one(spatial, ("*tissue_positions.parquet", "*tissue_positions*.csv"))
            matrix = tenx_h5.matrix_files(base) if places else []
            if places and matrix:
                return _Parts(base, matrix[0], places, _one(spatial, ("*scalefactors_json.json",)))
    return None


def _one(folder: Path, patterns: Sequence[str]) -> Path | None:
    """The file whose name fits one of the patterns, the first that does; several are an InputError."""
    for pattern in patterns:
        found = sorted(p for p in folder.glob(pattern) if p.is_file()) if folder.is_dir() else []
        if len(found) > 1:
            raise InputError(f"{folder.name} has {len(found)} files named like '{pattern}' "
                             f"({', '.join(p.name for p in found[:4])}). Give one folder per section.")
        if found:
            return found[0]
    return None


def _other_bins(base: Path, path: Path) -> tuple[str, ...]:
    others = sorted(p.name for p in base.parent.glob("square_*um") if p != base and base.name.startswith("square"))
    return (f"{path.name}: only the bins of {base.name} were read. Left out: {', '.join(others)}.",) if others else ()


def _scales(path: Path) -> dict[str, float]:
    try:
        held = json.loads(path.read_text())
    except (ValueError, OSError, RecursionError) as error:
        raise InputError(f"{path.name} is not readable JSON. Copy it again from Space Ranger's output.") from error
    if not isinstance(held, dict):
        raise InputError(f"{path.name} has no scale factors in it. Copy it again from Space Ranger's output.")
    good = (int, float)
    return {k: float(v) for k, v in held.items() if isinstance(v, good) and 0 < v < 1e9}


def _places(path: Path) -> pd.DataFrame:
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


def _um_per_pixel(scales: dict[str, float], table: pd.DataFrame, pixels: np.ndarray, name: str,
                  bins: str) -> tuple[float | None, tuple[str, ...]]:
    """µm per full-resolution pixel (None where nothing says it), and notes. The lattice of spots counts where the
    spot's diameter disagrees. name : of the section; bins : of the folder with its bins."""
    if "microns_per_pixel" in scales:
        return scales["microns_per_pixel"], ()
    known = re.fullmatch(r"square_(\d+)um", bins)
    spacing = float(known.group(1)) if known else PITCH_UM
    pitch = _pitch(table, pixels)
    by_pitch = spacing / pitch if pitch > 0 else None
    by_spot = SPOT_UM / scales["spot_diameter_fullres"] if "spot_diameter_fullres" in scales else None
    if by_spot is None and by_pitch is None:
        return None, (f"{name} has no scale factors and its spots are not on a grid, so you have to give the µm per "
                      "pixel.",)
    if by_pitch is None or (by_spot is not None and abs(by_pitch / by_spot - 1) <= DISAGREE):
        return by_spot, ()
    return by_pitch, (f"{name}: the scale was taken from the distance between spots ({spacing:g} µm): {by_pitch:.4g} "
                      "µm per pixel" + ("." if by_spot is None else f"; the spot diameter would give {by_spot:.4g}."),)


def _pitch(table: pd.DataFrame, pixels: np.ndarray) -> float:
    """Pixels from one spot to the next; 0 where they are on no lattice of rows and columns."""
    placed = pixels[np.isfinite(pixels).all(axis=1)]
    if len(placed) < 4 or len(table[["array_row", "array_col"]].drop_duplicates()) < len(table):
        return 0.0
    near = neighbour_distances(placed)
    middle = float(np.median(near))
    return middle if middle > 0 and np.mean(np.abs(near / middle - 1) < 0.2) > 0.8 else 0.0


def _images(spatial: Path, scales: dict[str, float], pixels: np.ndarray) -> dict[str | None, FoundImage]:
    """The finest image there is, and where the spots lie on it."""
    for file, factor in IMAGES.items():
        if (spatial / file).is_file() and factor in scales:
            return {None: FoundImage(spatial / file, "", pixels * scales[factor])}
    return {}
