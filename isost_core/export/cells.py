"""Cells as files: .h5ad for scanpy and squidpy, .csv and .parquet for everything else."""

from pathlib import Path

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.genes import find_genes

TABLE_TYPES = (".h5ad", ".parquet", ".csv")
ROWS_AT_ONCE = 20_000


def write_cells(cells, path, genes=None):
    """Write cells (AnnData, obsm['spatial'] (n, 2 or 3) µm, obs['depth']) in the format that the file name ends with.

    Tables have one row per cell: cell, source ('predicted' or 'measured'), x_um, y_um, depth_um, niche (where the cells
    have one) and a column of log1p expression for each of `genes` (by default all), written in parts.
    """
    ending = Path(path).suffix.lower()
    if ending == ".h5ad":
        (cells if genes is None else cells[:, find_genes(genes, list(cells.var_names))].copy()).write_h5ad(path)
    elif ending == ".parquet":
        _parquet(cells, path, genes)
    elif ending == ".csv":
        for number, part in enumerate(_parts(cells, genes)):
            part.to_csv(path, index=False, mode="a" if number else "w", header=not number)
    else:
        raise InputError(f"Cells are written as {', '.join(TABLE_TYPES)}, but '{Path(path).name}' is none of these. "
                         "Choose another ending.")


def _parquet(cells, path, genes):
    import pyarrow as pa
    from pyarrow import parquet

    writer = None
    for part in _parts(cells, genes):
        table = pa.Table.from_pandas(part, preserve_index=False)
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def _parts(cells, genes):
    """DataFrames of some rows each; at least one, so that the file has its columns."""
    import pandas as pd

    names = list(cells.var_names)
    columns = find_genes(genes, names) if genes is not None else list(range(len(names)))
    virtual = cells.obs[keys.VIRTUAL].to_numpy() if keys.VIRTUAL in cells.obs else np.zeros(cells.n_obs, bool)
    xy = np.asarray(cells.obsm[keys.SPATIAL])
    for lo in range(0, max(cells.n_obs, 1), ROWS_AT_ONCE):
        here = slice(lo, lo + ROWS_AT_ONCE)
        x = cells.X[here][:, columns]
        x = np.asarray(x.toarray() if hasattr(x, "toarray") else x, np.float32)
        table = pd.DataFrame(x, columns=[names[c] for c in columns])
        front = {"cell": cells.obs_names[here].astype(str), "source": np.where(virtual[here], "predicted", "measured"),
                 "x_um": xy[here, 0], "y_um": xy[here, 1], "depth_um": cells.obs[keys.DEPTH].to_numpy()[here]}
        front |= {"niche": cells.obs["niche"][here].to_numpy()} if "niche" in cells.obs else {}
        for at, (name, values) in enumerate(front.items()):
            table.insert(at, name, values, allow_duplicates=True)
        yield table
