"""Tables (.csv, .tsv, .txt, these as .gz, .parquet): one row per cell; x, y, section, z_um, and every other column of
numbers a gene, unless its name is that of an annotation (see `annotation`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import annotation, axes, delimited, not_readable
from isost_core.readers.axes import Axes
from isost_core.readers.header import Header, check_genes, numbers
from isost_core.readers.options import ReadOptions

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

T = TypeVar("T")

BATCH_VALUES = 1 << 24  # of a .parquet file, held besides the matrix
CELL_NAMES = ("", "cell", "cell_id", "cell_name", "barcode", "index", "Unnamed: 0", "__index_level_0__")
OURS = {"cell", "source", "x_um", "y_um", "depth_um"}  # columns of the tables that `export` writes, of log1p values
NEVER_GENES = ("z", "z_um", "depth_um", "center_z")


def is_one(path: Path) -> bool:
    """Whether a path is of this format."""
    return delimited.is_delimited(path) or (path.is_file() and _is_parquet(path))


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of a table. Text among the numbers of a column is an InputError that names column and row."""
    kinds = _kinds(path)
    not_readable.check_columns(path, kinds)
    pairs = _position_columns(path, kinds)
    places = {c for pair in pairs for c in pair.columns}
    meant = {*places, *_with_meaning(options)}
    about = annotation.split([c for c in dict.fromkeys(kinds.names) if c not in meant], options)[1]
    genes = [c.name for c in kinds if c.name not in {*meant, *about} and _is_number(c.type)]  # text is looked at below
    table = _described(path, [c for c in dict.fromkeys(kinds.names) if c not in genes])
    position = {pair.key: np.column_stack([_numeric(table, c, path.name) for c in (pair.x, pair.y)]) for pair in pairs}
    best = pairs[0]
    more, obs, notes = _split(table, path, {*meant, *about}, best, options)
    if options.spatial_key in (None, keys.SPATIAL):
        notes += (*best.words(path.name), *axes.others(pairs, path.name))
    genes = [c for c in kinds.names if c in {*genes, *more}] if more else genes
    about = [c for c in about if c in obs and obs[c].dtype.kind in "fiu"]
    if not genes:
        raise not_readable.no_genes(path, about)
    check_genes(genes, path.name)
    ours = set(kinds.names) >= OURS
    return [Header(path=path, genes=genes, obs=obs, is_log1p=ours, is_ours=ours, is_table=True,
                   coordinates={keys.SPATIAL: position[best.key], **position},
                   units={key: pair.um_per_unit for key, pair in ((keys.SPATIAL, best), *((p.key, p) for p in pairs))
                          if pair.um_per_unit is not None},
                   load=partial(_matrix, path, tuple(genes), len(obs)), kind="table", not_genes=tuple(about),
                   notes=(*notes, *annotation.notes(path.name, about), *_written(path)))]


def _written(path: Path) -> tuple[str, ...]:
    return () if _is_parquet(path) else delimited.notes(path)


def _kinds(path: Path) -> pa.Schema:
    """Names and types of the columns (pyarrow Schema), those of text from their first values."""
    from pyarrow import parquet

    if not _is_parquet(path):
        return delimited.column_types(path)
    return _guarded(path, lambda: parquet.ParquetFile(path).schema_arrow)


def _guarded(path: Path, work: Callable[[], T]) -> T:
    import pyarrow as pa

    try:
        return work()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise delimited.unreadable(path, error) from error


def _with_meaning(options: ReadOptions) -> set[str]:
    return {options.section_key, options.depth_key, keys.SECTION, keys.Z_UM, *NEVER_GENES, *CELL_NAMES} - {None}


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow.types as types

    return types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind) or types.is_null(kind)


def _described(path: Path, columns: list[str]) -> pa.Table:
    """The columns besides the genes, whole, as a pyarrow Table."""
    from pyarrow import parquet

    if _is_parquet(path):
        table = _guarded(path, lambda: parquet.ParquetFile(path).read(columns=columns))
    else:
        table = delimited.read_columns(path, columns)
    if table.num_rows == 0:
        raise InputError(f"{path.name} has no cells. It has a header but no rows. Export it again.")
    return table


def _position_columns(path: Path, kinds: pa.Schema) -> list[Axes]:
    """All sets of columns with positions, the best first."""
    pairs = axes.find(kinds.names)
    if pairs and pairs[0].unclear:
        raise axes.unclear(pairs[0], path.name)
    if not pairs:
        raise not_readable.no_positions(path, kinds)
    return pairs[:1] + [p for p in pairs[1:] if not p.unclear
                        and _is_number(kinds.field(p.x).type) and _is_number(kinds.field(p.y).type)]


def _split(table: pa.Table, path: Path, wanted: Collection[str], best: Axes,
           options: ReadOptions) -> tuple[list[str], pd.DataFrame, tuple[str, ...]]:
    """Genes (names), annotation (DataFrame), notes; `wanted` are columns that are kept, whatever they hold."""
    import pandas as pd

    genes, kept, names = [], {}, None
    for i, column in enumerate(table.column_names):
        if column in (best.x, best.y):
            continue
        if column in CELL_NAMES and column != options.section_key:
            names = _plain(table.column(i)).astype(str).to_numpy()
        elif column in wanted or _is_text(table.column(i), column, path.name):
            kept[column] = _plain(table.column(i))
        else:
            genes.append(column)
    index = names if names is not None else np.arange(table.num_rows).astype(str)
    obs = pd.DataFrame(kept).set_axis(pd.Index(index)) if kept else pd.DataFrame(index=pd.Index(index))
    text = [c for c in kept if c not in wanted]
    notes = (f"{path.name}: columns of text are kept as annotation and not read as genes: "
             f"{', '.join(text)}.",) if text else ()
    return genes, obs, notes


def _plain(column: pa.ChunkedArray) -> pd.Series:
    """A column as pandas Series; lists, records and bytes in it as text."""
    import pyarrow.types as types

    values, kind = column.to_pandas(), column.type
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return values.str.decode("utf-8", errors="replace")
    return values.astype(str) if types.is_nested(kind) else values


def _is_text(column: pa.ChunkedArray, name: str, file: str) -> bool:
    """Whether a column is annotation; a column of numbers with some text in it is an error."""
    import pandas as pd
    import pyarrow.types as types

    kind = column.type
    if _is_number(kind):
        return False
    if not (types.is_string(kind) or types.is_large_string(kind)):
        return True
    values = column.to_pandas()
    if pd.Series(pd.to_numeric(values, errors="coerce")).notna().any():
        numbers(values, name, file)
        return False
    return True


def _numeric(table: pa.Table | pa.RecordBatch, name: str, file: str) -> np.ndarray:
    return numbers(table.column(name).to_pandas(), name, file)


def _matrix(path: Path, genes: Sequence[str], n_cells: int) -> np.ndarray:
    """(cells, genes) float32, filled batch by batch."""
    if not _is_parquet(path):
        return delimited.dense_matrix(path, genes, n_cells)
    x = np.empty((n_cells, len(genes)), dtype=np.float32)
    _guarded(path, partial(_fill, x, path, genes))
    return x


def _fill(x: np.ndarray, path: Path, genes: Sequence[str]) -> None:
    from pyarrow import parquet

    start, rows = 0, max(1, BATCH_VALUES // len(genes))
    for batch in parquet.ParquetFile(path).iter_batches(rows, columns=list(genes)):
        for j, gene in enumerate(genes):
            x[start:start + batch.num_rows, j] = _numeric(batch, gene, path.name)
        start += batch.num_rows


def what_it_is(path: Path) -> str | None:
    """What a table is where it is none of cells or spots."""
    return not_readable.what_table(_kinds(path), path.name)


def is_section(path: Path) -> bool:
    """Whether a table has positions and columns of numbers besides, and is none of another kind."""
    kinds = _kinds(path)
    found = axes.find(kinds.names)
    if not found or not_readable.what_table(kinds, path.name) is not None:
        return False
    other = {c for pair in found for c in pair.columns} | _with_meaning(ReadOptions())
    return any(_is_number(field.type) for field in kinds if field.name not in other)
