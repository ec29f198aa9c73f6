"""Vendor folders of two tables: the counts of each cell, and where it lies."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isost_core.errors import InputError
from isost_core.readers import delimited

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
    """The delimited text files of a folder whose name fits `pattern` (as in glob), sorted."""
    return sorted(p for p in folder.glob(pattern) if delimited.is_delimited(p))


def holds(folder: Path, *patterns: str) -> bool:
    """Whether a path is a folder with a table for each of the patterns."""
    return folder.is_dir() and all(matching(folder, pattern) for pattern in patterns)


def only(folder: Path, pattern: str) -> Path:
    """The one table whose name fits `pattern`; several are an InputError."""
    found = matching(folder, pattern)
    if len(found) > 1:
        raise InputError(f"{folder.name} has {len(found)} tables named like '{pattern}' "
                         f"({', '.join(p.name for p in found[:5])}). Give one folder per section.")
    return found[0]


def join(counts: pd.Index, cells: pd.Index, file: str, other: str) -> Joined:
    """Rows of the tables of counts and cells, whose index has one entry per row, that belong to the same cells.

    file, other : names of their files, for messages
    """
    for index, name in ((counts, file), (cells, other)):
        if not index.is_unique:
            twice = index[index.duplicated()][0]
            raise InputError(f"{name} has cell '{_shown(twice)}' in more than one row. Keep one row for each cell.")
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
