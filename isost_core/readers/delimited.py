"""Delimited text (.csv, .tsv, .txt, plain or .gz), read in batches so that memory holds the result and one batch.

Lines that begin with '#' before the names of the columns are comments. What stands between columns, the decimal mark
and the encoding (UTF-8 or UTF-16) are told from the first lines.
"""

from __future__ import annotations

import codecs
import csv as plain_csv
import gzip
import io
import re
import zlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from isost_core.errors import InputError
from isost_core.readers.header import numbers

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import csv
    from scipy.sparse import csr_matrix

DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t", ".gem": "\t"}  # the usual ones
BLOCK_BYTES = 4 << 20  # one batch of text; a row has to fit in it
MOST_COMMENTS, FEW_LINES, LONGEST_LINE = 200, 12, 64 << 20
NOTHING = "(nothing)"  # the column behind a separator at the end of every line
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}((,\d{3})+\.\d*|(\.\d{3})+,\d*|(,\d{3}){2,}|(\.\d{3}){2,}"
                        r"|([ '\u00a0\u202f]\d{3})+([.,]\d*)?)")
_CONVERSION = re.compile(r"CSV column #(\d+):.*conversion error", re.DOTALL)


def is_delimited(path: Path) -> bool:
    """Whether a path is a file whose name says that it is delimited text."""
    return path.is_file() and _suffix(path) in DELIMITERS


def _suffix(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes]
    return suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else "".join(suffixes[-1:])


@dataclass(frozen=True)
class _Form:
    """How a table is written: comment lines (without '#'), lines before the first values or, where `names` is None, the
    names of the columns; names where that line does not give them as they are; example of a decimal comma."""

    comments: list[str]
    line: str
    skip: int
    delimiter: str
    decimal: str
    encoding: str
    names: list[str] | None
    columns: list[str]
    example: str


def beginning(path: Path) -> tuple[list[str], str]:
    """Comment lines (list of str, without '#') and the line with the names of the columns."""
    form = _form(path)
    return form.comments, form.line


def columns(path: Path) -> list[str]:
    """Names of the columns."""
    return _form(path).columns


def first_row(path: Path) -> list[str]:
    """The fields of the line after the names of the columns."""
    form, (_, _, lines, _) = _form(path), _head(path)
    at = lines.index(form.line) + 1
    return _fields(lines[at], form.delimiter) if at < len(lines) else []


def written(path: Path) -> tuple[str, int, str]:
    """What stands between columns, how many lines come before the first values, and the encoding."""
    form = _form(path)
    return form.delimiter, form.skip + (form.names is None), form.encoding


def notes(path: Path) -> tuple[str, ...]:
    """What was decided about how numbers are written."""
    example = _form(path).example
    return (f"{path.name}: commas in numbers were read as decimal commas, so {example} is {example.replace(',', '.')}.",
            ) if example else ()


def _form(path: Path) -> _Form:
    return _form_at(path, path.stat().st_mtime_ns, path.stat().st_size)


@lru_cache(maxsize=8)
def _form_at(path: Path, stamp: int, size: int) -> _Form:
    comments, skip, lines, encoding = _head(path)
    said = re.fullmatch(r"\"?sep=([\t -~])\"?", lines[0].strip(), re.IGNORECASE)  # Excel's own first line
    if said:
        lines, skip = lines[1:] or [""], skip + 1
    delimiter = said.group(1) if said else _delimiter(lines, _suffix(path))
    first, *rows = (_fields(line, delimiter) for line in lines)
    names = [field.strip() for field in first]
    widths = {len(row) for row in rows}
    ends_empty = bool(rows) and not any(row[-1].strip() for row in rows)
    if widths == {len(names) + 1}:
        names = [*names, NOTHING] if ends_empty else ["", *names]  # R names rows, but not the column of their names
    elif len(names) > 1 and not names[-1] and (ends_empty or not rows):
        names[-1] = NOTHING
    example = _decimal_comma(rows, path)
    given = None if names == first else names
    return _Form(comments, lines[0], skip + (given is not None), delimiter, "," if example else ".", encoding, given,
                 [name for name in names if name != NOTHING], example)


def _head(path: Path) -> tuple[list[str], int, list[str], str]:
    """Comments, how many lines come before the names of the columns, that line with a few after it, and encoding."""
    comments: list[str] = []
    lines: list[str] = []
    skip = 0
    try:
        with opened(path) as file:
            encoding = "utf-16" if file.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8"
            stream = io.TextIOWrapper(cast("BinaryIO", file), encoding)
            for _ in range(MOST_COMMENTS + FEW_LINES):
                line = stream.readline(LONGEST_LINE)
                bare = line.strip("\r\n\ufeff")
                if not lines and bare.startswith("#"):
                    comments.append(bare.lstrip("#").strip())
                elif bare.strip() or not line:
                    lines.append(bare)
                skip += not lines
                if not line or len(lines) >= FEW_LINES or sum(map(len, lines)) > LONGEST_LINE:
                    break
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path.name} cannot be unpacked: it is incomplete or not a gzip file. Copy or export it "
                         "again.") from error
    if not lines or len(comments) >= MOST_COMMENTS:
        raise InputError(f"{path.name} has more than {MOST_COMMENTS} lines that begin with '#'. Remove them.")
    if not any(lines):
        raise InputError(f"{path.name} is empty: it has no line with text. Copy or export it again.")
    while not lines[-1]:
        lines.pop()
    return comments, skip, lines, encoding


def opened(path: Path) -> gzip.GzipFile | io.BufferedReader:
    """The bytes of a file, unpacked where it is gzip."""
    return gzip.open(path, "rb") if _is_gzip(path) else open(path, "rb")


def _is_gzip(path: Path) -> bool:
    """By name, or by content where the ending was lost."""
    if path.name.lower().endswith(".gz"):
        return True
    with open(path, "rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _delimiter(lines: Sequence[str], suffix: str) -> str:
    """What stands between the names of the columns most often; the usual one of such files where that is open."""
    bare = [re.sub(r'"[^"]*"', "q", line) for line in lines[:2]]
    usual = DELIMITERS.get(suffix) or "\t"
    times = {mark: bare[0].count(mark) for mark in dict.fromkeys((usual, "\t", ";", ",", "|"))}
    best = max(times, key=lambda mark: times[mark])
    if times[best]:
        return best
    return " " if all(" " in line.strip() for line in bare) else usual


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return next(plain_csv.reader([line], delimiter=delimiter), [""])
    except plain_csv.Error:
        return line.split(delimiter)


def _decimal_comma(rows: Iterable[Sequence[str]], path: Path) -> str:
    """The first number with a decimal comma, or ''. Marks between thousands are an InputError."""
    found = ""
    for row in rows:
        for field in row:
            value = field.strip()
            if _THOUSANDS.fullmatch(value):
                raise InputError(f"{path.name} has marks between thousands, as in '{value}'. Save the table again with "
                                 "plain numbers, such as 1234.5.")
            if not found and _DECIMAL_COMMA.fullmatch(value):
                found = value
    return found


def column_types(path: Path) -> pa.Schema:
    """Names of the columns and the types of their first values (pyarrow Schema)."""
    schema = _text(_open(path).schema, path)
    return schema.remove(schema.names.index(NOTHING)) if NOTHING in schema.names else schema


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
    with open(path, "rb") as file:
        if file.read(4) == b"PK\x03\x04":
            return InputError(f"{path.name} is a workbook or a zip archive, not text. Save it as CSV, or give it the "
                              "ending .zip.")
    return InputError(f"{path.name} has letters that are not UTF-8. Save it again as text in UTF-8 (in Excel: 'CSV "
                      "UTF-8').")


def read_columns(path: Path, columns: Iterable[str], text: Collection[str] = (),
                 names: Sequence[str] | None = None) -> pa.Table:
    """Whole columns as a pyarrow Table, those in `text` as text whatever is in them; `names` of all columns of a table
    that has no line with them."""
    import pyarrow as pa
    from pyarrow import csv

    parse, read, decimal = _layout(path, names)
    convert = csv.ConvertOptions(include_columns=list(columns), column_types={name: pa.string() for name in text},
                                 decimal_point=decimal)
    how = {"read_options": read, "parse_options": parse, "convert_options": convert}
    try:
        return _text(csv.open_csv(_stream(path), **how).read_all(), path)
    except (pa.ArrowException, OSError):  # broken, or of a type that the first batch did not show: all of it tells
        with _guarded(path):
            return _text(csv.read_csv(_stream(path), **how), path)
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


def _stream(path: Path) -> pa.NativeFile:
    import pyarrow as pa

    return pa.input_stream(str(path), compression="gzip" if _is_gzip(path) else None)


def _layout(path: Path, names: Sequence[str] | None = None) -> tuple[csv.ParseOptions, csv.ReadOptions, str]:
    from pyarrow import csv

    form = _form(path)
    if names is None:
        names, skip = form.names, form.skip
    else:
        skip = form.skip - (form.names is not None)
    read = csv.ReadOptions(skip_rows=skip, block_size=BLOCK_BYTES, column_names=names, encoding=form.encoding)
    return csv.ParseOptions(delimiter=form.delimiter), read, form.decimal


def _open(path: Path, columns: list[str] | None = None,
          types: dict[str, pa.DataType] | None = None) -> csv.CSVStreamingReader:
    from pyarrow import csv

    parse, read, decimal = _layout(path)
    convert = csv.ConvertOptions(include_columns=columns, column_types=types, decimal_point=decimal)
    with _guarded(path):
        return csv.open_csv(_stream(path), read_options=read, parse_options=parse, convert_options=convert)
