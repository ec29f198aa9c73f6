"""How wide the predicted intervals are: chosen on masked training sections."""

import numpy as np

from isost_core.model.masking import agreement, masked_cells, masked_mean, own_section_mean

GENES_AT_ONCE = 2000
Z80 = 1.2815515655446004


def _choose_field(model, candidates, rng, tell):
    """Predict masked training sections from the others; keep the covariance, and the way of reading it, that does best.

    Candidates are covariances (of each group of axes, more or less shrunk to that of all), each read at fixed places
    or along the shape drift. The score is the correlation of predicted and measured expression over the cells of a
    masked section, and over those predicted with the rest of their section, mean over genes and sections: the one
    alone is taken from a gap twice as wide, and smooths too much. The predicted sd is then scaled so that 80 %
    intervals hold 80 % of such cells.
    """
    masks = masked_cells(model, rng)
    scores = {}
    for n, covariance in enumerate(candidates):
        model.field = model.field.reading_with(covariance)
        near = np.mean([agreement(truth, own_section_mean(model, mask)[0]) for mask, truth in masks])
        for follow in (False, True):
            far = np.mean([agreement(truth, masked_mean(model, mask, follow)[0]) for mask, truth in masks])
            scores[n, follow] = near + far
        tell("calibration", (n + 1) / (len(candidates) + 1), None)
    best, model.follow = max(scores, key=scores.get)
    model.field = model.field.reading_with(candidates[best])
    _calibrate(model, masks)
    tell("calibration", 1.0, None)


def _flat_spread(genes):
    """calibration, slope and level before anything is known of them."""
    return np.ones(genes), np.zeros(genes), np.ones(genes)


def _calibrate(model, masks):
    """How the spread of a cell about its mean grows with the mean, and the factor with which 80 % intervals hold 80 %.

    The squared miss over the field's variance is fitted by a + b mean, gene by gene, with neither below 0. Of two
    sections a masked one lies beyond the other, not between two: there cells predicted within their section count too.
    """
    ways = [lambda mask: masked_mean(model, mask, model.follow)]
    if len(model.depths) == 2:
        ways.append(lambda mask: own_section_mean(model, mask))
    parts = [(*way(mask), truth) for mask, truth in masks for way in ways]
    mean, truth = (np.concatenate([p[k] for p in parts]) for k in (0, 2))
    variance = np.concatenate([p[1] for p in parts])
    model.level = np.maximum(mean.mean(0), 1e-6)

    def spreads(genes):
        """Misses of some genes in predicted standard deviations, (n, genes)."""
        return np.abs(truth[:, genes] - mean[:, genes]) / model.decoder.value_sd(variance, mean[:, genes], genes)

    def growth(genes):
        ratio, from_mean = spreads(genes) ** 2, mean[:, genes] / model.level[genes] - 1
        rise = (from_mean * ratio).mean(0) / np.maximum((from_mean**2).mean(0), 1e-6)
        return np.clip(rise / np.maximum(ratio.mean(0), 1e-12), 0, 0.95)

    blocks = [slice(lo, lo + GENES_AT_ONCE) for lo in range(0, mean.shape[1], GENES_AT_ONCE)]
    model.slope = np.concatenate([growth(genes) for genes in blocks])
    del model.decoder
    factor = np.concatenate([np.quantile(spreads(genes), 0.8, axis=0) for genes in blocks]) / Z80
    model.calibration = np.clip(np.where(np.isfinite(factor), factor, 1), 0.2, 3)
    del model.decoder
