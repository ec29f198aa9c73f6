"""The count matrix of 10x Genomics as three files: matrix.mtx, features.tsv (or genes.tsv) and barcodes.tsv, gzipped or
not, each behind the same prefix or none; features by barcodes, read as cells by genes."""

from __future__ import annotations

import gzip
import itertools
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import numpy as np

from isost_core.errors import InputError
from isost_core.readers.find_file import by_key
from isost_core.readers.limits import check_size

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NAMES = {"matrix": r"matrix\.mtx(\.gz)?$", "features": r"(features|genes)\.tsv(\.gz)?$",
         "barcodes": r"barcodes\.tsv(\.gz)?$"}
MOST_LINE, MOST_HEAD = 4096, 1000  # characters of a line, lines of the head
BYTES_EACH = 24  # of a value on its way: row, column, value, and the same sorted


@dataclass(frozen=True)
class Parts:
    """The files of a matrix."""

    matrix: Path
    features: Path
    barcodes: Path


@dataclass(frozen=True)
class Labels:
    """Of the columns of a matrix their barcodes; of the rows names, ids and kinds (None where the file has none)."""

    barcodes: list[str]
    names: list[str]
    ids: list[str]
    kinds: list[str | None]


@dataclass(frozen=True)
class _Head:
    """What the head of a matrix declares, and its number of lines."""

    n_features: int
    n_barcodes: int
    n_values: int
    n_lines: int


def parts_in(folder: Path) -> dict[str, Parts]:
    """The matrices whose three files lie side by side in a folder, by the prefix of their names."""
    found = {part: by_key(folder, rule) for part, rule in NAMES.items()}
    return {key: Parts(*(found[part][key][0] for part in NAMES)) for key in found["matrix"]
            if all(key in found[part] for part in NAMES)}


def is_matrix(path: Path) -> bool:
    """Whether a file is the matrix of such three."""
    return path.name.lower().endswith((".mtx", ".mtx.gz"))


def parts(path: Path) -> Parts:
    """The three files by that of the matrix."""
    found = next((made for made in parts_in(path.parent).values() if made.matrix == path), None)
    if found is None:
        raise InputError(f"{path.name} has no table of features or barcodes beside it. Copy the whole folder again.")
    return found


def describe(path: Path) -> Labels:
    """What the rows and columns of the matrix are; `path` is the file of its values."""
    files = parts(path)
    head = _declared(files.matrix)
    table = [line.split("\t") for line in _lines(files.features, head.n_features)]
    ids = [row[0] for row in table]
    names = [row[1] if len(row) > 1 else row[0] for row in table]
    kinds = [row[2] if len(row) > 2 else None for row in table]
    barcodes = [line.split("\t")[0] for line in _lines(files.barcodes, head.n_barcodes)]
    return Labels(barcodes, names, ids, kinds)


def load(path: Path) -> csr_matrix:
    """Counts (cells, features), CSR float32; `path` is the file of its values."""
    return values(parts(path).matrix)


def sizes(matrix: Path) -> tuple[int, int]:
    """Rows and columns that the head of a matrix declares."""
    head = _declared(matrix)
    return head.n_features, head.n_barcodes


def lines(path: Path, most: int) -> list[str]:
    """The first lines of a text file, `most` of them at most."""
    try:
        with _open(path) as file:
            return [line.rstrip("\r\n") for line in itertools.islice(iter(lambda: file.readline(MOST_LINE), ""), most)]
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise _damaged(path) from error


def values(matrix: Path, turned: bool = False) -> csr_matrix:
    """(columns, rows) of a matrix, or (rows, columns) where `turned`, CSR float32. By pyarrow: scipy's own reader can
    crash on a damaged file."""
    import pyarrow as pa
    from pyarrow import csv
    from scipy.sparse import coo_matrix

    head = _declared(matrix)
    shape, n = (head.n_barcodes, head.n_features), head.n_values
    types = {"feature": pa.int32(), "barcode": pa.int32(), "count": pa.float32()}
    try:
        table = csv.read_csv(matrix, csv.ReadOptions(skip_rows=head.n_lines, column_names=list(types)),
                             csv.ParseOptions(delimiter=" "), csv.ConvertOptions(column_types=types))
    except (pa.ArrowException, OSError, ValueError) as error:
        if n == 0:
            return cast("csr_matrix", coo_matrix(shape[::-1] if turned else shape, dtype=np.float32).tocsr())
        raise _damaged(matrix) from error
    if len(table) != n or any(column.null_count for column in table.columns):
        raise _damaged(matrix)
    feature, barcode, count = (column.to_numpy() for column in table.columns)
    if n and not (feature.min() >= 1 and feature.max() <= head.n_features and barcode.min() >= 1
                  and barcode.max() <= head.n_barcodes):
        raise _damaged(matrix)
    if turned:
        return cast("csr_matrix", coo_matrix((count, (feature - 1, barcode - 1)), shape=shape[::-1]).tocsr())
    return cast("csr_matrix", coo_matrix((count, (barcode - 1, feature - 1)), shape=shape).tocsr())


def _declared(matrix: Path) -> _Head:
    try:
        with _open(matrix) as file:
            first = file.readline(MOST_LINE)
            lines = itertools.islice(iter(lambda: file.readline(MOST_LINE), ""), MOST_HEAD)
            at, line = next(((k, line) for k, line in enumerate(lines) if not line.startswith("%")), (0, ""))
            sizes = [int(part) for part in line.split()]
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise _damaged(matrix) from error
    if not first.startswith("%%MatrixMarket matrix coordinate") or len(sizes) != 3 or min(sizes) < 0:
        raise _damaged(matrix)
    if not any(kind in first for kind in ("integer", "real")) or "general" not in first:
        raise _damaged(matrix)
    check_size(sizes[2] + sizes[0] + sizes[1], "the matrix", matrix.name, BYTES_EACH)
    if sizes[2] > sizes[0] * sizes[1]:
        raise _damaged(matrix)
    return _Head(*sizes, n_lines=at + 2)


def _lines(path: Path, n: int) -> list[str]:
    """The n lines that a table must have."""
    try:
        with _open(path) as file:
            lines = itertools.islice(iter(lambda: file.readline(MOST_LINE), ""), n + 1)
            found = [line.rstrip("\r\n") for line in lines]
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise _damaged(path) from error
    if len(found) != n or any(not line for line in found):
        raise InputError(f"{path.name} must have {n:,} lines, as many as the matrix, found "
                         f"{'more' if len(found) > n else f'{len(found):,}'}. Copy the whole folder again.")
    return found


def _open(path: Path) -> IO[str]:
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    return opener(path, "rt", encoding="utf-8", errors="replace", newline=None)


def _damaged(path: Path) -> InputError:
    return InputError(f"{path.name} in {path.parent.name} is damaged or not part of a 10x matrix. Copy it again.")
