"""AnnData groups in zarr stores (formats 2 and 3): opened so that a broken one is an InputError, checked, described."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from isost_core.errors import InputError
from isost_core.readers import h5ad, hdf5, matrices
from isost_core.readers.header import Header, check_genes
from isost_core.readers.limits import check_declared
from isost_core.readers.options import ReadOptions
from isost_core.readers.positions import find_positions
from isost_core.sections.noun import said_noun
from isost_core.sections.value_scale import said_base

if TYPE_CHECKING:
    import zarr

    from isost_core.readers.header import Matrix

MARKS = ("zarr.json", ".zgroup", ".zattrs", ".zmetadata")
BLOSC_HEADER = 16  # bytes; the last four are the packed size, header included
T = TypeVar("T")


def is_store(path: Path) -> bool:
    """Whether a path is a zarr folder."""
    return path.is_dir() and any((path / name).is_file() for name in MARKS)


def guarded(path: Path, kind: str, work: Callable[[zarr.Group], T]) -> T:
    """`work(store)` on the open store; what zarr or anndata raise on a broken one becomes an InputError that names what
    `kind` of store it should have been."""
    import zarr
    from anndata._io.specs.registry import IORegistryError

    broken = (OSError, LookupError, ValueError, TypeError, RuntimeError, AttributeError, AssertionError,
              ArithmeticError, SystemError, RecursionError, IORegistryError)
    try:
        return work(zarr.open_group(str(path), mode="r"))
    except InputError:
        raise
    except MemoryError as error:
        raise InputError(f"{path.name} does not fit in the memory of this machine. Keep fewer genes or cells, or "
                         "store X as a sparse matrix.") from error
    except broken as error:
        raise InputError(f"{path.name} cannot be read. Part of it is damaged or not built like {kind} "
                         f"({error.__class__.__name__}). Write it again with {kind.lower()}.") from error


def described(path: Path, place: str, where: str, kind: str, options: ReadOptions, store: zarr.Group) -> Header:
    """Header of one AnnData group of a store.

    path : of the store; place : of the group in it, '' for the whole; where : both, for messages; kind : of the store
    """
    table = group(store, place, where) if place else store
    _refuse_huge(table, path.name)
    _refuse_cut(table, path)
    matrix = matrices.chosen(table, options.layer_of(path.name), where)
    obs, var = (h5ad.frame(group(table, part, where), where) for part in ("obs", matrix.var))
    if len(obs) == 0:
        raise InputError(f"{where} has no cells. Export it again with cells.")
    genes, repeated = h5ad.genes_of(var, where)
    check_genes(genes, where)
    if shape(table[matrix.place]) != (len(obs), len(genes)):
        raise InputError(f"{where}: {matrix.name} does not have one row for each of {len(obs)} cells and one column "
                         f"for each of {len(genes)} genes. Write the store again.")
    places = find_positions(table, obs, where, options)
    ours = matrices.is_ours(table, list(obs.columns), list(var.columns))
    base = math.e if ours else said_base(hdf5.held_in(table, "uns"))
    return Header(path=path, genes=genes, obs=obs, coordinates=places.by_key, units=places.units,
                  notes=repeated + places.notes,
                  noun=said_noun(hdf5.held_in(table, "uns")), is_table=False,
                  is_log1p=base is not None, log_base=base or math.e, is_ours=ours, layer=matrix.name,
                  other_names=h5ad.other_names(var, genes),
                  layers=partial(guarded, path, kind, partial(_other_matrices, place, matrix)),
                  load=partial(guarded, path, kind, partial(_matrix, f"{place}/{matrix.place}".lstrip("/"), where)))


def group(parent: zarr.Group, name: str, where: str) -> zarr.Group:
    """The group of that name; InputError where there is none."""
    import zarr

    found = parent.get(name)
    if not isinstance(found, zarr.Group):
        raise InputError(f"{where}: '{name}' is missing or not a group. Write the store again.")
    return found


def shape(x: Any) -> tuple[int, ...]:
    """Shape of a matrix, dense or sparse."""
    return tuple(int(n) for n in (x.attrs["shape"] if hasattr(x, "keys") else x.shape))


def _refuse_huge(table: zarr.Group, file: str) -> None:
    """A few bytes on disk can declare an array that fills any memory: refuse what holds far less than it declares."""
    import zarr

    for name, array in table.members(max_depth=None):
        if isinstance(array, zarr.Array):
            check_declared(float(np.prod(array.shape, dtype=float)), array.dtype.itemsize, array.nbytes_stored(),
                           f"'{name}'", file)


def _refuse_cut(table: zarr.Group, path: Path) -> None:
    """A chunk that Blosc packed says how long it is; reading one whose file is shorter would crash: refuse it."""
    import zarr

    for _, array in table.members(max_depth=None):
        if not isinstance(array, zarr.Array):
            continue
        if array.shards is not None and "blosc" in repr(array.metadata).lower():
            raise InputError(f"{path.name}: '{array.path}' is stored in shards compressed with Blosc, which cannot be "
                             "checked safely. Write the store again without shards.")
        if array.shards is not None or "blosc" not in repr(array.compressors).lower():
            continue
        for chunk in (path / array.path).rglob("*"):
            if chunk.name.startswith((".", "zarr.json")) or not chunk.is_file():
                continue
            with open(chunk, "rb") as file:
                packed = int.from_bytes(file.read(BLOSC_HEADER)[12:], "little")
            if not BLOSC_HEADER <= packed <= chunk.stat().st_size:
                raise InputError(f"{path.name}: the file {chunk.relative_to(path).as_posix()} is incomplete or "
                                 "damaged. Copy the whole folder again.")


def _matrix(place: str, where: str, store: zarr.Group) -> Matrix:
    """X as float32: CSR where it is stored sparse, else dense."""
    from anndata.io import read_elem

    x = read_elem(cast("Any", store[place]))
    kind = getattr(x, "dtype", np.dtype(object))
    if kind.kind not in "fiub":
        raise InputError(f"{where}: X must have numbers, found type {kind}. Write the store again.")
    return x.astype(np.float32, copy=False) if isinstance(x, np.ndarray) else h5ad.as_csr(x, where)


def _other_matrices(place: str, matrix: matrices.Matrix, store: zarr.Group) -> list[str]:
    return matrices.others(matrix, group(store, place, place) if place else store)
