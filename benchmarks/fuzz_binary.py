"""Ways to damage what is not text: parts of HDF5, columns of Parquet, arrays and tensors."""

import zlib
from zipfile import BadZipFile

import numpy as np

NUMBERS = [0, -1, 1, 2**31 - 1, 2**31, 2**40, 2**63 - 1, -2**63, np.nan, np.inf, -np.inf, 1e300, 1e-320, 0.5]
KINDS = ["f4", "f8", "i1", "i8", "u8", "?", "S3", "c16", "f2"]
BIG = (1 << 34, 1 << 48)
WORDS = ["", "nan", "NaN", "inf", "-inf", "1e309", "-1", "0", "1e300", "99999999999999999999", "abc", "'", '"', ",",
         "\x00", "ä\ud7ff", "=1+1", "1;2", "x" * 5000, "None", "True", "../../etc/passwd", " ", "\n", "0x10", "1_000"]


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
    except (OSError, ValueError, EOFError, LookupError, RuntimeError, NotImplementedError, BadZipFile, zlib.error):
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
              torch.zeros(24, 7, dtype=torch.complex64), [1, 2], "text", torch.full((24, 7), 1e300, dtype=torch.double),
              torch.zeros(24, 7, dtype=torch.bfloat16), torch.nn.Parameter(torch.zeros(24, 7)), print]
    torch.save(values[rng.integers(len(values))], path)


PARQUET = [parquet_columns, parquet_columns]
NPZ = [arrays]
TENSOR = [tensor]
