"""Xenium: a folder with cells.parquet (x_centroid, y_centroid in µm) and cell_feature_matrix.h5."""

from functools import partial

import numpy as np

from isost_core import keys
from isost_core.readers import pairs, tenx_h5
from isost_core.readers.header import Header, check_genes, numbers

TABLES = ("cells.parquet", "cells.csv.gz", "cells.csv")
POSITION = ("x_centroid", "y_centroid")


def is_one(path):
    """Whether a path is of this format."""
    return path.is_dir() and _parts(path) is not None


def read_headers(path, options):
    """Header of the section in the folder; control features are left out and counted."""
    import pandas as pd

    cells, matrix = _parts(path)
    barcodes, genes, keep, ids = tenx_h5.describe(matrix)
    check_genes(genes, matrix.name)
    table = tenx_h5.table_of(cells, POSITION, "cell_id")
    kept, rows, n_left = pairs.join(pd.Index(barcodes), table.index, matrix.name, cells.name)
    table = table.iloc[rows]
    position = np.column_stack([numbers(table[c], c, cells.name) for c in POSITION])
    notes = (*pairs.left_out(path.name, int((~keep).sum()), "control features were"),
             *pairs.left_out(path.name, n_left, f"cells that only one of {matrix.name} and {cells.name} has were"))
    return [Header(path=path, genes=genes, obs=table.drop(columns=list(POSITION)),
                   coordinates={keys.SPATIAL: position}, is_log1p=False, is_table=False, notes=notes, um_per_unit=1.0,
                   other_names=ids,
                   load=partial(tenx_h5.load, matrix, np.flatnonzero(kept), keep), kind="Xenium folder",
                   sources=(cells, *tenx_h5.files_of(matrix)))]


def _parts(path):
    """(table of cells, matrix) of the section in a folder or its `outs`, or None."""
    for base in (path / "outs", path):
        matrix = tenx_h5.matrix_files(base) if base.is_dir() else []
        table = next((base / name for name in TABLES if (base / name).is_file()), None)
        if matrix and table:
            return table, matrix[0]
    return None
