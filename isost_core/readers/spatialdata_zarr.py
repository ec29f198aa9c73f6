"""SpatialData (.zarr folder): the table with the most values, its positions, and their unit where it is declared."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import h5ad, hdf5, matrices
from isost_core.readers.header import Header, check_genes
from isost_core.readers.limits import check_declared
from isost_core.readers.options import ReadOptions
from isost_core.readers.positions import find_positions
from isost_core.readers.section_column import SECTION_KEYS
from isost_core.sections.value_scale import said_base

if TYPE_CHECKING:
    import pandas as pd
    import zarr

    from isost_core.readers.header import Matrix

TABLES = ("tables", "table")
MICROMETRES = ("micrometer", "micrometre", "micron", "um", "µm", "μm")
BLOSC_HEADER = 16  # bytes; the last four are the packed size, header included
T = TypeVar("T")


def is_one(path: Path) -> bool:
    """Whether a path is a zarr folder with tables."""
    return (path.is_dir() and any((path / name).is_file() for name in ("zarr.json", ".zgroup", ".zattrs"))
            and any((path / name).is_dir() for name in TABLES))


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of the largest table; a store that cannot be read is an InputError that says why."""
    return [_guarded(path, partial(_header, path, options))]


def _guarded(path: Path, work: Callable[[zarr.Group], T]) -> T:
    """`work()` on the open store; what zarr or anndata raise on a broken one becomes an InputError."""
    import zarr
    from anndata._io.specs.registry import IORegistryError

    broken = (OSError, LookupError, ValueError, TypeError, RuntimeError, AttributeError, AssertionError,
              ArithmeticError, SystemError, IORegistryError)
    try:
        return work(zarr.open_group(str(path), mode="r"))
    except InputError:
        raise
    except MemoryError as error:
        raise InputError(f"{path.name} does not fit in the memory of this machine. Keep fewer genes or cells, or "
                         "store X as a sparse matrix.") from error
    except broken as error:
        raise InputError(f"{path.name} cannot be read. Part of it is damaged or not built like SpatialData "
                         f"({error.__class__.__name__}). Write it again with spatialdata.") from error


def _header(path: Path, options: ReadOptions, store: zarr.Group) -> Header:
    tables = _tables(store)
    if not tables:
        raise InputError(f"{path.name} has no table of cells and genes in 'tables'. Add one with an expression matrix "
                         "in X and obsm['spatial'].")
    sizes = {name: _size(table) for name, table in tables.items()}
    chosen = max(sizes, key=lambda name: sizes[name])
    table = tables[chosen]
    _refuse_huge(table, path.name)
    _refuse_cut(table, path)
    where = f"{path.name}, table '{chosen.rpartition('/')[2]}'"
    matrix = matrices.chosen(table, options.layer_of(path.name), where)
    obs, var = (h5ad.frame(_group(table, part, where), where) for part in ("obs", matrix.var))
    obs = _with_regions(table, obs)
    genes = [str(g) for g in var.index]
    check_genes(genes, where)
    if tuple(_shape(table[matrix.place])) != (len(obs), len(genes)):
        raise InputError(f"{where}: {matrix.name} does not have one row for each of {len(obs)} cells and one column "
                         f"for each of {len(genes)} genes. Write the store again.")
    places = find_positions(table, obs, where, options)
    others = ", ".join(f"'{name.rpartition('/')[2]}'" for name in tables if name != chosen)
    notes = (f"{where}: only the largest table was read, {others} left out.",) if others else ()
    notes += places.notes
    ours = matrices.is_ours(table, list(obs.columns), list(var.columns))
    base = math.e if ours else said_base(hdf5.held_in(table, "uns"))
    return Header(path=path, genes=genes, obs=obs, coordinates=places.by_key, units=places.units, is_table=False,
                  is_log1p=base is not None, log_base=base or math.e, is_ours=ours, notes=notes, layer=matrix.name,
                  matrices=tuple(matrices.found(table)),
                  layers=partial(_guarded, path, partial(_other_matrices, chosen, matrix)),
                  load=partial(_guarded, path, partial(_matrix, f"{chosen}/{matrix.place}", where)),
                  um_per_unit=_um_per_unit(store, table) if keys.SPATIAL in places.by_key else None,
                  kind="SpatialData store")


def _group(parent: zarr.Group, name: str, where: str) -> zarr.Group:
    """The group of that name; InputError where there is none."""
    import zarr

    found = parent.get(name)
    if not isinstance(found, zarr.Group):
        raise InputError(f"{where}: '{name}' is missing or not a group. Write the store again.")
    return found


def _tables(store: zarr.Group) -> dict[str, zarr.Group]:
    """The AnnData groups under 'tables', by their path in the store."""
    return {f"{folder}/{name}": group for folder in TABLES if folder in store
            for name, group in _group(store, folder, "the store").groups()
            if all(part in group for part in ("X", "obs", "var"))}


def _size(table: zarr.Group) -> int:
    return int(np.prod(_shape(table["X"]), dtype=float))


def _shape(x: Any) -> tuple[int, ...]:
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


def _matrix(name: str, where: str, store: zarr.Group) -> Matrix:
    """X as float32: CSR where it is stored sparse, else dense."""
    from anndata.io import read_elem

    x = read_elem(cast("Any", store[name]))
    kind = getattr(x, "dtype", np.dtype(object))
    if kind.kind not in "fiub":
        raise InputError(f"{where}: X must have numbers, found type {kind}. Write the store again.")
    return np.asarray(x, dtype=np.float32) if isinstance(x, np.ndarray) else h5ad.as_csr(x, where)


def _other_matrices(name: str, matrix: matrices.Matrix, store: zarr.Group) -> list[str]:
    return matrices.others(matrix, _group(store, name, name))


def _with_regions(table: zarr.Group, obs: pd.DataFrame) -> pd.DataFrame:
    """The table of cells (DataFrame), with the regions of several sections where no column has them under a name that
    is known."""
    attributes: dict[str, Any] = dict(table.attrs)
    key = attributes.get("region_key")
    if len(_regions(table)) < 2 or key not in obs or any(k in obs and obs[k].nunique() > 1 for k in SECTION_KEYS):
        return obs
    return obs.assign(library_id=obs[key])


def _regions(table: zarr.Group) -> list[str]:
    """Names of the elements whose cells a table has."""
    region: Any = dict(table.attrs).get("region")
    return [region] if isinstance(region, str) else list(map(str, region or ()))


def _um_per_unit(store: zarr.Group, table: zarr.Group) -> float | None:
    """µm per unit of obsm['spatial'], where all regions of the table say the same without doubt; else None."""
    scales: set[float | None] = set()
    for region in _regions(table):
        found = [store[f"{kind}/{region}"] for kind in ("shapes", "points") if f"{kind}/{region}" in store]
        scales |= {_scale_of(t) for element in found for t in _transformations(element)} if found else {None}
    return scales.pop() if len(scales) == 1 else None


def _transformations(element: zarr.Group | zarr.Array) -> list[dict[str, Any]]:
    attributes: dict[str, Any] = dict(element.attrs)
    return attributes.get("coordinateTransformations") or attributes.get("spatialdata_attrs", {}).get(
        "coordinateTransformations") or []


def _scale_of(transformation: dict[str, Any]) -> float | None:
    """µm per unit of one transformation to a frame whose axes are in µm: equal along x and y, no turn; else None."""
    axes = [a for a in transformation.get("output", {}).get("axes", []) if a.get("name") in ("x", "y")]
    if len(axes) != 2 or any(str(a.get("unit")).casefold() not in MICROMETRES for a in axes):
        return None
    kind = transformation.get("type")
    if kind == "identity":
        return 1.0
    if kind != "scale":
        return None
    named = [a.get("name") for a in transformation.get("input", {}).get("axes", [])]
    scale = dict(zip(named, transformation.get("scale", []), strict=False))
    same = {float(scale[a]) for a in ("x", "y") if a in scale}
    value = same.pop() if len(same) == 1 and len(scale) >= 2 else 0.0
    return value if 0 < value < float("inf") else None
