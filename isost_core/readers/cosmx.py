"""CosMx: a folder with *_exprMat_file.csv (counts) and *_metadata_file.csv (CenterX_global_px, CenterY_global_px)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import annotation, delimited, pairs
from isost_core.readers.header import Header, check_genes, numbers
from isost_core.readers.options import ReadOptions

if TYPE_CHECKING:
    import pandas as pd

COUNTS, METADATA = "exprMat_file", "metadata_file"  # in the names of the two tables
CELL = ("fov", "cell_ID")
POSITION = ("CenterX_global_px", "CenterY_global_px")
NOT_GENES = (*CELL, "cell", "cell_id", "")
CONTROLS = re.compile("NegPrb|Negative|SystemControl|FalseCode")
UM_PER_PX = 0.12  # of most instruments; only said, never assumed


def is_one(path: Path) -> bool:
    """Whether a path is of this format."""
    return pairs.holds(path, f"*{COUNTS}*", f"*{METADATA}*")


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of each slide in the folder. Counts outside cells (cell_ID 0) and controls are left out and counted."""
    return [_header(tables, options) for tables in pairs.sections_of(path, COUNTS, METADATA)]


def _header(tables: pairs.TwoTables, options: ReadOptions) -> Header:
    path, counts, metadata = tables.path, tables.counts, tables.cells
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
    notes = (*tables.notes, *annotation.notes(counts.name, about),
             f"{path.name}: positions are in px. A CosMx px is usually about {UM_PER_PX:g} µm.",
             *pairs.left_out(path.name, len(features) - len(genes), "control columns (negative probes, codes) were"),
             *pairs.left_out(path.name, int(outside.sum()), "rows of counts outside cells (cell_ID 0) were"),
             *pairs.left_out(path.name, joined.n_left,
                             f"cells that only one of {counts.name} and {metadata.name} has were"))
    return Header(path=path, genes=genes, obs=obs, coordinates={keys.SPATIAL: position}, is_log1p=False,
                  is_table=False, notes=notes, kind="CosMx folder", sources=(counts, metadata), not_genes=tuple(about),
                  load=partial(delimited.sparse_matrix, counts, tuple(genes), inside))


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
