"""Counts in one file and positions in another, matched by the names of the cells: Curio Seeker, STARmap PLUS and other
studies of the Single Cell Portal, PASTE's pairs, exports of Seurat, BMKMANU; and arrays whose spots are named by their
place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import count_files, delimited, pairs, position_table, tenx_mtx
from isost_core.readers.count_files import Counts
from isost_core.readers.header import Header, check_genes
from isost_core.readers.names import name_of, visible
from isost_core.readers.options import ReadOptions
from isost_core.sections import noun

if TYPE_CHECKING:
    import pandas as pd

ROLES = re.compile(r"(?<![a-z])(coordinates?|coords?|coor|positions?|pos|locations?|loc|spatial|centroids?|"
                   r"spots?|beads?|cells?|matchedbeadlocation|moleculespermatchedbead|barcodes?|bc|meta|metadata|counts?|"
                   r"expr|expression|genes?|features?|matrix|mtx|mat|data|raw|processed|normali[sz]ed|pd|stdata|selection|umi|dge|"
                   r"aligned|ids|table|file|x|y)(?![a-z])")
FEATURES = re.compile(r"(genes?|features?)(_names?)?\.(tsv|csv|txt)(\.gz)?$", re.IGNORECASE)
BARCODES = re.compile(r"(barcodes?|cells?|cell_names?|spots?|beads?)\.(tsv|csv|txt)(\.gz)?$", re.IGNORECASE)
BESIDE = re.compile(r"meta|annot|cluster|label|celltype|cell_type|weights", re.IGNORECASE)
PREFERRED = (re.compile(r"raw|counts?(?![a-z])", re.IGNORECASE), re.compile(r"(?<!un)(processed|normali|log|scaled)",
                                                                            re.IGNORECASE))
NOUNS_OF = {"ST array": noun.SPOT, "Curio Seeker folder": noun.BEAD}
PITCH = "Spots of most ST arrays are 200 µm apart."  # only said, never assumed


@dataclass(frozen=True)
class Pair:
    """The files of one section. key : what their names have in common; counts : a table, or matrix, genes and cells;
    places : None where the names of the spots say it"""

    key: str
    counts: tuple[Path, ...]
    places: Path | None


def is_one(path: Path) -> bool:
    """Whether a path is a folder with such pairs, or a table of counts of spots that are named by their place."""
    if path.is_dir():
        files = [p for p in visible(path) if p.is_file()]
        return not any(p.name.endswith(".h5ad") for p in files if not _has_matrix(files)) and bool(paired(files))
    return bool(paired([path]))


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Headers of the sections in a folder; cells that only one of two files has are left out and counted."""
    found = paired([p for p in visible(path) if p.is_file()] if path.is_dir() else [path])
    if not found:
        raise InputError(f"{path.name} has no counts with positions. Give both files of each section.")
    if not path.is_dir():
        return [read_pair(path, found[0], options)]
    return [read_pair(path / pair.key if len(found) > 1 and pair.key else path, pair, options) for pair in found]


def paired(files: Iterable[Path]) -> list[Pair]:
    """The pairs among some files; none where they are of another kind."""
    files = list(files)
    tables = [p for p in files if delimited.is_delimited(p) and not _is_names(p)]
    matrices = [p for p in files if tenx_mtx.is_matrix(p)]
    places, counts = [], []
    for path in tables:
        try:
            if position_table.is_one(path):
                places.append(path)
            elif count_files.is_table(path):
                counts.append(path)
        except InputError:  # of another kind, or damaged: whoever reads it says so
            continue
    whole = [(m, *names) for m in matrices if (names := _names_of(m, files)) is not None]
    counts = [p for p in counts if not BESIDE.search(p.name)] or counts
    by_key: dict[str, list[tuple[Path, ...]]] = {}
    for one in [*whole, *((p,) for p in counts)]:
        by_key.setdefault(key_of(one[0]), []).append(one)
    chosen = {key: min(several, key=_rank) for key, several in by_key.items()}
    return _together(chosen, places)


def _has_matrix(files: Sequence[Path]) -> bool:
    return any(tenx_mtx.is_matrix(p) for p in files)


def _is_names(path: Path) -> bool:
    return bool(FEATURES.search(path.name) or BARCODES.search(path.name))


def _names_of(matrix: Path, files: Sequence[Path]) -> tuple[Path, Path] | None:
    """The files with the genes and the cells of a matrix: those with the same key, or the only ones."""
    found = []
    for rule in (FEATURES, BARCODES):
        those = [p for p in files if p.parent == matrix.parent and rule.search(p.name)]
        mine = [p for p in those if key_of(p) == key_of(matrix)] or those
        if len(mine) != 1:
            return None
        found += mine
    return found[0], found[1]


def key_of(path: Path) -> str:
    """What the names of the files of a section have in common: 'slice1_coor.csv' -> 'slice1'."""
    bare = ROLES.sub(" ", name_of(path).lower().replace("_", " "))
    return "_".join(re.findall(r"[a-z0-9.+]+", bare))


def _rank(files: tuple[Path, ...]) -> tuple[int, int, str]:
    """Raw counts before others, those that were changed last."""
    name = files[0].name
    return (-bool(PREFERRED[0].search(name)), int(bool(PREFERRED[1].search(name))), name)


def _together(counts: dict[str, tuple[Path, ...]], places: Sequence[Path]) -> list[Pair]:
    made, used = [], set()
    for key, files in sorted(counts.items()):
        fitting = [p for p in places if key_of(p) == key]
        fitting = fitting or (list(places) if len(counts) == 1 and len(places) == 1 else [])
        if len(fitting) > 1:
            raise InputError(f"{files[0].name} has {len(fitting)} tables of positions beside it "
                             f"({', '.join(p.name for p in fitting)}). Keep the one that belongs to it.")
        if fitting:
            made.append(Pair(key, files, fitting[0]))
            used.add(fitting[0])
        elif len(files) == 1 and _of_array(files[0]):
            made.append(Pair(key, files, None))
    return made


def _of_array(path: Path) -> bool:
    """Whether the spots of a table of counts are named by their place, as far as its first two lines tell."""
    columns, row = delimited.columns(path), delimited.first_row(path)
    return count_files.are_spots(columns[1:]) or bool(row and count_files.SPOT.fullmatch(row[0]))


def read_pair(path: Path, pair: Pair, options: ReadOptions) -> Header:
    """Header of the section in two files. path : that names it"""
    places = None if pair.places is None else position_table.read(pair.places)
    counts = _counts(pair, places, options)
    cells = _on_array(path, counts) if places is None else _placed(path, counts, places, pair)
    return _header(path, pair, counts, cells)


def _on_array(path: Path, counts: Counts) -> _Cells:
    """The places of spots that are in their names."""
    import pandas as pd

    at = [count_files.place_of(name) for name in counts.cells]
    found = [one for one in at if one is not None]
    if len(found) < len(at):
        raise InputError(f"{counts.files[0].name} has a spot '{counts.cells[at.index(None)]}', whose name does not say "
                         "its place as '10x13' does. Correct it, or give a table of positions.")
    xy = np.array([one[1:] for one in found]).reshape(-1, 2)
    obs = pd.DataFrame(index=pd.Index(counts.cells))
    sections = [one[0] for one in found]
    if len(set(sections)) > 1:
        obs[keys.SECTION] = sections
    return _Cells(np.arange(len(xy)), xy, obs, None, (
        f"{path.name}: x and y are in the names of the spots. {PITCH}",))


def _placed(path: Path, counts: Counts, places: position_table.Places, pair: Pair) -> _Cells:
    """The places from a table, by the names of the cells or, where it has none, in their order."""
    import pandas as pd

    file, other = counts.files[0].name, "" if pair.places is None else pair.places.name
    names = places.names if places.names is not None else _names_by_place(places, counts)
    notes = places.notes
    if names is None:
        rows = kept = np.arange(len(places.xy))
        notes += (f"{path.name}: {other} has no names, so its lines were taken in the order of the cells of {file}.",)
    else:
        joined = pairs.join(*_alike(pd.Index(counts.cells), names), file, other)
        rows, kept = joined.rows, np.flatnonzero(joined.kept)
        notes += (f"{path.name}: x and y count the spots of an array. {PITCH}",) if places.names is None else ()
        notes += pairs.left_out(path.name, joined.n_left, f"cells that only one of {file} and {other} has were")
    obs = places.obs.iloc[rows].set_axis(pd.Index([counts.cells[k] for k in kept]))
    return _Cells(kept, places.xy[rows], obs, places.um_per_unit, notes)


def _counts(pair: Pair, places: position_table.Places | None, options: ReadOptions) -> Counts:
    if len(pair.counts) == 3:
        return count_files.of_matrix(*pair.counts)
    if places is None:
        return count_files.of_table(pair.counts[0], options)
    if places.names is None:
        spots = _of_array(pair.counts[0])
        return count_files.of_table(pair.counts[0], options, n_cells=None if spots else len(places.xy))
    return count_files.of_table(pair.counts[0], options, known=list(places.names))


def _names_by_place(places: position_table.Places, counts: Counts) -> pd.Index | None:
    """Names of the spots of an array, '10x13', from their places; None where cells have other names."""
    import pandas as pd

    found = [count_files.place_of(name) for name in counts.cells]
    if not found or None in found:
        if len(counts.cells) != len(places.xy):
            raise InputError(f"{counts.files[0].name} has {len(counts.cells):,} cells, but there are "
                             f"{len(places.xy):,} positions without names. Give the two files of the same section.")
        return None
    here = {one[1:]: name for one, name in zip(found, counts.cells, strict=True) if one is not None}
    hits = [here.get((float(x), float(y)), "") for x, y in places.xy[:, :2]]
    if sum(map(bool, hits)) * 2 < len(hits) and len(hits) == len(counts.cells):
        return None
    return pd.Index([name or f"no counts {k}" for k, name in enumerate(hits)])


def _alike(cells: pd.Index, names: pd.Index) -> tuple[pd.Index, pd.Index]:
    """The two indices, as they are or, where they share nothing, without what R does to names."""
    import pandas as pd

    if cells.isin(names).any():
        return cells, names
    plain = [pd.Index([count_files.plain(str(n)) for n in index]) for index in (cells, names)]
    return (plain[0], plain[1]) if all(p.is_unique for p in plain) else (cells, names)


@dataclass(frozen=True, eq=False)
class _Cells:
    """Rows of the counts, and of each its place, in increasing order; what else is known of them; notes."""

    rows: np.ndarray
    xy: np.ndarray
    obs: pd.DataFrame
    um_per_unit: float | None
    notes: tuple[str, ...]


def _header(path: Path, pair: Pair, counts: Counts, cells: _Cells) -> Header:
    if len(cells.rows) == 0:
        raise InputError(f"{path.name} has no cells. Export it again.")
    check_genes(counts.genes, counts.files[0].name)
    said = (f"{path.name}: counts come from {counts.files[0].name}, positions from {pair.places.name}.",
            ) if pair.places else ()
    return Header(path=path, genes=counts.genes, obs=cells.obs, coordinates={keys.SPATIAL: cells.xy}, is_log1p=False,
                  is_table=False, notes=(*said, *counts.notes, *cells.notes), um_per_unit=cells.um_per_unit,
                  kind=_kind(pair), noun=NOUNS_OF.get(_kind(pair), ""), other_names=counts.ids or {},
                  not_genes=counts.about,
                  load=partial(counts.load, cells.rows),
                  sources=(*counts.files, *(() if pair.places is None else (pair.places,))))


def _kind(pair: Pair) -> str:
    if pair.places is None:
        return "ST array"
    if "matchedbead" in pair.places.name.lower():
        return "Curio Seeker folder"
    return "counts and positions"
