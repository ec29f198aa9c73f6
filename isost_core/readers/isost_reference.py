"""Files of the published isoST code: tensors (.pt) of normalised positions and PCs, with the tables that undo that.

A tensor has one row per cell: x, y, z, then the PCs. Beside it, or in a folder above it in what was given, lie

    min_dic.csv    columns x, y, PC_1, PC_2, ...: what was taken off
    scale_dic.csv  columns xy (or x and y), PC_1, ...: what was divided by after that
    gene.csv       names of the genes (column gene_symbol or gene)
    *.npz          the PCA: arrays components (PCs, genes) and mean (genes,); optional log_base, e.g. 2 for log2 values

z is stored as it was measured, in the unit of x and y, unless scale_dic.csv has a column z. Nothing is unpickled.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import delimited
from isost_core.readers.header import Header, check_genes, numbers
from isost_core.readers.names import name_of
from isost_core.readers.options import ReadOptions
from isost_core.sections.stack import MIN_CELLS

MINIMUM, SCALE, GENES = "min_dic.csv", "scale_dic.csv", "gene.csv"
GENE_COLUMNS = ("gene_symbol", "gene", "genes", "symbol")
PREFIX = "shuffled_"
ROWS = 1 << 14  # cells whose genes are computed at once


@dataclass(frozen=True, eq=False)
class Recipe:
    """How to undo the normalisation: minimum and scale by column name, genes, and the PCA."""

    minimum: dict[str, float]
    scale: dict[str, float]
    genes: list[str]
    components: np.ndarray
    mean: np.ndarray
    log_base: float


def is_one(path: Path) -> bool:
    """Whether a path is a tensor file, or a folder with tensor files and the table of their minimum."""
    if path.is_dir():
        return any(True for _ in path.rglob(MINIMUM)) and bool(_tensor_files(path))
    return path.suffix.lower() == ".pt" and _is_zip(path)


def _is_zip(path: Path) -> bool:
    """Whether a file is an archive, as torch writes tensors."""
    try:
        return path.is_file() and zipfile.is_zipfile(path)
    except zipfile.BadZipFile:
        return False


def _tensor_files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*.pt") if _is_zip(p))


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of each tensor file; without one of the tables, or the PCA, an InputError says what to put where."""
    if not path.is_dir():
        return [_header(path, path.parent, options)]
    return [_header(file, path, options) for file in _tensor_files(path)]


def _header(path: Path, top: Path, options: ReadOptions) -> Header:
    import pandas as pd

    values = _tensor(path)
    recipe = _recipe(path, top, values.shape[1] - 3)
    z = _measured(values, recipe, 2, "z", path.name)
    position = np.column_stack([_measured(values, recipe, j, axis, path.name) for j, axis in enumerate("xy")])
    obs = pd.DataFrame({"z": z}, index=pd.Index(np.arange(len(z)).astype(str)))
    stem = name_of(path).removeprefix(PREFIX)
    levels, of_cell, counts = np.unique(z, return_inverse=True, return_counts=True)
    several = len(levels) > 1 and counts.min() >= MIN_CELLS
    names = np.array([f"{level:g}" for level in levels], dtype=object)[of_cell] if several else stem
    obs[keys.SECTION] = names
    unit = _one_unit(options.um_per_unit)
    notes = (f"{path.name}: expression was computed from {values.shape[1] - 3} PCs. Values below 0 were set to 0.",)
    if unit is None:
        notes += (f"{path.name}: z has the same unit as x and y, so the µm per unit gives the depth.",)
    else:
        obs[keys.Z_UM] = z * unit
    return Header(path=path, genes=recipe.genes, obs=obs, coordinates={keys.SPATIAL: position}, is_log1p=True,
                  is_table=False, load=partial(_matrix, path, recipe), notes=notes, kind="tensor of the isoST code")


def _one_unit(um_per_unit: float | dict[str, float] | None) -> float | None:
    """The µm per unit where one was given for all, else None."""
    given = set(um_per_unit.values()) if isinstance(um_per_unit, dict) else {um_per_unit}
    return given.pop() if len(given) == 1 else None


def _tensor(path: Path) -> np.ndarray:
    """(cells, 3 + PCs) float array. Anything but a plain tensor is refused unread."""
    import pickle

    import torch

    try:
        values = torch.load(path, weights_only=True, map_location="cpu")
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, LookupError, ValueError, TypeError,
            AttributeError, AssertionError, ImportError, zipfile.BadZipFile) as error:
        raise InputError(f"{path.name} cannot be read as a tensor. It is damaged, or it has other objects in it, which "
                         "are not loaded for safety. Save the tensor alone, with torch.save(tensor, file).") from error
    if not isinstance(values, torch.Tensor) or values.layout != torch.strided or not values.is_floating_point():
        raise InputError(f"{path.name} is not a tensor of numbers. Save the tensor alone, with torch.save(tensor, "
                         "file).")
    if values.ndim != 2 or values.shape[1] < 4 or not len(values):
        raise InputError(f"{path.name} must hold a tensor with one row per cell and the columns x, y, z and at least "
                         f"one PC, found shape {tuple(values.shape)}. Save the tensor again.")
    if values.numel() * values.element_size() > values.untyped_storage().nbytes():
        raise InputError(f"{path.name} should have more values than it has. Save the tensor again.")
    return values.detach().double().numpy()


def _recipe(path: Path, top: Path, n_pcs: int) -> Recipe:
    found = {name: _beside(path, top, name) for name in (MINIMUM, SCALE, GENES)}
    minimum, scale = (_row(found[name]) for name in (MINIMUM, SCALE))
    for file, row, needed in ((found[MINIMUM], minimum, ("x", "y")), (found[SCALE], scale, ())):
        missing = [c for c in (*needed, *(f"PC_{i + 1}" for i in range(n_pcs))) if c not in row]
        if missing:
            raise InputError(f"{file.name} has no column '{missing[0]}', but {path.name} has {n_pcs} PCs. Give the "
                             "tables that belong to this tensor.")
    genes = _genes(found[GENES])
    file = _beside(path, top, "*.npz")
    components, mean, log_base = _pca(file, n_pcs, len(genes))
    return Recipe(minimum, scale, genes, components, mean, log_base)


def _beside(path: Path, top: Path, name: str) -> Path:
    """The file of that name in the nearest folder, from the tensor's up to the one that was given."""
    folder = path.parent
    while True:
        hits = sorted(p for p in folder.glob(name) if p.is_file())
        if len(hits) > 1:
            raise InputError(f"{folder.name} has {len(hits)} files like {name}. Keep only the one that belongs to "
                             f"{path.name}.")
        if hits:
            return hits[0]
        if folder == top or folder == folder.parent:
            break
        folder = folder.parent
    if name == "*.npz":
        raise InputError(f"{path.name} needs the PCA as an .npz file next to it, because pickled models are not loaded "
                         "for safety. Write it with numpy.savez('pca.npz', components=model.components_, "
                         "mean=model.mean_).")
    raise InputError(f"{path.name} needs {name} next to it. Give the folder, or an archive of it, with {MINIMUM}, "
                     f"{SCALE}, {GENES} and the PCA as .npz.")


def _row(path: Path) -> dict[str, float]:
    """The one row of a table as a dict of floats."""
    columns = delimited.column_types(path).names
    twice = [c for c in columns if columns.count(c) > 1]
    if twice:
        raise InputError(f"{path.name} has two columns named '{twice[0]}'. Give the table that belongs to the tensor.")
    table = delimited.read_columns(path, columns).to_pandas()
    if len(table) != 1:
        raise InputError(f"{path.name} must have one row of numbers below the names, found {len(table)}. Give the "
                         "table that belongs to the tensor.")
    row = {c: float(numbers(table[c], c, path.name)[0]) for c in columns if c}
    bad = [c for c, v in row.items() if not np.isfinite(v)]
    if bad:
        raise InputError(f"{path.name}: column '{bad[0]}' has no number. Give the table that belongs to the tensor.")
    return row


def _genes(path: Path) -> list[str]:
    columns = delimited.column_types(path).names
    name = next((c for c in GENE_COLUMNS if c in columns), None)
    if name is None:
        raise InputError(f"{path.name} has no column gene_symbol or gene. Columns found: {', '.join(columns[:12])}.")
    genes = delimited.read_columns(path, [name], text=[name])[0].to_pylist()
    check_genes(genes, path.name)
    return genes


def _pca(path: Path, n_pcs: int, n_genes: int) -> tuple[np.ndarray, np.ndarray, float]:
    """components (PCs, genes), mean (genes,), base of the logarithm."""
    try:
        with np.load(Path(path), allow_pickle=False) as arrays:
            held = {name: np.asarray(arrays[name], dtype=np.float64) for name in ("components", "mean", "log_base")
                    if name in arrays.files}
    except (OSError, ValueError, EOFError, LookupError, TypeError, AttributeError, RuntimeError, MemoryError,
            zipfile.BadZipFile) as error:
        raise InputError(f"{path.name} cannot be read as an .npz file of numbers. Write it with numpy.savez("
                         "'pca.npz', components=model.components_, mean=model.mean_).") from error
    components, mean = held.get("components", np.empty(0)), held.get("mean", np.empty(0)).reshape(-1)
    if components.shape != (n_pcs, n_genes) or mean.shape != (n_genes,):
        raise InputError(f"{path.name} must hold components of shape ({n_pcs}, {n_genes}) and a mean of {n_genes}, "
                         f"found {components.shape} and {mean.shape}. Give the PCA of this tensor and {GENES}.")
    log_base = float(np.max(held.get("log_base", np.e), initial=0.0))
    if not 1.0 < log_base < float("inf"):
        raise InputError(f"{path.name}: the base of the logarithm must be above 1, found {log_base:g}. Correct it.")
    return components, mean, log_base


def _measured(values: np.ndarray, recipe: Recipe, column: int, name: str, file: str) -> np.ndarray:
    """One column of the tensor in the unit it was measured in."""
    scale = recipe.scale.get(name, recipe.scale.get("xy") if name in ("x", "y") else None)
    if scale is None and name != "z":
        raise InputError(f"{SCALE} has no column 'xy' or '{name}', so the positions of {file} have no scale. Give the "
                         "table that belongs to the tensor.")
    return values[:, column] if scale is None else values[:, column] * scale + recipe.minimum.get(name, 0.0)


def _matrix(path: Path, recipe: Recipe) -> np.ndarray:
    """(cells, genes) float32 in log1p space, a block of cells at a time."""
    values = _tensor(path)[:, 3:]
    names = [f"PC_{i + 1}" for i in range(values.shape[1])]
    pcs = values * [recipe.scale[c] for c in names] + [recipe.minimum[c] for c in names]
    x = np.empty((len(pcs), len(recipe.genes)), dtype=np.float32)
    for start in range(0, len(x), ROWS):
        block = pcs[start:start + ROWS] @ recipe.components + recipe.mean
        x[start:start + ROWS] = np.maximum(block, 0.0) * np.log(recipe.log_base)
    return x
