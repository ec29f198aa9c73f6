"""Vendor folders of two tables: the counts of each cell, and where it lies."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isost_core.errors import InputError
from isost_core.readers import delimited
from isost_core.readers.find_file import by_key, notes_on, place_of, together
from isost_core.readers.names import visible

if TYPE_CHECKING:
    import pandas as pd

NOUNS = r"\b(spot|bead|cell|barcode|feature|row|column)s\b"


@dataclass(frozen=True, eq=False)
class Joined:
    """Rows of two tables that belong to the same cells.

    kept : bool per row of the counts; rows : the row of the cells for each kept one; n_left : cells in one table only
    """

    kept: np.ndarray
    rows: np.ndarray
    n_left: int


def matching(folder: Path, pattern: str) -> list[Path]:
    """The delimited text files of a folder whose name fits `pattern` (as in glob, in upper or lower case), sorted; what
    a system hides there is passed over."""
    return [p for p in (visible(folder) if folder.is_dir() else [])
            if fnmatch(p.name.casefold(), pattern.casefold()) and delimited.is_delimited(p)]


def holds(folder: Path, *patterns: str) -> bool:
    """Whether a path is a folder with a table for each of the patterns."""
    return folder.is_dir() and all(matching(folder, pattern) for pattern in patterns)


@dataclass(frozen=True)
class TwoTables:
    """Of one section the path that names it, the tables of its counts and its cells, and notes."""

    path: Path
    counts: Path
    cells: Path
    notes: tuple[str, ...]


def sections_of(folder: Path, counts: str, cells: str) -> list[TwoTables]:
    """The sections in a folder, their tables told apart by what stands around `counts` and `cells` in their names; two
    tables with the same around it are an InputError."""
    both = [by_rest(folder, word) for word in (counts, cells)]
    made, left = together(*both)
    if not made:
        raise _several(folder, list(both[1].values()), f"*{cells}*")
    notes = notes_on(folder, [one.key for one in made], left, f"their table '{cells}'")
    return [TwoTables(place_of(folder, one.key, len(made) + len(left) > 1), one.first, one.second,
                      notes if k == 0 else ()) for k, one in enumerate(made)]


def by_rest(folder: Path, word: str) -> dict[str, Path]:
    """The tables with `word` in their names, by the rest of that name; two with the same rest are an InputError."""
    found = {}
    for key, files in by_key(folder, re.escape(word)).items():
        tables = [path for path in files if delimited.is_delimited(path)]
        if len(tables) > 1:
            raise _several(folder, tables, f"*{word}*")
        found |= {key: tables[0]} if tables else {}
    return found


def _several(folder: Path, found: list[Path], pattern: str) -> InputError:
    return InputError(f"{folder.name} has {len(found)} tables named like '{pattern}' "
                      f"({', '.join(p.name for p in found[:5])}). Give one folder per section.")


def join(counts: pd.Index, cells: pd.Index, file: str, other: str) -> Joined:
    """Rows of the tables of counts and cells, whose index has one entry per row, that belong to the same cells.

    file, other : names of their files, for messages
    """
    for index, name in ((counts, file), (cells, other)):
        if not index.is_unique:
            twice = index[index.duplicated()][0]
            rounded = re.fullmatch(r"\d\.\d+e\+\d+", _shown(twice), re.IGNORECASE)
            why = (" The names of the cells were taken for numbers and have lost their last digits. Write them as text."
                   if rounded else "")
            raise InputError(f"{name} has cell '{_shown(twice)}' in more than one row. Keep one row for each "
                             f"cell.{why}")
    rows = cells.get_indexer(counts)
    kept = rows >= 0
    if not kept.any():
        raise InputError(f"{file} and {other} have no cells in common ({_example(counts)}; {_example(cells)}). Give "
                         "the two files of the same section.")
    return Joined(kept, rows[kept], len(counts) + len(cells) - 2 * int(kept.sum()))


def _shown(cell: object) -> str:
    return ", ".join(map(str, cell)) if isinstance(cell, tuple) else str(cell)


def _example(index: pd.Index) -> str:
    return f"for example '{_shown(index[0])}'" if len(index) else "no cells at all"


def left_out(where: str, n: int, what: str) -> tuple[str, ...]:
    """Note on what was left out, as a tuple: empty where nothing was; `what` ends with "were"."""
    if n == 1:
        what = re.sub(NOUNS, r"\1", what, count=1).replace("that are not genes", "that is not a gene")
        what = re.sub("were$", "was", what)
    return (f"{where}: {n:,} {what} left out.",) if n else ()


def require(columns: Collection[str], wanted: Iterable[str], file: str) -> None:
    """Refuse a table that lacks one of the columns."""
    missing = [c for c in wanted if c not in columns]
    if missing:
        named = ", ".join(list(columns)[:12]) + (", ..." if len(columns) > 12 else "")
        raise InputError(f"{file} has no column '{missing[0]}'. Columns found: {named}. Export it again, or give the "
                         "values as one table with columns x and y.")
