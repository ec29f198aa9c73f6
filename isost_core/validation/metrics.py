"""How close a predicted section comes to the measured one. Expression is log1p, lengths are µm.

Three parts of a prediction are judged apart, since smoothing wins the first and destroys the second: the expected
expression (`mean`, `sd`), the sampled cells (`X`), and where cells are (`xy`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from isost_core.sections.stack import Sections

if TYPE_CHECKING:
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from isost_core.model.intervals import Distribution, Normal, central
from isost_core.sections.spacing import area_per_cell

TINY = 1e-6  # relative spread below which a gene counts as constant
LEVELS = (*(n / 10 for n in range(1, 10)), 0.95)
JUDGED = (0.5, 0.8, 0.95)  # levels of intervals whose coverage is a score
CELLS_PER_BIN = 72  # of the widest grid; each finer one is half as wide
FEWEST_BINS = 20


@dataclass(frozen=True, eq=False)
class Predicted:
    """A predicted section.

    xy : (n, 2) µm; mean : (n, genes) expected expression at each place; X : (n, genes) expression of sampled cells,
    or None; sd : (n, genes) sd of one cell's value, or None; z : (n,) depth of each cell, µm, or None
    values : distribution of one cell's value about its mean, a bell curve where nothing else is said
    """

    xy: np.ndarray
    mean: np.ndarray
    X: np.ndarray | None = None
    sd: np.ndarray | None = None
    z: np.ndarray | None = None
    values: Distribution = field(default_factory=Normal)


@dataclass(frozen=True)
class Scores:
    """`values`: name -> float, NaN where there is nothing to measure; `genes`: name -> (genes,) array."""

    values: dict[str, float]
    genes: dict[str, np.ndarray]

    def __or__(self, other: Scores) -> Scores:
        return Scores(self.values | other.values, self.genes | other.genes)


@dataclass(frozen=True, eq=False)
class Measured:
    """The measured section that predictions are compared with: xy (n, 2) µm, values (n, genes) log1p."""

    xy: np.ndarray
    values: np.ndarray
    _held: dict = field(default_factory=dict, repr=False)

    @cached_property
    def tree(self) -> cKDTree:
        from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

        return cKDTree(self.xy)

    def binned(self, width: float) -> tuple[Bins, np.ndarray]:
        """(bins, mean expression of each) at one bin width; kept for the next prediction."""
        if width not in self._held:
            bins = bin_cells(self.xy, self.xy.min(0), width)
            self._held[width] = bins, bins.means(self.values)
        return self._held[width]

    def nearest(self, xy: np.ndarray) -> np.ndarray:
        """Number of the predicted cell nearest to each measured one; kept while the same `xy` is asked for."""
        if self._held.get("xy") is not xy:
            from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

            self._held["xy"], self._held["nearest"] = xy, cKDTree(xy).query(self.xy)[1]
        return self._held["nearest"]


@dataclass(frozen=True, eq=False)
class Bins:
    """Occupied square bins: index (bins, 2), key (bins,) increasing, count (bins,), label (cells,)."""

    index: np.ndarray
    key: np.ndarray
    count: np.ndarray
    label: np.ndarray

    def means(self, values: np.ndarray) -> np.ndarray:
        """Mean of cells' values (n, genes) in each bin."""
        from scipy.sparse import csr_matrix

        n = len(self.label)
        pick = csr_matrix((np.ones(n), (self.label, np.arange(n))), shape=(len(self.key), n))
        return pick @ np.asarray(values, dtype=np.float64) / self.count[:, None]


def bin_cells(xy: np.ndarray, origin: np.ndarray, width: float) -> Bins:
    """Bins of the cells, of this width and with a corner at the origin."""
    index = np.floor((xy - origin) / width).astype(np.int64)
    key = index[:, 0] * 2**32 + index[:, 1]
    key, first, label, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    return Bins(index[first], key, count, label.ravel())


def grid_widths(sections: Sections, cells_per_bin: int = CELLS_PER_BIN) -> tuple[float, float, float]:
    """Three bin widths (µm) for a stack, fine to coarse, each twice the one before.

    The widest holds about 72 cells, so the finer ones 18 and 4.5; fewer where a section would be left with less than
    20 bins. Rounded to two digits.
    """
    xy = [sections.xy[sections.rows(name)] for name in sections.names]
    area = np.median([area_per_cell(p) for p in xy])
    cells = max(4.0, min(cells_per_bin, np.median([len(p) for p in xy]) / FEWEST_BINS))
    width = float(f"{np.sqrt(area * cells) / 4:.2g}")
    return width, 2 * width, 4 * width


def score(measured: Measured, predicted: Predicted, widths: Sequence[float]) -> Scores:
    """All Scores of one predicted section.

    Parameters
    ----------
    measured : Measured
    predicted : Predicted; without `X` or `sd` their scores are left out
    widths : bin widths, µm; the density of cells is compared at the middle one
    """
    scores = score_mean(measured, predicted, widths) | score_places(measured, predicted.xy, widths)
    if predicted.sd is not None:
        scores |= score_intervals(measured, predicted)
    if predicted.X is not None:
        scores |= score_cells(measured.values, predicted.X)
    return scores


def score_mean(measured: Measured, predicted: Predicted, widths: Sequence[float]) -> Scores:
    """Expected expression against the measured, per bin and per nearest predicted cell.

    `pcc_W`, `rmse_W`, `pcc_1nn`, `rmse_1nn`; `coverage_W`, the share of measured bins with predicted cells, beside
    which the others must be read; `bins_W`, the measured bins.
    """
    values, genes = {}, {}
    for width in sorted(widths):
        ours, here = measured.binned(width)
        theirs = bin_cells(predicted.xy, measured.xy.min(0), width)
        _, a, b = np.intersect1d(ours.key, theirs.key, assume_unique=True, return_indices=True)
        there = theirs.means(predicted.mean)
        genes[f"pcc_{width:g}"] = pearson(here[a], there[b])
        genes[f"rmse_{width:g}"] = np.sqrt(((here[a] - there[b]) ** 2).mean(0)) if len(a) else here[0] * np.nan
        values[f"pcc_{width:g}"] = _median(genes[f"pcc_{width:g}"])
        values[f"rmse_{width:g}"] = float(np.sqrt((genes[f"rmse_{width:g}"] ** 2).mean()))
        values[f"coverage_{width:g}"] = len(a) / len(ours.key)
        values[f"bins_{width:g}"] = len(ours.key)
    nearest = np.asarray(predicted.mean, np.float64)[measured.nearest(predicted.xy)]
    genes["pcc_1nn"] = pearson(measured.values, nearest)
    values["pcc_1nn"] = _median(genes["pcc_1nn"])
    values["rmse_1nn"] = float(np.sqrt(((measured.values - nearest) ** 2).mean()))
    return Scores(values, genes)


def score_places(measured: Measured, xy: np.ndarray, widths: Sequence[float]) -> Scores:
    """Where cells are: `n_ratio`, `chamfer_um`, and `density_pcc` over the bins of the middle width."""
    width = sorted(widths)[len(widths) // 2]
    ours, _ = measured.binned(width)
    theirs = bin_cells(xy, measured.xy.min(0), width)
    keys = np.union1d(ours.key, theirs.key)
    box = ours.index.max(0)
    beyond = ((theirs.index < 0) | (theirs.index > box)).any(1).sum()
    empty = int(np.prod(box + 1)) - (len(keys) - beyond)
    counts = np.zeros((2, len(keys) + empty))
    for row, bins in zip(counts, (ours, theirs), strict=True):
        row[np.searchsorted(keys, bins.key)] = bins.count
    return Scores({"n_ratio": len(xy) / len(measured.xy), "chamfer_um": chamfer(measured.xy, xy),
                   "density_pcc": _correlation(*counts)}, {})


def chamfer(first: np.ndarray, second: np.ndarray) -> float:
    """Mean distance (µm) from the points of one cloud (n, 2) to the nearest of the other, averaged over both ways."""
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    return float((cKDTree(first).query(second)[0].mean() + cKDTree(second).query(first)[0].mean()) / 2)


def score_cells(measured: np.ndarray, sampled: np.ndarray) -> Scores:
    """Structure of sampled cells (n, genes) against measured ones: no place is compared.

    `genegene_r`, agreement of the two gene-gene correlation matrices; `mean_r` of the genes' means; medians over
    genes of the ratio of variances, `var_ratio`, and of the difference in the share of zeros, `zero_diff`.
    """
    a, b = np.asarray(measured, np.float64), np.asarray(sampled, np.float64)
    vary = a.var(0) > 1e-12
    upper = np.triu_indices(vary.sum(), 1)
    ratio, zeros = b.var(0) / np.where(vary, a.var(0), np.nan), np.abs((a <= 1e-9).mean(0) - (b <= 1e-9).mean(0))
    values = {"genegene_r": _correlation(_gene_gene(a[:, vary])[upper], _gene_gene(b[:, vary])[upper]),
              "mean_r": _correlation(a.mean(0), b.mean(0)), "var_ratio": _median(ratio),
              "zero_diff": _median(zeros[vary])}
    return Scores(values, {"var_ratio": ratio, "zero_diff": zeros})


def score_intervals(measured: Measured, predicted: Predicted) -> Scores:
    """Central intervals of one cell's value: the share of measured values inside, and the interval score.

    `cov80` over all values, `cov80_sparse` and `cov80_dense` over the tenth of genes with most and with fewest zeros,
    and so for 50 and 95 %, all as in `held`; `closed80`, the share within the ends of the 80 % interval or on them;
    `interval_score` (Winkler: width plus ten times the excess, so that wide intervals do not pay), lower is better.
    """
    mean, sd = _at_measured(measured, predicted)
    low, high = central(predicted.values, 0.8, mean, sd)
    ranks = predicted.values.ranks(measured.values, mean, sd)
    beyond = np.maximum(low - measured.values, 0) + np.maximum(measured.values - high, 0)
    order = np.argsort(-(measured.values <= 1e-9).mean(0), kind="stable")
    tenth = max(1, len(order) // 10)
    inside = {f"cov{100 * level:.0f}": held(*ranks, level).mean(0) for level in JUDGED}
    values = {name + ending: float(share[some].mean()) for name, share in inside.items() for ending, some in
              (("", order), ("_sparse", order[:tenth]), ("_dense", order[-tenth:]))}
    values |= {"closed80": float((beyond <= 1e-6).mean()), "width80": float((high - low).mean()),
               "interval_score": float(((high - low) + 10 * beyond).mean())}
    return Scores(values, {"cov80": inside["cov80"]})


def held(below: np.ndarray, upto: np.ndarray, level: float) -> np.ndarray:
    """How much of each value lies in the central interval of a level, 0 to 1, from its ranks (see `Distribution`).

    Where many cells have one value, no interval can hold just 80 % of them: 0 in nine of ten cells makes the interval
    [0, 0], which holds 90 %. So a value counts by the part of its predicted chance, from the rank `below` to `upto`,
    that lies within the central ranks. That is what a rank drawn at random between the two would give on average (the
    randomised probability integral transform: Czado, Gneiting and Held, 2009), and `level` where predictions are right.
    """
    low, high = 0.5 - level / 2, 0.5 + level / 2
    chance = upto - below
    part = np.clip(np.minimum(upto, high) - np.maximum(below, low), 0, None) / np.maximum(chance, 1e-9)
    return np.where(chance > 1e-9, part, (below >= low) & (below <= high))


def coverage_curve(measured: Measured, predicted: Predicted, levels: Sequence[float] = LEVELS) -> list[float]:
    """Share of measured values inside the central interval of each nominal level, as in `held`."""
    ranks = predicted.values.ranks(measured.values, *_at_measured(measured, predicted))
    return [float(held(*ranks, level).mean()) for level in levels]


def _at_measured(measured: Measured, predicted: Predicted) -> tuple[np.ndarray, np.ndarray]:
    """Predicted mean and sd (n, genes) of the cell nearest to each measured one."""
    nearest = measured.nearest(predicted.xy)
    mean, sd = (np.asarray(part, np.float64)[nearest] for part in (predicted.mean, predicted.sd))
    return mean, sd


def depth_error(predicted: Predicted, depth: float) -> float:
    """Largest distance (µm) of a predicted cell from the depth asked for; NaN where cells carry no depth."""
    return float("nan") if predicted.z is None else float(np.abs(predicted.z - depth).max())


def split_half(measured: Measured, widths: Sequence[float], seed: int = 0, repeats: int = 5) -> Scores:
    """How well half of the measured section predicts its other half, averaged over random halves.

    Returns
    -------
    Scores. Of `genes`, `ceiling_W` (genes,) is the PCC that a perfect mean would reach on the whole section,
    sqrt(2 r / (1 + r)) of the halves' r (Spearman-Brown); NaN where halves share less than 70 % of the bins.
    """
    rng = np.random.default_rng(seed)
    runs = []
    for _ in range(repeats):
        first = rng.permutation(len(measured.xy)) < len(measured.xy) // 2
        half, other = (Measured(measured.xy[part], measured.values[part]) for part in (first, ~first))
        runs.append(score(half, Predicted(other.xy, other.values, other.values), widths))
    with np.errstate(invalid="ignore"):
        values, genes = ({name: np.mean([getattr(r, kind)[name] for r in runs], 0) for name in getattr(runs[0], kind)}
                         for kind in ("values", "genes"))
    for width in sorted(widths):
        r = np.clip(genes[f"pcc_{width:g}"], 0, 1)
        shared = values[f"coverage_{width:g}"] >= 0.7
        genes[f"ceiling_{width:g}"] = np.sqrt(2 * r / (1 + r)) if shared else r * np.nan
        values[f"ceiling_{width:g}"] = _median(genes[f"ceiling_{width:g}"])
    return Scores({name: float(v) for name, v in values.items()}, genes)


def pearson(measured: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Pearson r of each column; NaN where the measured one is constant, 0 where only the prediction is."""
    if len(measured) < 3:
        return np.full(measured.shape[1], np.nan)
    (a, sa, flat), (b, sb, dull) = (_centred(m) for m in (measured, predicted))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (a * b).mean(0) / (sa * sb)
    return np.where(flat, np.nan, np.where(dull, 0.0, r))


def _centred(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = np.asarray(values, np.float64)
    mean = values.mean(0)
    spread = np.sqrt(((values - mean) ** 2).mean(0))
    return values - mean, spread, spread <= TINY * np.maximum(1, np.abs(mean))


def _gene_gene(values: np.ndarray) -> np.ndarray:
    """Correlation matrix of the columns; 0 for constant ones."""
    centred, spread, flat = _centred(values)
    unit = np.where(flat, 0.0, centred / np.where(flat, 1.0, spread))
    return unit.T @ unit / len(unit)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if len(a) < 3 or np.std(a) <= 1e-12 or np.std(b) <= 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _median(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")
