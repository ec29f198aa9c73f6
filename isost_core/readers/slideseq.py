"""Slide-seq: a folder with the places of the beads (barcode, xcoord, ycoord) and the counts, one gene per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import axes, delimited, pairs
from isost_core.readers.find_file import by_key, place_of
from isost_core.readers.header import Header, check_genes, numbers
from isost_core.readers.options import ReadOptions
from isost_core.sections import noun

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_matrix

LOCATIONS = "*[Bb]ead[_Ll]*ocations*"
LOCATION = r"bead_?locations?"  # what of that stands in the name besides the key
COUNTS = ("*digital_expression*", "*MappedDGE*")
BEAD_COLUMNS = ("barcodes", "barcode", "Barcode", "bead_barcode", "")
UM_PER_PX = 0.65  # of most arrays; only said, never assumed


def is_one(path: Path) -> bool:
    """Whether a path is of this format."""
    return any(pairs.holds(path, LOCATIONS, pattern) for pattern in COUNTS)


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of each puck in the folder; beads without a place, or without counts, are left out and counted."""
    counts = pairs.by_rest(path, next(p for p in COUNTS if pairs.matching(path, p)).strip("*"))
    tables, keyed = pairs.matching(path, LOCATIONS), by_key(path, LOCATION)
    own = {key: [table for table in keyed.get(key, ()) if table in tables] for key in counts}
    return [_header(place_of(path, key, len(counts) > 1), file, (own[key] if len(counts) > 1 else ()) or tables,
                    len(counts) > 1)
            for key, file in counts.items()]


def _header(path: Path, counts: Path, tables: Sequence[Path], several: bool) -> Header:
    import pandas as pd

    gene_column, *beads = delimited.column_types(counts).names
    genes = delimited.read_columns(counts, [gene_column], text=[gene_column])[0].to_pylist()
    check_genes(genes, counts.name)
    places = _fitting(tables, beads)
    file, table = places.file, places.table
    joined = pairs.join(pd.Index(beads), table.index, counts.name, file.name)
    position = table.to_numpy()[joined.rows]
    obs = pd.DataFrame(index=table.index[joined.rows])
    used = np.array(beads, dtype=object)[joined.kept].tolist()
    notes = (f"{path.name}: positions are taken as px. A Slide-seq px is usually about {UM_PER_PX:g} µm.",
             *([] if several else places.notes),
             *pairs.left_out(path.name, joined.n_left,
                             f"beads that only one of {counts.name} and {file.name} has were"))
    return Header(path=path, genes=genes, obs=obs, coordinates={keys.SPATIAL: position}, is_log1p=False,
                  is_table=False, notes=notes, load=partial(_matrix, counts, used), kind="Slide-seq folder",
                  noun=noun.BEAD, sources=(counts, file))


@dataclass(frozen=True, eq=False)
class _Places:
    """Where the beads lie: the file, its table, and notes on other files that were not read."""

    file: Path
    table: pd.DataFrame
    notes: list[str]


def _fitting(tables: Sequence[Path], beads: Sequence[str]) -> _Places:
    """Of several tables of places the one that has most of the beads."""
    read = [(path, _places_of(path)) for path in tables]
    path, table = max(read, key=lambda one: one[1].index.isin(beads).sum())
    return _Places(path, table, [f"{other.name} was not read, because {path.name} has the positions of as many beads "
                                 "or more."
                                 for other, _ in read if other != path])


def _places_of(path: Path) -> pd.DataFrame:
    """x and y (DataFrame, float64) by barcode."""
    import pandas as pd

    columns = delimited.column_types(path).names
    named = axes.best(columns, path.name)
    if named is None:
        raise InputError(f"{path.name} has no columns xcoord and ycoord with the positions of the beads. Columns "
                         f"found: {', '.join(columns[:12])}.")
    pair = (named.x, named.y)
    name = next((c for c in (*BEAD_COLUMNS, *columns) if c in columns and c not in pair), None)
    if name is None:
        raise InputError(f"{path.name} has no column with the barcodes of the beads. Export it again.")
    table = delimited.read_columns(path, (name, *pair), text=[name]).to_pandas()
    return pd.DataFrame({c: numbers(table[c], c, path.name) for c in pair}).set_axis(pd.Index(table[name], name=None))


def _matrix(path: Path, beads: Sequence[str]) -> csr_matrix:
    """(beads, genes) CSR: the file has it the other way round."""
    return delimited.sparse_matrix(path, beads).T.tocsr().astype(np.float32, copy=False)
