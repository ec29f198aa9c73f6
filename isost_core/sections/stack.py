"""The Sections container: the measured cells of a stack, checked and ordered by depth."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from isost_core import keys
from isost_core.axis import DEPTH, Axis
from isost_core.errors import InputError
from isost_core.sections import noun
from isost_core.sections.expression import LOG1P_MARK, Matrix, as_float32, check_values, only_zeros, to_log1p
from isost_core.sections.images import FOLDER, SectionImage, images_of, stored, to_text
from isost_core.sections.totals import common_total, scale_rows, totals_of
from isost_core.sections.value_scale import MEDIAN, said_base, scale_of
from isost_core.sections.value_words import words_of
from isost_core.words import plain, um

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

MIN_CELLS = 20  # a section with fewer cells says nothing about its neighbours
MIN_PLACES, SOME_CELLS = 10, 1000  # places at which the cells of a section must lie; cells that mostly tell
SAME_DEPTH_UM = 1e-3  # sections closer than this in depth cannot be told apart


@dataclass(frozen=True, eq=False)
class Sections:
    """Measured cells of a stack of sections, grouped by section in increasing depth.

    `cells.X` is float32 in log1p space (CSR where the input was sparse); `cells.obs` has `section`
    (categories in depth order) and `depth` (µm, each cell's own); `cells.obsm['spatial']` is (n, 2) µm.
    Made by `from_anndata`, `from_log1p` or `load`, which check what they are given.
    """

    cells: AnnData
    names: tuple[str, ...]
    frame: str
    normalize: str
    hashes: dict[str, str]
    notes: tuple[str, ...]
    axis: Axis = DEPTH

    @classmethod
    def from_anndata(cls, cells: AnnData, normalize: str = "auto", frame: str = keys.SPATIAL) -> Sections:
        """Sections from cells in the documented layout: obs `section`, `z_um` (or `depth`), obsm `spatial`, µm.

        `normalize` is 'auto' (log1p, unless `uns['log1p']` or the values say that was done), 'log1p', 'median_log1p'
        (counts of each cell scaled to the median total, then log1p), 'none' (already log1p) or 'log2' (already log2 of
        1 + value).
        """
        _require(cells)
        names = cells.obs[keys.SECTION].astype(str).to_numpy()
        x: Matrix = cells.X
        for name in dict.fromkeys(names):
            check_values(x[names == name], list(cells.var_names), f"Section '{name}'")
        if only_zeros(x):
            raise InputError("X holds only zeros. Put counts or log1p values into it.")
        flag = said_base(cells.uns)
        scale = scale_of(x, normalize, flag)
        cells = cells.copy()
        totals = totals_of(x)
        cells.X = to_log1p(_scaled(x, totals) if normalize == MEDIAN else x, scale.base)
        if said := noun.said_noun(cells.uns):
            cells.uns[keys.NOUN] = said
        if keys.Z_UM in cells.obs:
            cells.obs[keys.DEPTH] = cells.obs[keys.Z_UM]
        by_section = {name: totals[names == name] for name in dict.fromkeys(names)}
        notes = words_of([("the cells", scale, flag)], normalize, by_section)
        return cls.from_log1p(cells, normalize, frame, notes=notes)

    @classmethod
    def from_log1p(cls, cells: AnnData, normalize: str = "none", frame: str = keys.SPATIAL,
                   hashes: dict[str, str] | None = None, notes: Iterable[str] = (), axis: Axis = DEPTH) -> Sections:
        """Sections from cells whose X is float32 in log1p space; says how it came to be so in `normalize`."""
        _require(cells)
        depth_key = keys.DEPTH if keys.DEPTH in cells.obs else keys.Z_UM
        depth = cells.obs[depth_key].to_numpy(dtype=np.float64)
        position = np.asarray(cells.obsm[keys.SPATIAL], dtype=np.float64)[:, :2]
        labels = cells.obs[keys.SECTION].astype(str).to_numpy()
        names = list(dict.fromkeys(labels))
        _check_cells(names, labels, depth, position)
        names = _by_depth(names, labels, depth)
        ordered = _ordered(cells, names, labels, depth, position)
        return cls(ordered, tuple(names), frame, normalize, dict(hashes or {}), tuple(notes), axis)

    @classmethod
    def load(cls, path: str | Path) -> Sections:
        """The sections that `save` wrote."""
        import anndata

        cells = anndata.read_h5ad(path)
        _resolve_images(cells, path)
        if keys.UNS not in cells.uns or "sections" not in cells.uns[keys.UNS]:
            raise InputError(f"{path} was not written by isoST Studio. Read it with read_sections instead.")
        about = json.loads(cells.uns[keys.UNS]["sections"])
        return cls.from_log1p(cells, about["normalize"], about["frame"], about["hashes"], about["notes"],
                              Axis(**about["axis"]) if "axis" in about else DEPTH)

    def save(self, path: str | Path, with_images: bool = True) -> None:
        """Write as h5ad, and the images of the sections into a folder beside it; `load` gives the same back."""
        about = {name: getattr(self, name) for name in ("normalize", "frame", "hashes", "notes")}
        if self.axis != DEPTH:
            about["axis"] = asdict(self.axis)
        import anndata

        held = self.cells
        parts: dict[str, Any] = {"obs": held.obs, "var": held.var, "obsm": dict(held.obsm), "uns": dict(held.uns)}
        cells = anndata.AnnData(held.X, **parts)
        cells.uns[keys.UNS] = {"sections": json.dumps(about)}
        cells.uns.pop(keys.IMAGES, None)
        if with_images and self.images:
            kept = stored(self.images, path)
            cells.uns[keys.IMAGES] = to_text({n: replace(i, path=i.path.name) for n, i in kept.items()})
        cells.write_h5ad(path, compression="lzf")

    @property
    def X(self) -> Matrix:
        """Log1p expression (cells, genes), float32, CSR where the input was sparse."""
        return self.cells.X

    @property
    def xy(self) -> np.ndarray:
        """Positions (cells, 2) um in the plane."""
        return cast(np.ndarray, self.cells.obsm[keys.SPATIAL])

    @property
    def cell_depths(self) -> np.ndarray:
        """(cells,) depth of each cell, um."""
        return self.cells.obs[keys.DEPTH].to_numpy(float)

    @property
    def genes(self) -> list[str]:
        return list(self.cells.var_names)

    @property
    def images(self) -> dict[str, SectionImage]:
        """{section: SectionImage} of the histology images that came with the sections."""
        return images_of(self)

    @cached_property
    def other_names(self) -> dict[str, str]:
        """{gene: another name of it, such as its Ensembl id}, of those that have one."""
        if keys.OTHER_NAME not in self.cells.var:
            return {}
        names = self.cells.var[keys.OTHER_NAME].astype(str)
        return {gene: name for gene, name in zip(self.genes, names, strict=True) if name}

    @property
    def n_dropped_genes(self) -> int:
        """Number of genes that some file lacks and that were therefore left out."""
        return int(self.cells.uns.get(keys.DROPPED_GENES, 0))

    @property
    def n_cells(self) -> int:
        return self.cells.n_obs

    @property
    def synthetic(self) -> bool:
        """Whether these cells are a phantom, not a measurement."""
        return keys.PHANTOM in self.cells.uns

    @property
    def y_down(self) -> bool:
        """Whether y goes downwards in pictures, as it does in the images and the viewer of the instrument."""
        return bool(self.cells.uns.get(keys.Y_DOWN, False))

    @cached_property
    def noun(self) -> str:
        """What one of `cells` is: a 'cell', 'spot', 'bead' or 'bin', as the files say it or as they lie."""
        said = str(self.cells.uns.get(keys.NOUN, ""))
        if said in noun.NOUNS or self.synthetic:
            return said or noun.CELL
        return noun.of_all(noun.told_by(self.xy[self.rows(name)]) for name in self.names)

    @cached_property
    def _bounds(self) -> np.ndarray:
        counts = np.bincount(self.cells.obs[keys.SECTION].cat.codes, minlength=len(self.names))
        return np.concatenate([[0], np.cumsum(counts)])

    @cached_property
    def depths(self) -> np.ndarray:
        """(K,) mean depth of each section, µm, increasing."""
        depth = self.cells.obs[keys.DEPTH].to_numpy()
        return np.array([depth[a:b].mean() for a, b in zip(self._bounds[:-1], self._bounds[1:], strict=True)])

    def rows(self, name: str) -> np.ndarray:
        """Row numbers in `cells` of the cells of one section."""
        k = self._index([name])[0]
        return np.arange(self._bounds[k], self._bounds[k + 1])

    def without(self, names: Iterable[str]) -> Sections:
        """The same sections less the named ones."""
        gone = set(self._index(names))
        kept = [self.rows(name) for k, name in enumerate(self.names) if k not in gone]
        rows = np.concatenate(kept) if kept else np.arange(0)
        return Sections.from_log1p(self.cells[rows], self.normalize, self.frame, self.hashes, self.notes,
                                   self.axis)

    def _index(self, names: Iterable[str]) -> list[int]:
        unknown = [name for name in names if name not in self.names]
        if unknown:
            raise InputError(f"Section '{unknown[0]}' was not found. The sections are {', '.join(self.names)}.")
        return [self.names.index(name) for name in names]


def _resolve_images(cells: AnnData, path: str | Path) -> None:
    """The images that `save` put beside the file, found there again wherever that is now."""
    if keys.IMAGES in cells.uns:
        held = json.loads(cells.uns[keys.IMAGES])
        for one in held.values():
            one["path"] = str(Path(path).parent / FOLDER / Path(one["path"]).name)
        cells.uns[keys.IMAGES] = json.dumps(held)


def _scaled(x: Matrix, totals: np.ndarray) -> Matrix:
    """A copy of `x` (cells, genes), float32, with each row brought to the median total."""
    made = as_float32(x).copy()
    scale_rows(made, 0, made.shape[0], totals, common_total(totals))
    return made


def _require(cells: AnnData) -> None:
    if keys.SECTION not in cells.obs:
        raise InputError(f"The cells have no obs['{keys.SECTION}']. It has: {', '.join(cells.obs.columns)}.")
    if keys.DEPTH not in cells.obs and keys.Z_UM not in cells.obs:
        raise InputError(f"The cells have no depth. Add obs['{keys.Z_UM}'] in µm.")
    if keys.SPATIAL not in cells.obsm:
        raise InputError(f"The cells have no positions. Add obsm['{keys.SPATIAL}'] with two columns in µm.")


def _check_cells(names: list[str], labels: np.ndarray, depth: np.ndarray, position: np.ndarray) -> None:
    if len(names) < 2:
        found = f"only '{names[0]}'" if names else "none"
        raise InputError(f"A reconstruction needs at least two sections, found {found}. Add the neighbouring sections, "
                         "or name the column that separates the sections of a file.")
    for name in names:
        mine = labels == name
        if mine.sum() < MIN_CELLS:
            raise InputError(f"Section '{name}' has {mine.sum()} cells; at least {MIN_CELLS} are needed. "
                             "Leave this section out, or check that its file is complete.")
        bad = int((~np.isfinite(position[mine]).all(axis=1)).sum())
        if bad:
            raise InputError(f"Section '{name}': {bad} of {mine.sum()} cells have no position (x or y is not a "
                             "finite number). Remove these cells or correct their coordinates.")
        places = _n_places(position[mine])
        if places < MIN_PLACES:
            raise InputError(f"Section '{name}': its {mine.sum()} cells lie at only {places} "
                             f"{'place' if places == 1 else 'places'}; at least {MIN_PLACES} are needed. Check where x "
                             "and y are read from.")
        bad = int((~np.isfinite(depth[mine])).sum())
        if bad:
            raise InputError(f"Section '{name}': {bad} of {mine.sum()} cells have no depth. Give the depth of "
                             "each section in µm, or one gap for all.")


def _n_places(xy: np.ndarray) -> int:
    """Number of different places (n, 2); only up to enough."""
    some = len(np.unique(xy[:SOME_CELLS], axis=0))
    return some if some >= MIN_PLACES or len(xy) <= SOME_CELLS else len(np.unique(xy, axis=0))


def _by_depth(names: list[str], labels: np.ndarray, depth: np.ndarray) -> list[str]:
    means = {name: depth[labels == name].mean() for name in names}
    names = sorted(names, key=lambda name: means[name])
    for a, b in zip(names[:-1], names[1:], strict=True):
        if means[b] - means[a] < SAME_DEPTH_UM:
            apart = means[b] - means[a]
            if apart > 0:
                raise InputError(f"Sections '{a}' and '{b}' are only {plain(apart, 2)} µm apart in depth, so they "
                                 "cannot be told apart. Give the depths in µm: multiply depths in mm by 1,000, and "
                                 "depths in m by 1,000,000.")
            raise InputError(f"Sections '{a}' and '{b}' are both at depth {um(means[a])}. Give each section its "
                             "own depth in µm, or leave one of them out.")
    return names


def _ordered(cells: AnnData, names: list[str], labels: np.ndarray, depth: np.ndarray,
             position: np.ndarray) -> AnnData:
    """New AnnData, rows grouped by section in the order of `names`, with only what later steps read."""
    import anndata
    import pandas as pd
    import scipy.sparse as sp

    rank = pd.Categorical(labels, categories=names)
    rows = np.argsort(rank.codes, kind="stable")
    in_order = np.array_equal(rows, np.arange(len(rows)))
    given: Matrix = cells.X
    x = given if in_order else given[rows]
    x = x.tocsr().astype(np.float32, copy=False) if sp.issparse(x) else np.asarray(x, dtype=np.float32)
    obs = cast("pd.DataFrame", cells.obs).drop(columns=[keys.SECTION, keys.DEPTH], errors="ignore").iloc[rows].copy()
    obs[keys.SECTION] = rank[rows]
    obs[keys.DEPTH] = depth[rows]
    for column in obs.select_dtypes("category").columns.drop(keys.SECTION):
        obs[column] = obs[column].cat.remove_unused_categories()
    obs.index = unique_names(obs.index.astype(str), obs[keys.SECTION].astype(str))
    var = pd.DataFrame(index=pd.Index(cells.var_names.astype(str)))
    if keys.OTHER_NAME in cells.var and (cells.var[keys.OTHER_NAME].astype(str) != "").any():
        var[keys.OTHER_NAME] = cells.var[keys.OTHER_NAME].astype(str).to_numpy()
    new = anndata.AnnData(x, obs=obs, var=var)
    new.obsm[keys.SPATIAL] = position[rows]
    new.uns[keys.LOG1P] = dict(LOG1P_MARK)
    if keys.ORIGINAL in cells.obsm:
        new.obsm[keys.ORIGINAL] = np.asarray(cells.obsm[keys.ORIGINAL], dtype=np.float64)[rows]
    kept = (keys.PHANTOM, keys.ALIGNMENT, keys.IMAGES, keys.NOUN,
            keys.DROPPED_GENES)
    new.uns.update({name: cells.uns[name] for name in kept if name in cells.uns})
    return new


def unique_names(index: pd.Index, sections: pd.Series) -> pd.Index:
    """Cell names as they are, or with the section in front, or numbered: whichever is first without repeats."""
    import pandas as pd

    if index.is_unique:
        return index
    index = pd.Index(sections.to_numpy() + "_" + index.to_numpy())
    return index if index.is_unique else pd.Index([f"{s}_{i}" for i, s in enumerate(sections)])


def stack_positions(sections: Sections) -> tuple[np.ndarray, np.ndarray]:
    """Positions (n, 3) um of all cells at their own depth, and the number (n,) of each one's section."""
    xyz = np.column_stack([sections.cells.obsm["spatial"], sections.cells.obs["depth"].to_numpy(float)])
    number = np.empty(len(xyz), dtype=int)
    for k, name in enumerate(sections.names):
        number[sections.rows(name)] = k
    return xyz, number
