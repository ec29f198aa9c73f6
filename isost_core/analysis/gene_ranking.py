"""Genes ranked by their gradient about a focus, with a test that knows that neighbouring cells are alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from isost_core.analysis.profiles import measured_values
from isost_core.errors import InputError
from isost_core.sections.spacing import cell_spacing

if TYPE_CHECKING:
    import pandas as pd

    from isost_core.analysis.focus import Focus
    from isost_core.reconstruction.reconstruction import Reconstruction

MOST_CELLS = 20_000
SOURCES = 800  # cells whose distances to all others are looked at
LAGS = np.array([1.5, 2.5, 4, 6, 9, 13, 20, 30, 45, 70, 110])  # borders of the lags in the plane, cell spacings
MOST_APART = 3  # sections; those farther apart count as so far apart
PAIRS = 10_000  # of cells at one lag
ROUGH, SMOOTH = (1, 3, 10, 30, 100), (3, 6, 12, 24, 48)  # cell spacings: of exponential and of Gaussian covariances
GENES_AT_ONCE = 2048
LEAST_ALIKE = 0.1  # share of the genes; none counts as less alike among neighbours than these: little is hard to tell
FOUND = 0.05  # q below which a gradient counts as found


@dataclass(frozen=True)
class _PairModel:
    """What covariances of genes are fitted from.

    pairs : (i, j) rows of the cell pairs of each lag; basis : (lags, parts) covariance of each part at that lag
    middle : (parts,) the same over all pairs, by which covariances about a mean of the same cells are too low
    forms : (parts + 1,) x' K x / n of the covariance K of each part and, last, of what is each cell's own
    """

    pairs: list[tuple[np.ndarray, np.ndarray]]
    basis: np.ndarray
    middle: np.ndarray
    forms: np.ndarray


def rank_genes(run: Reconstruction, focus: Focus, seed: int = 0) -> pd.DataFrame:
    """All genes, strongest gradient first: those found (q below FOUND), then the others.

    The gradient is the correlation of measured log1p expression with the distance (`Focus.distance`) over the measured
    cells, so it finds genes that rise or fall, not rings at some distance. Cells are not independent: a plain test, or
    one that deals the values out at random, takes any smooth pattern for a gradient. Here each gene's covariance is
    fitted by exponentials and Gaussians of several lengths in 3D, a part that the cells of a section share and one of
    each cell's own (non-negative least squares over lags). The variance of the correlation that follows for these
    distances gives the number of independent cells that the test counts with, in the spirit of Clifford, Richardson and
    Hemon (1989, Biometrics 45, 123). q values: Benjamini and Hochberg over all genes that vary.

    The focus must come from elsewhere: p of a gene at its own hot spot says nothing, the place was chosen for it.

    Returns
    -------
    DataFrame: gene, correlation (-1 to 1), slope_per_100um (log1p, of the straight line through the cells), mean,
    independent (effective number of cells), p, q; genes that do not vary come last, with p = q = 1.
    """
    import pandas as pd
    from scipy.stats import false_discovery_control, t

    rng = np.random.default_rng(seed)
    rows, distance = _cells(run, focus, rng)
    x = distance - distance.mean()
    model = _pair_model(run, rows, x, rng)
    parts = [_of_genes(measured_values(run, rows, slice(lo, lo + GENES_AT_ONCE)), x, model)
             for lo in range(0, len(run.genes), GENES_AT_ONCE)]
    mean, r, slope, variance = np.concatenate(parts, axis=1)
    varies = np.isfinite(r)
    if varies.any():
        variance = np.maximum(variance, np.quantile(variance[varies], LEAST_ALIKE))
    independent = 1 + 1 / np.clip(variance, 1 / (len(rows) - 1), 1)
    freedom = np.maximum(independent - 2, 1e-9)
    two_sided = 2 * t.sf(np.abs(r) * np.sqrt(freedom / np.maximum(1 - r**2, 1e-12)), freedom)
    p = np.where(varies & (freedom > 0.5), two_sided, 1)
    q = np.ones(len(p))
    if varies.any():
        q[varies] = false_discovery_control(p[varies])
    table = pd.DataFrame({"gene": run.genes, "correlation": np.where(varies, r, 0), "slope_per_100um": 100 * slope,
                          "mean": mean, "independent": independent, "p": p, "q": q})
    order = np.lexsort([-table["correlation"].abs(), table["q"] >= FOUND])
    return table.iloc[order].reset_index(drop=True)


def _cells(run: Reconstruction, focus: Focus, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Measured cells (rows) that the ranking is made from, and their distance (um)."""
    distance, used = focus.distance(run.measured_xyz)
    rows = np.flatnonzero(used)
    if len(rows) < 10 or np.ptp(distance[rows]) == 0:
        raise InputError(f"Only {len(rows)} measured cells lie at different distances around this focus, and that is "
                         "too few to rank genes. Choose a larger radius or another focus.")
    if len(rows) > MOST_CELLS:
        rows = np.sort(rng.choice(rows, MOST_CELLS, replace=False))
    return rows, distance[rows]


def _pair_model(run: Reconstruction, rows: np.ndarray, x: np.ndarray, rng: np.random.Generator) -> _PairModel:
    spacing, xyz = cell_spacing(run.sections), run.measured_xyz[rows].astype(np.float32)
    section = run.sections.cells.obs["section"].cat.codes.to_numpy()[rows].astype(int)
    sources = np.sort(rng.choice(len(rows), min(SOURCES, len(rows)), replace=False))
    to = [xyz[sources, d, None] - xyz[:, d] for d in range(3)]
    plane = np.hypot(to[0], to[1])
    far, apart = np.hypot(plane, to[2]), np.abs(section[sources, None] - section)
    parts = [np.exp(-far / (length * spacing)) for length in ROUGH]
    parts += [np.exp(-(far / (length * spacing)) ** 2 / 2) for length in SMOOTH] + [(apart == 0).astype(np.float32)]
    lag = np.minimum(apart, MOST_APART) * (len(LAGS) + 1) + np.digitize(plane, LAGS * spacing)
    lag[np.arange(len(sources)), sources] = -1
    pairs, basis = [], []
    for kind in np.unique(lag[lag >= 0]):
        at = np.flatnonzero(lag.ravel() == kind)
        at = at if len(at) <= PAIRS else rng.choice(at, PAIRS, replace=False)
        pairs.append((sources[at // len(rows)], at % len(rows)))
        basis.append([part.ravel()[at].mean() for part in parts])
    forms = [x[sources] @ (part @ x.astype(np.float32)) / len(sources) for part in parts]
    middle = np.array([part.mean() for part in parts])
    return _PairModel(pairs, np.array(basis), middle, np.maximum([*forms, (x**2).mean()], 0))


def _of_genes(values: np.ndarray, x: np.ndarray, model: _PairModel) -> np.ndarray:
    """Mean, correlation with x (NaN where constant), slope and variance of the correlation, (4, genes), of values
    (cells, genes)."""
    from scipy.optimize import nnls

    n, mean, sd = len(values), values.mean(0), values.std(0)
    y = (values - mean).astype(np.float32)
    shared = x @ y / n
    root = np.sqrt([len(i) for i, _ in model.pairs])
    lags = np.array([np.einsum("ng,ng->g", y[i], y[j]) / len(i) for i, j in model.pairs]) * root[:, None]
    weight = np.array([nnls((model.basis - model.middle) * root[:, None], column)[0] for column in lags.T])
    own = np.maximum(sd**2 - weight @ (1 - model.middle), 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.where(sd > 1e-9, shared / (sd * x.std()), np.nan)
        spread = np.column_stack([weight, own]) @ model.forms
        variance = np.where(sd > 1e-9, spread / (n * x.var() * sd**2), 1)
    return np.stack([mean, r, shared / x.var(), variance])
