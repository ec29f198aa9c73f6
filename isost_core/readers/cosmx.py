"""CosMx: a folder with *_exprMat_file.csv (counts) and *_metadata_file.csv (CenterX_global_px, CenterY_global_px).

µm per pixel come from *_fov_positions_file.csv where that has the places of the fields of view in mm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import annotation, delimited, pairs
from isost_core.readers.header import Header, check_genes, numbers
from isost_core.readers.options import ReadOptions
from isost_core.sections import noun

if TYPE_CHECKING:
    import pandas as pd

COUNTS, METADATA, FIELDS = "exprMat_file", "metadata_file", "fov_positions_file"
CELL = ("fov", "cell_ID")
POSITION = ("CenterX_global_px", "CenterY_global_px")
NOT_GENES = (*CELL, "cell", "cell_id", "")
CONTROLS = re.compile("NegPrb|Negative|SystemControl|FalseCode")
UM_PER_PX = 0.12  # of most instruments; only said, never assumed
LOCAL = ("CenterX_local_px", "CenterY_local_px")
IN_PX = (("x_global_px", "y_global_px"),)
IN_MM = (("x_global_mm", "y_global_mm"), ("x_mm", "y_mm"))
SPREAD, MOST_FIELDS = 0.02, 400  # of the scale between pairs of fields; fields that are compared


def is_one(path: Path) -> bool:
    """Whether a path is of this format."""
    return pairs.holds(path, f"*{COUNTS}*", f"*{METADATA}*")


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Headers of the sections in the folder. Counts outside cells (cell_ID 0) and controls are left out and counted."""
    return [_header(path, one, options) for one in pairs.sections_of(path, COUNTS, METADATA)]


def _header(folder: Path, one: pairs.TwoTables, options: ReadOptions) -> Header:
    path, counts, metadata = one.path, one.counts, one.cells
    columns = delimited.column_types(counts).names
    features, about = annotation.split([c for c in columns if c not in NOT_GENES], options)
    genes = [c for c in features if not CONTROLS.match(c)]
    check_genes(genes, counts.name)
    cells, table = _identity(counts, columns), _cells_of(metadata)
    outside = cells.get_level_values(1) == 0
    joined = pairs.join(cast("pd.Index", cells[~outside]), table.index, counts.name, metadata.name)
    inside = ~outside
    inside[inside] = joined.kept
    table = table.iloc[joined.rows]
    position = np.column_stack([numbers(table[c], c, metadata.name) for c in POSITION])
    fov, cell = (table.index.get_level_values(c).astype(str) for c in CELL)
    obs = table.index.to_frame(name=list(CELL)).set_axis(fov + "_" + cell)
    scale = _um_per_px(folder, metadata)
    unit = (f"A CosMx px is usually about {UM_PER_PX:g} µm." if scale is None
            else f"A px is {scale.um:.4g} µm, as {scale.file.name} says.")
    notes = (*one.notes, *annotation.notes(counts.name, about), f"{path.name}: positions are in px. {unit}",
             *pairs.left_out(path.name, len(features) - len(genes), "control columns (negative probes, codes) were"),
             *pairs.left_out(path.name, int(outside.sum()), "rows of counts outside cells (cell_ID 0) were"),
             *pairs.left_out(path.name, joined.n_left,
                             f"cells that only one of {counts.name} and {metadata.name} has were"))
    return Header(path=path, genes=genes, obs=obs, coordinates={keys.SPATIAL: position}, is_log1p=False,
                  is_table=False, notes=notes, kind="CosMx folder", noun=noun.CELL, not_genes=tuple(about),
                  sources=(counts, metadata, *(() if scale is None else (scale.file,))),
                  um_per_unit=None if scale is None else scale.um,
                  load=partial(delimited.sparse_matrix, counts, tuple(genes), inside))


@dataclass(frozen=True)
class _Scale:
    """µm per pixel, and the file that says it."""

    um: float
    file: Path


def _um_per_px(folder: Path, metadata: Path) -> _Scale | None:
    """From the places of the fields of view in mm and in px; None where the files do not say both alike."""
    import pandas as pd

    files = pairs.matching(folder, f"*{FIELDS}*")
    mine = [p for p in files if p.name.split(FIELDS)[0] == metadata.name.split(METADATA)[0]] or files
    if len(mine) != 1:
        return None
    known = {c.lower(): c for c in delimited.columns(mine[0])}
    mm = next((pair for pair in IN_MM if set(pair) <= set(known)), None)
    if mm is None or "fov" not in known:
        return None
    px = next((pair for pair in IN_PX if set(pair) <= set(known)), None)
    wanted = ["fov", *mm, *(px or ())]
    table = delimited.read_columns(mine[0], [known[c] for c in wanted]).to_pandas().set_axis(wanted, axis=1)
    table = table.apply(pd.to_numeric, errors="coerce").groupby("fov").first()
    at_px = table[list(px)] if px else _corners(metadata)
    if at_px is None:
        return None
    both = table[list(mm)].join(at_px.set_axis(["px", "py"], axis=1), how="inner").dropna().iloc[:MOST_FIELDS]
    um = _ratio(both[list(mm)].to_numpy(float) * 1000, both[["px", "py"]].to_numpy(float))
    return None if um is None else _Scale(um, mine[0])


def _corners(metadata: Path) -> pd.DataFrame | None:
    """Where the fields of view begin, in px (DataFrame by fov), from the global and local places of the cells."""
    import pandas as pd

    if not set(LOCAL) <= set(delimited.columns(metadata)):
        return None
    table = delimited.read_columns(metadata, ("fov", *POSITION, *LOCAL)).to_pandas()
    table = table.apply(pd.to_numeric, errors="coerce")
    begin = pd.DataFrame({"fov": table["fov"], "x": table[POSITION[0]] - table[LOCAL[0]]})
    begin["y"], turned = table[POSITION[1]] - table[LOCAL[1]], table[POSITION[1]] + table[LOCAL[1]]
    spreads = [float(np.nanmedian(np.asarray(y.groupby(table["fov"]).std(), dtype=float))) if len(y) else 0.0
               for y in (begin["y"], turned)]
    if spreads[0] > spreads[1]:
        begin["y"] = turned  # local y points the other way in some versions
    return cast("pd.DataFrame", begin.groupby("fov")[["x", "y"]].median())


def _ratio(one: np.ndarray, other: np.ndarray) -> float | None:
    """The ratio of the distances between the same points of two sets (n, 2), where it is the same for all of them."""
    from scipy.spatial.distance import pdist

    if len(one) < 2 or not (np.abs(one).max() < 1e12 and np.abs(other).max() < 1e12):
        return None
    first, second = pdist(one), pdist(other)
    far = second > 0
    ratios = first[far] / second[far]
    if not len(ratios) or np.ptp(ratios) > SPREAD * np.median(ratios) or not ratios.min() > 0:
        return None
    return float(np.median(ratios))


def _identity(path: Path, columns: Sequence[str]) -> pd.MultiIndex:
    """(fov, cell_ID) of each row as a pandas MultiIndex of whole numbers."""
    pairs.require(columns, CELL, path.name)
    return _index(delimited.read_columns(path, CELL).to_pandas(), path.name)


def _index(table: pd.DataFrame, file: str) -> pd.MultiIndex:
    import pandas as pd

    levels = [numbers(table[c], c, file) for c in CELL]
    for values, name in zip(levels, CELL, strict=True):
        if not (np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < 1e15)).all():
            raise InputError(f"{file}: column '{name}' must have a whole number in every row. Export the file again.")
    return pd.MultiIndex.from_arrays([values.astype(np.int64) for values in levels], names=CELL)


def _cells_of(path: Path) -> pd.DataFrame:
    """Positions (DataFrame) by (fov, cell_ID)."""
    columns = delimited.column_types(path).names
    pairs.require(columns, (*CELL, *POSITION), path.name)
    table = delimited.read_columns(path, (*CELL, *POSITION)).to_pandas()
    return table[list(POSITION)].set_axis(_index(table, path.name))
