"""Files with counts but without positions: a table with one row per cell or per gene, or a matrix (.mtx) with the names
of its rows and columns beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isost_core.errors import InputError
from isost_core.readers import annotation, delimited, position_table, tenx_mtx, wide_table
from isost_core.readers.header import check_genes, unique_genes
from isost_core.readers.options import ReadOptions

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SPOT = re.compile(r"(?:([\w.-]+?)[xX_])?X?(\d+(?:\.\d+)?)[xX](\d+(?:\.\d+)?)"  # '10x13' of an ST array, '1x10x13'
                  r"|X?(\d{1,2}(?:\.\d+)?)_(\d{1,2}(?:\.\d+)?)")
MOST_TEXT = 0.1  # of the values of a row of counts


@dataclass(frozen=True, eq=False)
class Counts:
    """files : that are read; cells, genes : names; load(rows), in increasing order : (rows, genes) CSR; ids {gene: its
    id}; about : columns of numbers that are no genes"""

    files: tuple[Path, ...]
    cells: list[str]
    genes: list[str]
    load: Callable[[np.ndarray], csr_matrix]
    notes: tuple[str, ...] = ()
    ids: dict[str, str] | None = None
    about: tuple[str, ...] = ()


def is_table(path: Path) -> bool:
    """Whether a table may have counts, as far as its first two lines tell: names, then numbers, and no positions."""
    if position_table.is_one(path) or len(delimited.columns(path)) < 3:
        return False
    row = delimited.first_row(path)[1:]
    return bool(row) and sum(position_table.NUMBER.fullmatch(v) is None for v in row) <= MOST_TEXT * len(row)


def of_table(path: Path, options: ReadOptions, known: Sequence[str] | None = None,
             n_cells: int | None = None) -> Counts:
    """Counts of a table. Cells are rows or columns, whichever are more of the `known` names or as many as `n_cells`;
    where neither is given, whichever are names of spots."""
    first, *others = delimited.columns(path)
    if len(others) >= wide_table.WIDE:
        rows = wide_table.names(path)
    else:
        rows = [str(v) for v in delimited.read_columns(path, [first], text=[first])[0].to_pylist()]
    if _cells_are_rows(path, rows, others, known, n_cells):
        genes, about = annotation.split(others, options)
        check_genes(genes, path.name)
        return Counts((path,), rows, genes, partial(_rows_of, path, genes, len(rows)),
                      annotation.notes(path.name, about), about=tuple(about))
    genes, notes = unique_genes(rows, (), path.name)
    return Counts((path,), others, genes, partial(_columns_of, path, others), notes)


def _cells_are_rows(path: Path, rows: Sequence[str], columns: Sequence[str], known: Sequence[str] | None,
                    n_cells: int | None) -> bool:
    if known is not None:
        here = {plain(name) for name in known}
        hits = [sum(plain(name) in here for name in names) for names in (rows, columns)]
        if not any(hits):
            raise InputError(f"{path.name} has no cells in common with the table of positions. It has rows such as "
                             f"'{rows[0] if rows else ''}' and columns such as '{columns[0]}'; positions are of "
                             f"'{known[0] if len(known) else ''}'. Give the two files of the same section.")
        return hits[0] >= hits[1]
    if n_cells is not None:
        if n_cells not in (len(rows), len(columns)):
            raise InputError(f"{path.name} has {len(rows):,} rows and {len(columns):,} columns of values, but there "
                             f"are {n_cells:,} positions without names. Give the two files of the same section.")
        return n_cells == len(rows)
    return are_spots(rows) or not are_spots(columns)


def are_spots(names: Sequence[str]) -> bool:
    """Whether names say where spots lie on an array."""
    return len(names) > 1 and all(SPOT.fullmatch(name) for name in names)


def place_of(name: str) -> tuple[str, float, float] | None:
    """Section ('' where there is none), x and y that the name of a spot says; None where it says no place."""
    found = SPOT.fullmatch(name)
    if found is None:
        return None
    section, *at = found.groups()
    x, y = (float(v) for v in at if v is not None)
    return section or "", x, y


def plain(name: str) -> str:
    """A name of a cell without what R's make.names does to it."""
    bare = re.sub(r"[^0-9A-Za-z]", ".", name)
    return bare[1:] if re.match(r"X\d", bare) else bare


def _rows_of(path: Path, genes: Sequence[str], n_cells: int, rows: np.ndarray) -> csr_matrix:
    keep = np.zeros(n_cells, dtype=bool)
    keep[rows] = True
    columns = delimited.columns(path)[1:]
    if len(columns) < wide_table.WIDE:
        return delimited.sparse_matrix(path, genes, None if keep.all() else keep)
    wanted = set(genes)
    return wide_table.matrix(path, [k for k, c in enumerate(columns) if c in wanted], keep)


def _columns_of(path: Path, cells: Sequence[str], rows: np.ndarray) -> csr_matrix:
    """(cells, genes) CSR: the file has it the other way round."""
    x = (wide_table.matrix(path, rows.tolist()) if len(cells) >= wide_table.WIDE
         else delimited.sparse_matrix(path, [cells[int(k)] for k in rows]))
    return x.T.tocsr().astype(np.float32, copy=False)


def of_matrix(matrix: Path, features: Path, cells: Path) -> Counts:
    """Counts of a matrix and the files with its names."""
    n_rows, n_columns = tenx_mtx.sizes(matrix)
    most = max(n_rows, n_columns) + 2
    named, barcodes = ([_fields(line) for line in tenx_mtx.lines(p, most)] for p in (features, cells))
    for genes_first, (n_genes, n_cells) in ((True, (n_rows, n_columns)), (False, (n_columns, n_rows))):
        table, names = _fitting(named, n_genes), _fitting(barcodes, n_cells)
        if table is not None and names is not None:
            ids, genes = [row[0] for row in table], [row[1] if len(row) > 1 else row[0] for row in table]
            unique, notes = unique_genes(genes, ids, features.name)
            check_genes(unique, features.name)
            return Counts((matrix, features, cells), [row[0] for row in names], unique,
                          partial(_of_matrix, matrix, not genes_first), notes,
                          {g: i for g, i in zip(unique, ids, strict=True) if i and i != g})
    raise InputError(f"{matrix.name} has {n_rows:,} rows and {n_columns:,} columns, but {features.name} has "
                     f"{len(named):,} names and {cells.name} {len(barcodes):,}. Give the three files of one section.")


def _fields(line: str) -> list[str]:
    mark = "\t" if "\t" in line else ","
    return [field.strip().strip('"') for field in line.split(mark)]


def _fitting(table: list[list[str]], n: int) -> list[list[str]] | None:
    """The rows with names: all, or all but the line with the names of the columns; numbers of rows are taken off."""
    table = table[1:] if len(table) == n + 1 else table
    if len(table) != n or not n:
        return None
    if all(len(row) > 1 and row[0] in (str(k), str(k + 1)) for k, row in enumerate(table)):
        table = [row[1:] for row in table]
    return table if all(row and row[0] for row in table) else None


def _of_matrix(matrix: Path, turned: bool, rows: np.ndarray) -> csr_matrix:
    x = tenx_mtx.values(matrix, turned)
    return x if np.array_equal(rows, np.arange(len(x.indptr) - 1)) else x[rows]
