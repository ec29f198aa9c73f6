"""Xenium: a folder with cells.parquet (x_centroid, y_centroid in µm) and cell_feature_matrix.h5."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import pairs, tenx_h5
from isost_core.readers.find_file import Together, by_key, notes_on, place_of, together
from isost_core.readers.header import Header, check_genes, numbers
from isost_core.readers.options import ReadOptions
from isost_core.sections import noun

TABLE = r"(?<![a-z])cells\.(parquet|csv)(\.gz)?$"
MARK = "experiment.xenium"
POSITION = ("x_centroid", "y_centroid")


def is_one(path: Path) -> bool:
    """Whether a path is of this format."""
    return path.is_dir() and (any((base / MARK).is_file() for base in (path, path / "outs")) or bool(_parts(path)[0]))


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of each section in the folder; control features are left out and counted."""
    parts, left = _parts(path)
    if not parts:
        raise InputError(f"{path.name} is a Xenium folder without cells.parquet (or cells.csv.gz) or without "
                         "cell_feature_matrix.h5. Both are needed. Files that end in .zarr.zip are not read.")
    notes = notes_on(path, [p.key for p in parts], left, "their table of cells")
    return [_header(place_of(path, p.key, len(parts) + len(left) > 1), p, notes if k == 0 else ())
            for k, p in enumerate(parts)]


def _header(path: Path, parts: Together[Path, Path], notes: tuple[str, ...]) -> Header:
    import pandas as pd

    matrix, cells = parts.first, parts.second
    held = tenx_h5.describe(matrix)
    check_genes(held.genes, matrix.name)
    table = tenx_h5.table_of(cells, POSITION, "cell_id")
    joined = pairs.join(pd.Index(held.barcodes), table.index, matrix.name, cells.name)
    table = table.iloc[joined.rows]
    position = np.column_stack([numbers(table[c], c, cells.name) for c in POSITION])
    notes = (*notes, *pairs.left_out(path.name, int((~held.keep).sum()), "control features were"),
             *pairs.left_out(path.name, joined.n_left,
                             f"cells that only one of {matrix.name} and {cells.name} has were"))
    return Header(path=path, genes=held.genes, obs=table.drop(columns=list(POSITION)),
                   coordinates={keys.SPATIAL: position}, is_log1p=False, is_table=False, notes=notes, um_per_unit=1.0,
                   other_names=held.other_names,
                   load=partial(tenx_h5.load, matrix, np.flatnonzero(joined.kept), held.keep), kind="Xenium folder",
                   noun=noun.CELL, y_down=True, sources=(cells, *tenx_h5.files_of(matrix)))


def _parts(path: Path) -> tuple[list[Together[Path, Path]], list[str]]:
    """Matrix and table of cells of each section in a folder or its `outs`; matrices that lack the table, by key."""
    for base in (path / "outs", path):
        tables = {key: min(found, key=_rank) for key, found in by_key(base, TABLE).items()}
        made, left = together(tenx_h5.matrices(base), tables) if tables else ([], [])
        if made:
            return made, left
    return [], []


def _rank(path: Path) -> tuple[bool, str]:
    """Parquet before text."""
    return not tenx_h5.is_parquet(path), path.name
