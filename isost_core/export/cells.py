"""Cells as files: .h5ad for scanpy and squidpy, .csv and .parquet for everything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from isost_core import keys
from isost_core.axis import DEPTH, Axis
from isost_core.errors import InputError
from isost_core.genes import find_genes
from isost_core.sections.expression import dense

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from scipy.sparse import csr_matrix

TABLE_TYPES = (".h5ad", ".parquet", ".csv")
ROWS_AT_ONCE = 20_000


def write_cells(cells: AnnData, path: str | Path, genes: Sequence[str] | None = None, axis: Axis = DEPTH) -> None:
    """Write cells (AnnData, obsm['spatial'] (n, 2 or 3) µm, obs['depth']) in the format that the file name ends with.

    Tables have one row per cell: cell, source ('predicted' or 'measured'), x_um, y_um, depth_um, niche (where the cells
    have one) and a column of log1p expression for each of `genes` (by default all), written in parts.
    """
    ending = Path(path).suffix.lower()
    if ending == ".h5ad":
        (cells if genes is None else cells[:, find_genes(genes, list(cells.var_names))].copy()).write_h5ad(path)
    elif ending == ".parquet":
        _parquet(_parts(cells, genes, axis), path)
    elif ending == ".csv":
        for number, part in enumerate(_parts(cells, genes, axis)):
            part.to_csv(path, index=False, mode="a" if number else "w", header=not number)
    else:
        raise InputError(f"Cells are written as {', '.join(TABLE_TYPES)}, but '{Path(path).name}' is none of these. "
                         "Choose another ending.")


def _parquet(parts: Iterator[pd.DataFrame], path: str | Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    first = pa.Table.from_pandas(next(parts), preserve_index=False)
    with parquet.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for part in parts:
            writer.write_table(pa.Table.from_pandas(part, preserve_index=False))


def _parts(cells: AnnData, genes: Sequence[str] | None, axis: Axis) -> Iterator[pd.DataFrame]:
    """DataFrames of some rows each; at least one, so that the file has its columns."""
    import pandas as pd

    names = list(cells.var_names)
    columns = find_genes(genes, names) if genes is not None else list(range(len(names)))
    virtual = cells.obs[keys.VIRTUAL].to_numpy() if keys.VIRTUAL in cells.obs else np.zeros(cells.n_obs, bool)
    xy = np.asarray(cells.obsm[keys.SPATIAL])
    for lo in range(0, max(cells.n_obs, 1), ROWS_AT_ONCE):
        here = slice(lo, lo + ROWS_AT_ONCE)
        x = dense(cast("csr_matrix", cells.X)[here][:, columns], np.float32)
        table = pd.DataFrame(x, columns=pd.Index([names[c] for c in columns]))
        front = {"cell": cells.obs_names[here].astype(str), "source": np.where(virtual[here], "predicted", "measured"),
                 "x_um": xy[here, 0], "y_um": xy[here, 1], axis.column: cells.obs[keys.DEPTH].to_numpy()[here]}
        front |= {"niche": np.asarray(cells.obs["niche"])[here]} if "niche" in cells.obs else {}
        for at, (name, values) in enumerate(front.items()):
            table.insert(at, name, values, allow_duplicates=True)
        yield table
