"""The count matrix of 10x Genomics as a folder: matrix.mtx, features.tsv (or genes.tsv) and barcodes.tsv, gzipped or
not; features by barcodes, read as cells by genes."""

import gzip
import itertools

import numpy as np

from isost_core.errors import InputError
from isost_core.readers.limits import check_size

NAMES = {"matrix": ("matrix.mtx",), "features": ("features.tsv", "genes.tsv"), "barcodes": ("barcodes.tsv",)}
MOST_LINE = 4096  # characters of a line
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
    n_features, n_barcodes, _ = _declared(matrix)
    table = [line.split("\t") for line in _lines(features, n_features)]
    ids = [row[0] for row in table]
    names = [row[1] if len(row) > 1 else row[0] for row in table]
    kinds = [row[2] if len(row) > 2 else None for row in table]
    return [line.split("\t")[0] for line in _lines(barcodes, n_barcodes)], names, ids, kinds


def load(path):
    """Counts (cells, features), CSR float32."""
    from scipy.io import mmread

    matrix = parts(path)[0]
    shape = _declared(matrix)
    try:
        x = mmread(matrix)
    except (ValueError, OverflowError, OSError, EOFError, TypeError, MemoryError) as error:
        raise InputError(f"{matrix.name} in {path.name} is damaged or cut off ({error}). Copy it again.") from error
    if x.shape != shape[:2]:
        raise InputError(f"{matrix.name} in {path.name} changed while it was read. Try again.")
    return x.T.tocsr().astype(np.float32, copy=False)


def _declared(matrix):
    """(features, barcodes, values) that the head of the matrix declares."""
    try:
        with _open(matrix) as file:
            first = file.readline(MOST_LINE)
            rest = (line for line in itertools.islice(iter(lambda: file.readline(MOST_LINE), ""), 1000)
                    if not line.startswith("%") and line.strip())
            sizes = [int(part) for part in next(rest, "").split()]
    except (OSError, EOFError, ValueError) as error:
        raise _damaged(matrix) from error
    if not first.startswith("%%MatrixMarket matrix coordinate") or len(sizes) != 3 or min(sizes) < 0:
        raise _damaged(matrix)
    if not any(kind in first for kind in ("integer", "real")) or "general" not in first:
        raise _damaged(matrix)
    check_size(sizes[2] + sizes[0] + sizes[1], "the matrix", matrix.name, BYTES_EACH)
    if sizes[2] > sizes[0] * sizes[1]:
        raise _damaged(matrix)
    return tuple(sizes)


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
