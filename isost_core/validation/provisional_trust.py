"""Provisional grades of genes at the end of a run, without a validation: from masked training sections.

Masking a section widens the gap around it, so these grades tend to be too strict; and the same sections chose the
settings, which makes them a little too kind. A validation replaces them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from isost_core.model.masking import Mask, masked_cells, masked_mean
from isost_core.model.model import BridgeModel, Model
from isost_core.sections.spacing import area_per_cell
from isost_core.validation.doubled_layers import find_doubles
from isost_core.validation.metrics import Measured, Predicted, bin_cells, pearson, score_mean
from isost_core.validation.trust import PROVISIONAL, grade_genes

CELLS_PER_BIN = 18
FEWEST_BINS = 20
GENES_AT_ONCE = 1000
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
    rng = np.random.default_rng([model.config.seed, 3])
    masks = masked_cells(model.sections, model.drifts, model.config.masked_cells, rng)
    found = []
    for n, mask in enumerate(masks):
        found.append(_judge(model, mask, rng))
        tell(0.6 * (n + 1) / len(masks))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a gene that varies in no section stays NaN
        pcc, ceiling = np.nanmean(np.stack(found), axis=0)
    grades, share = grade_genes(pcc, ceiling, np.full(len(pcc), np.nan))
    rows = zip(model.sections.genes, grades, pcc, ceiling, share, strict=True)
    genes = {gene: {"grade": str(grade), "pcc": _plain(p), "ceiling": _plain(c), "share": _plain(s)}
             for gene, grade, p, c, s in rows}
    return {"source": PROVISIONAL, "genes": genes,
            "doubles": find_doubles(model, lambda done: tell(0.6 + 0.4 * done))}


def _judge(model: BridgeModel, mask: Mask, rng: np.random.Generator) -> np.ndarray:
    """PCC over bins of the masked cells of one section, and its split-half ceiling, (2, genes)."""
    xy, truth = mask.xyz[:, :2], mask.truth
    width = _bin_width(xy)
    bins = bin_cells(xy, xy.min(0), width)
    halves = [rng.permutation(len(xy)) < len(xy) // 2 for _ in range(REPEATS)]
    mean = masked_mean(model.kriging, model.latent, mask, model.follow)[0]
    parts = []
    for lo in range(0, truth.shape[1], GENES_AT_ONCE):
        here = slice(lo, lo + GENES_AT_ONCE)
        pcc = pearson(bins.means(truth[:, here]), bins.means(mean[:, here]))
        parts.append(np.stack([pcc, _ceiling(xy, truth[:, here], width, halves)]))
    return np.concatenate(parts, axis=1)


def _ceiling(xy: np.ndarray, values: np.ndarray, width: float, halves: list[np.ndarray]) -> np.ndarray:
    """PCC (genes,) that a perfect mean would reach on these cells, from how halves of them agree (`split_half`)."""
    found = [score_mean(Measured(xy[first], values[first]), Predicted(xy[~first], values[~first]), (width,))
             for first in halves]
    if np.mean([f.values[f"coverage_{width:g}"] for f in found]) < 0.7:
        return np.full(values.shape[1], np.nan)
    r = np.clip(np.mean([f.genes[f"pcc_{width:g}"] for f in found], 0), 0, 1)
    return np.sqrt(2 * r / (1 + r))


def _bin_width(xy: np.ndarray) -> float:
    """Width (um) of bins that hold about 18 of the cells, fewer where that leaves less than 20 bins."""
    return float(np.sqrt(area_per_cell(xy) * max(4.0, min(CELLS_PER_BIN, len(xy) / FEWEST_BINS))))


def _plain(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None
