"""What every format gives: the description of one file, without its values."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from isost_core.errors import InputError
from isost_core.sections.images import FoundImage

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_matrix

    Matrix: TypeAlias = np.ndarray | csr_matrix  # (cells, genes)

X = "X"  # the matrix of a file that is read unless another is named


@dataclass(frozen=True, eq=False)
class Header:
    """One file or vendor folder: its cells and genes, its positions by key, and `load()` for the (cells, genes) matrix.

    um_per_unit : of the positions, where the format says it; None where only the user can
    units : {key of positions: µm per unit} of those whose names say it
    images : {section as the file names it, or None for the only one: FoundImage} that came with the cells
    other_names : {gene: another name of it, such as its Ensembl id}
    kind : what the file was recognised as, in a person's words
    sources : of a folder, the files that are read; all where it is empty
    log_base : of the logarithm that the values are, where `is_log1p`; is_ours : whether this program wrote the file
    layer : name of the matrix that is read; matrices : names of all that an AnnData file has
    layers() : names of those besides `layer` that hold values, none of them negative
    not_genes : columns of numbers that were taken as annotation
    noun : what one of its cells is: a cell, spot, bead or bin; '' where only their places can tell
    y_down : whether y of its places goes downwards, as it does in images
    label : what the file is called where another of the same name is read too
    """

    path: Path
    genes: list[str]
    obs: pd.DataFrame
    coordinates: dict[str, np.ndarray]
    is_log1p: bool
    is_table: bool
    load: Callable[[], Matrix]
    notes: tuple[str, ...] = ()
    phantom: str | None = None
    um_per_unit: float | None = None
    images: dict[str | None, FoundImage] = field(default_factory=dict)
    other_names: dict[str, str] = field(default_factory=dict)
    kind: str = "AnnData"
    sources: tuple[Path, ...] = ()
    units: dict[str, float] = field(default_factory=dict)
    log_base: float = math.e
    is_ours: bool = False
    layer: str = X
    matrices: tuple[str, ...] = ()
    layers: Callable[[], Sequence[str]] = tuple
    not_genes: tuple[str, ...] = ()
    label: str = ""
    noun: str = ""
    y_down: bool = False

    @property
    def file(self) -> str:
        return self.label or self.path.name

    @property
    def flag(self) -> float | None:
        """Base of the logarithm that the file says its values are; None where it says nothing."""
        return self.log_base if self.is_log1p else None

    def instead(self) -> str:
        """A sentence, with a space in front, on the matrices that could be read in place of this; else nothing."""
        names = list(self.layers())
        return (f" Layers with values: {', '.join(names)}. Choose one under 'How the files are read' (--layer "
                f"{names[0]})." if names else "")


def told_apart(headers: Sequence[Header]) -> list[Header]:
    """The headers, each called by the folder around it too where another file has its name."""
    paths: dict[str, list[Path]] = {}
    for path in dict.fromkeys(header.path for header in headers):
        paths.setdefault(path.name, []).append(path)
    new = []
    for header in headers:
        same, path = paths[header.path.name], header.path.absolute()
        levels = zip(*(one.absolute().parts[-2::-1] for one in same), strict=False)
        level = next((k for k, level in enumerate(levels) if len(set(level)) == len(level)), None)
        new.append(header if len(same) == 1 or level is None else
                   replace(header, label=f"{path.parts[-2 - level]}/{path.name}"))
    return new


def numbers(values: Any, column: str, file: str) -> np.ndarray:
    """float64 array of a column; text in it is an InputError that names the column, the row and the text."""
    import pandas as pd

    if getattr(values, "ndim", 1) != 1:
        raise InputError(f"{file} has more than one column named '{column}'. Remove or rename one.")
    values = pd.Series(np.asarray(values, dtype=object) if hasattr(values, "cat") else values)
    if values.dtype.kind == "V":
        raise InputError(f"{file}: column '{column}' must hold numbers, found records. Remove the column.")
    if values.dtype.kind in "fiu":
        return values.to_numpy(dtype=np.float64)
    parsed = pd.Series(pd.to_numeric(values, errors="coerce")).astype(float)
    bad = np.flatnonzero(np.asarray(parsed.isna()) & np.asarray(values.notna()))
    if len(bad):
        raise InputError(f"{file}: column '{column}' must hold numbers, found '{values.iloc[bad[0]]}' in row "
                         f"{bad[0] + 1}. Correct that value, or remove the column.")
    return parsed.to_numpy(dtype=np.float64)


def check_genes(genes: Sequence[str], file: str) -> None:
    """Refuse a file without genes or with a gene name that occurs twice."""
    if not genes:
        raise InputError(f"{file} has no genes. Add one column of numbers for each gene.")
    if len(set(genes)) == len(genes):
        return
    seen, twice = set(), []
    for gene in genes:
        if gene in seen and gene not in twice:
            twice.append(gene)
        seen.add(gene)
    named = ", ".join(twice[:5]) + (", ..." if len(twice) > 5 else "")
    said = "1 gene name occurs" if len(twice) == 1 else f"{len(twice)} gene names occur"
    raise InputError(f"{file}: {said} more than once ({named}). Add up or rename the repeated "
                     "genes, and read the file again.")


def unique_genes(genes: Sequence[str], ids: Sequence[str], file: str) -> tuple[list[str], tuple[str, ...]]:
    """Names of genes of which none occurs twice, and a note where that had to be made so.

    A repeated name gets its id in brackets where `ids` has one for each gene, else -1, -2, ... from the second on.
    """
    counted = Counter(genes)
    if len(counted) == len(genes):
        return list(genes), ()
    used, seen, made = set(), Counter[str](), []
    for number, gene in enumerate(genes):
        name = gene
        if counted[gene] > 1:
            name = f"{gene} ({ids[number]})" if len(ids) == len(genes) and ids[number] not in ("", gene) else gene
            if name in used:
                name = next(k for n in itertools.count(seen[gene]) if (k := f"{gene}-{n}") not in used
                            and k not in counted)
        seen[gene] += 1
        used.add(name)
        made.append(name)
    twice = [gene for gene, n in counted.items() if n > 1]
    example = next(m for m, g in zip(reversed(made), reversed(genes), strict=True) if m != g)
    said = "gene name occurs" if len(twice) == 1 else "gene names occur"
    named = ", ".join(twice[:3]) + (", ..." if len(twice) > 3 else "")
    return made, (f"{file}: {len(twice)} {said} more than once ({named}). Each row keeps its own values under a "
                  f"name of its own, such as {example}.",)
