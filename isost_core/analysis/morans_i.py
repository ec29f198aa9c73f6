"""Spatially variable genes in 3D: Moran's I over neighbours within and between sections.

Moran, Notes on continuous stochastic phenomena, Biometrika 37 (1950) 17-23. A cell's neighbours are the nearest ones in
its own section and in the sections next to it, so that patterns along depth count although sections lie apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import numpy as np

from isost_core.sections.expression import dense

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_matrix

    from isost_core.sections.stack import Sections

IN_SECTION, NEXT_SECTION = 6, 3  # neighbours of a cell in its own section, and in each section beside it
MOST_CELLS = 30_000
GENES_AT_ONCE = 512
LEAST_P = 1e-300  # what a number can still hold


def neighbour_weights(xyz: np.ndarray, section: np.ndarray) -> csr_matrix:
    """Weights (n, n) CSR, rows sum to 1, of cells at xyz (n, 3) um in sections numbered by depth."""
    from scipy.sparse import coo_matrix
    from scipy.spatial import KDTree

    numbers = np.unique(section)
    rows_of = {k: np.flatnonzero(section == k) for k in numbers}
    trees = {k: KDTree(xyz[rows, :2]) for k, rows in rows_of.items()}
    pairs = []
    for at, k in enumerate(numbers):
        mine = rows_of[k]
        for other in numbers[max(at - 1, 0):at + 2]:
            own = other == k
            count = min(IN_SECTION + 1 if own else NEXT_SECTION, len(rows_of[other]))
            found = trees[other].query(xyz[mine, :2], k=count)[1].reshape(len(mine), count)
            found = found[:, 1:] if own else found
            pairs.append((np.repeat(mine, found.shape[1]), rows_of[other][found].ravel()))
    i, j = (np.concatenate(part) for part in zip(*pairs, strict=True))
    made = coo_matrix((np.ones(len(i)), (i, j)), shape=(len(xyz),) * 2).tocsr()
    made.data /= np.repeat(np.asarray(made.sum(1)).ravel(), np.diff(made.indptr))
    return cast("csr_matrix", made.astype(np.float32))


def morans_i(weights: csr_matrix, values: np.ndarray) -> np.ndarray:
    """Moran's I (genes,) of values (cells, genes); NaN for a gene that does not vary. Rows of weights sum to 1."""
    z = values - values.mean(0)
    square = (z**2).sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (z * (weights @ z)).sum(0) / square


def spatially_variable(sections: Sections, xyz: np.ndarray, permutations: int = 50, seed: int = 0,
                       on_step: Callable[[str, float], object] | None = None) -> pd.DataFrame:
    """Moran's I of every gene, against cells permuted within their sections.

    What differs between whole sections alone, such as their brightness, is as large in the permuted cells and so counts
    for nothing. More than MOST_CELLS cells are sampled.

    Parameters
    ----------
    sections : Sections; xyz : (n, 3) um of its cells; on_step : called with (what, finished fraction)

    Returns
    -------
    DataFrame: gene, morans_i, expected (mean of the permuted), z, p (one-sided, normal), q (Benjamini-Hochberg), the
    largest z first; NaN for a gene that does not vary
    """
    import pandas as pd
    from scipy.stats import false_discovery_control, norm

    tell, rng = on_step or (lambda what, fraction: None), np.random.default_rng(seed)
    rows = np.arange(len(xyz))
    if len(rows) > MOST_CELLS:
        rows = np.sort(rng.choice(rows, MOST_CELLS, replace=False))
    section = sections.cells.obs["section"].cat.codes.to_numpy()[rows]
    weights = neighbour_weights(xyz[rows], section)
    orders = [_within(section, rng) for _ in range(permutations)]
    x = cast("csr_matrix", sections.cells.X)[rows]
    real, null = [], []
    for lo in range(0, x.shape[1], GENES_AT_ONCE):
        part = dense(x[:, lo:lo + GENES_AT_ONCE], np.float32)
        real.append(morans_i(weights, part))
        by_order = []
        for n, order in enumerate(orders):
            tell("comparing with permuted cells", (lo + part.shape[1] * n / len(orders)) / x.shape[1])
            by_order.append(morans_i(weights, part[order]))
        null.append(np.stack(by_order))
    found, by_chance = np.concatenate(real), np.concatenate(null, 1)
    mean, sd = by_chance.mean(0), by_chance.std(0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (found - mean) / sd
    p, q = np.maximum(norm.sf(z), LEAST_P), np.full(len(z), np.nan)
    varies = np.isfinite(p)
    if varies.any():
        q[varies] = false_discovery_control(p[varies])
    table = pd.DataFrame({"gene": sections.genes, "morans_i": found, "expected": mean, "z": z, "p": p, "q": q})
    return table.sort_values("z", ascending=False, na_position="last", ignore_index=True)


def _within(section: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An order of the cells in which each stays within its section."""
    shuffled = np.lexsort((rng.random(len(section)), section))
    order = np.empty(len(section), np.int64)
    order[np.argsort(section, kind="stable")] = shuffled
    return order
