"""Brightness that jumps between sections is taken out; what changes steadily along depth stays.

Section means of each gene, compared at the same places, are a smooth trend along depth plus an offset of each section.
How smooth follows from the gene's own covariance within sections: tissue is close to isotropic. How large trends and
offsets are is estimated by restricted maximum likelihood over all genes (REML: Patterson and Thompson, 1971).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isost_core import keys
from isost_core.model.covariance import LENGTHS, sample_pairs
from isost_core.sections.expression import dense
from isost_core.sections.spacing import cell_spacing, even_subset
from isost_core.sections.stack import Sections

LEAST_SECTIONS = 3
MOST_CELLS = 4000  # of a section, to compare places
PAIRS = 4000  # of cells at each distance, for the covariance within sections
GENES_AT_ONCE = 400
MOST_FITTED = 400  # genes that the variances are fitted to
SAME_PLACE = 3.0  # cell spacings: places farther from any cell of the other section are not compared
BENDS = 1.0  # median gaps: length of what changes along depth alone
LEAST_SHARED = 30  # places
LEAST_POSITIVE = 0.02  # share of cells above zero: rarer genes are left alone


@dataclass(frozen=True)
class Offsets:
    """What sets sections apart, in log1p.

    values : (sections, genes) offset of the mean of each section; trend : (sections, genes) what is left of it along
    depth; share : size of the offsets over the spread of cells within sections, of the median gene; genes : names
    """

    values: np.ndarray
    trend: np.ndarray
    share: float
    genes: tuple[str, ...]


def correct_batch(sections: Sections) -> tuple[Sections, Offsets]:
    """Sections less the offsets that jump between them: (Sections, Offsets).

    A value above zero is moved by its section's and gene's offset and stays above zero; zeros stay zeros. The notes of
    the sections say what was done. Two sections alone are left as they are: a jump cannot be told from a gradient.
    """
    import anndata

    if len(sections.names) < LEAST_SECTIONS:
        note = ("Brightness was not corrected. With two sections a jump looks the same as a gradient, so at least "
                "three are needed.")
        return replace(sections, notes=(*sections.notes, note)), estimate_offsets(sections)
    found = estimate_offsets(sections)
    held: Any = sections.cells
    parts = [_evened(held.X[sections.rows(name)], found.values[k]) for k, name in enumerate(sections.names)]
    if hasattr(parts[0], "tocsr"):
        from scipy.sparse import vstack

        X = vstack(parts, format="csr", dtype=np.float32)
    else:
        X = np.concatenate(parts)
    cells = anndata.AnnData(X, obs=held.obs.copy(), var=held.var.copy(), obsm=dict(held.obsm), uns=dict(held.uns))
    note = (f"Jumps in brightness between sections were removed: {np.abs(found.values).mean():.3f} (log1p) on average "
            "over sections and genes.")
    return replace(sections, cells=cells, notes=(*sections.notes, note)), found


def _evened(X, offset):
    """Values (cells, genes) above zero moved so that the mean of each gene moves by -offset."""
    if hasattr(X, "tocsr"):
        X = X.tocsr().copy()
        positive = np.bincount(X.indices, X.data > 0, X.shape[1]) / X.shape[0]
        X.data = np.where(X.data > 0, _above_zero(X.data, _step(offset, positive)[X.indices]), X.data)
        return X
    return np.where(X > 0, _above_zero(X, _step(offset, (X > 0).mean(0))), X).astype(np.float32)


def _above_zero(values, step):
    return np.maximum(values - step, 0.1 * values).astype(np.float32)


def _step(offset, positive):
    return np.where(positive >= LEAST_POSITIVE, offset / np.maximum(positive, LEAST_POSITIVE), 0).astype(np.float32)


def estimate_offsets(sections: Sections, seed: int = 0) -> Offsets:
    """Offsets of each section and gene; all zero where there are fewer than three sections."""
    rng, genes = np.random.default_rng(seed), len(sections.genes)
    if len(sections.names) < LEAST_SECTIONS:
        none = np.zeros((len(sections.names), genes))
        return Offsets(none, none, 0.0, tuple(sections.genes))
    spacing = cell_spacing(sections)
    rows = [_thinned(sections, name, rng) for name in sections.names]
    means = _means_at_same_places(sections, rows, spacing)
    smooth, scale = _trend_covariance(sections, np.concatenate(rows), spacing, rng)
    usable = scale > 1e-6 * max(scale.max(), 1e-6)
    if not usable.any():
        none = np.zeros_like(means)
        return Offsets(none, none, 0.0, tuple(sections.genes))
    unit = np.where(usable, scale, 1)
    standard = np.where(usable, (means - means.mean(0)) / unit, 0)
    cells: Any = sections.cells
    bright = np.argsort(-np.asarray(cells.X.mean(0)).ravel(), kind="stable")
    chosen = bright[usable[bright]][:MOST_FITTED]
    parts = _parts(smooth, sections.depths)
    variances = _fit_variances(standard[:, chosen], parts[:, chosen])
    offset = _posterior(standard, parts, variances) * unit
    share = np.sqrt((offset**2).mean(0))[usable] / unit[usable]
    return Offsets(offset, means - means.mean(0) - offset, float(np.median(share)),
                   tuple(sections.genes))


def _thinned(sections, name, rng):
    rows = sections.rows(name)
    return rows[even_subset(sections.cells.obsm[keys.SPATIAL][rows], MOST_CELLS, rng)]


def _means_at_same_places(sections, rows, spacing):
    """(sections, genes): mean of each section, from differences between neighbours where both have cells."""
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    X, xy = sections.cells.X, sections.cells.obsm[keys.SPATIAL]
    out = [np.zeros(len(sections.genes))]
    for a, b in zip(rows[:-1], rows[1:], strict=True):
        thin = max(np.sqrt(len(sections.rows(n)) / len(r)) for n, r in zip(sections.names, rows, strict=True))
        away, to = cKDTree(xy[b]).query(xy[a], workers=-1)
        back, of = cKDTree(xy[a]).query(xy[b], workers=-1)
        near, also = away <= SAME_PLACE * spacing * thin, back <= SAME_PLACE * spacing * thin
        if min(near.sum(), also.sum()) < LEAST_SHARED:
            near, also = np.ones_like(near), np.ones_like(also)
        there = _mean(X, b[to[near]]) - _mean(X, a[near])
        here = _mean(X, b[also]) - _mean(X, a[of[also]])
        out.append(out[-1] + (there + here) / 2)
    return np.array(out)


def _mean(X, rows):
    return np.asarray(X[rows].mean(0), dtype=np.float64).ravel()


def _trend_covariance(sections, rows, spacing, rng):
    """Covariance of section means along depth (genes, sections, sections), and the scale of each gene's pattern.

    The mean of a field over a section covaries with that over another as its cells do, on average over all pairs.
    """
    xyz = np.column_stack([sections.cells.obsm[keys.SPATIAL], sections.cells.obs[keys.DEPTH].to_numpy()])[rows]
    number = sections.cells.obs[keys.SECTION].cat.codes.to_numpy()[rows]
    weight, variance = _in_plane(sections, rows, xyz, number, spacing, rng)
    lengths = LENGTHS * spacing
    i, j = rng.integers(len(rows), size=(2, 4000))
    apart = np.linalg.norm(xyz[i, :2] - xyz[j, :2], axis=1)
    depth = np.abs(sections.depths[:, None] - sections.depths)
    basis = np.array([[[np.exp(-np.hypot(apart, d) / length).mean() for d in row] for row in depth]
                      for length in lengths])
    smooth = np.einsum("gl,lab->gab", weight / np.maximum(variance, 1e-12)[:, None], basis)
    return smooth, np.sqrt(variance)


def _in_plane(sections, rows, xyz, number, spacing, rng):
    """Of each gene, within sections: weights (genes, lengths) of exponential covariances, from cell pairs at several
    distances; variance (genes,)."""
    from scipy.optimize import nnls

    edges = spacing * np.geomspace(0.7, 40, 10)
    pairs = [sample_pairs(xyz, number, lo, hi, PAIRS, rng) for lo, hi in zip(edges[:-1], edges[1:], strict=True)]
    pairs = [p for p in pairs if len(p[0]) > 50]
    lag = np.array([d.mean() for _, _, d in pairs])
    basis = np.exp(-lag[:, None] / (LENGTHS * spacing))
    weight, variance = [], []
    for lo in range(0, len(sections.genes), GENES_AT_ONCE):
        values = dense(sections.cells.X[:, lo:lo + GENES_AT_ONCE][rows], np.float32)
        for k in np.unique(number):
            values[number == k] -= values[number == k].mean(0)
        variance.append(values.var(0))
        cov = np.array([np.einsum("ng,ng->g", values[i], values[j]) / len(i) for i, j, _ in pairs])
        weight += [nnls(basis, column)[0] for column in cov.T] if pairs else [np.zeros(len(LENGTHS))] * values.shape[1]
    return np.array(weight), np.concatenate(variance).astype(np.float64)


def _parts(smooth, depths):
    """(4, genes, sections, sections): covariances that the means are made of, each to be scaled by a variance.

    Independent offsets; a trend as smooth as the gene is within sections; two that do not ask for a pattern within
    sections, for what changes along depth alone: a straight gradient, and one that bends over two gaps or more.
    """
    n, line = len(depths), (depths - depths.mean()) / depths.std()
    apart = np.abs(depths[:, None] - depths) / (BENDS * np.median(np.diff(depths)))
    same = np.stack([np.eye(n), np.outer(line, line), np.exp(-apart**2 / 2)])
    return np.stack([np.broadcast_to(same[0], smooth.shape), smooth,
                     *(np.broadcast_to(part, smooth.shape) for part in same[1:])])


def _fit_variances(means, parts):
    """Variance (4,) of each part, shared by all genes: REML."""
    from scipy.optimize import minimize

    n = parts.shape[-1]
    turn = np.linalg.qr(np.column_stack([np.ones(n), np.eye(n)[:, 1:]]))[0][:, 1:]
    seen, inside = (turn.T @ means).T, turn.T @ parts @ turn

    def cost(logs):
        total = np.einsum("c,cgab->gab", np.exp(logs), inside)
        _, size = np.linalg.slogdet(total)
        return 0.5 * (size + (seen * np.linalg.solve(total, seen[..., None])[..., 0]).sum(1)).mean()

    start = np.log(max((seen**2).mean() / 4, 1e-8))
    found = minimize(cost, np.full(len(parts), start), method="L-BFGS-B", bounds=[(-20, 10)] * len(parts))
    return np.exp(found.x)


def _posterior(means, parts, variances):
    """Expected offset (sections, genes) given the means; it sums to zero over the sections."""
    n = parts.shape[-1]
    total = np.einsum("c,cgab->gab", variances, parts) + 1e3 * variances.max() * np.ones((n, n))
    out = variances[0] * np.linalg.solve(total, means.T[..., None])[..., 0].T
    return out - out.mean(0)
