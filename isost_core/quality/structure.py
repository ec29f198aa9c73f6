"""How far the pattern of a stack reaches in the plane, and what of it lasts across each gap."""

from __future__ import annotations

from typing import Any

import numpy as np

from isost_core import keys
from isost_core.model.covariance import FAR, LENGTHS, NEAR, sample_pairs
from isost_core.model.latent import fit_latent
from isost_core.sections.spacing import cell_spacing, even_subset
from isost_core.sections.stack import Sections

MOST_CELLS = 4000  # of a section
MOST_GENES = 500  # the brightest
AXES, LEAST_SIGNAL = 5, 0.03  # leading spatial axes, and the least share of their variance that neighbours share
PAIRS, LAGS = 20_000, 14


def structure_of(sections: Sections, rng: np.random.Generator) -> dict[str, Any]:
    """What of the pattern lasts over a distance: dict of distance_um and share (lags,), measured within sections;
    length_um, where a half is left; gaps_um and across (gaps,), the share left across each gap; signal, the share of
    the variance of the leading axes that neighbouring cells have in common. NaN where nothing varies in space."""
    rows = np.concatenate([_thinned(sections, name, rng) for name in sections.names])
    number = sections.cells.obs[keys.SECTION].cat.codes.to_numpy()[rows]
    xy, spacing = sections.cells.obsm[keys.SPATIAL][rows], cell_spacing(sections)
    spacing *= np.sqrt(sections.n_cells / len(rows))
    flat = np.column_stack([xy, np.zeros(len(xy))])
    gaps = np.diff(sections.depths)
    values = _leading_axes(sections, rows, number, flat, spacing, rng)
    if values is None:
        none = np.zeros(0)
        return {"distance_um": none, "share": none, "grid_um": none, "curve": none, "length_um": np.nan,
                "gaps_um": gaps, "across": np.full(len(gaps), np.nan), "signal": 0.0}
    reach = max(float(np.ptp(xy, axis=0).min()) / 2, 10 * spacing)
    edges = np.geomspace(NEAR * spacing * 0.6, max(min(reach, 60 * spacing), 4 * spacing), LAGS + 1)
    lag, cov = _covariance(values, flat, number, edges, rng)
    weight = _weights(lag, cov, spacing)

    def share(d: np.ndarray) -> np.ndarray:
        return np.exp(-np.asarray(d, float)[:, None] / (LENGTHS * spacing)) @ weight / max(weight.sum(), 1e-12)

    grid = np.linspace(0, max(gaps.max(), lag.max()), 400)
    below = np.flatnonzero(share(grid) <= 0.5)
    length = float(grid[below[0]]) if len(below) else float(grid[-1])
    return {"distance_um": lag, "share": cov / max(weight.sum(), 1e-12), "grid_um": grid[::8],
            "curve": share(grid)[::8], "length_um": length,
            "gaps_um": gaps, "across": share(gaps), "signal": float(weight.sum())}


def _thinned(sections, name, rng):
    rows = sections.rows(name)
    return rows[even_subset(sections.cells.obsm[keys.SPATIAL][rows], MOST_CELLS, rng)]


def _leading_axes(sections, rows, number, flat, spacing, rng):
    """Values (cells, axes) on the leading spatial axes, centred in each section, of unit variance; None where there are
    no axes: nothing varies, or all cells lie in one place."""
    bright = np.sort(np.argsort(-np.asarray(sections.cells.X.mean(0)).ravel(), kind="stable")[:MOST_GENES])
    X = sections.cells.X[rows][:, bright]
    X = np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=np.float32)
    i, j, _ = sample_pairs(flat, number, NEAR * spacing, FAR * spacing, 50_000, rng)
    X = X[:, X.std(0) > 1e-6]
    if not X.shape[1] or len(i) <= 50:
        return None
    if X.shape[1] == 1:
        values = X.copy()
    else:
        latent = fit_latent(X, number, (i, j), 30, AXES)
        good = np.flatnonzero(latent.signal >= LEAST_SIGNAL)
        values = latent.transform(X)[:, good if len(good) else [0]]
    for k in np.unique(number):
        values[number == k] -= values[number == k].mean(0)
    return values / np.maximum(values.std(0), 1e-9)


def _covariance(values, flat, number, edges, rng):
    lag, cov = [], []
    for lo, hi in zip(edges[:-1], edges[1:], strict=True):
        i, j, d = sample_pairs(flat, number, lo, hi, PAIRS, rng)
        if len(i) > 50:
            lag.append(d.mean())
            cov.append(np.einsum("na,na->a", values[i], values[j]).mean() / len(i))
    return np.array(lag), np.array(cov)


def _weights(lag, cov, spacing):
    from scipy.optimize import nnls

    return nnls(np.exp(-lag[:, None] / (LENGTHS * spacing)), cov)[0]
