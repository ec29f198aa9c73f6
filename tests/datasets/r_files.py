"""Files as R's `save` writes them, for tests: a matrix with names, a data frame."""

import gzip
import struct

import numpy as np


def saved_by_r(name, held):
    """Bytes of `save(name)`; held : (matrix, row names, column names), or {column: numbers} with row names."""
    head, seen = b"RDX3\nX\n" + struct.pack(">3i", 3, 0x040001, 0x030500) + _text("UTF-8"), []
    tag = struct.pack(">i", 0x402) + _symbol(name, seen)
    body = _matrix(*held, seen) if len(held) == 3 else _frame(*held, seen)
    return gzip.compress(head + tag + body + struct.pack(">i", 254))


def _text(text):
    return struct.pack(">i", len(text)) + text.encode()


def _symbol(name, seen):
    if name in seen:
        return struct.pack(">i", (seen.index(name) + 1) << 8 | 255)
    seen.append(name)
    return struct.pack(">ii", 1, 0x40009) + _text(name)


def _strings(values):
    return struct.pack(">ii", 16, len(values)) + b"".join(struct.pack(">i", 0x40009) + _text(v) for v in values)


def _reals(values, flags=14):
    return struct.pack(">ii", flags, len(values)) + np.asarray(values, ">f8").tobytes()


def _attributes(pairs, seen):
    return b"".join(struct.pack(">i", 0x402) + _symbol(n, seen) + v for n, v in pairs) + struct.pack(">i", 254)


def _matrix(matrix, rows, columns, seen):
    size = struct.pack(">iiii", 13, 2, *matrix.shape)
    names = struct.pack(">ii", 19, 2) + _strings(rows) + _strings(columns)
    return _reals(matrix.ravel(order="F"), 0x20E) + _attributes([("dim", size), ("dimnames", names)], seen)


def _frame(columns, rows, seen):
    held = struct.pack(">ii", 0x213, len(columns)) + b"".join(map(_reals, columns.values()))
    about = [("names", _strings(list(columns))), ("class", _strings(["data.frame"])), ("row.names", _strings(rows))]
    return held + _attributes(about, seen)
