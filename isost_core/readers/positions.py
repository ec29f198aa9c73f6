"""The positions of the cells of an AnnData file or store: its entries of obsm and its columns of obs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import axes, hdf5
from isost_core.readers.header import numbers
from isost_core.readers.limits import check_elements
from isost_core.readers.options import ReadOptions
from isost_core.sections.expression import dense

if TYPE_CHECKING:
    import h5py
    import pandas as pd
    import zarr
    from scipy.sparse import csr_matrix

OBSM_KEYS = (keys.ALIGNED, keys.SPATIAL, "spatial3d", "X_spatial")
LIKE_POSITIONS = ("spatial", "coord", "position", "location")  # in the name of an entry of obsm


@dataclass
class Positions:
    """Positions by key, (n, 2) or (n, 3); µm per unit of the keys whose names say it; notes on what is used."""

    by_key: dict[str, np.ndarray] = field(default_factory=dict)
    units: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    used: str | None = None  # key that is used unless the files together need another

    def add(self, key: str, values: np.ndarray, um_per_unit: float | None = None, notes: tuple[str, ...] = ()) -> None:
        """Keep positions under a key, with their notes if they are used."""
        self.used = self.used or key
        self.by_key[key] = values
        self.notes += notes if key == self.used else ()
        if um_per_unit is not None:
            self.units[key] = um_per_unit


def find_positions(file: h5py.Group | zarr.Group, obs: pd.DataFrame, name: str, options: ReadOptions) -> Positions:
    """Every known set of positions of a file. name : of the file, for messages."""
    obsm, found = hdf5.held_in(file, "obsm"), Positions(used=options.spatial_key)
    wanted = dict.fromkeys((*OBSM_KEYS, options.spatial_key, options.depth_key))
    for key in (k for k in wanted if k is not None and k in obsm):
        _add_element(found, obsm[key], key, name)
    from_obsm = dict(found.by_key)
    _add_columns(found, obs, name)
    if found.used in from_obsm:
        found.notes += _transposed(found, list(from_obsm), obs, name)
    if options.spatial_key is not None and options.spatial_key not in found.by_key:
        there = ", ".join(dict.fromkeys([*obsm, *found.by_key])) or "none"
        raise InputError(f"{name} has no obsm['{options.spatial_key}']. Positions found: {there}.")
    if not found.by_key:
        _add_likely(found, obsm, name)
    if not found.by_key:
        raise InputError(f"{name} has no positions. Add obsm['spatial'] with the x and y of each cell, or type the "
                         "key that has them under 'How the files are read', Positions (--spatial-key). "
                         f"obsm has: {', '.join(obsm) or 'nothing'}; obs has: "
                         f"{', '.join(map(str, obs.columns)) or 'nothing'}.")
    return found


def _add_likely(found: Positions, obsm: Mapping[str, Any], name: str) -> None:
    """Entries of obsm that are called like positions, where none has a usual name."""
    likely = [key for key in obsm if any(word in key.lower() for word in LIKE_POSITIONS)]
    for key in likely:
        _add_element(found, obsm[key], key, name)
    if len(likely) > 1:
        found.notes += (f"{name} has no obsm['spatial'], but {' and '.join(likely)}. Choose the right one under 'How "
                        "the files are read', Positions (--spatial-key).",)


def array_of(element: Any, key: str, name: str) -> np.ndarray:
    """x and y, and z where there is one, of an entry of obsm: (n, 2) or (n, 3)."""
    found = Positions()
    _add_element(found, element, key, name)
    return found.by_key[key]


def _add_element(found: Positions, element: Any, key: str, name: str) -> None:
    import pandas as pd
    from anndata.io import read_elem
    from scipy.sparse import sparray, spmatrix

    check_elements(element, name)
    held = read_elem(element)
    if isinstance(held, pd.DataFrame):
        _add_table(found, held, key, name)
        return
    values = dense(cast("csr_matrix", held)) if isinstance(held, spmatrix | sparray) else np.asarray(held)
    if values.ndim != 2 or values.shape[1] not in (2, 3) or values.dtype.kind not in "fiuO":
        raise InputError(f"{name}: obsm['{key}'] must have two or three columns of numbers, found shape "
                         f"{values.shape}. Name another key of positions.")
    found.add(key, values.astype(np.float64))


def _add_table(found: Positions, table: pd.DataFrame, key: str, name: str) -> None:
    """Columns of a table in obsm, taken by their names; the first two of numbers where no name is known."""
    where = f"{name}, obsm['{key}']"
    all_pairs = axes.find(table.columns)
    if all_pairs:
        pair = all_pairs[0]
        if pair.unclear:
            raise axes.unclear(pair, where)
        found.add(key, _columns(table, pair.columns, name), pair.um_per_unit,
                  (*pair.words(where), *_turned(table, pair, where), *axes.others(all_pairs, where)))
        return
    at = [i for i, kind in enumerate(table.dtypes) if kind.kind in "fiu"][:2]
    if len(at) < 2:
        raise InputError(f"{where} must have two columns of numbers with x and y, found: "
                         f"{', '.join(map(str, table.columns)) or 'nothing'}. Name another key of positions.")
    x, y = (str(table.columns[i]) for i in at)
    found.add(key, table.iloc[:, at].to_numpy(dtype=np.float64), None, (
        f"{where}: no column is named x or y, so x was taken from '{x}' and y from '{y}', the first columns of "
        "numbers.",))


def _turned(table: pd.DataFrame, pair: axes.Axes, where: str) -> tuple[str, ...]:
    columns = list(table.columns)
    turned = (pair.x, pair.y) == ("x", "y") and columns.index("y") < columns.index("x")
    return (f"{where}: y comes before x in it. Both were taken by their names.",) if turned else ()


def _add_columns(found: Positions, obs: pd.DataFrame, name: str) -> None:
    """Columns of obs; the best of them once more under `axes.COLUMNS`, whatever their names."""
    all_pairs, needed = axes.find(obs.columns), not found.by_key
    if needed and all_pairs and all_pairs[0].unclear:
        raise axes.unclear(all_pairs[0], f"The obs table of {name}")
    clear = [pair for pair in all_pairs if not pair.unclear and (needed or _are_numbers(obs, pair))]
    for number, pair in enumerate(clear):
        values = _columns(obs, (pair.x, pair.y), name)
        if number == 0:
            found.add(axes.COLUMNS, values, pair.um_per_unit, (*pair.words(name), *axes.others(all_pairs, name)))
        found.add(pair.key, values, pair.um_per_unit)


def _transposed(found: Positions, from_obsm: list[str], obs: pd.DataFrame, name: str) -> tuple[str, ...]:
    """Note where the used entry of obsm has x and y the other way round than columns of obs with the same numbers."""
    held = found.by_key[str(found.used)]
    for pair in axes.find(obs.columns):
        named = found.by_key.get(pair.key)
        if named is None or pair.key in from_obsm:
            continue
        if np.array_equal(held[:, :2], named[:, ::-1]) and not np.array_equal(held[:, :2], named):
            return (f"{name}: obsm['{found.used}'] has the numbers of obs['{pair.y}'] as x and those of "
                    f"obs['{pair.x}'] as y. If the tissue looks transposed, choose the positions '{pair.key}'.",)
    return ()


def _are_numbers(table: pd.DataFrame, pair: axes.Axes) -> bool:
    return all(table.dtypes[column].kind in "fiu" for column in (pair.x, pair.y))


def _columns(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> np.ndarray:
    return np.column_stack([numbers(table[c], c, name) for c in columns])
