"""Expression values: checked, and brought to log1p space."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from isost_core.errors import InputError

Matrix = Any  # (cells, genes): a numpy array, or sparse; no type of scipy's says what both can do

LOG1P_MARK = {"base": math.e}  # uns['log1p'] of what is written; an older anndata cannot read None there


def dense(x: Matrix, dtype: type | None = None) -> np.ndarray:
    """`x` (cells, genes), dense or sparse, as a dense array."""
    return np.asarray(x if isinstance(x, np.ndarray) else x.toarray(), dtype=dtype)


def squared(x: Matrix) -> Matrix:
    """Each value by itself, dense or CSR as `x` is."""
    return x * x if isinstance(x, np.ndarray) else x.multiply(x).tocsr()


def brightest_genes(x: Matrix, most: int) -> np.ndarray:
    """Indices, increasing, of the genes of highest mean over the cells of `x` (cells, genes)."""
    mean = np.asarray(x.mean(0), dtype=np.float64).ravel()
    return np.sort(np.argsort(-mean, kind="stable")[:most])


def most_variable_genes(x: Matrix, most: int) -> np.ndarray:
    """Indices, increasing, of the genes of highest variance over the cells of `x` (cells, genes)."""
    if x.shape[1] <= most:
        return np.arange(x.shape[1])
    mean, square = (np.asarray(part.mean(0), dtype=np.float64).ravel() for part in (x, squared(x)))
    return np.sort(np.argsort(mean**2 - square, kind="stable")[:most])


def check_values(x: Matrix, genes: Sequence[str], where: str, instead: Callable[[], str] = str) -> None:
    """Refuse values that are not finite or below zero; the message names the first such gene and their number.

    `x` is (cells, genes), dense or sparse; `where` opens the message, e.g. "File a.h5ad, section 'S1'"; `instead` gives
    the sentence that ends it, on what could be read in place of `x`.
    """
    import scipy.sparse as sp

    data = x.data if sp.issparse(x) else np.asarray(x)
    if data.dtype.kind not in "fiub":
        raise InputError(f"{where}: the expression values must be numbers, found type {data.dtype}. Export the file "
                         "again with numbers.")
    if data.size == 0 or (data.min() >= 0 and np.isfinite(data.max())):
        return
    finite = np.isfinite(data)
    bad, kind = (~finite, "missing or infinite (NaN, inf)") if not finite.all() else (data < 0, "negative")
    column = x.tocoo().col[bad].min() if sp.issparse(x) else np.nonzero(bad.any(axis=0))[0][0]
    fix = ("Replace them by 0, or remove these cells or genes" if kind != "negative" else
           "Give counts or log1p values. Scaled (z-scored) values cannot be used")
    many = int(bad.sum())
    found = "1 value is" if many == 1 else f"{many} values are"
    raise InputError(f"{where}: {found} {kind}, the first in gene '{genes[column]}'. {fix}.{instead()}")


def only_zeros(x: Matrix) -> bool:
    """Whether no value of `x` (cells, genes), dense or sparse, is another than zero."""
    return not (x if isinstance(x, np.ndarray) else x.data).any()


def has_values(x: Matrix) -> np.ndarray:
    """(cells,) bool: which rows of `x`, a numpy array or CSR, have a value other than zero; zeros that a CSR stores are
    taken out of it."""
    if isinstance(x, np.ndarray):
        return np.asarray(x.any(axis=1))
    if not x.data.all():
        x.eliminate_zeros()
    return np.diff(x.indptr) > 0


def as_float32(x: Matrix) -> Matrix:
    """`x` as float32, CSR where it is sparse; its memory is used again where its type allows."""
    import scipy.sparse as sp

    return sp.csr_matrix(x.astype(np.float32, copy=False)) if sp.issparse(x) else np.asarray(x, dtype=np.float32)


def to_log1p(x: Matrix, base: float | None, copy: bool = True) -> Matrix:
    """float32 `x` in log1p space, CSR where `x` is sparse.

    base : of the logarithm of 1 + value that `x` is already; None where `x` is plain
    copy : without it the memory of `x` is used again where its type allows
    """
    import scipy.sparse as sp

    if sp.issparse(x):
        x = sp.csr_matrix(x.astype(np.float32, copy=copy))
        _change(x.data, base)
        return x
    return _change(np.array(x, dtype=np.float32) if copy else np.asarray(x, dtype=np.float32), base)


def change_rows(x: Matrix, start: int, stop: int, base: float | None) -> None:
    """Bring some rows of float32 `x`, a numpy array or CSR, to log1p space where they lie; `base` as in `to_log1p`."""
    _change(x[start:stop] if isinstance(x, np.ndarray) else x.data[x.indptr[start]:x.indptr[stop]], base)


def _change(values: np.ndarray, base: float | None) -> np.ndarray:
    if base is None:
        return np.log1p(values, out=values)
    return values if base == math.e else np.multiply(values, np.float32(math.log(base)), out=values)
