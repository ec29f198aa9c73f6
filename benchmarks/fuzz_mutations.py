"""Ways to damage a file: by bytes, by fields of text, by parts of HDF5, by columns of Parquet, by arrays."""

import gzip
import json
import re
import zlib

from benchmarks.fuzz_binary import HDF5, NPZ, PARQUET, TENSOR, WORDS


def mutate(path, rng):
    """Damage one file in place in one to three ways; says how."""
    done = []
    for _ in range(int(rng.integers(1, 4))):
        if not path.exists():
            break
        own = _ways_of(path)
        way = own[rng.integers(len(own))] if own and rng.random() < 0.65 else BYTES[rng.integers(len(BYTES))]
        done.append(way.__name__)
        way(path, rng)
    return done


def _ways_of(path):
    name = path.name.lower().removesuffix(".gz")
    with open(path, "rb") as file:
        start = file.read(8)
    if start == b"\x89HDF\r\n\x1a\n":
        return HDF5
    if start[:4] == b"PAR1":
        return PARQUET
    if name.endswith((".csv", ".tsv", ".txt", ".gem", ".mtx")):
        return TEXT
    if name.endswith((".json", ".xenium", ".zattrs", ".zarray", ".zgroup", ".zmetadata")):
        return JSON + TEXT[:2]
    return {"npz": NPZ, "pt": TENSOR}.get(name.rpartition(".")[2], [])


# ---- bytes

def flip(path, rng):
    data = bytearray(path.read_bytes())
    for at in rng.integers(0, max(1, len(data)), int(2 ** rng.uniform(0, 7))):
        if data:
            data[at] ^= 1 << int(rng.integers(8))
    path.write_bytes(data)


def cut(path, rng):
    data = path.read_bytes()
    path.write_bytes(data[:int(rng.integers(0, len(data) + 1))])


def insert(path, rng):
    data = path.read_bytes()
    at, n = int(rng.integers(0, len(data) + 1)), int(2 ** rng.uniform(0, 12))
    block = rng.bytes(n) if rng.random() < 0.5 else bytes([int(rng.choice([0, 10, 34, 44, 48, 255]))]) * n
    path.write_bytes(data[:at] + block + data[at:])


def remove(path, rng):
    data = path.read_bytes()
    at = int(rng.integers(0, len(data) + 1))
    path.write_bytes(data[:at] + data[at + int(2 ** rng.uniform(0, 12)):])


def repeat(path, rng):
    data = path.read_bytes()
    a, b = sorted(rng.integers(0, len(data) + 1, 2))
    path.write_bytes(data[:b] + data[a:b] + data[b:])


def numbers_in_bytes(path, rng):
    """Whole numbers somewhere in the file become extreme ones: sizes, offsets and counts among them."""
    data = bytearray(path.read_bytes())
    for at in rng.integers(0, max(1, len(data) - 8), int(rng.integers(1, 5))):
        width = int(rng.choice([1, 2, 4, 8]))
        data[at:at + width] = [b"\x00", b"\xff", b"\x7f", b"\x80"][rng.integers(4)] * width
    path.write_bytes(data)


def vanish(path, rng):
    path.unlink() if rng.random() < 0.5 else path.write_bytes(b"")


BYTES = [flip, flip, flip, cut, insert, remove, repeat, numbers_in_bytes, numbers_in_bytes, vanish]


# ---- text

def _text(path):
    data = path.read_bytes()
    try:
        data = gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, ValueError, zlib.error):
        return ""
    return data.decode("utf-8", errors="replace")


def _write_text(path, text):
    data = text.encode("utf-8", errors="replace")
    path.write_bytes(gzip.compress(data, 1) if path.suffix == ".gz" else data)


def fields(path, rng):
    """Some fields become words and numbers that do not belong there."""
    parts = re.split(r"([,\t\n])", _text(path))
    for at in rng.integers(0, (len(parts) + 1) // 2, int(2 ** rng.uniform(0, 5))):
        parts[2 * at] = str(rng.choice(WORDS))
    _write_text(path, "".join(parts))


def lines(path, rng):
    rows = _text(path).split("\n")
    for _ in range(int(rng.integers(1, 4))):
        a, b = rng.integers(0, len(rows), 2)
        if rng.random() < 0.5:
            rows[a], rows[b] = rows[b], rows[a]
        else:
            rows.insert(a, rows[b])
    _write_text(path, "\n".join(rows))


def header(path, rng):
    """Names of columns are renamed, repeated, swapped or left out."""
    first, _, rest = _text(path).partition("\n")
    mark = "\t" if "\t" in first else ","
    names = first.split(mark)
    a, b = rng.integers(0, len(names), 2)
    way = rng.integers(4)
    if way == 0:
        names[a] = str(rng.choice(WORDS[:20]))
    elif way == 1:
        names[a] = names[b]
    elif way == 2:
        names[a], names[b] = names[b], names[a]
    else:
        del names[a]
    _write_text(path, mark.join(names) + "\n" + rest)


def column(path, rng):
    """All values of one column become the same word, or the column is left out."""
    rows = _text(path).split("\n")
    mark = "\t" if "\t" in rows[0] else ","
    table = [row.split(mark) for row in rows]
    at, word, drop = int(rng.integers(len(table[0]))), str(rng.choice(WORDS)), rng.random() < 0.3
    for row in table[1:] if not drop else table:
        if at < len(row):
            row[at:at + 1] = [] if drop else [word]
    _write_text(path, "\n".join(mark.join(row) for row in table))


def marks(path, rng):
    old, new = rng.choice([",", "\t", "\n", ".", '"', "0"]), rng.choice([";", "\r\n", "\r", " ", '"', ",", "\x00", "#"])
    _write_text(path, _text(path).replace(old, new))


TEXT = [fields, lines, header, column, marks]


def json_values(path, rng):
    """Keys go, and values become others."""
    try:
        held = json.loads(path.read_text())
    except ValueError:
        return
    places = []

    def visit(node):
        for key in list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
            places.append((node, key))
            visit(node[key])

    visit(held)
    if not places:
        return
    for _ in range(int(rng.integers(1, 4))):
        node, key = places[rng.integers(len(places))]
        if isinstance(node, dict) and rng.random() < 0.3:
            node.pop(key, None)
        elif isinstance(node, dict) or key < len(node):
            node[key] = [None, [], {}, "text", "", True, -1, 0, 1e308, 2**70, [[1]], "f8", "<U9999999", [1e9, 1e9],
                         [-1, 3], "|O"][rng.integers(16)]
    path.write_text(json.dumps(held))


JSON = [json_values, json_values]


# ---- HDF5
