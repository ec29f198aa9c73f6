"""How one cell's value spreads about what is expected: learned from masked training sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from isost_core.model.choice import Choice
from isost_core.model.decoder import Z80, BridgeDecoder, Calibration
from isost_core.model.intervals import CellValues, fit_values
from isost_core.model.latent import Genes, Latent
from isost_core.model.masking import Mask
from isost_core.model.selection import Space

GENES_AT_ONCE = 500
MOST_CELLS = 2000  # predicted without their section, and as many within it, whose values make the distribution


def calibrate(space: Space, choice: Choice, masks: list[Mask]) -> Calibration:
    """How a cell's value spreads about its mean: its sd, with which mean ± 1.28 sd holds 80 %, and its distribution.

    The squared miss over the predicted variance is fitted by a + b mean, gene by gene, with neither below 0. Of two
    sections a masked one lies beyond the other, not between two: there cells predicted within their section count too.
    The distribution is that of cells predicted without their section and of as many predicted within it: the one
    is from farther away than the sections will be, the other from nearer.
    """
    every = -(-sum(len(mask.xyz) for mask in masks) // MOST_CELLS)
    fewer = [replace(mask, xyz=mask.xyz[::every], truth=mask.truth[::every]) for mask in masks]
    two = len(space.expected.depths) == 2
    without, within = _without_section(space, choice, masks), _within_section(space, choice, masks if two else fewer)
    judged = Cells(space.latent, without + within if two else without)
    both = Cells(space.latent, _thinned(without, every) + (_thinned(within, every) if two else within))
    genes = len(space.latent.scale)
    scale, slope, level = np.ones(genes), np.zeros(genes), np.ones(genes)
    decoder = BridgeDecoder(space.latent, choice.covariance, Calibration(scale, slope, level))  # as filled in below
    found = []
    for lo in range(0, genes, GENES_AT_ONCE):
        some = slice(lo, lo + GENES_AT_ONCE)
        mean = judged.mean(some)
        miss = np.abs(judged.truth(some) - mean)
        level[some] = np.maximum(mean.mean(0), 1e-6)
        slope[some] = _growth((miss / decoder.value_sd(judged.variance, mean, some)) ** 2, mean / level[some] - 1)
        factor = np.quantile(miss / decoder.value_sd(judged.variance, mean, some), 0.8, axis=0) / Z80
        scale[some] = np.clip(np.where(np.isfinite(factor), factor, 1), 0.2, 3)
        mean = both.mean(some)
        found.append(fit_values(both.truth(some), mean, decoder.value_sd(both.variance, mean, some)))
    return Calibration(scale, slope, level, CellValues.joined(found))


def _growth(ratio: np.ndarray, from_mean: np.ndarray) -> np.ndarray:
    """Slope (genes,) of ratio (n, genes) of squared misses over the predicted variance, 1 being all of it."""
    rise = (from_mean * ratio).mean(0) / np.maximum((from_mean**2).mean(0), 1e-6)
    return np.clip(rise / np.maximum(ratio.mean(0), 1e-12), 0, 0.95)


Part = tuple[np.ndarray, np.ndarray, np.ndarray]  # latent mean (n, axes), its variance (n, groups), truth (n, genes)


@dataclass(frozen=True, eq=False)
class Cells:
    """Masked cells with what was predicted of them; genes are decoded when asked for, since all take much memory."""

    latent: Latent
    parts: Sequence[Part]

    @cached_property
    def values(self) -> np.ndarray:
        return np.concatenate([values for values, _, _ in self.parts])

    @cached_property
    def variance(self) -> np.ndarray:
        return np.concatenate([variance for _, variance, _ in self.parts])

    def mean(self, genes: Genes) -> np.ndarray:
        return self.latent.expression(self.values, genes)

    def truth(self, genes: Genes) -> np.ndarray:
        return np.concatenate([truth[:, genes] for _, _, truth in self.parts])


def _without_section(space: Space, choice: Choice, masks: Sequence[Mask]) -> list[Part]:
    """Masked cells, predicted without their section."""
    expected = space.expected.reading_with(choice.covariance)
    return [(*expected.predict(mask.xyz, mask.places if choice.follow else None, without=mask.section), mask.truth)
            for mask in masks]


def _within_section(space: Space, choice: Choice, masks: Sequence[Mask]) -> list[Part]:
    """Masked cells, predicted with the rest of their own section too."""
    expected = space.expected.reading_with(choice.covariance)
    return [(*expected.predict(mask.xyz, within=mask.section), mask.truth) for mask in masks]


def _thinned(parts: Sequence[Part], every: int) -> list[Part]:
    return [(values[::every], variance[::every], truth[::every]) for values, variance, truth in parts]
