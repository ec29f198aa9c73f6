"""The matrices of an AnnData group, in a file or a zarr store: X, raw and the layers, and what is said about their
values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import hdf5
from isost_core.readers.header import X

if TYPE_CHECKING:
    import h5py
    import zarr

RAW = "raw"
CHUNK, CHUNKS = 20_000, 20  # values and places of a matrix that are looked at
OURS = frozenset((keys.SPATIAL, keys.ALIGNED, keys.ORIGINAL))  # obsm of the measured cells that are exported


@dataclass(frozen=True)
class Matrix:
    """One matrix: its name for a person, its place in the group, and where its genes are."""

    name: str
    place: str
    var: str


def found(group: h5py.Group | zarr.Group) -> dict[str, Matrix]:
    """All matrices by name."""
    made = [Matrix(X, X, "var")] if X in group else []
    if f"{RAW}/X" in group and f"{RAW}/var" in group:
        made.append(Matrix(RAW, f"{RAW}/X", f"{RAW}/var"))
    made += [Matrix(name, f"layers/{name}", "var") for name in hdf5.held_in(group, "layers")]
    return {matrix.name: matrix for matrix in made}


def chosen(group: h5py.Group | zarr.Group, name: str | None, where: str) -> Matrix:
    """The matrix of that name, by default X; an InputError that lists the others where there is none."""
    there = found(group)
    if (name or X) in there:
        return there[name or X]
    names = ", ".join(there) or "none"
    if name is None:
        others = f"It has: {names}. Choose one (--layer {next(iter(there))})." if there else ""
        raise InputError(f"{where} is not a complete AnnData file, because it has no X. "
                         f"{others or 'Export it again with its expression matrix in X.'}")
    raise InputError(f"{where} has no layer '{name}'. It has: {names}.")


def others(matrix: Matrix, group: h5py.Group | zarr.Group) -> list[str]:
    """Names of the other matrices that hold values, none of them negative or missing, as far as a sample tells."""
    return [name for name, one in found(group).items() if name != matrix.name and _is_usable(group[one.place])]


def _is_usable(element: Any) -> bool:
    """Whether a matrix, dense or sparse, has values that can be read."""
    values = element if hasattr(element, "shape") else element.get("data")
    if values is None or values.dtype.kind not in "fiub" or not values.ndim or not len(values):
        return False
    rows = max(1, CHUNK // int(np.prod(values.shape[1:], dtype=int)))
    starts = np.unique(np.linspace(0, max(len(values) - rows, 0), CHUNKS).astype(int))
    parts = [np.asarray(values[int(start):int(start) + rows]) for start in starts]
    return bool(any(part.any() for part in parts) and all(np.isfinite(p).all() and (p >= 0).all() for p in parts))


def is_ours(group: h5py.Group | zarr.Group, obs: Sequence[str], var: Sequence[str]) -> bool:
    """Whether this program wrote the values, which are log1p then; earlier versions did not say so in their exports."""
    uns, obsm = hdf5.held_in(group, "uns"), hdf5.held_in(group, "obsm")
    if keys.UNS in uns:
        return True
    plain = not list(hdf5.held_in(group, "layers")) and RAW not in group
    niches = cast("Any", uns.get("niches"))
    if hasattr(niches, "keys") and {"found_by", "reach_um"} <= set(niches):
        return True
    return bool(plain and {keys.SECTION, keys.DEPTH} <= set(obs) and set(var) <= {keys.OTHER_NAME}
                and keys.SPATIAL in obsm and set(obsm) <= OURS
                and set(uns) <= {keys.PHANTOM, keys.IMAGES, keys.ALIGNMENT, keys.NOUN})
