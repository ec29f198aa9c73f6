"""Genes ranked by their gradient about a focus, with a test that knows that neighbouring cells are alike."""

import numpy as np

from isost_core.errors import InputError
from isost_core.graph import cell_spacing
from isost_core.profiles import measured_values

MOST_CELLS = 20_000
SOURCES = 400  # cells whose covariance with all others is looked at
LAGS = np.array([1.5, 2.5, 4, 6, 9, 13, 20, 30, 45, 70, 110])  # borders of the lags in the plane, cell spacings
MOST_APART = 12  # sections; those farther apart count as so far apart
GENES_AT_ONCE = 2048


def rank_genes(run, around, seed=0):
    """All genes, strongest gradient first.

    The gradient is the correlation of measured log1p expression with the distance (`Around.distance`) over the measured
    cells, so it finds genes that rise or fall, not rings at some distance. Cells are not independent: a plain test, or
    one that deals the values out at random, takes any smooth pattern for a gradient. Here the variance of the
    correlation follows from the covariance that gene and distance each have over lags, within and between sections,
    which gives the number of independent cells that the test counts with (Clifford, Richardson and Hemon 1989,
    Biometrics 45, 123; Dutilleul 1993). q values: Benjamini and Hochberg over all genes that vary.

    The focus must come from elsewhere: p of a gene at its own hot spot says nothing, the place was chosen for it.

    Returns
    -------
    DataFrame: gene, correlation (-1 to 1), slope_per_100um (log1p, of the straight line through the cells), mean,
    independent (effective number of cells), p, q; genes that do not vary come last, with p = q = 1.
    """
    import pandas as pd
    from scipy.stats import false_discovery_control, t

    rng = np.random.default_rng(seed)
    rows, distance = _cells(run, around, rng)
    x = distance - distance.mean()
    weights, sources = _lag_weights(run, rows, x, rng)
    parts = [_of_genes(measured_values(run, rows, slice(lo, lo + GENES_AT_ONCE)), x, weights, sources)
             for lo in range(0, len(run.genes), GENES_AT_ONCE)]
    mean, r, slope, variance = np.concatenate(parts, axis=1)
    independent = 1 + 1 / np.clip(variance, 1 / (len(rows) - 1), 1)
    freedom = np.maximum(independent - 2, 1e-9)
    varies = np.isfinite(r)
    found = 2 * t.sf(np.abs(r) * np.sqrt(freedom / np.maximum(1 - r**2, 1e-12)), freedom)
    p = np.where(varies & (freedom > 0.5), found, 1)
    q = np.ones(len(p))
    if varies.any():
        q[varies] = false_discovery_control(p[varies])
    table = pd.DataFrame({"gene": run.genes, "correlation": np.where(varies, r, 0), "slope_per_100um": 100 * slope,
                          "mean": mean, "independent": independent, "p": p, "q": q})
    return table.sort_values("correlation", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def _cells(run, around, rng):
    """Measured cells (rows) that the ranking is made from, and their distance (um)."""
    distance, used = around.distance(run.measured_xyz)
    rows = np.flatnonzero(used)
    if len(rows) < 10 or np.ptp(distance[rows]) == 0:
        raise InputError(f"Only {len(rows)} measured cells lie at different distances around this focus: too few to "
                         "rank genes by. Choose a larger radius or another focus.")
    if len(rows) > MOST_CELLS:
        rows = np.sort(rng.choice(rows, MOST_CELLS, replace=False))
    return rows, distance[rows]


def _lag_weights(run, rows, x, rng):
    """Covariance of the distance x at the lag of each pair of cells, (sources, cells) float32, and the sources.

    Lags are kinds of pairs: distance in the plane by number of sections apart; a cell with itself is one of its own.
    """
    xyz = run.measured_xyz[rows]
    section = run.sections.cells.obs["section"].cat.codes.to_numpy()[rows].astype(int)
    sources = np.sort(rng.choice(len(rows), min(SOURCES, len(rows)), replace=False))
    apart = np.minimum(np.abs(section[sources, None] - section), MOST_APART)
    away = np.sqrt(sum((xyz[sources, d, None] - xyz[:, d]) ** 2 for d in range(2)))
    lag = 1 + apart * (len(LAGS) + 1) + np.digitize(away, LAGS * cell_spacing(run.sections))
    lag[np.arange(len(sources)), sources] = 0
    products = x[sources, None] * x
    kinds = np.bincount(lag.ravel(), weights=products.ravel()) / np.maximum(np.bincount(lag.ravel()), 1)
    kinds[0] = (x**2).mean()
    return kinds[lag].astype(np.float32), sources


def _of_genes(values, x, weights, sources):
    """Mean, correlation with x (NaN where constant), slope and variance of the correlation, (4, genes), of values
    (cells, genes)."""
    n, mean, sd = len(values), values.mean(0), values.std(0)
    y = values - mean
    shared = x @ y / n
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.where(sd > 1e-9, shared / (sd * x.std()), np.nan)
        pairs = (y[sources] * (weights @ y.astype(np.float32))).sum(0) * (n / len(sources))
        variance = np.where(sd > 1e-9, pairs / (n * sd * x.std()) ** 2, 1)
    return np.stack([mean, r, shared / x.var(), variance])
