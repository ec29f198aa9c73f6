"""Delimited text with thousands of columns, names and then numbers in each line: read line by line, since every column
costs pyarrow memory."""

from __future__ import annotations

import io
import warnings
import zlib
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np

from isost_core.errors import InputError
from isost_core.readers import delimited

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

WIDE = 1000  # columns from which on a table is read here


def names(path: Path) -> list[str]:
    """The first field of every line."""
    return [name for name, _ in _lines(path)]


def matrix(path: Path, columns: Sequence[int], keep: np.ndarray | None = None) -> csr_matrix:
    """(rows, columns) CSR float32 of the columns with these places, those of the names left out, in the rows where
    `keep` (bool per row) holds."""
    import scipy.sparse as sp

    data, indices, counts = array("f"), array("i"), [0]
    chosen, n = np.asarray(columns, dtype=np.int64), len(delimited.columns(path)) - 1
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # numpy's word on text among numbers
        for number, (_, rest) in enumerate(_lines(path)):
            if keep is not None and not (number < len(keep) and keep[number]):
                continue
            row = _numbers(path, rest, n, number)[chosen]
            at = np.flatnonzero(row)
            data.frombytes(row[at].astype(np.float32).tobytes())
            indices.frombytes(at.astype(np.int32).tobytes())
            counts.append(len(at))
    parts = np.asarray(data, np.float32), np.asarray(indices, np.int32), np.cumsum(counts)
    return sp.csr_matrix(parts, shape=(len(counts) - 1, len(chosen)))


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Name and rest of every line with values."""
    mark, skip, encoding = delimited.written(path)
    try:
        with delimited.opened(path) as file:
            for number, line in enumerate(io.TextIOWrapper(cast("BinaryIO", file), encoding)):
                if number >= skip and line.strip():
                    name, _, rest = line.rstrip("\r\n").partition(mark)
                    yield name.strip().strip('"'), rest
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} has letters that are not UTF-8. Save it again as text in UTF-8.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path.name} cannot be unpacked: it is incomplete or not a gzip file. Copy or export it "
                         "again.") from error


def _numbers(path: Path, text: str, n: int, number: int) -> np.ndarray:
    """The n values of a line; empty fields are NaN."""
    mark = delimited.written(path)[0]
    try:
        values = np.fromstring(text, dtype=np.float64, sep=mark)
        if len(values) == n and text.count(mark) == n - 1:
            return values
    except (DeprecationWarning, ValueError):
        pass  # empty fields, quotes or text among them
    fields = [field.strip().strip('"') for field in text.split(mark)]
    if len(fields) != n:
        raise InputError(f"{path.name} cannot be read as a table: row {number + 1} has {len(fields):,} values for "
                         f"{n:,} columns. Check that it is complete and that each row has one value per column.")
    try:
        return np.array([float(field.replace(",", ".")) if field else np.nan for field in fields])
    except ValueError as error:
        bad = str(error).rpartition(": ")[2]
        raise InputError(f"{path.name} must hold numbers, found {bad[:80]} in row {number + 1}. Correct that value.") \
            from error
