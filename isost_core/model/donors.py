"""Whose measured values a virtual cell has: those of the cell it started from, or of a near neighbour of that.

On a measured section all have those of a neighbour, so that it is no copy; in the middle of a gap, where places and
both sections are mixed anyway, all have their own, which say more about the place.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from isost_core.sections.expression import Matrix, dense
from isost_core.sections.stack import Sections

DONORS = 4  # near neighbours with one of which a virtual cell trades its own deviation from the mean
SEEN_VALUES, DISTINCT = 1_000_000, 0.1  # values looked at, and the largest share of distinct ones where they have steps
ROWS = 1024  # cells whose values are moved together


def donors(sections: Sections, source: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """For a share of the source cells (n,), rows of `sections.cells`, a near neighbour in their own section, and for
    the others themselves; each one once."""
    donor = np.empty_like(source)
    label = sections.cells.obs["section"].cat.codes.to_numpy()
    for code in np.unique(label[source]):
        rows = np.flatnonzero(label == code)
        here = label[source] == code
        partner = partners(sections.xy[rows], DONORS, rng)
        pair = np.minimum(partner, np.arange(len(rows)))
        partner = np.where(rng.random(len(rows))[pair] < share, partner, np.arange(len(rows)))
        donor[here] = rows[partner[np.searchsorted(rows, source[here])]]
    return donor


def partners(xy: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """For each point (n, 2) another one nearby, so that all trade places in pairs.

    Random pairs of near neighbours (k nearest), then of those left over; an odd one out gets its nearest neighbour.

    Returns
    -------
    (n,) indices, none its own; (2,) or more points are needed
    """
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    partner, left = np.full(len(xy), -1), np.arange(len(xy))
    while len(left) > 1:
        near = cKDTree(xy[left]).query(xy[left], k=min(k, len(left) - 1) + 1, workers=-1)[1]
        i, j = np.repeat(np.arange(len(left)), near.shape[1]), near.ravel()
        i, j = _random_matching(i[i != j], j[i != j], len(left), rng)
        partner[left[i]], partner[left[j]] = left[j], left[i]
        left = left[partner[left] < 0]
    if len(left):
        near = cKDTree(xy).query(xy[left], k=2)[1][0]
        partner[left] = near[near != left[0]][0]
    return partner


def _random_matching(i: np.ndarray, j: np.ndarray, n: int,
                     rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Edges (i, j) of a random matching among those of a graph of n points: each in turn that is first at both ends."""
    free, first, second = np.ones(n, bool), [], []
    while len(i):
        order = rng.permutation(len(i))
        best = np.full(n, len(i))
        np.minimum.at(best, i, order)
        np.minimum.at(best, j, order)
        won = (best[i] == order) & (best[j] == order)
        first.append(i[won])
        second.append(j[won])
        free[i[won]] = free[j[won]] = False
        kept = free[i] & free[j]
        i, j = i[kept], j[kept]
    return np.concatenate(first), np.concatenate(second)


def steps_of(X: Matrix) -> np.ndarray | None:
    """Values above 0 that occur in X (n, genes), increasing, where they have steps as labels and counts do; or None.

    A part of X tells whether they do. All of it tells which, or the few highest counts would be lost.
    """
    some = dense(X[:: max(1, X.shape[0] * X.shape[1] // SEEN_VALUES)])
    detected = some[some > 0]
    if not 0 < len(np.unique(detected)) <= DISTINCT * len(detected):
        return None
    held = (np.unique(dense(X[lo:lo + ROWS])) for lo in range(0, X.shape[0], ROWS))
    steps = reduce(np.union1d, held)
    return steps[steps > 0]


def in_steps(values: np.ndarray, steps: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Values (n, genes), in place, each moved to the step below or above it, so that it is the same on average.

    What is 0 stays 0, and what lies beyond the first or the last step is moved to it.
    """
    for lo in range(0, len(values), ROWS):
        here = values[lo:lo + ROWS]
        detected = here > 0
        value = here[detected]
        above = np.searchsorted(steps, value).clip(1, max(len(steps) - 1, 1))
        low, high = steps[above - 1], steps[np.minimum(above, len(steps) - 1)]
        share = (value - low) / np.maximum(high - low, 1e-9)
        here[detected] = np.where(rng.random(len(value)) < share, high, low)
    return values
