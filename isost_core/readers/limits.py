"""How much a file may ask for: values that fit in memory, and arrays that hold about what they declare."""

from __future__ import annotations

import contextlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.errors import InputError

if TYPE_CHECKING:
    import h5py
    from scipy.sparse import csr_matrix

SHARE = 0.6  # of the memory of the machine, for what is read of one file
MOST_RATIO = 1100  # bytes declared per byte stored; deflate gives 1032 at most
FREE = 64 << 20  # bytes that are never too many
TEXT_BYTES = 64  # of a short text in memory
CGROUP = "/sys/fs/cgroup/memory.max"


@cache
def budget() -> int:
    """Bytes that one file may take in memory."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError, ValueError):  # no limit besides the machine's
        total = min(total, int(Path(CGROUP).read_text()))
    return int(SHARE * total)


def check_size(n_values: float, what: str, file: str, itemsize: int = 4) -> None:
    """Refuse `n_values` values of `itemsize` bytes where they do not fit in memory; `what` names them."""
    needed = float(n_values) * itemsize
    if needed > max(budget(), FREE):
        raise InputError(f"{file}: {what} needs {needed / 1e9:,.0f} GB of memory, but only {budget() / 1e9:,.0f} GB "
                         "can be used here. Keep fewer cells or genes, or store them as a sparse matrix.")


def check_dataset(dataset: h5py.Dataset, file: str) -> int:
    """Refuse an HDF5 array that does not fit in memory or declares far more than is stored, before it is read.

    Returns
    -------
    int : bytes that it takes in memory
    """
    n_values, what = _count(dataset.shape), f"'{dataset.name}'"
    text = dataset.dtype.kind == "O"
    itemsize = TEXT_BYTES if text else dataset.dtype.itemsize
    check_size(n_values, what, file, itemsize)
    check_declared(n_values, dataset.dtype.itemsize, dataset.id.get_storage_size(), what, file)
    return _check_text(dataset, n_values, file) if text else int(n_values * itemsize)


def check_declared(n_values: float, itemsize: int, stored: int, what: str, file: str) -> None:
    """Refuse an array of which `stored` bytes are there, where it does not fit in memory or declares far more."""
    check_size(n_values, what, file, itemsize)
    declared = n_values * itemsize
    if declared > FREE and declared > MOST_RATIO * stored:
        raise InputError(f"{file}: {what} declares {declared / 1e9:,.1f} GB of values but stores only "
                         f"{stored / 1e6:,.1f} MB. The file is damaged. Export it again.")


def check_elements(element: Any, file: str) -> None:
    """Refuse an HDF5 array, or a group of them, that together do not fit in memory."""
    import h5py

    found = []
    if isinstance(element, h5py.Dataset):
        found.append(element)
    elif isinstance(element, h5py.Group):
        element.visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
    check_size(sum(check_dataset(d, file) for d in found), f"'{element.name}'", file, 1)


def check_sparse(group: h5py.Group, file: str) -> None:
    """Refuse an HDF5 sparse matrix whose three arrays do not fit each other."""
    import h5py

    parts = [p for p in map(group.get, ("data", "indices", "indptr"))
             if isinstance(p, h5py.Dataset) and p.ndim == 1 and p.dtype.kind in "fiub"]
    if len(parts) < 3:
        raise InputError(f"{file}: '{group.name}' is not a complete sparse matrix. Export the file again.")
    data, indices, indptr = parts
    shape = [int(n) for n in np.asarray(group.attrs["shape"])]
    rows = shape[0] if "csr" in str(group.attrs.get("encoding-type")) else shape[1]
    if len(data) != len(indices) or len(indptr) != rows + 1:
        raise InputError(f"{file}: '{group.name}' has {len(data):,} values for {len(indices):,} positions and "
                         f"{len(indptr) - 1:,} rows or columns for {rows:,}. Export the file again.")


def check_pointers(x: csr_matrix) -> None:
    """ValueError where indices of a sparse matrix are no whole numbers or out of bounds, or its pointers go back: scipy
    would crash on it.

    scipy's own check leaves out the pointers of a matrix without values, and lets NaN among the indices pass.
    """
    if x.indices.dtype.kind not in "iu" or x.indptr.dtype.kind not in "iu":
        raise ValueError("indices of a sparse matrix must be whole numbers")
    x.check_format(full_check=True)
    if x.indptr[0] != 0 or (x.indptr[1:] < x.indptr[:-1]).any():
        raise ValueError("pointers of a sparse matrix go back")


def _count(shape: tuple[int, ...] | None) -> float:
    return float(np.prod(shape or (), dtype=float))


def _check_text(dataset: h5py.Dataset, n_values: float, file: str) -> int:
    """Texts of any length can share one place in the file: their bytes are counted as they are read, in pieces."""
    heap = os.path.getsize(dataset.file.filename)
    if n_values * heap <= budget() or dataset.ndim != 1:
        return int(n_values * TEXT_BYTES)
    step, total = int(np.clip(budget() // heap, 1, 1 << 14)), 0
    for start in range(0, len(dataset), step):
        total += sum(TEXT_BYTES + len(text) for text in dataset[start:start + step])
        check_size(total, f"'{dataset.name}'", file, 1)
    return total
