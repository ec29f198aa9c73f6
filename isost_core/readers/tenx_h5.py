"""The count matrix of 10x Genomics, as .h5 or a folder of .mtx: genes by barcodes, read as cells by genes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from isost_core.errors import InputError
from isost_core.readers import delimited, pairs, tenx_mtx
from isost_core.readers.hdf5 import dataset, group, guarded
from isost_core.readers.limits import check_dataset, check_pointers

if TYPE_CHECKING:
    import h5py
    import pandas as pd
    from pyarrow import parquet
    from scipy.sparse import csr_matrix

PARTS = ("barcodes", "data", "indices", "indptr", "shape")
GENES = "Gene Expression"
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Features:
    """What a matrix holds: barcodes (n,) of str; genes, unique names; keep (features,) bool: genes, not controls;
    other_names {gene: its id}."""

    barcodes: np.ndarray
    genes: list[str]
    keep: np.ndarray
    other_names: dict[str, str]


def matrix_files(folder: Path) -> list[Path]:
    """The 10x matrices in a folder, the filtered ones first; one named like it that is none counts, to be refused."""
    found = [p for p in sorted(folder.glob("*.h5")) if is_matrix(p)]
    found += [p for p in sorted(folder.iterdir()) if tenx_mtx.is_matrix(p)] + [folder] * tenx_mtx.is_matrix(folder)
    found = found or [p for p in sorted(folder.glob("*feature*matrix*.h5"))]
    return sorted(found, key=lambda p: "raw" in p.name)


def files_of(matrix: Path) -> tuple[Path, ...]:
    """The files of a matrix."""
    if not matrix.is_dir():
        return (matrix,)
    parts = tenx_mtx.parts(matrix)
    return parts.matrix, parts.features, parts.barcodes


def is_matrix(path: Path) -> bool:
    """Whether a file is a 10x matrix."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            found = file.get("matrix")
            return isinstance(found, h5py.Group) and all(part in found for part in PARTS) and "features" in found
    except (OSError, RuntimeError, KeyError, ValueError, TypeError):
        return False


def describe(path: Path) -> Features:
    """What a matrix holds."""
    if path.is_dir():
        labels = tenx_mtx.describe(path)
        return _described(labels.barcodes, labels.names, labels.ids, [kind or GENES for kind in labels.kinds])
    return guarded(path, partial(_describe, path), "a 10x matrix")


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
    x = tenx_mtx.load(path) if path.is_dir() else guarded(path, partial(_load, path), "a 10x matrix")
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


def columns_of(path: Path) -> list[str]:
    """Names of the columns of a Parquet or delimited table."""
    if path.suffix == ".parquet":
        return _parquet(path, lambda file: file.schema_arrow.names)
    return delimited.column_types(path).names


def table_of(path: Path, columns: Sequence[str], name: str) -> pd.DataFrame:
    """Columns of a Parquet or delimited table as a DataFrame by the text in column `name`; a missing one is an
    InputError."""
    pairs.require(columns_of(path), [name, *columns], path.name)
    if path.suffix == ".parquet":
        table = _parquet(path, lambda file: file.read(columns=[name, *columns]).to_pandas(ignore_metadata=True))
    else:
        table = delimited.read_columns(path, [name, *columns], text=[name]).to_pandas()
    table[name] = [t.decode(errors="replace") if isinstance(t, bytes) else str(t) for t in table[name]]
    return table.set_index(name).rename_axis(None)


def _parquet(path: Path, work: Callable[[parquet.ParquetFile], T]) -> T:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return work(parquet.ParquetFile(path))
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise InputError(f"{path.name} cannot be read as a Parquet table. It is incomplete or damaged. Copy or export "
                         "it again.") from error
