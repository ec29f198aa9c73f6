"""Ways to damage a file: by bytes, by fields of text, by parts of HDF5, by columns of Parquet, by arrays."""

import gzip
import json
import re

import numpy as np

WORDS = ["", "nan", "NaN", "inf", "-inf", "1e309", "-1", "0", "1e300", "99999999999999999999", "abc", "'", '"', ",",
         "\x00", "ä\ud7ff", "=1+1", "1;2", "x" * 5000, "None", "True", "../../etc/passwd", " ", "\n", "0x10", "1_000"]
NUMBERS = [0, -1, 1, 2**31 - 1, 2**31, 2**40, 2**63 - 1, -2**63, np.nan, np.inf, -np.inf, 1e300, 1e-320, 0.5]
KINDS = ["f4", "f8", "i1", "i8", "u8", "?", "S3", "c16", "f2"]
BIG = (1 << 34, 1 << 48)


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
    except (OSError, EOFError, ValueError):
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

def _parts(file, kind):
    import h5py

    found = []
    wanted = h5py.Dataset if kind == "dataset" else h5py.Group if kind == "group" else h5py.HLObject
    file.visititems(lambda name, item: found.append(name) if isinstance(item, wanted) else None)
    return found


def _edited(work):
    def way(path, rng):
        import h5py

        try:
            with h5py.File(path, "a") as file:
                work(file, rng)
        except (OSError, LookupError, ValueError, TypeError, RuntimeError, OverflowError, AttributeError):
            return  # it was too damaged already for this way

    way.__name__ = work.__name__.strip("_")
    return way


def _random_values(rng, n):
    way = rng.integers(8)
    if way == 0:
        return np.array([str(rng.choice(WORDS[:-5])).replace("\x00", "") for _ in range(n)], dtype=object)
    if way == 1:
        return rng.choice(NUMBERS, n)
    if way == 2:
        return rng.integers(-2**62, 2**62, n)
    if way == 3:
        return rng.normal(size=(n, int(rng.integers(0, 4))))
    if way == 4:
        return rng.integers(0, 5, n).astype(str(rng.choice(["i1", "u8", "i4", "?"])))
    if way == 5:
        return np.zeros(n, dtype=[("a", "i4"), ("b", "S4")])
    if way == 6:
        return rng.normal(size=n).astype(str(rng.choice(KINDS)))
    return np.array(rng.choice(NUMBERS))


def _h5_attribute(file, rng):
    names = ["/", *_parts(file, "any")]
    item = file[names[rng.integers(len(names))]]
    for _ in range(20):
        if item.attrs:
            break
        item = file[names[rng.integers(len(names))]]
    keys = list(item.attrs)
    if not keys:
        return
    key = keys[rng.integers(len(keys))]
    if rng.random() < 0.25:
        del item.attrs[key]
        return
    values = ["dataframe", "array", "csr_matrix", "csc_matrix", "categorical", "string-array", "dict", "", "0.1.0",
              "nullable-integer", "nullable-string-array", "rec-array", "null", "awkward-array", 7, -1, "9.9",
              [1 << 40, 1 << 40], [24], [24, 4, 2], [-5, 4], np.nan, b"bytes", ["a", "b"], [1.5, 2.5], 1 << 40, True]
    item.attrs[key] = values[rng.integers(len(values))]


def _h5_replace(file, rng):
    names = _parts(file, "dataset")
    name = names[rng.integers(len(names))]
    attributes, shape = dict(file[name].attrs), file[name].shape
    n = shape[0] if shape else 1
    del file[name]
    way = rng.random()
    if way < 0.2:
        huge = tuple(int(2 ** rng.uniform(20, 44)) for _ in shape)
        chunks = (64,) + (1,) * (len(huge) - 1)
        file.create_dataset(name, shape=huge, dtype=str(rng.choice(["f4", "i8"])), chunks=chunks)
    elif way < 0.3:
        file.create_group(name)
    else:
        file[name] = _random_values(rng, max(0, n + int(rng.integers(-2, 3)) * int(rng.integers(0, 2))))
    file[name].attrs.update(attributes)


def _h5_values(file, rng):
    names = [n for n in _parts(file, "dataset") if file[n].dtype.kind in "fiu" and 0 < file[n].size < 1e6]
    if not names:
        return
    data = file[names[rng.integers(len(names))]]
    flat = data[...].ravel()
    at = rng.integers(0, len(flat), int(2 ** rng.uniform(0, 5)))
    picked = np.nan_to_num(rng.choice(NUMBERS, len(at))) if data.dtype.kind in "iu" else rng.choice(NUMBERS, len(at))
    with np.errstate(all="ignore"):
        flat[at] = np.clip(picked, -2.0**62, 2.0**62).astype(data.dtype) if data.dtype.kind in "iu" else picked
    data[...] = flat.reshape(data.shape)


def _h5_delete(file, rng):
    names = _parts(file, "any")
    del file[names[rng.integers(len(names))]]


def _h5_move(file, rng):
    names = _parts(file, "any")
    a, b = (names[k] for k in rng.integers(0, len(names), 2))
    if rng.random() < 0.5:
        file.move(a, f"{a}_")
    elif a != b:
        del file[b]
        file[b] = file[a]


def _h5_links(file, rng):
    import h5py

    names = _parts(file, "any")
    name = names[rng.integers(len(names))]
    del file[name]
    ways = [h5py.SoftLink("/nowhere"), h5py.SoftLink("/" + name), h5py.ExternalLink("/etc/passwd", "/"),
            h5py.SoftLink("/"), h5py.ExternalLink("b.h5ad", "/X")]
    file[name] = ways[rng.integers(len(ways))]


def _h5_bomb(file, rng):
    names = _parts(file, "dataset")
    name = names[rng.integers(len(names))]
    attributes, ndim = dict(file[name].attrs), max(1, file[name].ndim)
    del file[name]
    shape = (int(rng.choice(BIG)),) + (2,) * (ndim - 1)
    file.create_dataset(name, shape=shape, dtype="f8", chunks=(1 << 16,) + (1,) * (ndim - 1), compression="gzip")
    file[name].attrs.update(attributes)


HDF5 = [_edited(work) for work in (_h5_attribute, _h5_attribute, _h5_replace, _h5_replace, _h5_values, _h5_values,
                                   _h5_delete, _h5_move, _h5_links, _h5_bomb)]


# ---- Parquet, arrays, tensors

def parquet_columns(path, rng):
    """Columns change their type, name or values, or go."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (pa.ArrowException, OSError, ValueError, KeyError):
        return
    at, n = int(rng.integers(table.num_columns)), table.num_rows
    name = table.column_names[at]
    made = [pa.nulls(n), pa.array(["text"] * n), pa.array([[1, 2]] * n), pa.array([{"a": 1}] * n),
            pa.array([b"\xff\xfe"] * n), pa.array([float("nan")] * n), pa.array([2**63 - 1] * n), pa.array([True] * n),
            pa.array(["1.5"] * n), pa.array(["a"] * n).dictionary_encode(), pa.array([0] * n, pa.timestamp("s")),
            pa.array([1e308] * n)]
    way = rng.random()
    if way < 0.6:
        table = table.set_column(at, name, made[rng.integers(len(made))])
    elif way < 0.8:
        table = table.rename_columns([str(rng.choice(WORDS[:18])) if k == at else c
                                      for k, c in enumerate(table.column_names)])
    elif way < 0.9:
        table = table.append_column(name, table.column(at))
    else:
        table = table.slice(0, int(rng.integers(0, 3)))
    parquet.write_table(table, path)


def arrays(path, rng):
    try:
        with np.load(path) as file:
            held = dict(file)
    except (OSError, ValueError, EOFError, LookupError, RuntimeError, NotImplementedError):
        return
    name = list(held)[rng.integers(len(held))]
    held[name] = _random_values(rng, len(held[name]) if held[name].ndim else 1)
    if rng.random() < 0.2:
        del held[name]
    np.savez(path, **held)


def tensor(path, rng):
    import torch

    values = [torch.zeros(3), torch.zeros(24, 2), torch.zeros(0, 7), {"a": torch.zeros(2)}, torch.zeros(24, 7).long(),
              torch.full((24, 7), float("nan")), torch.zeros(24, 7).to_sparse(), torch.ones(1).expand(1 << 20, 1 << 12),
              torch.zeros(24, 7, dtype=torch.complex64), [1, 2], "text", torch.full((24, 7), 1e300).double(),
              torch.zeros(24, 7, dtype=torch.bfloat16), torch.nn.Parameter(torch.zeros(24, 7)), print]
    torch.save(values[rng.integers(len(values))], path)


PARQUET = [parquet_columns, parquet_columns]
NPZ = [arrays]
TENSOR = [tensor]
