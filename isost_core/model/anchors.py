"""Anchors: what a prediction is made from, at two resolutions, and the search for those around a point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from isost_core.model.covariance import Covariance
from isost_core.sections.spacing import area_per_cell

if TYPE_CHECKING:
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]
    from torch import Tensor

COARSER = 3.0  # a coarse bin is as many fine ones wide
SPARE = 3  # coarse bins asked for beyond those that are wanted: so many lie where fine ones do
FEWEST_SECTIONS, MOST_SECTIONS = 4, 8  # nearest sections that anchors are looked for in
MOST_CELLS, FEWEST_BINS = 64, 60  # a bin has no more cells, and a section no fewer bins
ALONE = 4096  # points that one thread searches for


@dataclass(frozen=True, eq=False)
class Anchors:
    """Bins of cells, or single cells, that a prediction is made from.

    xyz : (anchors, 3) um; section : (anchors,) section number; count : (anchors,) cells in the bin
    values : (anchors, axes) mean latent values
    spread : (anchors,) um2, half the mean squared distance of two cells of a bin; 0 of a single cell
    """

    xyz: np.ndarray
    section: np.ndarray
    count: np.ndarray
    values: np.ndarray
    spread: np.ndarray

    @classmethod
    def of_cells(cls, xyz: np.ndarray, section: np.ndarray, values: np.ndarray) -> Anchors:
        return cls(xyz, section, np.ones(len(xyz)), values, np.zeros(len(xyz)))

    def beside(self, other: Anchors) -> Anchors:
        """These and then others."""
        mine, theirs = vars(self).values(), vars(other).values()
        return Anchors(*(np.concatenate([a, b]) for a, b in zip(mine, theirs, strict=True)))


def make_anchors(xyz: np.ndarray, section: np.ndarray, values: np.ndarray, bin_um: float) -> Anchors:
    """Average cells at xyz (n, 3) um over square bins of each section; bin_um 0 keeps the cells."""
    if bin_um <= 0:
        return Anchors.of_cells(xyz, section, values)
    from scipy.sparse import csr_matrix

    key = np.column_stack([section, np.floor(xyz[:, :2] / bin_um)]).astype(np.int64)
    cells, label, count = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    n, label = len(xyz), label.ravel()
    average = csr_matrix((1 / count[label], (label, np.arange(n))), shape=(len(count), n))
    middle = average @ xyz
    off = average @ ((xyz - middle[label]) ** 2).sum(1)
    return Anchors(middle, cells[:, 0], count.astype(float), (average @ values).astype(np.float32),
                   off * count / np.maximum(count - 1, 1))


def bin_width(sections_xy: list[np.ndarray], cells: float) -> float:
    """Width (um) of bins that hold about so many cells, 0 for the cells themselves; a section keeps FEWEST_BINS."""
    cells = min(cells, float(np.median([len(xy) for xy in sections_xy])) / FEWEST_BINS)
    return 0.0 if cells < 2 else float(np.sqrt(cells * anchor_area(sections_xy)))


def cells_of_a_bin(signal: float, most: float = MOST_CELLS) -> float:
    """Nugget over signal: noisy cells are averaged, clear ones kept; signal : share of the variance that is spatial."""
    return float(np.clip((1 - signal) / max(signal, 1e-3), 1, most))


def anchor_area(sections_xy: list[np.ndarray]) -> float:
    """Tissue area (um2) of a cell."""
    return float(np.median([area_per_cell(xy) for xy in sections_xy]))


@dataclass(frozen=True, eq=False)
class SectionIndex:
    """Anchors of one section: their rows among all, and a k-d tree of their positions in the plane."""

    rows: np.ndarray
    tree: cKDTree


@dataclass(frozen=True, eq=False)
class GroupedValues:
    """Anchors on the device. values : (anchors, axes) with the axes of each group side by side
    count, spread : (anchors,); back : (axes,) place of each axis there; ends : (groups + 1,) where each group's axes
    begin"""

    values: Tensor
    count: Tensor
    spread: Tensor
    back: Tensor
    ends: np.ndarray


@dataclass(frozen=True, eq=False)
class Wanted:
    """Around which points anchors are looked for.

    xyz : (n, 3) um; places : (n, sections, 2) um or None, where each point's tissue lies in each section
    without : number of a section left out; within : number of the section whose cells the points are, of which the bin
    of each is left out
    """

    xyz: np.ndarray
    places: np.ndarray | None = None
    without: int | None = None
    within: int | None = None

    def of(self, here: slice) -> Wanted:
        """Some of the points."""
        return Wanted(self.xyz[here], None if self.places is None else self.places[here], self.without, self.within)


@dataclass(frozen=True, eq=False)
class Found:
    """Anchors around points: number (n, k), -1 where there is none; offset (n, k, 3) um from the point."""

    number: np.ndarray
    offset: np.ndarray

    def nearest(self, most: int) -> Found:
        """Those nearest in 3D, at most so many, of each point."""
        if self.number.shape[1] <= most:
            return self
        distance = np.where(self.number < 0, np.inf, (self.offset**2).sum(-1))
        kept = np.argpartition(distance, most - 1, axis=1)[:, :most]
        return Found(np.take_along_axis(self.number, kept, 1), np.take_along_axis(self.offset, kept[:, :, None], 1))


class AnchorIndex:
    """Anchors made ready to be searched and solved, once for all covariances of the same groups of axes.

    Around a point there are fine anchors, and coarse ones beyond them: near cells say where a value changes, far ones
    only what it is on the whole, and there averages of more cells say as much.

    fine : Anchors; coarse : Anchors, or None to have fine ones alone
    depths : (sections,) um; group : (axes,) group of each axis
    """

    def __init__(self, fine: Anchors, coarse: Anchors | None, depths: np.ndarray, group: np.ndarray,
                 device: str = "cpu") -> None:
        self.fine, self.coarse, self.depths, self.group, self.device = fine, coarse, depths, group, device

    @cached_property
    def anchors(self) -> Anchors:
        """All of them, fine ones first."""
        return self.fine if self.coarse is None else self.fine.beside(self.coarse)

    @cached_property
    def sections(self) -> list[SectionIndex]:
        """Of the fine ones."""
        return self._sections(self.fine, 0)

    @cached_property
    def coarse_sections(self) -> list[SectionIndex]:
        return [] if self.coarse is None else self._sections(self.coarse, len(self.fine.xyz))

    def _sections(self, anchors: Anchors, first: int) -> list[SectionIndex]:
        from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

        rows = [np.flatnonzero(anchors.section == s) for s in range(len(self.depths))]
        return [SectionIndex(first + mine, cKDTree(anchors.xyz[mine, :2])) for mine in rows]

    @cached_property
    def grouped(self) -> GroupedValues:
        import torch

        order, held = np.argsort(self.group, kind="stable"), self.anchors
        values, count, spread = (torch.as_tensor(a, dtype=torch.float32, device=self.device)
                                 for a in (held.values[:, order], held.count, held.spread))
        ends = np.searchsorted(self.group[order], np.arange(self.group.max() + 2))
        return GroupedValues(values, count, spread, torch.from_numpy(np.argsort(order)).to(self.device), ends)

    def own(self, xyz: np.ndarray, number: np.ndarray) -> np.ndarray:
        """(n,) the anchor of its own section that lies nearest to each cell, at xyz (n, 3) um in section `number`."""
        anchor = np.empty(len(xyz), dtype=int)
        for s, index in enumerate(self.sections):
            here = number == s
            anchor[here] = index.rows[index.tree.query(xyz[here, :2], workers=-1)[1]]
        return anchor

    def around(self, wanted: Wanted, per_section: int) -> Found:
        """Anchors near each point: half of FEWEST_SECTIONS * per_section fine ones, half coarse ones, nearest in 3D,
        of no more than per_section fine ones of a section."""
        chosen = self._nearest_sections(wanted, per_section)
        fine = self._search(wanted, chosen, self.sections, per_section)
        shape = (*chosen.shape, -1)
        if self.coarse is None:
            return fine
        most = FEWEST_SECTIONS * per_section // 2
        fine = fine.nearest(most)
        far = self._search(wanted, chosen, self.coarse_sections, per_section // 2 + SPARE)
        number, offset = far.number.reshape(shape), far.offset.reshape(*shape, 3)
        hidden = (offset[..., :2] ** 2).sum(-1) <= self._reach(fine, chosen)[:, :, None]
        number = np.where(hidden, -1, number).reshape(len(chosen), -1)
        beyond = Found(number, far.offset).nearest(most)
        return Found(np.concatenate([fine.number, beyond.number], 1), np.concatenate([fine.offset, beyond.offset], 1))

    def _nearest_sections(self, wanted: Wanted, per_section: int) -> np.ndarray:
        """(n, k) numbers of the sections nearest to each point: more where they lie closer than the anchors do."""
        away = np.abs(wanted.xyz[:, 2:] - self.depths)
        if wanted.without is not None:
            away[:, wanted.without] = np.inf
        usable = int(np.isfinite(away[0]).sum())
        most = FEWEST_SECTIONS if self.coarse is None else self._section_count(per_section)
        return np.argsort(away, axis=1, kind="stable")[:, : min(most, usable)]

    def _section_count(self, per_section: int) -> int:
        """Sections within the radius in which half of all fine anchors of a point lie in one section."""
        radius = np.sqrt(self._fine_area * FEWEST_SECTIONS * per_section / 2 / np.pi)
        gap = float(np.median(np.diff(self.depths))) if len(self.depths) > 1 else 1.0
        return int(np.clip(2 * np.ceil(radius / gap), FEWEST_SECTIONS, MOST_SECTIONS))

    @cached_property
    def _fine_area(self) -> float:
        """Tissue area (um2) of a fine anchor: measured once, since every chunk of points asks for it."""
        xy = [self.fine.xyz[part.rows, :2] for part in self.sections if len(part.rows) > 1]
        return anchor_area(xy) if xy else 0.0

    def _search(self, wanted: Wanted, chosen: np.ndarray, sections: list[SectionIndex], each: int) -> Found:
        """The nearest in the plane, `each` of every chosen section (n, k)."""
        at, xyz = self.anchors.xyz, wanted.xyz
        number = np.full((*chosen.shape, each), -1, dtype=np.int64)
        offset = np.zeros((*number.shape, 3))
        for s in np.unique(chosen):
            row, slot = np.nonzero(chosen == s)
            rows, tree = sections[s].rows, sections[s].tree
            place = xyz[row, :2] if wanted.places is None else wanted.places[row, s]
            own = int(s == wanted.within)
            k = min(each, len(rows) - own)
            if k < 1:
                continue
            near = tree.query(place, k=k + own, workers=-1 if len(row) > ALONE else 1)[1]
            near = near.reshape(len(row), k + own)[:, own:]
            number[row, slot, :k] = rows[near]
            offset[row, slot, :k, :2] = at[rows[near], :2] - place[:, None]
            offset[row, slot, :k, 2] = at[rows[near], 2] - xyz[row, 2][:, None]
        return Found(number.reshape(len(xyz), -1), offset.reshape(len(xyz), -1, 3))

    def _reach(self, fine: Found, chosen: np.ndarray) -> np.ndarray:
        """(n, k) squared distance (um2) in the plane of the farthest fine anchor in each chosen section; -1 of none."""
        section = np.where(fine.number < 0, -1, self.fine.section[fine.number])
        apart = (fine.offset[..., :2] ** 2).sum(-1)
        return np.where(section[:, None] == chosen[:, :, None], apart[:, None], -1.0).max(-1)


def width_of_groups(sections_xy: list[np.ndarray], covariance: Covariance) -> np.ndarray:
    """(groups,) um, the width of the fine bins of each group of axes: of powers of 2 cells, so that few differ."""
    cells = [2 ** np.floor(np.log2(cells_of_a_bin(float(signal)))) for signal in covariance.signal]
    return np.array([bin_width(sections_xy, n) for n in cells])
