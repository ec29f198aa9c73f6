"""A table that says where cells or spots lie: their names, x and y, with a line of names of columns or without."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import axes, delimited
from isost_core.readers.header import numbers

if TYPE_CHECKING:
    import pandas as pd

NAME_COLUMNS = ("name", "barcode", "barcodes", "cell_bc", "cell", "cells", "cell_id", "cellid", "cell_name", "spot",
                "spots", "spot_id", "bead", "beads", "index", "id", "")
KEPT = (keys.SECTION, keys.Z_UM, "slice_id", "section_id", "sample_id", "library_id", "batch")
TYPE_LINE = "type"  # of Single Cell Portal: a second line that says of each column whether it has numbers
NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
MOST_COLUMNS = 400


@dataclass(frozen=True, eq=False)
class Places:
    """Where cells lie. names : pandas Index, or None where the table has none; xy (n, 2) or (n, 3); um_per_unit where
    the table says it; obs : DataFrame of what else is kept; notes"""

    names: pd.Index | None
    xy: np.ndarray
    um_per_unit: float | None
    obs: pd.DataFrame
    notes: tuple[str, ...]


def is_one(path: Path) -> bool:
    """Whether a table has positions, as far as its first two lines tell."""
    columns = delimited.columns(path)
    return len(columns) <= MOST_COLUMNS and (bool(axes.find(columns)) or _has_no_header(columns, path))


def _has_no_header(columns: Sequence[str], path: Path) -> bool:
    """x and y in every line, or a name, x and y, from the first line on."""
    if len(columns) not in (2, 3) or not all(_is_number(c) for c in columns[-2:]):
        return False
    row = delimited.first_row(path)
    return len(row) == len(columns) and all(_is_number(c) for c in row[-2:])


def _is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None


def read(path: Path) -> Places:
    """The places in a table; one without x and y is an InputError."""
    columns = delimited.columns(path)
    return _bare(path, columns) if _has_no_header(columns, path) else _named(path, columns)


def _bare(path: Path, columns: Sequence[str]) -> Places:
    """Of a table without names of columns."""
    import pandas as pd

    called = ("name", "x", "y")[-len(columns):]
    table = delimited.read_columns(path, called, text=called, names=called).to_pandas()
    xy = np.column_stack([numbers(table[c], c, path.name) for c in ("x", "y")])
    names = pd.Index(table["name"], name=None) if "name" in table else None
    return Places(names, xy, None, pd.DataFrame(index=table.index), (
        f"{path.name} has no names of columns. Its last two columns were taken as x and y.",))


def _named(path: Path, columns: Sequence[str]) -> Places:
    import pandas as pd

    found = axes.best(columns, path.name)
    if found is None:
        raise InputError(f"{path.name} has no columns x and y with the positions. Columns found: "
                         f"{', '.join(columns[:12])}.")
    name = _name_column(columns, found)
    kept = [c for c in KEPT if c in columns and c != name]
    first: list[str] = [] if name is None else [name]
    wanted = list(dict.fromkeys([*first, *found.columns, *kept]))
    if any(columns.count(c) > 1 for c in wanted):
        twice = next(c for c in wanted if columns.count(c) > 1)
        raise InputError(f"{path.name} has more than one column named '{twice}'. Remove or rename one.")
    table = delimited.read_columns(path, wanted, text=wanted).to_pandas()
    if name is not None and len(table) and str(table[name].iloc[0]).strip().casefold() == TYPE_LINE:
        table = table.iloc[1:].reset_index(drop=True)
    if not len(table):
        raise InputError(f"{path.name} has no cells. It has a header but no rows. Export it again.")
    xy = np.column_stack([numbers(table[c].replace("", None), c, path.name) for c in (found.x, found.y)])
    if found.z is not None:
        third = np.asarray(pd.to_numeric(table[found.z], errors="coerce"), dtype=float)
        xy = np.column_stack([xy, third]) if np.isfinite(third).all() else xy
    if keys.Z_UM in kept:
        table[keys.Z_UM] = numbers(table[keys.Z_UM], keys.Z_UM, path.name)
    names = None if name is None else pd.Index(table[name].fillna("").str.strip(), name=None)
    return Places(names, xy, found.um_per_unit, table[kept], found.words(path.name))


def _name_column(columns: Sequence[str], found: axes.Axes) -> str | None:
    """The column with the names of the cells: a known name, else the first; None where all have another meaning."""
    known = {c.strip().casefold(): c for c in reversed(columns) if c not in found.columns}
    named = next((known[n] for n in NAME_COLUMNS if n in known), None)
    if named is not None:
        return named
    first = columns[0]
    return first if first not in {c for pair in axes.find(columns) for c in pair.columns} else None
