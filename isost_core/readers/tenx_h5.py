"""The count matrix of 10x Genomics, as .h5 or .mtx with its two tables: genes by barcodes, read as cells by genes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from isost_core.errors import InputError
from isost_core.readers import delimited, names, pairs, tenx_mtx
from isost_core.readers.find_file import key_of
from isost_core.readers.hdf5 import dataset, group, guarded
from isost_core.readers.limits import check_dataset, check_pointers
from isost_core.readers.names import visible
from isost_core.readers.unpack import plain, unpacked

if TYPE_CHECKING:
    import h5py
    import pandas as pd
    from pyarrow import parquet
    from scipy.sparse import csr_matrix

PARTS = ("barcodes", "data", "indices", "indptr", "shape")
GENES = "Gene Expression"
USUAL = r"((filtered|raw)_)?(feature|gene|probe|cell)_(\w+_)?matri(x|ces)(_h5)?"  # in the name of a matrix
PACKED = USUAL + r".*\.(tar\.gz|tgz|tar|zip)(?<!\.zarr\.zip)$"  # the folder of .mtx, as it is offered for download
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Features:
    """What a matrix holds: barcodes (n,) of str; genes, unique names; keep (features,) bool: genes, not controls;
    other_names {gene: its id}."""

    barcodes: np.ndarray
    genes: list[str]
    keep: np.ndarray
    other_names: dict[str, str]


def matrices(folder: Path) -> dict[str, Path]:
    """The 10x matrices in a folder, as .h5 or .mtx, by what else is in their names; of several with the same the
    filtered one. A file named like a matrix that is none counts where there is no other, to be refused."""
    inside = visible(folder) if folder.is_dir() else []
    files = [path for path in inside if names.without(path.name, (".gz",)).lower().endswith((".h5", ".hdf5"))]
    found = [(_key(path), path) for path in files if is_matrix(path)]
    found += [(_key(place) or key if place != folder else key, made.matrix)
              for place in [*(path for path in inside if path.is_dir()), folder]
              for key, made in tenx_mtx.parts_in(place if place == folder else inmost(place)).items()]
    found = found or [(_key(path), held) for path in inside if re.search(PACKED, path.name, re.IGNORECASE)
                      for held in matrices(inmost(unpacked(path, path.stat().st_mtime_ns))).values()]
    found = found or [(_key(path), path) for path in files if re.search(USUAL, path.name, re.IGNORECASE)]
    best: dict[str, Path] = {}
    for key, path in sorted(found, key=lambda one: _is_raw(one[1])):
        best.setdefault(key, path)
    return best


def inmost(folder: Path) -> Path:
    """The one folder in a folder, where that has nothing else."""
    inside = visible(folder)
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def _key(path: Path) -> str:
    match = re.search(USUAL, path.name, re.IGNORECASE)
    return key_of(path, match) if match else names.name_of(path)


def _is_raw(path: Path) -> bool:
    return "raw" in f"{path.parent.name if tenx_mtx.is_matrix(path) else ''}/{path.name}".lower()


def files_of(matrix: Path) -> tuple[Path, ...]:
    """The files of a matrix."""
    if not tenx_mtx.is_matrix(matrix):
        return (matrix,)
    parts = tenx_mtx.parts(matrix)
    return parts.matrix, parts.features, parts.barcodes


def is_matrix(path: Path) -> bool:
    """Whether a file is a 10x matrix."""
    import h5py

    try:
        with h5py.File(plain(path), "r") as file:
            found = file.get("matrix")
            return isinstance(found, h5py.Group) and all(part in found for part in PARTS) and "features" in found
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, InputError):
        return False


def describe(path: Path) -> Features:
    """What a matrix holds."""
    if tenx_mtx.is_matrix(path):
        labels = tenx_mtx.describe(path)
        return _described(labels.barcodes, labels.names, labels.ids, [kind or GENES for kind in labels.kinds])
    return guarded(plain(path), partial(_describe, path), "a 10x matrix")


def _describe(path: Path, file: h5py.File) -> Features:
    held, features = group(file, "matrix"), group(file, "matrix/features")
    for part in PARTS:
        check_dataset(dataset(held, part), path.name)
    barcodes = _texts(dataset(held, "barcodes"), path.name)
    ids, names = (_texts(dataset(features, part), path.name) for part in ("id", "name"))
    kinds = (_texts(dataset(features, "feature_type"), path.name) if "feature_type" in features
             else [GENES] * len(names))
    shape = tuple(int(n) for n in dataset(held, "shape")[...])
    if shape != (len(names), len(barcodes)) or not len(ids) == len(names) == len(kinds):
        raise InputError(f"{path.name} should have {shape} features and barcodes, but lists {len(names)} and "
                         f"{len(barcodes)}. Export it again.")
    return _described(barcodes, names, ids, kinds)


def _described(barcodes: list[str], names: list[str], ids: list[str], kinds: list[str]) -> Features:
    keep = np.array([kind == GENES for kind in kinds], dtype=bool)
    kept = [(name, key) for name, key, k in zip(names, ids, keep, strict=True) if k]
    seen: dict[str, int] = {}
    for name, _ in kept:
        seen[name] = seen.get(name, 0) + 1
    genes = [name if seen[name] == 1 else f"{name} ({key})" for name, key in kept]
    ids_of = {gene: key for gene, (_, key) in zip(genes, kept, strict=True) if key != gene}
    return Features(np.array(barcodes, dtype=object), genes, keep, ids_of)


def _texts(array: h5py.Dataset, file: str) -> list[str]:
    check_dataset(array, file)
    return [t.decode(errors="replace") if isinstance(t, bytes) else str(t) for t in array[...]]


def load(path: Path, rows: np.ndarray, keep: np.ndarray) -> csr_matrix:
    """Counts (rows, kept features), CSR float32."""
    x = (tenx_mtx.load(path) if tenx_mtx.is_matrix(path)
         else guarded(plain(path), partial(_load, path), "a 10x matrix"))
    if not np.array_equal(rows, np.arange(len(x.indptr) - 1)):  # one copy at a time, and none where nothing is left out
        x = x[np.asarray(rows)]
    return x if keep.all() else _kept(x, keep)


def _kept(x: csr_matrix, keep: np.ndarray) -> csr_matrix:
    """The columns of a CSR that `keep` says, without a second matrix beside it."""
    import scipy.sparse as sp

    x.data[~keep[x.indices]] = 0
    x.eliminate_zeros()
    place = (np.cumsum(keep) - 1).astype(x.indices.dtype)
    return sp.csr_matrix((x.data, place[x.indices], x.indptr), shape=(len(x.indptr) - 1, int(keep.sum())))


def _load(path: Path, file: h5py.File) -> csr_matrix:
    import scipy.sparse as sp

    held = {part: dataset(group(file, "matrix"), part) for part in PARTS}
    for array in held.values():
        check_dataset(array, path.name)
    shape = tuple(int(n) for n in held["shape"][...])[::-1]
    x = sp.csr_matrix((held["data"].astype(np.float32)[...], held["indices"][...], held["indptr"][...]), shape=shape)
    check_pointers(x)
    return x


def is_parquet(path: Path) -> bool:
    """Whether a file is named as a Parquet table, packed as .gz or not."""
    return path.name.lower().endswith((".parquet", ".parquet.gz"))


def columns_of(path: Path) -> list[str]:
    """Names of the columns of a Parquet or delimited table."""
    if is_parquet(path):
        return _parquet(path, lambda file: file.schema_arrow.names)
    return delimited.column_types(path).names


def table_of(path: Path, columns: Sequence[str], name: str) -> pd.DataFrame:
    """Columns of a Parquet or delimited table as a DataFrame by the text in column `name`; a missing one is an
    InputError."""
    there = columns_of(path)
    pairs.require(there, [name, *columns], path.name)
    twice = next((c for c in (name, *columns) if there.count(c) > 1), None)
    if twice is not None:
        raise InputError(f"{path.name} has more than one column named '{twice}'. Remove or rename one.")
    if is_parquet(path):
        table = _parquet(path, lambda file: file.read(columns=[name, *columns]).to_pandas(ignore_metadata=True))
    else:
        table = delimited.read_columns(path, [name, *columns], text=[name]).to_pandas()
    table[name] = [t.decode(errors="replace") if isinstance(t, bytes) else str(t) for t in table[name]]
    return table.set_index(name).rename_axis(None)


def _parquet(path: Path, work: Callable[[parquet.ParquetFile], T]) -> T:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return work(parquet.ParquetFile(plain(path)))
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise InputError(f"{path.name} cannot be read as a Parquet table. It is incomplete or damaged. Copy or export "
                         "it again.") from error
