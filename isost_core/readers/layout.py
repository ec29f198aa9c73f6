"""From file headers to sections: which rows, which name, which order, which depth, which unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import axes
from isost_core.readers.header import Header, numbers
from isost_core.readers.names import name_of
from isost_core.readers.options import ReadOptions, Source
from isost_core.readers.piece import Piece
from isost_core.readers.section_column import SECTION_KEYS, depth_labels, section_column
from isost_core.readers.stacking import Stacking, resolve, stacked
from isost_core.sections import scale

COORDINATE_ORDER = (keys.ALIGNED, keys.SPATIAL, "spatial3d", "X_spatial", axes.COLUMNS)


def find_pieces(headers: Sequence[Header], options: ReadOptions) -> Stacking:
    """The sections of all files, in stacking order, each with its depth where there is one."""
    pieces = _distinct([p for h in headers for p in _pieces_of(h, options, len(headers) == 1)])
    found = stacked(pieces, options)
    return replace(found, pieces=_with_depths(found.pieces, options))


def _pieces_of(header: Header, options: ReadOptions, is_alone: bool) -> list[Piece]:
    """The sections of a file; depths tell them apart only where no other file has sections."""
    key = section_column(header, options.section_key)
    stem = name_of(header.path)
    by_depth = depth_labels(header, options) if key is None and is_alone else None
    if key is not None:
        labels = _labels(header.obs[key], key, header.file)
    else:
        labels = np.array([stem] * len(header.obs), dtype=object) if by_depth is None else by_depth
    names = list(dict.fromkeys(labels))
    aliases = ()
    if len(names) == 1:
        others = [_labels(header.obs[k], k, header.file)[0] for k in SECTION_KEYS
                  if k in header.obs and header.obs[k].nunique(dropna=False) == 1]
        aliases = (stem, header.file, *others)
    rows = _rows_of(labels, names)
    return [Piece(name, header, rows[name], key, aliases, by_depth=by_depth is not None) for name in names]


def _rows_of(labels: np.ndarray, names: Sequence[str]) -> dict[str, np.ndarray]:
    """{name: row numbers of its cells}."""
    import pandas as pd

    codes = pd.Index(names).get_indexer(pd.Index(labels))
    rows = np.argsort(codes, kind="stable")
    return dict(zip(names, np.split(rows, np.cumsum(np.bincount(codes, minlength=len(names)))[:-1]), strict=True))


def _labels(values: Any, key: str, file: str) -> np.ndarray:
    missing = int((values.isna() | (values.astype(str).str.strip() == "")).sum())
    if missing:
        who, whose = ("1 cell has", "its") if missing == 1 else (f"{missing} cells have", "their")
        raise InputError(f"{file}: {who} no value in column '{key}', so {whose} section is unknown. Fill in the "
                         "column, or remove what has no section.")
    texts = [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v)
             for v in values.astype(object).to_numpy()]
    return np.array(texts, dtype=object)


def _distinct(pieces: list[Piece]) -> list[Piece]:
    """Sections that share a name take their file's; where that does not help, say so."""
    names = [p.name for p in pieces]
    new = [replace(p, name=name_of(p.header.path)) if names.count(p.name) > 1 and _is_whole_file(p) else p
           for p in pieces]
    new = _by_folders(new)
    names = [p.name for p in new]
    for p in new:
        if names.count(p.name) > 1:
            files = ", ".join(dict.fromkeys(q.header.file for q in new if q.name == p.name))
            raise InputError(f"Section '{p.name}' occurs more than once ({files}). Give each file once, and each "
                             "section its own name.")
    return new


def _by_folders(pieces: list[Piece]) -> list[Piece]:
    """Files or folders of one name, such as two runs with a 'region_0' each, go by the folder around them too."""
    names = [p.name for p in pieces]
    new = list(pieces)
    for name in {n for n in names if names.count(n) > 1}:
        places = [k for k, n in enumerate(names) if n == name]
        paths = [pieces[k].header.path for k in places]
        if len(set(paths)) < len(paths) or not all(_is_whole_file(pieces[k]) for k in places):
            continue
        levels = zip(*(path.parts[-2::-1] for path in paths), strict=False)
        around = next((level for level in levels if len(set(level)) == len(level)), None)
        for k, folder in zip(places, around or (), strict=False):
            new[k] = replace(pieces[k], name=f"{folder} {name}")
    return new


def _is_whole_file(piece: Piece) -> bool:
    """Whether the section is the whole of its file."""
    return len(piece.rows) == len(piece.header.obs)


def _with_depths(pieces: list[Piece], options: ReadOptions) -> list[Piece]:
    if options.depths is not None:
        given = [(depth, "given") for depth in _given_depths(pieces, options.depths)]
    elif options.gap is not None:
        given = [(i * float(options.gap), "from the gap") for i in range(len(pieces))]
    else:
        return [_measured_depth(p, options.depth_key) for p in pieces]
    return [replace(p, depth=np.full(len(p.rows), depth), depth_source=source, depth_from=Source.OPTION)
            for p, (depth, source) in zip(pieces, given, strict=True)]


def _given_depths(pieces: list[Piece], depths: tuple[float, ...] | dict[str, float]) -> list[float]:
    """One depth for each section: by its name, or in the order of the sections."""
    names = ", ".join(p.name for p in pieces)
    if isinstance(depths, dict):
        by_place = dict(zip(resolve(depths, pieces, "In the depths,"), depths.values(), strict=True))
        if missing := [p.name for i, p in enumerate(pieces) if i not in by_place]:
            raise InputError(f"No depth is given for: {', '.join(missing)}. Give one depth in µm for each section.")
        return [float(by_place[i]) for i in range(len(pieces))]
    if len(depths) != len(pieces):
        raise InputError(f"{len(depths)} depths are given for {len(pieces)} sections ({names}). Give one depth in µm "
                         "each, in this order.")
    return [float(d) for d in depths]


def _measured_depth(piece: Piece, key: str | None) -> Piece:
    """Depth of each cell from a column, or from the third coordinate where the user names that key."""
    header = piece.header
    column = key or keys.Z_UM
    if column in header.obs:
        unit = axes.unit_of(column) or 1.0
        words = f"column '{column}'" + (f", {axes.UNIT_WORDS[unit]} as its name says" if unit != 1 else "")
        return replace(piece, depth=numbers(header.obs[column], column, header.file)[piece.rows] * unit,
                       depth_source=words, depth_from=Source.DECLARED)
    if key is None:
        return piece
    if key in header.coordinates and header.coordinates[key].shape[1] == 3:
        unit = header.units.get(key)
        return replace(piece, depth=header.coordinates[key][piece.rows, 2] * (unit or 1.0),
                       depth_source=f"third coordinate of '{key}'", depth_from=Source.DECLARED,
                       depth_key=key if unit is None else None)
    raise InputError(f"{header.file} has no column '{key}' with the depth. Columns found: "
                     f"{', '.join(map(str, header.obs.columns)) or 'none'}.")


def coordinates_key(headers: Sequence[Header], options: ReadOptions) -> str:
    """The one key whose positions are used in every file."""
    if options.spatial_key is not None:
        missing = [h.file for h in headers if options.spatial_key not in h.coordinates]
        if missing:
            raise InputError(f"{missing[0]} has no positions named '{options.spatial_key}'. It has: "
                             f"{', '.join(headers[0].coordinates)}.")
        return options.spatial_key
    others = [key for key in headers[0].coordinates if key not in COORDINATE_ORDER]
    for key in (*COORDINATE_ORDER[:-1], *others, COORDINATE_ORDER[-1]):
        if all(key in h.coordinates for h in headers):
            return key
    found = "; ".join(f"{h.file}: {', '.join(h.coordinates)}" for h in headers)
    raise InputError(f"The files have their positions under different names ({found}). Use the same one in all.")


def _is_declared_um(piece: Piece, key: str, options: ReadOptions) -> bool:
    """Whether the file is in the documented layout, whose positions are in µm."""
    h = piece.header
    named = options.section_key in (None, keys.SECTION) and options.depth_key in (None, keys.Z_UM)
    return (not h.is_table and named and key in (keys.SPATIAL, keys.ALIGNED) and keys.SPATIAL in h.coordinates
            and keys.SECTION in h.obs and keys.Z_UM in h.obs and not differs(growth(piece, key)))


def growth(piece: Piece, key: str) -> float:
    """How many times as wide a section is in the positions of `key` as in obsm['spatial']; 1 where it has one of
    them."""
    of = piece.header.coordinates
    if key == keys.SPATIAL or not {key, keys.SPATIAL} <= of.keys():
        return 1.0
    before, after = (scale.spread(of[k][piece.rows, :2]) for k in (keys.SPATIAL, key))
    return after / before if before > 0 and np.isfinite(after / before) else 1.0


def differs(ratio: float) -> bool:
    """Whether a section has another scale in two frames, not only another place, turn or bend."""
    return abs(np.log(max(ratio, 1e-300))) > np.log(scale.SAME_SCALE)


def with_units(pieces: Sequence[Piece], key: str, options: ReadOptions) -> list[Piece]:
    """The sections, each with its µm per unit: given, else what the file declares, None where nobody said."""
    given = options.um_per_unit
    if isinstance(given, dict):
        values = dict(zip(resolve(given, pieces, "In the µm per unit,"), given.values(), strict=True))
    else:
        values = dict.fromkeys(range(len(pieces)), given)
    pieces = [_with_unit(p, values.get(i), _declared_unit(p, key, options)) for i, p in enumerate(pieces)]
    return [_with_third_column_scaled(p, key) for p in pieces]


def _with_third_column_scaled(piece: Piece, key: str) -> Piece:
    """A depth that lies in one array with x and y has their unit; it is not known before that unit is."""
    if piece.depth is None or piece.depth_key is None or not _is_of_same_array(piece, key):
        return piece
    unit = piece.um_per_unit
    return replace(piece, depth_in_units=piece.depth, depth=None if unit is None else piece.depth * unit)


def _is_of_same_array(piece: Piece, key: str) -> bool:
    """Whether the third coordinate goes with the x and y of `key`: in that array, or beside a copy of them."""
    of, rows = piece.header.coordinates, piece.rows
    return piece.depth_key == key or (piece.depth_key is not None and key in of and np.allclose(
        of[piece.depth_key][rows, :2], of[key][rows, :2], equal_nan=True))


def _declared_unit(piece: Piece, key: str, options: ReadOptions) -> float | None:
    """µm per unit as the names of the columns say it, or the layout or format of the file."""
    return piece.header.units.get(key, 1.0 if _is_declared_um(piece, key, options) else piece.header.um_per_unit)


def _with_unit(piece: Piece, given: float | None, declared: float | None) -> Piece:
    if given is not None:
        return replace(piece, um_per_unit=float(given), unit_from=Source.OPTION)
    return replace(piece, um_per_unit=declared, unit_from=Source.ASKED if declared is None else Source.DECLARED)
