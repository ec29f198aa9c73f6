"""Vendor folders of two tables: the counts of each cell, and where it lies."""

import re

from isost_core.errors import InputError
from isost_core.readers import delimited

NOUNS = r"\b(spot|bead|cell|barcode|feature|row|column)s\b"


def matching(folder, pattern):
    """The delimited text files of a folder whose name fits `pattern` (as in glob), sorted."""
    return sorted(p for p in folder.glob(pattern) if delimited.is_delimited(p))


def holds(folder, *patterns):
    """Whether a path is a folder with a table for each of the patterns."""
    return folder.is_dir() and all(matching(folder, pattern) for pattern in patterns)


def only(folder, pattern):
    """The one table whose name fits `pattern`; several are an InputError."""
    found = matching(folder, pattern)
    if len(found) > 1:
        raise InputError(f"{folder.name} holds {len(found)} tables named like '{pattern}' "
                         f"({', '.join(p.name for p in found[:5])}). Give one folder per section.")
    return found[0]


def join(counts, cells, file, other):
    """Rows of two tables that belong to the same cells.

    Parameters
    ----------
    counts, cells : pandas Index of each table, one entry per row
    file, other : names of their files, for messages

    Returns
    -------
    kept : bool per row of `counts`; rows : the row of `cells` for each kept one; n_left : cells in one table only
    """
    for index, name in ((counts, file), (cells, other)):
        if not index.is_unique:
            twice = index[index.duplicated()][0]
            raise InputError(f"{name} has cell '{_shown(twice)}' in more than one row. Give each cell one row.")
    rows = cells.get_indexer(counts)
    kept = rows >= 0
    if not kept.any():
        raise InputError(f"{file} and {other} have no cells in common ({_example(counts)}; {_example(cells)}). Give "
                         "the two files of the same section.")
    return kept, rows[kept], len(counts) + len(cells) - 2 * int(kept.sum())


def _shown(cell):
    return ", ".join(map(str, cell)) if isinstance(cell, tuple) else str(cell)


def _example(index):
    return f"for example '{_shown(index[0])}'" if len(index) else "no cells at all"


def left_out(where, n, what):
    """Note on what was left out, as a tuple: empty where nothing was; `what` ends with "were"."""
    if n == 1:
        what = re.sub(NOUNS, r"\1", what, count=1).replace("that are no genes", "that is no gene")
        what = re.sub("were$", "was", what)
    return (f"{where}: {n:,} {what} left out.",) if n else ()


def require(columns, wanted, file):
    """Refuse a table that lacks one of the columns."""
    missing = [c for c in wanted if c not in columns]
    if missing:
        named = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
        raise InputError(f"{file} has no column '{missing[0]}'. Columns found: {named}. Export it again, or give the "
                         "values as one table with columns x and y.")
