"""AnnData files (.h5ad), read element by element so that nothing but what is needed is loaded."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import hdf5, matrices
from isost_core.readers.header import Header, check_genes, unique_genes
from isost_core.readers.limits import check_dataset, check_elements, check_pointers, check_size, check_sparse
from isost_core.readers.options import ReadOptions
from isost_core.readers.positions import array_of, find_positions
from isost_core.sections.images import FoundImage
from isost_core.sections.noun import said_noun
from isost_core.sections.value_scale import said_base

if TYPE_CHECKING:
    import h5py
    import pandas as pd
    import zarr
    from scipy.sparse import csr_matrix

    from isost_core.readers.header import Matrix

OTHER_NAMES = (keys.OTHER_NAME, "gene_ids", "gene_id", "ensembl_id", "feature_name", "gene_symbols", "gene_symbol",
               "gene_name", "gene_names", "gene_short_name", "symbol", "symbols", "ensembl", "ensembl_ids", "ensemblid",
               "ensembl_gene_id", "gene_id_version", "geneid", "genename", "hgnc_symbol", "mgi_symbol")
SYMBOLS = ("gene_name", "gene_names", "gene_symbols", "gene_symbol", "gene_short_name", "symbol", "symbols",
           "feature_name", "genename", "hgnc_symbol", "mgi_symbol", "features", "gene", "genes", "_index")

OLD = "{} was written by an anndata older than 0.7. Open it in anndata and save it again."


def is_one(path: Path) -> bool:
    """Whether a path is of this format."""
    ending = path.suffix.lower()
    return path.is_file() and (ending == ".h5ad" or (ending in (".h5", ".hdf5") and _has_parts(path)))


def _has_parts(path: Path) -> bool:
    """Whether an HDF5 file of another ending has what AnnData writes."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return all(part in file for part in ("X", "obs", "var"))
    except (OSError, RuntimeError, KeyError, ValueError):
        return False


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of an .h5ad file; a file that cannot be read is an InputError that says why."""
    return [hdf5.guarded(path, partial(_header, path, options))]


def _header(path: Path, options: ReadOptions, file: h5py.File) -> Header:
    import h5py

    for part in ("obs", "var"):
        if part not in file:
            raise InputError(f"{path.name} is not a complete AnnData file, because it has no {part}. Export it again.")
    matrix = matrices.chosen(file, options.layer_of(path.name), path.name)
    if isinstance(file["obs"], h5py.Dataset):
        raise InputError(OLD.format(path.name))
    obs, var = (frame(hdf5.group(file, part), path.name) for part in ("obs", matrix.var))
    if len(obs) == 0:
        raise InputError(f"{path.name} has no cells. Export it again with cells.")
    shape = _shape(file, matrix, path.name)
    if shape != (len(obs), len(var)):
        raise InputError(f"{path.name}: {matrix.name} is {shape[0]} x {shape[1]}, but there are {len(obs)} cells and "
                         f"{len(var)} genes. Export the file again.")
    genes, repeated = genes_of(var, path.name)
    check_genes(genes, path.name)
    uns = hdf5.held_in(file, "uns")
    phantom = uns[keys.PHANTOM][()] if isinstance(uns.get(keys.PHANTOM), h5py.Dataset) else None
    places = find_positions(file, obs, path.name, options)
    images = _images(path, file, places.by_key)
    ours = matrices.is_ours(file, list(obs.columns), list(var.columns))
    base = math.e if ours else said_base(uns)
    return Header(path=path, genes=genes, obs=obs, coordinates=places.by_key, units=places.units,
                  notes=repeated + places.notes,
                  images=images, y_down=bool(images) or _says_y_down(uns), other_names=other_names(var, genes),
                  noun=said_noun(uns), is_log1p=base is not None, log_base=base or math.e, is_ours=ours,
                  is_table=False, load=partial(hdf5.guarded, path, partial(_matrix, matrix)), layer=matrix.name,
                  matrices=tuple(matrices.found(file)),
                  layers=partial(hdf5.guarded, path, partial(matrices.others, matrix)),
                  phantom=phantom.decode() if isinstance(phantom, bytes) else phantom)


def _says_y_down(uns: Mapping[str, object]) -> bool:
    import h5py

    said = uns.get(keys.Y_DOWN)
    return bool(said[()]) if isinstance(said, h5py.Dataset) and said.shape == () else False


def genes_of(var: pd.DataFrame, where: str) -> tuple[list[str], tuple[str, ...]]:
    """Names of the genes, each once, and notes on how they were made; where rows of `var` are only numbered, they come
    from its column of symbols. where : file, for messages"""
    names, notes = [str(g) for g in var.index], ()
    column = _named(var, SYMBOLS)
    if column is not None and all(name.isdigit() for name in names):
        names = [str(name) for name in var[column]]
        notes = (f"{where}: genes are only numbered, so their names come from var['{column}'].",)
    unique, repeated = unique_genes(names, ids_of(var), where)
    return unique, notes + repeated


def ids_of(var: pd.DataFrame) -> list[str]:
    """The second name of each gene, from the first column of `var` that holds such and does not only repeat the first;
    empty where there is none."""
    column = _named(var, OTHER_NAMES)
    return [] if column is None else [name if isinstance(name, str) else "" for name in var[column]]


def _named(var: pd.DataFrame, known: Sequence[str]) -> str | None:
    """The column of `var` with the first of the known names, whatever its case, that says something new."""
    folded = {str(column).casefold(): str(column) for column in reversed(list(var.columns))}
    own = [str(name) for name in var.index]
    return next((folded[name] for name in known if name in folded
                 and list(map(str, var[folded[name]])) != own), None)


def other_names(var: pd.DataFrame, genes: Sequence[str]) -> dict[str, str]:
    """{gene: its id or symbol}; `genes` are the names of the rows of `var`."""
    return {gene: name for gene, name in zip(genes, ids_of(var), strict=False) if name and name != gene}


def _images(path: Path, file: h5py.File, places: dict[str, np.ndarray]) -> dict[str | None, FoundImage]:
    """Images as scanpy keeps them, uns['spatial'][library]; obsm['spatial_pixel'], else obsm['spatial'], holds pixels
    of the full image."""
    import h5py

    libraries = file.get("uns/spatial")
    pixels = hdf5.held_in(file, "obsm").get("spatial_pixel")
    pixels = places.get(keys.SPATIAL) if pixels is None else array_of(pixels, "spatial_pixel", path.name)
    if not isinstance(libraries, h5py.Group) or pixels is None:
        return {}
    found: dict[str | None, FoundImage] = {}
    for library in libraries:
        for kind in ("hires", "lowres"):
            inner = f"uns/spatial/{library}/images/{kind}"
            scale = file.get(f"uns/spatial/{library}/scalefactors/tissue_{kind}_scalef")
            if inner in file and isinstance(scale, h5py.Dataset) and scale.shape == () and scale.dtype.kind == "f":
                found[library if len(libraries) > 1 else None] = FoundImage(path, inner, pixels[:, :2] * scale[()])
                break
    return found


def _shape(file: h5py.File, matrix: matrices.Matrix, name: str) -> tuple[int, ...]:
    """Shape of the matrix; one that does not fit in memory is refused before any of it is read."""
    import h5py

    x = file[matrix.place]
    if isinstance(x, h5py.Dataset):
        shape = x.shape
        check_dataset(x, name)
        check_size(float(shape[0]) * float(shape[1]), matrix.name, name)
    else:
        x = hdf5.group(file, matrix.place)
        shape = tuple(int(n) for n in np.asarray(x.attrs["shape"]))
        check_sparse(x, name)
        check_elements(x, name)
    return shape


def frame(group: h5py.Group | zarr.Group, file: str) -> pd.DataFrame:
    """The table (DataFrame) of an AnnData group, `obs` or `var`."""
    import pandas as pd
    from anndata.io import read_elem

    check_elements(group, file)
    if group.attrs.get("encoding-type") != "dataframe":
        raise InputError(OLD.format(file))
    table = read_elem(group)
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"{file}: '{group.name}' is not a table. Export the file again.")
    records = [str(c) for c, kind in table.dtypes.items() if kind.kind == "V"]
    if records:
        raise InputError(f"{file}: column '{records[0]}' has records, not numbers or text. Remove the column.")
    return table


def _matrix(matrix: matrices.Matrix, file: h5py.File) -> Matrix:
    """The matrix as float32: CSR where it is stored sparse, else dense."""
    import h5py
    from anndata.io import read_elem

    name, x = Path(file.filename).name, file[matrix.place]
    if isinstance(x, h5py.Dataset):
        if x.dtype.kind not in "fiub":
            raise InputError(f"{name}: {matrix.name} must have numbers, found type {x.dtype}. Export the file again.")
        return x.astype(np.float32)[...]
    return as_csr(read_elem(hdf5.group(file, matrix.place)), name)


def as_csr(x: object, where: str) -> csr_matrix:
    """A sparse matrix as it was read, checked, as CSR float32."""
    from scipy.sparse import sparray, spmatrix

    if not isinstance(x, spmatrix | sparray):
        raise InputError(f"{where}: X is not a matrix. Export the file again.")
    held = cast("csr_matrix", x)
    check_pointers(held)
    return held.astype(np.float32, copy=False).tocsr()
