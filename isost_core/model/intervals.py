"""What one cell's value may be where so much is expected: a chance of 0, and quantiles of what is above it.

Values of single cells are no bell curves: most are 0 in most genes, and the rest are skewed. So the distribution is
read off masked cells, gene by gene, in bins of their expected expression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np

from isost_core.model.latent import Genes

ZERO = 1e-9  # values up to this one are 0
SHARES = np.array([0, 0.025, 0.05, *np.arange(0.1, 0.95, 0.1), 0.95, 0.975, 1])  # of the cells above 0
CELLS_PER_BIN, MOST_BINS = 300, 8
WIDE = 3  # cells of so many bins make the quantiles of one: neighbouring bins share cells
FEWEST_ABOVE_0 = 20  # cells of a bin whose quantiles are taken; with fewer, those of all bins
SAME = 1e-6  # log1p: values so close are one
AT_ONCE = 1_000_000  # values whose bins are held at the same time: a dozen arrays as large as them


class Distribution(Protocol):
    """Of one cell's log1p value, given its expected value `mean` and `sd`, (n, genes) each."""

    def quantile(self, share: float, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
        """Value (n, genes) that a share of cells does not exceed."""
        ...

    def ranks(self, values: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predicted chance of less than each value (n, genes), and of no more than it. They differ where many cells
        have one value, as 0."""
        ...


def central(distribution: Distribution, level: float, mean: np.ndarray,
            sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends (n, genes) of the central interval that holds a share `level` of cells."""
    low, high = (distribution.quantile(0.5 + side * level / 2, mean, sd) for side in (-1, 1))
    return low, high


class Normal:
    """A bell curve, for whatever gives an sd and nothing else. It knows no end at 0."""

    def quantile(self, share: float, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
        from scipy.special import ndtri

        return mean + ndtri(share) * sd

    def ranks(self, values: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        from scipy.special import ndtr

        with np.errstate(divide="ignore", invalid="ignore"):
            below = ndtr((values - mean) / sd)
        below = np.where(np.isnan(below), 0.5, below)  # without any spread, the one value is in the middle
        return below, below


@dataclass(frozen=True, eq=False)
class CellValues:
    """Distribution of one cell's value in each gene, in bins of its expected value, linear in between.

    expected : (genes, bins) mean expected value of each, not decreasing
    zeros : (genes, bins) share of cells that are 0
    above : (genes, bins, shares) quantiles at SHARES of those above 0: value less the expected one, over the sd
    """

    expected: np.ndarray
    zeros: np.ndarray
    above: np.ndarray

    def of(self, genes: Genes) -> CellValues:
        """That of some genes."""
        return CellValues(self.expected[genes], self.zeros[genes], self.above[genes])

    @classmethod
    def joined(cls, parts: Sequence[CellValues]) -> CellValues:
        """That of the genes of all parts, one after the other."""
        return cls(*(np.concatenate([vars(part)[name.name] for part in parts]) for name in fields(cls)))

    def quantile(self, share: float, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
        """Never below 0."""
        return np.concatenate([self._quantile(share, mean[here], sd[here]) for here in _blocks(mean.shape)])

    def ranks(self, values: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = [self._ranks(values[here], mean[here], sd[here]) for here in _blocks(mean.shape)]
        below, upto = (np.concatenate(part) for part in zip(*found, strict=True))
        return below, upto

    def _quantile(self, share: float, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
        bins = self._bins(mean)
        zeros = bins.between(self.zeros)
        inner = np.clip((share - zeros) / np.maximum(1 - zeros, ZERO), 0, 1)
        k = np.clip(np.searchsorted(SHARES, inner, side="right") - 1, 0, len(SHARES) - 2)
        part = (inner - SHARES[k]) / (SHARES[k + 1] - SHARES[k])
        z = (1 - part) * bins.between(self.above, k) + part * bins.between(self.above, k + 1)
        return np.where(share <= zeros, 0, np.maximum(mean + sd * z, 0))

    def _ranks(self, values: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        bins = self._bins(mean)
        below, upto = np.zeros((2, *values.shape))
        start = np.maximum(mean + sd * bins.between(self.above, 0), 0)
        for k, step in enumerate(np.diff(SHARES), 1):
            end = np.maximum(mean + sd * bins.between(self.above, k), 0)
            width = np.maximum(end - start, SAME)
            below += step * np.clip((values - SAME - start) / width, 0, 1)
            upto += step * np.clip((values + SAME - start) / width, 0, 1)
            start = end
        zeros, none = bins.between(self.zeros), values <= ZERO
        return (np.where(none, 0, zeros + (1 - zeros) * below), np.where(none, zeros, zeros + (1 - zeros) * upto))

    def _bins(self, mean: np.ndarray) -> Bins:
        """Which two bins each expected value (n, genes) lies between."""
        last = self.expected.shape[1] - 1
        lower = np.zeros(mean.shape, np.intp)
        for b in range(1, last):
            lower += mean >= self.expected[:, b]
        gene, upper = np.arange(mean.shape[1]), np.minimum(lower + 1, last)
        start, end = self.expected[gene, lower], self.expected[gene, upper]
        return Bins(gene, lower, upper, np.clip((mean - start) / np.maximum(end - start, ZERO), 0, 1))


@dataclass(frozen=True, eq=False)
class Bins:
    """Two bins of each value, lower and upper (n, genes), and the weight (n, genes) of the upper one."""

    gene: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    weight: np.ndarray

    def between(self, table: np.ndarray, *more: np.ndarray | int) -> np.ndarray:
        """A table (genes, bins, ...) at these places, and at further indices: (n, genes)."""
        start, end = table[self.gene, self.lower, *more], table[self.gene, self.upper, *more]
        return start + self.weight * (end - start)


def _blocks(shape: tuple[int, ...]) -> list[slice]:
    """Rows of an array (n, genes) that are computed together."""
    rows = max(1, AT_ONCE // max(1, shape[1]))
    return [slice(lo, lo + rows) for lo in range(0, max(shape[0], 1), rows)]


def fit_values(truth: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> CellValues:
    """CellValues of measured values (n, genes), given the expected values and the sd that were predicted there."""
    above = np.where(truth > ZERO, (truth - mean) / sd, np.inf)
    mean, above = (np.ascontiguousarray(part.T, np.float32) for part in (mean, above))
    order = _order(mean)
    mean, above = np.take_along_axis(mean, order, 1), np.take_along_axis(above, order, 1)
    binned = [above[:, here].copy() for here in _bins_of(mean.shape[1])]
    for part in binned:
        part.sort(axis=1)
    expected = np.stack([mean[:, here].mean(1) for here in _bins_of(mean.shape[1])], 1)
    count = np.stack([np.isfinite(part).sum(1) for part in binned], 1)
    found = np.stack([_quantiles(part) for part in binned], 1)
    few = count < FEWEST_ABOVE_0
    if len(binned) > 1 and few.any():
        genes = few.any(1)
        whole = _quantiles(np.sort(above[genes], axis=1))[:, None]
        found[genes] = np.where(few[genes, :, None], whole, found[genes])
    zeros = 1 - count / binned[0].shape[1]
    return CellValues(expected.astype(np.float32), zeros.astype(np.float32), found.astype(np.float32))


def _order(mean: np.ndarray) -> np.ndarray:
    """Order of the cells of each row, about by expected value: as float16 it sorts ten times as fast by its bits."""
    return np.argsort(mean.astype(np.float16).view(np.uint16), axis=1, kind="stable")


def _bins_of(cells: int) -> list[slice]:
    """Which cells make each bin, of so many in the order of their expected value."""
    count = int(np.clip(cells // CELLS_PER_BIN, 1, MOST_BINS))
    wide = min(cells, max(WIDE * CELLS_PER_BIN, cells // count))
    return [slice(lo, lo + wide) for lo in np.linspace(0, cells - wide, count).round().astype(int)]


def _quantiles(increasing: np.ndarray) -> np.ndarray:
    """Quantiles (genes, shares) at SHARES of the finite values of each row; 0 where there are none."""
    last = np.maximum(np.isfinite(increasing).sum(1) - 1, 0)[:, None]
    place = SHARES * last
    low = np.floor(place).astype(int)
    start, end = (np.take_along_axis(increasing, k, 1) for k in (low, np.minimum(low + 1, last)))
    none = ~np.isfinite(increasing[:, :1])
    start, end = np.where(none, 0, start), np.where(none, 0, end)
    return start + (place - low) * (end - start)
