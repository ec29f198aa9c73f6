"""Provisional grades of genes at the end of a run, without a validation: from masked training sections.

They are to mean what a validation means: bins hold as many cells as there (and are wider where only some of a section's
cells are looked at), and since a masked section is predicted across two gaps, its agreement is carried over to the
middle of one. The same sections chose the settings, which makes the grades a little too kind. A validation replaces
them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from isost_core.model.masking import Mask, masked_cells
from isost_core.model.model import BridgeModel, Model
from isost_core.validation.doubled_layers import find_doubles
from isost_core.validation.metrics import Measured, Predicted, bin_cells, grid_widths, pearson, score_mean
from isost_core.validation.trust import PROVISIONAL, grade_genes

GENES_AT_ONCE = 1000
GENES_ASKED = 200  # whose known shares say how far away a section is predicted from
REPEATS = 5  # random halves


def provisional_trust(model: Model, tell: Callable[[float], None] | None = None) -> dict[str, Any]:
    """Contents of a run's trust.json: source, genes and doubles.

    With the sinkhorn objective, which has no mean field, nothing is judged and `source` says so.

    tell : called with the finished fraction
    """

    tell = tell or (lambda fraction: None)
    if not isinstance(model, BridgeModel):
        return {"source": "not judged, because the preset paper has no expected expression to compare with hidden "
                          "sections",
                "genes": {}, "doubles": []}
    return {"source": PROVISIONAL, "genes": provisional_grades(model, lambda done: tell(0.6 * done)),
            "doubles": find_doubles(model, lambda done: tell(0.6 + 0.4 * done))}


def provisional_grades(model: BridgeModel, tell: Callable[[float], None]) -> dict[str, dict[str, Any]]:
    """Name -> grade, pcc, ceiling and share of each gene; tell : called with the finished fraction.

    A masked section is predicted from farther away than the middle of a gap, its cells within their own section from
    nearer. PCC² is interpolated between the two by the share of the pattern that is known there.
    """
    rng = np.random.default_rng([model.config.seed, 3])
    masks = masked_cells(model.sections, model.drifts, model.config.masked_cells, rng)
    found, known = [], []
    for n, mask in enumerate(masks):
        judged, shares = _judge(model, mask, rng)
        found.append(judged)
        known.append(shares)
        tell((n + 1) / len(masks))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a gene that varies in no section stays NaN
        middle, widest = np.nanmean(np.stack(found), axis=0)
    far, near, ceiling = middle if all(np.isfinite(judged[0, 2]).any() for judged in found) else widest
    pcc = _in_a_gap(far, near, ceiling, np.mean(known, axis=0))
    grades, share = grade_genes(pcc, ceiling, np.full(len(pcc), np.nan))
    rows = zip(model.sections.genes, grades, pcc, ceiling, share, strict=True)
    return {gene: {"grade": str(grade), "pcc": _plain(p), "ceiling": _plain(c), "share": _plain(s)}
            for gene, grade, p, c, s in rows}


def _in_a_gap(far: np.ndarray, near: np.ndarray, ceiling: np.ndarray, known: np.ndarray) -> np.ndarray:
    """PCC (genes,) in the middle of a gap, from that of masked sections and that of cells within their own section.

    known : (3,) share of the pattern that is known at a masked section, within one, and in the middle of a gap. Within
    a section bins share the noise of their cells with their neighbours: more than the known share of the best possible
    is not believed.
    """
    away, within, between = known
    near = np.maximum(np.fmin(near, ceiling * np.sqrt(within)), far)
    toward = float(np.clip((between - away) / (within - away), 0, 1)) if within > away else 0.0
    return np.where(near > far, np.sqrt((1 - toward) * far.clip(0) ** 2 + toward * near.clip(0) ** 2), far)


def _judge(model: BridgeModel, mask: Mask, rng: np.random.Generator) -> tuple[np.ndarray, list[float]]:
    """PCC over bins of a section's masked cells, predicted without and within it, and its split-half ceiling, each over
    both bin widths that a validation may judge at, (2, 3, genes); and the known shares there and in the gaps around."""
    xy, truth = mask.xyz[:, :2], mask.truth
    whole = len(model.sections.rows(model.sections.names[mask.section]))
    widths = [w * np.sqrt(whole / len(xy)) for w in grid_widths(model.sections)[1:]]
    halves = [rng.permutation(len(xy)) < len(xy) // 2 for _ in range(REPEATS)]
    predicted = [model.kriging.predict(mask.xyz, mask.places if model.follow else None, without=mask.section),
                 model.kriging.predict(mask.xyz, within=mask.section)]
    parts = []
    for lo in range(0, truth.shape[1], GENES_AT_ONCE):
        here = slice(lo, lo + GENES_AT_ONCE)
        means = [model.latent.expression(values, here) for values, _ in predicted]
        parts.append(np.stack([_agreement(xy, truth[:, here], means, width, halves) for width in widths]))
    some = np.arange(0, truth.shape[1], max(1, truth.shape[1] // GENES_ASKED))
    variances = [*(variance for _, variance in predicted), model.expected(_between(model, mask))[1]]
    shares = [float(model.decoder.known_share(variance, some).mean()) for variance in variances]
    return np.concatenate(parts, axis=2), shares


def _between(model: BridgeModel, mask: Mask) -> np.ndarray:
    """Places (n, 3) um over or under a section's masked cells, in the middle of the wider of the gaps beside it."""
    depths, at = model.depths, mask.section
    other = max((n for n in (at - 1, at + 1) if 0 <= n < len(depths)), key=lambda n: abs(depths[n] - depths[at]))
    return np.column_stack([mask.xyz[:, :2], np.full(len(mask.xyz), (depths[at] + depths[other]) / 2)])


def _agreement(xy: np.ndarray, truth: np.ndarray, means: Sequence[np.ndarray], width: float,
               halves: list[np.ndarray]) -> np.ndarray:
    """PCC over bins of each predicted mean, and the ceiling, (means + 1, genes)."""
    bins = bin_cells(xy, xy.min(0), width)
    measured = bins.means(truth)
    return np.stack([*(pearson(measured, bins.means(mean)) for mean in means), _ceiling(xy, truth, width, halves)])


def _ceiling(xy: np.ndarray, values: np.ndarray, width: float, halves: list[np.ndarray]) -> np.ndarray:
    """PCC (genes,) that a perfect mean would reach on these cells, from how halves of them agree (`split_half`)."""
    found = [score_mean(Measured(xy[first], values[first]), Predicted(xy[~first], values[~first]), (width,))
             for first in halves]
    if np.mean([f.values[f"coverage_{width:g}"] for f in found]) < 0.7:
        return np.full(values.shape[1], np.nan)
    r = np.clip(np.mean([f.genes[f"pcc_{width:g}"] for f in found], 0), 0, 1)
    return np.sqrt(2 * r / (1 + r))


def _plain(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None
