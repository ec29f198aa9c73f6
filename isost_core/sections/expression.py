"""Expression values: checked, and brought to log1p space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from isost_core.errors import InputError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from scipy.sparse._base import _spbase


def dense(x: np.ndarray | _spbase, dtype: type | None = None) -> np.ndarray:
    """`x` (cells, genes), dense or sparse, as a dense array."""
    return np.asarray(x if isinstance(x, np.ndarray) else x.toarray(), dtype=dtype)


def check_values(x: np.ndarray | _spbase, genes: Sequence[str], where: str) -> None:
    """Refuse values that are not finite or below zero; the message names the first such gene and their number.

    `x` is (cells, genes), dense or sparse; `where` opens the message, e.g. "File a.h5ad, section 'S1'".
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
    raise InputError(f"{where}: {int(bad.sum())} values are {kind}, the first in gene '{genes[column]}'. {fix}.")


def to_log1p(x: np.ndarray | _spbase, already: bool, copy: bool = True) -> np.ndarray | csr_matrix:
    """float32 `x` in log1p space, CSR where `x` is sparse; `already` leaves the values as they are.

    Without `copy` the memory of `x` is used again where its type allows.
    """
    import scipy.sparse as sp

    if sp.issparse(x):
        x = sp.csr_matrix(x.astype(np.float32, copy=copy))
        if not already:
            np.log1p(x.data, out=x.data)
        return x
    x = np.array(x, dtype=np.float32) if copy else np.asarray(x, dtype=np.float32)
    return x if already else np.log1p(x, out=x)
