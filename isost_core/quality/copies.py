"""Sections that hold the same cells twice: an exact copy, one that was moved, thinned, scaled or changed a little.

Two sections of a tissue have cells of the same kinds, yet a cell is no more like its nearest match in the other section
than like that in its own. In a copy it is: its match is itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isost_core.quality.findings import Finding
from isost_core.quality.section_pairs import Part
from isost_core.words import percent

SAMPLE = 150  # cells of a section that matches are looked for
FAR_APART, FEW_SECTIONS = 3, 16  # in a larger stack, sections farther apart are not compared
TWIN, SAME = 0.7, 0.02  # distance to the match in the other section over that in the own one: nearer; the very cell
MORE_CELLS = 0.25  # power of the ratio of cells by which a match among more cells must be nearer
COPIED, SEVERE = 0.1, 0.5  # share of the cells with a twin
LEAST_GENES = 8
LEAST_SAMPLE = 10
ALIKE = 1e-3  # distance within which cells have the same values
MANY, ENOUGH = 2.0, 5  # times the cells; genes above zero
CHANCE = 3.0  # standard errors of a share


@dataclass(frozen=True)
class Copy:
    """Two sections that share cells: share of the cells of the smaller one that have a twin in the other; exact: share
    whose twin has the same values."""

    first: str
    second: str
    share: float
    exact: float


def find_copies(parts: Sequence[Part], rng: np.random.Generator) -> list[Copy]:
    """All pairs of sections that share cells, in the order of depth."""
    n = len(parts)
    if parts[0].raw.shape[1] < LEAST_GENES:
        return []
    values = [_even(part.raw) for part in parts]
    drawn = [rng.permutation(len(v))[:SAMPLE] for v in values]
    own = [_nearest(v[rows], v, rows) for v, rows in zip(values, drawn, strict=True)]
    found = []
    for i in range(n):
        for j in range(i + 1, n if n <= FEW_SECTIONS else min(n, i + 1 + FAR_APART)):
            both = [_twins(values[a], drawn[a], own[a], values[b]) for a, b in ((i, j), (j, i))]
            share, exact = max(both)
            if share >= COPIED:
                found.append(Copy(parts[i].name, parts[j].name, share, exact))
    return found


def _even(values: np.ndarray) -> np.ndarray:
    """Log1p values of cells (n, genes) brought to one total, so that a scaled copy is one too."""
    counts = np.expm1(values.astype(np.float64))
    total = counts.sum(1, keepdims=True)
    return np.log1p(counts / np.maximum(total, 1e-9) * 10 * values.shape[1])


def _twins(values: np.ndarray, rows: np.ndarray, own: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Shares of cells whose match in another section is nearer than any in their own, and is the same; 0 where as many
    could be so by chance.

    By chance a match is as often farther as nearer: those farther are taken off. Cells whose like occurs in both
    sections tell nothing, nor do cells of few genes whose like is bound to occur among many more cells.
    """
    away = _nearest(values[rows], other)
    tells = (own > ALIKE) | (away > ALIKE)
    if len(other) > MANY * len(values):
        tells &= (values[rows] > 0).sum(1) >= ENOUGH
    away, own = np.maximum(away[tells], ALIKE / 10), np.maximum(own[tells], ALIKE / 10)
    if tells.sum() < LEAST_SAMPLE:
        return 0.0, 0.0
    limit = TWIN * min(1.0, len(values) / len(other))**MORE_CELLS
    near, far = float((away < limit * own).mean()), float((own < TWIN * away).mean())
    share = near - far
    if share < CHANCE * np.sqrt((near + far) / tells.sum()):
        return 0.0, 0.0
    return share, float(((away < SAME * own) & (away <= ALIKE)).mean())


def _nearest(some: np.ndarray, among: np.ndarray, own: np.ndarray | None = None) -> np.ndarray:
    """Distance (n,) of each of some cells to the nearest among others; own: which of them it is itself."""
    squared = (some**2).sum(1)[:, None] + (among**2).sum(1) - 2 * some @ among.T
    if own is not None:
        squared[np.arange(len(own)), own] = np.inf
    return np.sqrt(np.maximum(squared.min(1), 0))


def copy_findings(copies: Sequence[Copy]) -> list[Finding]:
    """Sections that are the same one twice."""
    found = []
    for copy in copies:
        exact = copy.exact >= SEVERE
        title = (f"{copy.first} and {copy.second} hold the same cells" if exact else
                 f"{copy.first} and {copy.second} look like the same section twice")
        share = copy.exact if exact else copy.share
        detail = (f"{percent(share)} of the cells of one of them have the same values as a cell of the other." if exact
                  else f"{percent(share)} of the cells of one of them are nearly the same as a cell of the other: more "
                       "alike than any two cells of one section.")
        found.append(Finding(
            "copy", "severe" if copy.share >= SEVERE else "warning", f"{copy.first} – {copy.second}", title, detail,
            "Check that each section has its own file. Leave one of the two out.", float(share),
            (copy.first, copy.second)))
    return found
