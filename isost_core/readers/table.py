"""Tables (.csv, .tsv, .parquet): one row per cell; x, y, section, z_um, and every other numeric column a gene."""

from functools import partial

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers.header import COORDINATE_COLUMNS, Header, check_genes, numbers

DELIMITERS = {".csv": ",", ".tsv": "\t"}
CELL_NAMES = ("", "cell", "cell_id", "cell_name", "barcode", "index", "__index_level_0__")
NEVER_GENES = ("z", "z_um", "center_z")


def is_one(path):
    """Whether a path is of this format."""
    return path.is_file() and path.suffix.lower() in (".csv", ".tsv", ".parquet")


def read_headers(path, options):
    """Header of a table. Text among the numbers of a column is an InputError that names column and row."""
    table = _read(path)
    columns = table.column_names
    pair = _position_columns(path, columns)
    position = np.column_stack([_numeric(table, c, path.name) for c in pair])
    genes, obs, notes = _split(table, path, pair, options)
    check_genes(genes, path.name)
    return [Header(path=path, genes=genes, obs=obs, coordinates={keys.SPATIAL: position}, is_log1p=False,
                   is_table=True, load=partial(_matrix, path, tuple(genes)), notes=notes, kind="table")]


def _read(path):
    import pyarrow as pa
    from pyarrow import csv, parquet

    try:
        if path.suffix.lower() == ".parquet":
            table = parquet.ParquetFile(path).read()
        else:
            parse = csv.ParseOptions(delimiter=DELIMITERS[path.suffix.lower()])
            table = csv.read_csv(path, parse_options=parse)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{path.name} cannot be read as a {path.suffix[1:]} table: {_first_line(error)}. "
                         "Check that it is complete and that each row has one value per column.") from error
    if table.num_rows == 0:
        raise InputError(f"{path.name} has no cells: it holds a header but no rows.")
    return table


def _first_line(error):
    return str(error).strip().splitlines()[0].rstrip(".")[:200] if str(error).strip() else "unknown reason"


def _position_columns(path, columns):
    for pair in COORDINATE_COLUMNS:
        if set(pair) <= set(columns):
            twice = [c for c in pair if columns.count(c) > 1]
            if twice:
                raise InputError(f"{path.name} has two columns named '{twice[0]}'. Remove or rename one.")
            return pair
    named = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
    hint = " The values look separated by ';': save the table with commas." if ";" in columns[0] else ""
    raise InputError(f"{path.name} has no columns x and y with the positions. Columns found: {named}.{hint}")


def _split(table, path, pair, options):
    """Genes (names), annotation (DataFrame), notes."""
    import pandas as pd

    wanted = {options.section_key, options.depth_key, keys.SECTION, keys.Z_UM, *NEVER_GENES, *CELL_NAMES} - {None}
    genes, kept, names = [], {}, None
    for i, column in enumerate(table.column_names):
        if column in pair:
            continue
        if column in CELL_NAMES and column != options.section_key:
            names = table.column(i).to_pandas().astype(str).to_numpy()
        elif column in wanted or _is_text(table.column(i), column, path.name):
            kept[column] = table.column(i).to_pandas()
        else:
            genes.append(column)
    index = names if names is not None else np.arange(table.num_rows).astype(str)
    obs = pd.DataFrame(kept).set_axis(pd.Index(index)) if kept else pd.DataFrame(index=pd.Index(index))
    text = [c for c in kept if c not in wanted]
    notes = (f"{path.name}: columns of text kept as annotation, not genes: {', '.join(text)}.",) if text else ()
    return genes, obs, notes


def _is_text(column, name, file):
    """Whether a column is annotation; a column of numbers with some text in it is an error."""
    import pandas as pd
    import pyarrow.types as types

    kind = column.type
    if types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind) or types.is_null(kind):
        return False
    if not (types.is_string(kind) or types.is_large_string(kind)):
        return True
    values = column.to_pandas()
    if pd.to_numeric(values, errors="coerce").notna().any():
        numbers(values, name, file)
        return False
    return True


def _numeric(table, name, file):
    return numbers(table.column(name).to_pandas(), name, file)


def _matrix(path, genes):
    """(cells, genes) float32, filled column by column."""
    table = _read(path)
    x = np.empty((table.num_rows, len(genes)), dtype=np.float32)
    for j, gene in enumerate(genes):
        x[:, j] = _numeric(table, gene, path.name)
    return x
