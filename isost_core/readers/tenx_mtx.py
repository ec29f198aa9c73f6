"""The count matrix of 10x Genomics as a folder: matrix.mtx, features.tsv (or genes.tsv) and barcodes.tsv, gzipped or
not; features by barcodes, read as cells by genes."""

import gzip
import itertools

import numpy as np

from isost_core.errors import InputError
from isost_core.readers.limits import check_size

NAMES = {"matrix": ("matrix.mtx",), "features": ("features.tsv", "genes.tsv"), "barcodes": ("barcodes.tsv",)}
MOST_LINE, MOST_HEAD = 4096, 1000  # characters of a line, lines of the head
BYTES_EACH = 24  # of a value on its way: row, column, value, and the same sorted


def is_matrix(path):
    """Whether a folder is such a matrix."""
    return path.is_dir() and all(_file(path, part) for part in NAMES)


def parts(path):
    """(matrix, features, barcodes) of the folder."""
    return tuple(_file(path, part) for part in NAMES)


def describe(path):
    """(barcodes, names, ids, kinds): lists of str, one entry per column and three per row of the matrix."""
    matrix, features, barcodes = parts(path)
    n_features, n_barcodes, _, _ = _declared(matrix)
    table = [line.split("\t") for line in _lines(features, n_features)]
    ids = [row[0] for row in table]
    names = [row[1] if len(row) > 1 else row[0] for row in table]
    kinds = [row[2] if len(row) > 2 else None for row in table]
    return [line.split("\t")[0] for line in _lines(barcodes, n_barcodes)], names, ids, kinds


def load(path):
    """Counts (cells, features), CSR float32. By pyarrow: scipy's own reader can crash on a damaged file."""
    import pyarrow as pa
    from pyarrow import csv
    from scipy.sparse import coo_matrix

    matrix = parts(path)[0]
    n_features, n_barcodes, n, head = _declared(matrix)
    types = {"feature": pa.int32(), "barcode": pa.int32(), "count": pa.float32()}
    try:
        table = csv.read_csv(matrix, csv.ReadOptions(skip_rows=head, column_names=list(types)),
                             csv.ParseOptions(delimiter=" "), csv.ConvertOptions(column_types=types))
    except (pa.ArrowException, OSError, ValueError) as error:
        if n == 0:
            return coo_matrix((n_barcodes, n_features), dtype=np.float32).tocsr()
        raise _damaged(matrix) from error
    if len(table) != n or any(column.null_count for column in table.columns):
        raise _damaged(matrix)
    feature, barcode, count = (column.to_numpy() for column in table.columns)
    if n and not (feature.min() >= 1 and feature.max() <= n_features and barcode.min() >= 1
                  and barcode.max() <= n_barcodes):
        raise _damaged(matrix)
    return coo_matrix((count, (barcode - 1, feature - 1)), shape=(n_barcodes, n_features)).tocsr()


def _declared(matrix):
    """(features, barcodes, values) that the head of the matrix declares, and its number of lines."""
    try:
        with _open(matrix) as file:
            first = file.readline(MOST_LINE)
            lines = itertools.islice(iter(lambda: file.readline(MOST_LINE), ""), MOST_HEAD)
            at, line = next(((k, line) for k, line in enumerate(lines) if not line.startswith("%")), (0, ""))
            sizes = [int(part) for part in line.split()]
    except (OSError, EOFError, ValueError) as error:
        raise _damaged(matrix) from error
    if not first.startswith("%%MatrixMarket matrix coordinate") or len(sizes) != 3 or min(sizes) < 0:
        raise _damaged(matrix)
    if not any(kind in first for kind in ("integer", "real")) or "general" not in first:
        raise _damaged(matrix)
    check_size(sizes[2] + sizes[0] + sizes[1], "the matrix", matrix.name, BYTES_EACH)
    if sizes[2] > sizes[0] * sizes[1]:
        raise _damaged(matrix)
    return *sizes, at + 2


def _lines(path, n):
    """The n lines that a table must have."""
    try:
        with _open(path) as file:
            lines = itertools.islice(iter(lambda: file.readline(MOST_LINE), ""), n + 1)
            found = [line.rstrip("\r\n") for line in lines]
    except (OSError, EOFError, ValueError) as error:
        raise _damaged(path) from error
    if len(found) != n or any(not line for line in found):
        raise InputError(f"{path.name} must have {n:,} lines, as the matrix declares, found "
                         f"{'more' if len(found) > n else f'{len(found):,}'}. Copy the whole folder again.")
    return found


def _open(path):
    opener = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rt", encoding="utf-8", errors="replace", newline=None)


def _damaged(path):
    return InputError(f"{path.name} in {path.parent.name} is damaged or not of a 10x matrix. Copy it again.")


def _file(folder, part):
    return next((folder / f"{name}{end}" for name in NAMES[part] for end in ("", ".gz")
                 if (folder / f"{name}{end}").is_file()), None)
