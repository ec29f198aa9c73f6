"""SpatialData (.zarr folder): the table with the most values, its positions, and their unit where it is declared."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import zarr_store
from isost_core.readers.header import Header
from isost_core.readers.options import ReadOptions
from isost_core.readers.section_column import SECTION_KEYS

if TYPE_CHECKING:
    import pandas as pd
    import zarr

TABLES = ("tables", "table")
MICROMETRES = ("micrometer", "micrometre", "micron", "um", "µm", "μm")
KIND = "SpatialData"


def is_one(path: Path) -> bool:
    """Whether a path is a zarr folder with tables."""
    return zarr_store.is_store(path) and any((path / name).is_dir() for name in TABLES)


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of the largest table; a store that cannot be read is an InputError that says why."""
    return [zarr_store.guarded(path, KIND, partial(_header, path, options))]


def _header(path: Path, options: ReadOptions, store: zarr.Group) -> Header:
    tables = _tables(store)
    if not tables:
        raise InputError(f"{path.name} has no table of cells and genes in 'tables'. Add one with an expression matrix "
                         "in X and obsm['spatial'].")
    sizes = {name: _size(table) for name, table in tables.items()}
    chosen = max(sizes, key=lambda name: sizes[name])
    where = f"{path.name}, table '{chosen.rpartition('/')[2]}'"
    header = zarr_store.described(path, chosen, where, KIND, options, store)
    others = ", ".join(f"'{name.rpartition('/')[2]}'" for name in tables if name != chosen)
    notes = (f"{where}: only the largest table was read, {others} left out.",) if others else ()
    return replace(header, obs=_with_regions(tables[chosen], header.obs), notes=notes + header.notes,
                   kind="SpatialData store", y_down=True,
                   um_per_unit=_um_per_unit(store, tables[chosen]) if keys.SPATIAL in header.coordinates else None)


def _tables(store: zarr.Group) -> dict[str, zarr.Group]:
    """The AnnData groups under 'tables', by their path in the store."""
    return {f"{folder}/{name}": group for folder in TABLES if folder in store
            for name, group in zarr_store.group(store, folder, "the store").groups()
            if all(part in group for part in ("X", "obs", "var"))}


def _size(table: zarr.Group) -> int:
    return int(np.prod(zarr_store.shape(table["X"]), dtype=float))


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
