"""Delimited text (.csv, .tsv, .txt, plain or .gz), read in batches so that memory holds the result and one batch.

Lines that begin with '#' before the names of the columns are comments.
"""

from __future__ import annotations

import gzip
import re
import zlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.errors import InputError
from isost_core.readers.header import numbers

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import csv
    from scipy.sparse import csr_matrix

DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": None, ".gem": "\t"}
BLOCK_BYTES = 4 << 20  # one batch of text; a row has to fit in it
MOST_COMMENTS, LONGEST_LINE = 200, 4 << 20
_CONVERSION = re.compile(r"CSV column #(\d+):.*conversion error", re.DOTALL)


def is_delimited(path: Path) -> bool:
    """Whether a path is a file whose name says that it is delimited text."""
    return path.is_file() and _suffix(path) in DELIMITERS


def _suffix(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes]
    return suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else "".join(suffixes[-1:])


def beginning(path: Path) -> tuple[list[str], str]:
    """Comment lines (list of str, without '#') and the line with the names of the columns."""
    comments = []
    try:
        with (gzip.open if path.suffix.lower() == ".gz" else open)(path, "rb") as file:
            for _ in range(MOST_COMMENTS):
                line = file.readline(LONGEST_LINE).decode("utf-8").strip("\r\n\ufeff")
                if not line.startswith("#"):
                    return comments, line
                comments.append(line.lstrip("#").strip())
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path.name} cannot be unpacked: it is incomplete or not a gzip file. Copy or export it "
                         "again.") from error
    raise InputError(f"{path.name} has more than {MOST_COMMENTS} lines that begin with '#'. Remove them.")


def column_types(path: Path) -> pa.Schema:
    """Names of the columns and the types of their first values (pyarrow Schema)."""
    return _text(_open(path).schema, path)


def _text(found: Any, path: Path) -> Any:
    """A Schema or Table as it is; names or values that are bytes, not text, are an InputError."""
    import pyarrow.types as types

    try:
        schema = getattr(found, "schema", found)
        bytes_in = [name for name, kind in zip(schema.names, schema.types, strict=True) if types.is_binary(kind)]
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error
    if bytes_in:
        raise _not_utf8(path)
    return found


def _not_utf8(path: Path) -> InputError:
    return InputError(f"{path.name} has letters that are not UTF-8. Save it again as text in UTF-8.")


def read_columns(path: Path, columns: Iterable[str], text: Collection[str] = ()) -> pa.Table:
    """Whole columns as a pyarrow Table, those in `text` as text whatever is in them."""
    import pyarrow as pa
    from pyarrow import csv

    parse, read = _layout(path)
    convert = csv.ConvertOptions(include_columns=list(columns), column_types={name: pa.string() for name in text})
    how = {"read_options": read, "parse_options": parse, "convert_options": convert}
    try:
        return _text(csv.open_csv(path, **how).read_all(), path)
    except (pa.ArrowInvalid, OSError):  # broken, or of a type that the first batch did not show: all of it tells
        with _guarded(path):
            return _text(csv.read_csv(path, **how), path)
    finally:
        pa.default_memory_pool().release_unused()


def dense_matrix(path: Path, columns: Sequence[str], n_rows: int) -> np.ndarray:
    """(rows, columns) float32, filled batch by batch."""
    x, start = np.empty((n_rows, len(columns)), dtype=np.float32), 0
    for block in blocks(path, columns):
        x[start:start + len(block)] = block
        start += len(block)
    return x


def sparse_matrix(path: Path, columns: Sequence[str], keep: np.ndarray | None = None) -> csr_matrix:
    """(rows, columns) CSR float32 of the rows where `keep` (bool per row) holds, built batch by batch."""
    import scipy.sparse as sp

    data, indices, counts, start = array("f"), array("i"), [np.zeros(1, np.int64)], 0  # arrays that grow in place
    for block in blocks(path, columns):
        part = sp.csr_matrix(block if keep is None else block[keep[start:start + len(block)]])
        data.frombytes(part.data.tobytes())
        indices.frombytes(part.indices.astype(np.int32, copy=False).tobytes())
        counts.append(np.diff(part.indptr))
        start += len(block)
    pointers = np.concatenate(counts).cumsum()
    parts = np.asarray(data, np.float32), np.asarray(indices, np.int32), pointers
    return sp.csr_matrix(parts, shape=(len(pointers) - 1, len(columns)))


def blocks(path: Path, columns: Sequence[str]) -> Iterator[np.ndarray]:
    """The columns as (rows, columns) float32, one batch after the other; empty fields are NaN."""
    import pyarrow as pa

    for batch in batches(path, columns, dict.fromkeys(columns, pa.float32())):
        yield batch.to_tensor(null_to_nan=True).to_numpy()


def batches(path: Path, columns: Iterable[str], types: dict[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
    """pyarrow RecordBatches of some columns, each of the type given; text among numbers is an InputError."""
    reader = _open(path, list(columns), types)
    while True:
        try:
            with _guarded(path):
                batch = reader.read_next_batch()
        except StopIteration:
            return
        yield batch


@contextmanager
def _guarded(path: Path) -> Iterator[None]:
    """What pyarrow raises on a broken file becomes an InputError."""
    import pyarrow as pa

    try:
        yield
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _refusal(path, error) from error


def _refusal(path: Path, error: Exception) -> InputError:
    """The InputError for what pyarrow raised: it names column, row and text where a number was expected."""
    if "UTF8" in str(error):
        return _not_utf8(path)
    found = _CONVERSION.search(str(error))
    if found:
        name = column_types(path).names[int(found.group(1))]
        numbers(read_columns(path, [name], text=[name])[0].to_pandas().replace("", np.nan), name, path.name)
    return unreadable(path, error)


def unreadable(path: Path, error: Exception) -> InputError:
    """The InputError for a table that is broken as a whole."""
    text = str(error).strip()
    reason = text.splitlines()[0].rstrip(".")[:200] if text else "unknown reason"
    kind = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    return InputError(f"{path.name} cannot be read as a {kind} table: {reason}. Check that it is complete and that "
                      "each row has one value per column.")


def _layout(path: Path) -> tuple[csv.ParseOptions, csv.ReadOptions]:
    from pyarrow import csv

    comments, line = beginning(path)
    delimiter = DELIMITERS[_suffix(path)] or next((d for d in ("\t", ",", ";", " ") if d in line), "\t")
    read = csv.ReadOptions(skip_rows=len(comments), block_size=BLOCK_BYTES)
    return csv.ParseOptions(delimiter=delimiter), read


def _open(path: Path, columns: list[str] | None = None,
          types: dict[str, pa.DataType] | None = None) -> csv.CSVStreamingReader:
    from pyarrow import csv

    parse, read = _layout(path)
    convert = csv.ConvertOptions(include_columns=columns, column_types=types)
    with _guarded(path):
        return csv.open_csv(path, read_options=read, parse_options=parse, convert_options=convert)
