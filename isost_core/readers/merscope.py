"""MERSCOPE: a folder with cell_by_gene.csv (counts) and cell_metadata.csv (center_x, center_y in µm)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isost_core import keys
from isost_core.readers import annotation, delimited, pairs
from isost_core.readers.header import Header, check_genes, numbers
from isost_core.readers.options import ReadOptions
from isost_core.sections import noun

if TYPE_CHECKING:
    import pandas as pd

COUNTS, METADATA = "cell_by_gene", "cell_metadata"  # in the names of the two tables
CELL_COLUMNS = ("EntityID", "cell", "cell_id", "")
POSITION = ("center_x", "center_y")
ANNOTATION = ("fov", "volume")
CONTROLS = "Blank-"


def is_one(path: Path) -> bool:
    """Whether a path is of this format."""
    return pairs.holds(path, f"*{COUNTS}*", f"*{METADATA}*")


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of each section in the folder; cells that only one of the two tables has are left out and counted."""
    return [_header(tables, options) for tables in pairs.sections_of(path, COUNTS, METADATA)]


def _header(tables: pairs.TwoTables, options: ReadOptions) -> Header:
    import pandas as pd

    path, counts, metadata = tables.path, tables.counts, tables.cells
    columns = delimited.column_types(counts).names
    name = _cell_column(columns)
    genes, about = annotation.split([c for c in columns if c != name and not c.startswith(CONTROLS)], options)
    check_genes(genes, counts.name)
    cells = pd.Index(delimited.read_columns(counts, [name], text=[name])[0].to_pandas())
    table = _cells_of(metadata)
    joined = pairs.join(cells, table.index, counts.name, metadata.name)
    table = table.iloc[joined.rows]
    position = np.column_stack([numbers(table[c], c, metadata.name) for c in POSITION])
    notes = (*tables.notes, *annotation.notes(counts.name, about),
             *pairs.left_out(path.name, len(columns) - 1 - len(genes) - len(about), "control columns (Blank-*) were"),
             *pairs.left_out(path.name, joined.n_left,
                             f"cells that only one of {counts.name} and {metadata.name} has were"))
    return Header(path=path, genes=genes, obs=table.drop(columns=list(POSITION)),
                  coordinates={keys.SPATIAL: position}, is_log1p=False, is_table=False, notes=notes, um_per_unit=1.0,
                  load=partial(delimited.sparse_matrix, counts, tuple(genes), joined.kept), kind="MERSCOPE folder",
                  noun=noun.CELL, y_down=True, sources=(counts, metadata), not_genes=tuple(about))


def _cell_column(columns: Sequence[str]) -> str:
    """The column with the identity of the cells: a known name, else the first."""
    return next((c for c in CELL_COLUMNS if c in columns), columns[0])


def _cells_of(path: Path) -> pd.DataFrame:
    """Positions and annotation (DataFrame) by cell identity, which is text: the numbers are too long for a float."""
    columns = delimited.column_types(path).names
    pairs.require(columns, POSITION, path.name)
    name = _cell_column(columns)
    wanted = [name, *POSITION, *(c for c in ANNOTATION if c in columns)]
    return delimited.read_columns(path, wanted, text=[name]).to_pandas().set_index(name).rename_axis(None)
