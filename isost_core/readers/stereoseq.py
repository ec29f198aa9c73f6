"""Stereo-seq: a GEM table (geneID, x, y, MIDCount, one row per gene and spot), summed per cell or per square bin."""

from __future__ import annotations

import re
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import delimited
from isost_core.readers.header import Header, check_genes
from isost_core.readers.options import ReadOptions
from isost_core.sections import noun

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_matrix

GENE_COLUMNS = ("geneid", "gene", "genename", "genesymbol", "genes")  # as all below, without '_' and in lower case
SHOWN_COLUMNS = ("genename", "genesymbol")  # what a person calls the gene, where another column has its id
COUNT_COLUMNS = ("midcount", "midcounts", "umicount", "umicounts")
GEM_COUNTS = ("count", "counts", "expression", "value")  # in a file that ends in .gem
CELL_COLUMNS = ("cellid", "celllabel", "label", "cell")
BIN = 50  # spots along the side of a bin, where the table does not say which cell a spot is in
PITCH_UM = 0.5  # between spots of a chip
CHIP_WORDS = ("stereo", "offsetx", "binsize", "gemv")  # one of them in the comments says that x and y count spots
SHIFT = 1 << 31  # above every coordinate: (x, y) of a bin as one whole number
RANGES = 32  # of cells, summed one after the other
ROW = np.dtype([("cell", "<i4"), ("gene", "<i4"), ("n", "<f4")])


@dataclass(frozen=True)
class _Names:
    """Names of the columns of a GEM table: of the gene's identity, of the name it is shown by where that is another, of
    the place, the count, and the cell, None where the table does not say which cell a spot is in."""

    gene: str
    shown: str | None
    x: str
    y: str
    count: str
    cell: str | None


def is_one(path: Path) -> bool:
    """Whether a path is a table with the columns of a GEM file."""
    return delimited.is_delimited(path) and _names(path) is not None


def _names(path: Path) -> _Names | None:
    """Names of the columns that count, or None where these are not the columns of a GEM table."""
    there = {re.sub(r"[\W_]", "", c).casefold(): c for c in reversed(delimited.columns(path))}
    counts = COUNT_COLUMNS + (GEM_COUNTS if ".gem" in path.name.lower() else ())
    gene, count, cell, shown = (next((there[c] for c in known if c in there), None)
                                for known in (GENE_COLUMNS, counts, CELL_COLUMNS, SHOWN_COLUMNS))
    if gene is None or count is None or not {"x", "y"} <= set(there):
        return None
    return _Names(gene, shown if shown != gene else None, there["x"], there["y"], count, cell)


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of the section: one pass over the table finds its cells (or bins), their places and the genes."""
    import pandas as pd

    comments, _ = delimited.beginning(path)
    names = _names(path)
    if names is None:
        raise InputError(f"{path.name} has no columns of a GEM table. Export it again.")
    found, ids = _survey(path, names)
    genes = _shown(ids)
    check_genes(genes, path.name)
    position = found[["x", "y"]].to_numpy()
    if names.cell is None:
        how = f"it has no cells, so spots are added up in square bins of {BIN} x {BIN} spots"
    else:
        how = f"spots are added up by '{names.cell}', and a cell is placed at the centre of its transcripts"
    on_chip = any(word in c.casefold() for c in comments for word in CHIP_WORDS)
    unit = f"x and y count spots {PITCH_UM:g} µm apart" if on_chip else f"spots are usually {PITCH_UM:g} µm apart"
    obs = pd.DataFrame(index=found.index.astype(str))
    return [Header(path=path, genes=genes, obs=obs, coordinates={keys.SPATIAL: position}, is_log1p=False,
                   is_table=False, notes=(f"{path.name}: {how}; {unit}.",),
                   um_per_unit=PITCH_UM if on_chip else None, kind="Stereo-seq table",
                   noun=noun.BIN if names.cell is None else noun.CELL, y_down=True,
                   load=partial(_matrix, path, names, pd.Index(list(ids)), found["key"].to_numpy()),
                   other_names={gene: one for gene, one in zip(genes, ids, strict=True) if gene != one})]


def _shown(ids: dict[str, str]) -> list[str]:
    """Names of the genes by their ids; one that several genes share has the id behind it."""
    shown = [name or one for one, name in ids.items()]
    times = Counter(shown)
    return [name if times[name] == 1 else f"{name} ({one})" for name, one in zip(shown, ids, strict=True)]


def _parts(path: Path, names: _Names) -> Iterator[pd.DataFrame]:
    """pandas DataFrames with the columns gene, x, y, n, key, and shown where there is one: a batch of the table; rows
    outside cells are left out."""
    import pyarrow as pa

    cell, count = names.cell, names.count
    kinds = {names.gene: pa.string(), names.x: pa.float64(), names.y: pa.float64(), count: pa.float64()}
    kinds |= {} if cell is None else {cell: pa.int64()}
    kinds |= {} if names.shown is None else {names.shown: pa.string()}
    for batch in delimited.batches(path, kinds, kinds):
        part = batch.to_pandas().rename(columns={names.gene: "gene", names.x: "x", names.y: "y", count: "n",
                                                 names.shown: "shown"})
        if not np.isfinite(part[["x", "y", "n"]].to_numpy()).all() or (part[["x", "y"]].abs() >= SHIFT).any(axis=None):
            raise InputError(f"{path.name}: x, y and {count} must be numbers in every row. Export the file again.")
        if cell is None:
            yield part.assign(key=_bin_of(part["x"]) * SHIFT + _bin_of(part["y"]))
        else:
            part = part.rename(columns={cell: "key"})
            yield part[part["key"].fillna(0) > 0].astype({"key": np.int64})


def _bin_of(values: pd.Series) -> np.ndarray:
    return np.floor(values.to_numpy() / BIN).astype(np.int64) + (1 << 26)


def _survey(path: Path, names: _Names) -> tuple[pd.DataFrame, dict[str, str]]:
    """Cells or bins (DataFrame: key, x, y; by name), and genes with the names they are shown by ('' where there is
    none) in the order they come in."""
    import pandas as pd

    sums, genes = None, {}
    for part in _parts(path, names):
        named = part.drop_duplicates("gene")
        shown = named["shown"].fillna("") if names.shown else [""] * len(named)
        genes |= dict(zip(named["gene"], shown, strict=True)) | genes
        weighted = pd.DataFrame({"x": part["x"] * part["n"], "y": part["y"] * part["n"], "n": part["n"]})
        more = weighted.groupby(part["key"].to_numpy()).sum()
        sums = more if sums is None else sums.add(more, fill_value=0.0)
    if any("\0" in gene or "\0" in shown for gene, shown in genes.items()):
        raise InputError(f"{path.name}: a gene's name has characters that are not text. The file is damaged. Copy or "
                         "export it again.")
    if sums is None or sums.empty:
        raise InputError(f"{path.name} has no cells, because no row counts a transcript in a cell. Export it again "
                         "with cells.")
    sums = sums.loc[sums["n"] > 0].sort_index()
    key = sums.index.to_numpy()
    if names.cell is None:
        x, y = ((corner - (1 << 26)) * BIN for corner in (key // SHIFT, key % SHIFT))
        index = pd.Index(x.astype(str)) + "_" + pd.Index(y.astype(str))
        middle = (BIN - 1) / 2
        return pd.DataFrame({"key": key, "x": x + middle, "y": y + middle}).set_axis(index), genes
    found = pd.DataFrame({"key": key, "x": np.asarray(sums["x"] / sums["n"]),
                          "y": np.asarray(sums["y"] / sums["n"])})
    return found.set_axis(pd.Index(key.astype(str))), genes


def _matrix(path: Path, names: _Names, genes: pd.Index, cells: np.ndarray) -> csr_matrix:
    """(cells, genes) CSR; `cells` are the keys in increasing order. The rows of the table go to files on disk, each for
    a range of cells, which are then summed one after the other: in memory are the result and one range."""
    import scipy.sparse as sp

    data, indices, counts = array("f"), array("i"), [np.zeros(1, np.int64)]
    with tempfile.TemporaryDirectory(prefix="isost-gem-") as folder:
        ends = np.linspace(0, len(cells), min(RANGES, len(cells)) + 1).astype(int)
        files = [Path(folder) / str(k) for k in range(len(ends) - 1)]
        for rows in _rows(path, names, genes, cells):
            where = np.searchsorted(ends, rows["cell"], side="right") - 1
            order = np.argsort(where, kind="stable")
            for k, part in zip(*_split(rows[order], where[order]), strict=True):
                with open(files[k], "ab") as file:
                    part.tofile(file)
        for file, low, high in zip(files, ends[:-1], ends[1:], strict=True):
            rows = np.fromfile(file, ROW) if file.exists() else np.empty(0, ROW)
            part = sp.coo_matrix((rows["n"], (rows["cell"] - low, rows["gene"])), (high - low, len(genes))).tocsr()
            data.frombytes(part.data.tobytes())
            indices.frombytes(part.indices.astype(np.int32, copy=False).tobytes())
            counts.append(np.diff(part.indptr))
    parts = np.asarray(data, np.float32), np.asarray(indices, np.int32), np.concatenate(counts).cumsum()
    return sp.csr_matrix(parts, shape=(len(cells), len(genes)))


def _rows(path: Path, names: _Names, genes: pd.Index, cells: np.ndarray) -> Iterator[np.ndarray]:
    """Arrays of ROW: the rows of a batch of the table that lie in the cells."""
    for part in _parts(path, names):
        part = part.loc[np.isin(part["key"].to_numpy(), cells)]
        made = np.empty(len(part), ROW)
        made["cell"] = np.searchsorted(cells, part["key"].to_numpy())
        made["gene"] = genes.get_indexer(part["gene"])
        made["n"] = part["n"].to_numpy()
        if (made["gene"] < 0).any():  # pandas takes a name up to its first NUL
            raise InputError(f"{path.name}: a gene's name has characters that are not text. The file is damaged. Copy "
                             "or export it again.")
        yield made


def _split(rows: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """The values of sorted `where`, and the rows that have each."""
    found, starts = np.unique(where, return_index=True)
    return found, np.split(rows, starts[1:])
