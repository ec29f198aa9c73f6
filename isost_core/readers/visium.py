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

from isost_core import keys, words
from isost_core.errors import InputError
from isost_core.readers import delimited, pairs, tenx_h5
from isost_core.readers import visium_cells as segmented
from isost_core.readers.find_file import by_key, notes_on, place_of, together
from isost_core.readers.header import Header, check_genes, numbers
from isost_core.readers.names import visible
from isost_core.readers.options import ReadOptions
from isost_core.readers.unpack import is_archive, plain, unpacked
from isost_core.sections import noun
from isost_core.sections.images import FoundImage
from isost_core.sections.spacing import neighbour_distances

if TYPE_CHECKING:
    import pandas as pd

SPOT_UM, PITCH_UM = 55.0, 100.0  # diameter of a Visium spot, and distance between spots
DISAGREE = 0.04  # relative, between the scales that the two give
BINS = ("square_008um", "square_016um")  # of Visium HD, the first that there is; those of 2 µm hold hardly any counts
COLUMNS = ("barcode", "in_tissue", "array_row", "array_col", "pxl_row_in_fullres", "pxl_col_in_fullres")
OTHER_COLUMNS = {  # as tools that read Space Ranger's output write it again
    "barcodes": COLUMNS[0], "spot": COLUMNS[0], "spotid": COLUMNS[0], "": COLUMNS[0], "tissue": COLUMNS[1],
    "row": COLUMNS[2], "col": COLUMNS[3], "imagerow": COLUMNS[4], "imagecol": COLUMNS[5]}
PLACES = r"tissue_?positions?(_list)?(?=.*\.(parquet|csv|tsv|txt)(\.gz)?$)"
SCALES = r"scale_?factors(_json)?(?=.*\.json(\.gz)?$)"
SPATIAL = r"(?<![a-z])spatial(?![a-z])"  # in the name of a folder, or of an archive of one
IMAGES = {r"tissue_hires_image(?=.*\.(png|jpe?g)(\.gz)?$)": "tissue_hires_scalef",
          r"tissue_lowres_image(?=.*\.(png|jpe?g)(\.gz)?$)": "tissue_lowres_scalef"}


def is_one(path: Path) -> bool:
    """Whether a path is of this format."""
    try:
        return path.is_dir() and bool(_sections(path))
    except InputError:  # it is, of several sections at once: reading it says so
        return True


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of each section in the folder; spots outside the tissue are left out and counted."""
    found = _sections(path)
    if not found:
        raise InputError(f"{path.name} has no matrix or no table of spots. Copy the whole folder again.")
    return [_header(section, options) for section in found]


def _header(parts: _Parts, options: ReadOptions) -> Header:
    import pandas as pd

    path, base, matrix, places = parts.path, parts.base, parts.matrix, parts.places
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
    notes += (*parts.notes, *pairs.left_out(path.name, outside, "spots outside the tissue were"),
              *pairs.left_out(path.name, max(joined.n_left - outside, 0), "barcodes without a position or counts "
                                                                          "were"),
              *pairs.left_out(path.name, int((~held.keep).sum()), "features that are not genes were"),
              *_other_bins(base, path))
    obs = table[["array_row", "array_col"]]
    return Header(path=path, genes=held.genes, obs=obs, coordinates={keys.SPATIAL: pixels * (um or 1)}, is_log1p=False,
                  is_table=False, notes=notes, um_per_unit=um and 1.0, other_names=held.other_names,
                  images=_images(parts.images, scales, pixels),
                  load=partial(tenx_h5.load, matrix, np.flatnonzero(joined.kept), held.keep),
                  kind="Visium HD folder" if base.name.startswith("square") else "Visium folder",
                  noun=noun.BIN if base.name.startswith("square") else noun.SPOT, y_down=True,
                  sources=(*tenx_h5.files_of(matrix), *parts.sources))


@dataclass(frozen=True)
class _Parts:
    """Of a section the path that names it, the folder that holds it, matrix, places of the spots, scale factors where
    there are some, images by the name of their scale, the files that all but the matrix came from, and notes."""

    path: Path
    base: Path
    matrix: Path
    places: Path
    scales: Path | None
    images: dict[str, Path]
    sources: tuple[Path, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Spatial:
    """What Space Ranger's folder `spatial` has of one section; archive : the one it was packed in, if it was."""

    places: Path
    scales: Path | None
    images: dict[str, Path]
    archive: Path | None
    notes: tuple[str, ...]


def _sections(path: Path) -> list[_Parts]:
    """What there is of each section in or below a folder."""
    binned = [top / one for one in BINS for top in (path / "outs" / "binned_outputs", path / "binned_outputs", path)]
    for base in (*binned, path / "outs", path):
        matrices = tenx_h5.matrices(base) if base.is_dir() else {}
        made, left = together(matrices, _spatial(base)) if matrices else ([], [])
        if made:
            several = len(made) + len(left) > 1
            notes = notes_on(path, [one.key for one in made], left, "their table of spots")
            return [_parts(place_of(path, one.key, several), base, one.first, one.second, notes if k == 0 else ())
                    for k, one in enumerate(made)]
    return []


def _parts(path: Path, base: Path, matrix: Path, spatial: _Spatial, notes: tuple[str, ...]) -> _Parts:
    files = (spatial.places, *([spatial.scales] if spatial.scales else []))
    return _Parts(path, base, matrix, spatial.places, spatial.scales, spatial.images,
                  files if spatial.archive is None else (spatial.archive,), (*notes, *spatial.notes))


def _spatial(base: Path) -> dict[str, _Spatial]:
    """Tables of spots with what belongs to them, from the folders `spatial`, archives of such, and the files of a
    folder itself, by what else is in their names."""
    found: dict[str, _Spatial] = {}
    for key, places in by_key(base, SPATIAL).items():
        for place in sorted(places, key=lambda p: not p.is_dir()):  # what is unpacked already goes before its archive
            archive = None if place.is_dir() else place  # or another file with this word in its name
            if archive is not None and (not is_archive(archive) or key in found):
                continue
            folder = _inmost(place if archive is None else unpacked(archive, archive.stat().st_mtime_ns))
            for inner, spatial in _tables_in(folder, archive).items():
                found.setdefault(inner or key, spatial)
    for key, spatial in _tables_in(base, None).items():
        found.setdefault(key, spatial)
    return found


def _inmost(folder: Path) -> Path:
    """The folder that has the table of spots, where it lies in folders with nothing else."""
    inner = [path for path in visible(folder) if path.is_dir()]
    while len(inner) == 1 and not by_key(folder, PLACES):
        folder, inner = inner[0], [path for path in visible(inner[0]) if path.is_dir()]
    return folder


def _tables_in(folder: Path, archive: Path | None) -> dict[str, _Spatial]:
    tables, scales = by_key(folder, PLACES), by_key(folder, SCALES)
    images = {factor: by_key(folder, usual) for usual, factor in IMAGES.items()}
    found = {}
    for key, files in tables.items():
        places, notes = _newest(files)
        mine = {factor: held for factor, by in images.items() if (held := _of(by, key, len(tables))) is not None}
        found[key] = _Spatial(places, _of(scales, key, len(tables)), mine, archive, notes)
    return found


def _of(files: dict[str, list[Path]], key: str, n: int) -> Path | None:
    """The file of a section: the one with its key, or the only one where there is one section."""
    held = files.get(key) or (next(iter(files.values()), None) if n == 1 else None)
    return held[0] if held else None


def _newest(files: Sequence[Path]) -> tuple[Path, tuple[str, ...]]:
    """The table of spots among several of one section, the newest kind first: Parquet, then with names of columns, then
    the list without. Tables that disagree are an InputError."""
    ranked = sorted(files, key=lambda p: (not tenx_h5.is_parquet(p), "list" in p.name.lower(), p.name))
    first, *rest = ranked
    if not rest:
        return first, ()
    table = _places(first)
    for other in rest:
        more = _places(other)
        if not (table.index.sort_values().equals(more.index.sort_values())
                and np.allclose(table[list(COLUMNS[4:])], more.loc[table.index, list(COLUMNS[4:])], atol=1)):
            raise InputError(f"{first.parent.name} has {len(files)} tables of spots that do not agree "
                             f"({', '.join(p.name for p in ranked[:4])}). Keep the one that belongs to the counts.")
    named = ", ".join(p.name for p in rest)
    return first, (f"{first.name} was read. {named} has the same spots and was not needed.",)


def _other_bins(base: Path, path: Path) -> tuple[str, ...]:
    if not base.name.startswith("square"):
        return ()
    others = sorted(p.name for p in base.parent.glob("square_*um") if p != base)
    others += [segmented.FOLDER] * (base.parents[1] / segmented.FOLDER).is_dir()
    return (f"{path.name}: only the bins of {base.name} were read. Left out: {', '.join(others)}.",) if others else ()


def _scales(path: Path) -> dict[str, float]:
    try:
        held = json.loads(plain(path).read_text(encoding="utf-8-sig"))
    except (ValueError, OSError, RecursionError) as error:
        raise InputError(f"{path.name} is not readable JSON. Copy it again from Space Ranger's output.") from error
    if not isinstance(held, dict):
        raise InputError(f"{path.name} has no scale factors in it. Copy it again from Space Ranger's output.")
    good = (int, float)
    return {k: float(v) for k, v in held.items() if isinstance(v, good) and 0 < v < 1e9}


def _places(path: Path) -> pd.DataFrame:
    """Places by barcode (DataFrame, the columns of COLUMNS): with names of columns, without them (old), or as
    Parquet."""
    if tenx_h5.is_parquet(path) or _has_names(path):
        table = _named(path)
    else:
        names = [*COLUMNS, *(f"more {k}" for k in range(len(delimited.column_types(path).names) - len(COLUMNS)))]
        table = delimited.read_columns(path, COLUMNS, text=COLUMNS[:1], names=names).to_pandas()
    table[COLUMNS[0]] = table[COLUMNS[0]].astype(str)
    table = table.set_index(COLUMNS[0]).rename_axis(None)
    for column in COLUMNS[1:]:
        table[column] = numbers(table[column], column, path.name)
    return table


def _has_names(path: Path) -> bool:
    """Whether the first line of a table of spots has the names of its columns: they are no numbers."""
    fields = [field.strip() for field in delimited.column_types(path).names]
    if len(fields) < len(COLUMNS):
        return True
    try:
        return not [float(field) for field in fields[1:len(COLUMNS)]]
    except ValueError:
        return True


def _named(path: Path) -> pd.DataFrame:
    """A table of spots by the names of its columns, in upper or lower case; the barcodes may have none."""
    usual = {_folded(c): c for c in COLUMNS}
    found: dict[str, str] = {}
    for own in tenx_h5.columns_of(path):
        column = usual.get(_folded(own)) or OTHER_COLUMNS.get(_folded(own))
        if column:
            found.setdefault(column, own)
    pairs.require([*found, *tenx_h5.columns_of(path)], COLUMNS, path.name)
    table = tenx_h5.table_of(path, [found[c] for c in COLUMNS[1:]], found[COLUMNS[0]])
    table.columns = list(COLUMNS[1:])
    return table.rename_axis(COLUMNS[0]).reset_index()


def _folded(column: str) -> str:
    return re.sub(r"[\W_]", "", column).casefold()


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
    return by_pitch, (f"{name}: the scale was taken from the distance between spots ({words.plain(spacing)} µm): "
                      f"{words.plain(by_pitch, 4)} µm per pixel"
                      + ("." if by_spot is None else f"; the spot diameter would give {words.plain(by_spot, 4)}."),)


def _pitch(table: pd.DataFrame, pixels: np.ndarray) -> float:
    """Pixels from one spot to the next; 0 where they are on no lattice of rows and columns."""
    placed = pixels[np.isfinite(pixels).all(axis=1)]
    if len(placed) < 4 or len(table[["array_row", "array_col"]].drop_duplicates()) < len(table):
        return 0.0
    near = neighbour_distances(placed)
    middle = float(np.median(near))
    return middle if middle > 0 and np.mean(np.abs(near / middle - 1) < 0.2) > 0.8 else 0.0


def _images(files: dict[str, Path], scales: dict[str, float],
            pixels: np.ndarray) -> dict[str | None, FoundImage]:
    """The finest image there is, and where the spots lie on it."""
    for factor, file in files.items():
        if factor in scales:
            return {None: FoundImage(plain(file), "", pixels * scales[factor])}
    return {}
