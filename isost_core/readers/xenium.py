"""Xenium: a folder with cells.parquet (x_centroid, y_centroid in µm) and cell_feature_matrix.h5."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import pairs, tenx_h5
from isost_core.readers.header import Header, check_genes, numbers
from isost_core.readers.options import ReadOptions

TABLES = ("cells.parquet", "cells.csv.gz", "cells.csv")
POSITION = ("x_centroid", "y_centroid")


def is_one(path: Path) -> bool:
    """Whether a path is of this format."""
    return path.is_dir() and _parts(path) is not None


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of the section in the folder; control features are left out and counted."""
    import pandas as pd

    parts = _parts(path)
    if parts is None:
        raise InputError(f"{path.name} has no table of cells or no matrix. Copy the whole folder again.")
    cells, matrix = parts.cells, parts.matrix
    held = tenx_h5.describe(matrix)
    check_genes(held.genes, matrix.name)
    table = tenx_h5.table_of(cells, POSITION, "cell_id")
    joined = pairs.join(pd.Index(held.barcodes), table.index, matrix.name, cells.name)
    table = table.iloc[joined.rows]
    position = np.column_stack([numbers(table[c], c, cells.name) for c in POSITION])
    notes = (*pairs.left_out(path.name, int((~held.keep).sum()), "control features were"),
             *pairs.left_out(path.name, joined.n_left,
                             f"cells that only one of {matrix.name} and {cells.name} has were"))
    return [Header(path=path, genes=held.genes, obs=table.drop(columns=list(POSITION)),
                   coordinates={keys.SPATIAL: position}, is_log1p=False, is_table=False, notes=notes, um_per_unit=1.0,
                   other_names=held.other_names,
                   load=partial(tenx_h5.load, matrix, np.flatnonzero(joined.kept), held.keep), kind="Xenium folder",
                   sources=(cells, *tenx_h5.files_of(matrix)))]


@dataclass(frozen=True)
class _Parts:
    """The table of cells and the matrix of a section."""

    cells: Path
    matrix: Path


def _parts(path: Path) -> _Parts | None:
    """What there is of the section in a folder or its `outs`."""
    for base in (path / "outs", path):
        matrix = tenx_h5.matrix_files(base) if base.is_dir() else []
        table = next((base / name for name in TABLES if (base / name).is_file()), None)
        if matrix and table:
            return _Parts(table, matrix[0])
    return None
