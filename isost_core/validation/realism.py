"""How well predicted cells can be told from measured ones: a classifier two-sample test (Lopez-Paz and Oquab, 2017).

Two classifiers learn to tell both kinds apart in most of the tissue and are tried on the rest: the higher area under
the curve (AUC) counts. At 0.5 they cannot tell, at 1 they always can. The tissue is divided in blocks, and what borders
on those tried is not learnt from: cells near each other share neighbours, so with cells divided at random a classifier
remembers places, and tells even half of a section from its other half.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isost_core.validation.metrics import Measured, Predicted
from isost_core.validation.smoothers import TrainingCells, fit_components

BY_CELL, BY_NEIGHBOURS, BY_SPACING = TOLD = ("told_expression", "told_neighbours", "told_spacing")
FEWEST, MOST = 1000, 3000  # cells of each kind: fewer are too few to learn from, of more some are taken
AXES = 30  # principal components of expression
AROUND = 10  # nearest cells whose mean expression is seen too
RANKS = (1, 5, 20)  # nearest cells whose distance is seen
SIDE = 4  # blocks along a side of the tissue, and parts that they are dealt to
BORDER = 20  # nearest cells, one of which is tried where the border of what is learnt from lies
SPLITS = 3  # of a section into halves
PAIRS = 5  # most pairs of neighbouring sections in which levels of genes are compared
SHIFTED = 0.08  # AUC above or below 0.5 at which a gene's level alone tells neighbouring sections apart


def told_apart(measured: Measured, predicted: Predicted, genes: np.ndarray, seed: int = 0,
               what: Sequence[str] = TOLD) -> dict[str, float]:
    """AUC with which predicted cells are told from measured ones, by what is seen of them.

    Parameters
    ----------
    measured : Measured
    predicted : Predicted, with sampled cells `X`
    genes : (genes,) whether a gene is looked at, see `steady_genes`
    what : names of TOLD

    Returns
    -------
    dict : `told_expression` by a cell's own expression, `told_neighbours` by that and the mean of its ten nearest
    cells, `told_spacing` by the distances to its nearest, 5th and 20th cell; NaN with fewer than FEWEST cells
    """
    assert predicted.X is not None
    clouds = (measured.xy, measured.values), (predicted.xy, predicted.X)
    n = min(MOST, *(len(xy) for xy, _ in clouds))
    if n < FEWEST or not genes.any():
        return dict.fromkeys(what, float("nan"))
    rng = np.random.default_rng(seed)
    rows = [np.sort(rng.choice(len(xy), n, replace=False)) for xy, _ in clouds]
    at = np.concatenate([xy[some] for (xy, _), some in zip(clouds, rows, strict=True)])
    drawn = np.concatenate([values[some][:, genes] for (_, values), some in zip(clouds, rows, strict=True)])
    space = fit_components(drawn, AXES, standardise=True)
    seen = [_seen(xy, space.encode(values[:, genes]), some)
            for (xy, values), some in zip(clouds, rows, strict=True)]
    folds = folds_of(at)
    return {name: _auc(np.concatenate([one[name] for one in seen]), np.repeat([0, 1], n), folds) for name in what}


def halves_told_apart(measured: Measured, genes: np.ndarray, seed: int = 0) -> dict[str, float]:
    """`told_apart` of a random half of a section from its other half, which nothing can tell: mean over SPLITS."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(SPLITS):
        first = rng.permutation(len(measured.xy)) < len(measured.xy) // 2
        half, other = (Measured(measured.xy[part], measured.values[part]) for part in (first, ~first))
        found.append(told_apart(half, Predicted(other.xy, other.values, other.values), genes, seed))
    return {name: float(np.mean([auc[name] for auc in found])) for name in TOLD}


def steady_genes(cells: TrainingCells, seed: int = 0) -> np.ndarray:
    """(genes,) whether a gene has the same level in neighbouring training sections, block of tissue by block.

    Otherwise its level is that of a staining or of a round of imaging, which nothing can know of a hidden section, and
    by which any real section would be told from it.
    """
    rng, steady = np.random.default_rng(seed), np.ones(cells.values.shape[1], bool)
    last = len(cells.depths) - 2
    for lower in np.unique(np.linspace(0, last, min(PAIRS, last + 1)).round().astype(int)) if last >= 0 else ():
        rows = np.concatenate([some[rng.permutation(len(some))[:MOST]]
                               for some in (cells.rows(lower), cells.rows(lower + 1))])
        above, block = cells.number[rows] > lower, blocks_of(cells.xyz[rows, :2])
        levels = [_level(cells.values[rows[block == b]], above[block == b]) for b in np.unique(block)]
        known = [level for level in levels if level is not None]
        if known:
            steady &= np.abs(np.mean(known, axis=0) - 0.5) < SHIFTED
    return steady


def _level(values: np.ndarray, above: np.ndarray) -> np.ndarray | None:
    """(genes,) chance that a cell from above has more of a gene than one from below; None with few of either."""
    from scipy.stats import rankdata

    n = int(above.sum())
    if min(n, len(above) - n) < RANKS[-1]:
        return None
    return (rankdata(values, axis=0)[above].sum(0) - n * (n + 1) / 2) / (n * (len(above) - n))


def blocks_of(xy: np.ndarray) -> np.ndarray:
    """(n,) block of each point (n, 2): SIDE strips of equally many points along x, each cut the same way along y."""
    def cut(along: np.ndarray) -> np.ndarray:
        return np.argsort(np.argsort(along, kind="stable"), kind="stable") * SIDE // max(len(along), 1)

    strip, place = cut(xy[:, 0]), np.zeros(len(xy), int)
    for number in range(SIDE):
        place[strip == number] = cut(xy[strip == number, 1])
    return SIDE * strip + place


def folds_of(xy: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """(whether learnt from, whether tried) of points (n, 2) in each fold, (n,) both.

    A fold tries one block of each strip, none of which share a side, and learns from what does not border on them.
    """
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    strip, place = np.divmod(blocks_of(xy), SIDE)
    part = (2 * strip + place) % SIDE
    near = part[cKDTree(xy).query(xy, k=BORDER + 1)[1]]
    return [(~(near == p).any(1), part == p) for p in range(SIDE)]


def _seen(xy: np.ndarray, latent: np.ndarray, rows: np.ndarray) -> dict[str, np.ndarray]:
    """What is seen of some cells among all: features (rows, k) by name."""
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    away, near = cKDTree(xy).query(xy[rows], k=RANKS[-1] + 1)
    around = latent[near[:, 1:AROUND + 1]].mean(1)
    spacing = np.log(np.maximum(away[:, RANKS], 1e-3))
    return {BY_CELL: latent[rows], BY_NEIGHBOURS: np.hstack([latent[rows], around]), BY_SPACING: spacing}


def _auc(seen: np.ndarray, kind: np.ndarray, folds: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """The higher AUC of two classifiers, of each the mean over folds."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    seen, found = (seen - seen.mean(0)) / np.maximum(seen.std(0), 1e-9), []
    folds = [fold for fold in folds if all(len(np.unique(kind[part])) == 2 for part in fold)]
    if not folds:
        return float("nan")
    for way in (LogisticRegression(max_iter=200),
                HistGradientBoostingClassifier(max_iter=40, learning_rate=0.2, max_leaf_nodes=10)):
        chance = [way.fit(seen[learnt], kind[learnt]).predict_proba(seen[tried])[:, 1] for learnt, tried in folds]
        found.append(np.mean([roc_auc_score(kind[tried], p) for p, (_, tried) in zip(chance, folds, strict=True)]))
    return float(max(found))
