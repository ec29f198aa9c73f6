"""What the values of a matrix are: plain ones, such as counts, or logarithms of them, and of which base.

Counts that were divided by a cell's total and put on a logarithmic scale can be told for sure: with the right base
undone, the values of each cell are multiples of one number.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from isost_core import keys
from isost_core.sections.expression import Matrix, dense

BASES = {math.e: "log1p", 2.0: "log2(1 + value)", 10.0: "log10(1 + value)"}
MEDIAN = "median_log1p"  # of ReadOptions.normalize: counts scaled to the median total, then log1p
SAMPLE_CELLS, SAMPLE_VALUES = 100, 40  # that are looked at: cells, and distinct low values of each
MOST_UNITS, MOST_RATIO = 6, 20  # the lowest value of a cell is that many of its units at most; ratios looked at
EXACT, ROUNDED = 0.02, 0.08  # how near to a whole number a ratio lies, with all digits and with two decimals
ENOUGH_CELLS, FITTING = 10, 0.9
DECIMALS = 2  # that rounded values keep
SLACK, ENOUGH_RATIOS, ELSE = 0.2, 4, 0.5  # of ratios that rounding leaves certain: their error, their number in a cell;
# share of cells that no other base may fit
SAME_TOTAL = 0.005  # relative spread of the totals of cells that were all brought to one
SAME_BASE = 1e-3  # relative
HIGHEST_LOG = 25.0  # natural; no logarithm of a count or of a share of a million is above it
HIGHEST_GUESS, LOWEST_GUESS, ZEROS_GUESS = 15.0, 0.01, 0.1  # of values that may be logarithms, with zeros beside them


class Why(StrEnum):
    """Why values are read as they are."""

    SAID = "said"  # whoever gives the files says it
    FLAG = "flag"  # the file says it
    OURS = "ours"  # the file was written by isoST Studio
    PLAIN = "plain"  # nothing speaks against plain values
    WHOLE = "whole"  # whole numbers, though the file says logarithms
    HIGH = "high"  # far too high, though the file says logarithms
    UNITS = "units"  # the values of each cell are multiples of one number
    GUESS = "guess"  # plain for want of better; they may be logarithms
    FRACTIONS = "fractions"  # plain; nothing but that they are small fractions speaks against it


DOUBTFUL = (Why.GUESS, Why.FRACTIONS)


@dataclass(frozen=True)
class Scale:
    """How values are read: `base` of the logarithm that they are, None for plain ones; `why`.

    top : the largest; whole : whether they are whole numbers; other : base that they may have, where that is a guess
    """

    base: float | None
    why: Why
    top: float = 0.0
    whole: bool = False
    other: float | None = None


@dataclass(frozen=True)
class Look:
    """What a sample of cells shows.

    top : the largest value; whole : whether all are whole numbers; zeros : share of zeros; low : the 1 % lowest value
    base : of the logarithm that the values are for sure, 0 where they are plain for sure, None where neither
    likely : the same where rounding leaves a doubt
    """

    top: float
    whole: bool
    zeros: float
    low: float
    base: float | None
    likely: float | None


def scale_of(x: Matrix, normalize: str = "auto", flag: float | None = None, ours: bool = False) -> Scale:
    """How the values of cells `x` (cells, genes), dense or sparse, none negative, are to be read.

    normalize : of ReadOptions; flag : base of the logarithm that the file says they are; ours : whether this program
    wrote the file
    """
    seen = look(x)
    if normalize != "auto":
        return Scale({"none": math.e, "log2": 2.0}.get(normalize), Why.SAID, seen.top, seen.whole)
    return _flagged(seen, flag, ours) if flag else _unflagged(seen)


def said_base(uns: Mapping[str, Any]) -> float | None:
    """Base of the logarithm that X is by `uns` (plain, of a file or of a zarr store), as scanpy or zellkonverter say
    it; None where nothing says so."""
    if keys.LOG1P not in uns:
        return 2.0 if single_value(uns.get("X_name")) == "logcounts" else None
    held = uns[keys.LOG1P]
    said = single_value(held.get("base")) if hasattr(held, "get") else None
    if not isinstance(said, int | float) or not 1 < said < math.inf:
        return math.e
    return next((base for base in BASES if abs(said / base - 1) < SAME_BASE), float(said))


def single_value(element: Any) -> Any:
    """A single number or text as Python has it; None where it is something else."""
    if getattr(element, "shape", ()) != ():
        return None
    value = element[()] if hasattr(element, "shape") else element
    value = value.item() if hasattr(value, "item") else value
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def settled(scales: Sequence[Scale], files: Sequence[str]) -> list[Scale]:
    """The same where sections differ without need: one that leaves a doubt is read like a sure one of its file, or as
    the logarithms that the other files are, or like most of the doubtful ones of its file.

    files : of each section
    """
    pairs = [(scale, file) for scale, file in zip(scales, files, strict=True) if scale.top]
    logged = [scale for scale, _ in pairs if scale.base and scale.why not in DOUBTFUL]
    return [_like([s for s, f in pairs if f == file], logged, scale) if scale.why in DOUBTFUL else scale
            for scale, file in zip(scales, files, strict=True)]


def _like(in_file: Sequence[Scale], logged: Sequence[Scale], scale: Scale) -> Scale:
    known = [*(s for s in in_file if s.why not in DOUBTFUL), *logged]
    common = Counter((s.base, s.why, s.whole, s.other) for s in in_file).most_common(1)
    base, why, whole, other = (known[0].base, known[0].why, known[0].whole, None) if known else common[0][0]
    return Scale(base, why, scale.top, whole, other)


def _flagged(seen: Look, flag: float, ours: bool) -> Scale:
    if seen.whole and seen.top > (1 if flag == 2 else 0):
        return Scale(None, Why.WHOLE, seen.top)
    if seen.top * math.log(flag) > HIGHEST_LOG:
        return Scale(None, Why.HIGH, seen.top)
    if seen.base is not None and seen.base != flag:
        return Scale(seen.base or None, Why.UNITS, seen.top)
    return Scale(flag, Why.OURS if ours else Why.FLAG, seen.top)


def _unflagged(seen: Look) -> Scale:
    if seen.base:
        return Scale(seen.base, Why.UNITS, seen.top)
    if seen.whole or seen.base == 0 or seen.top > HIGHEST_GUESS:
        return Scale(None, Why.PLAIN, seen.top, seen.whole)
    if seen.likely or (seen.likely is None and seen.zeros >= ZEROS_GUESS and seen.low >= LOWEST_GUESS * seen.top):
        return Scale(None, Why.GUESS, seen.top, other=seen.likely or math.e)
    return Scale(None, Why.FRACTIONS, seen.top)


def look(x: Matrix) -> Look:
    """What some of the cells of `x` (cells, genes) show."""
    rows = np.unique(np.linspace(0, x.shape[0] - 1, min(SAMPLE_CELLS, x.shape[0])).astype(int))
    some = dense(x[rows], np.float64)
    values = some[some > 0]
    if not values.size:
        return Look(0.0, True, 1.0, 0.0, None, None)
    top, whole = float(x.max()), bool((values == np.round(values)).all())
    rounded = bool(np.allclose(values, np.round(values, DECIMALS), rtol=0, atol=1e-6))
    base = None if whole else _base(some, ROUNDED if rounded else EXACT)
    return Look(top, whole, float((some == 0).mean()), float(np.quantile(values, 0.01)),
                _base_of_rounded(some) if rounded and not whole else base, base)


def _base(x: np.ndarray, tolerance: float) -> float | None:
    """Base with which undone logarithms are multiples of one number in each cell of `x` (cells, genes), or give each
    cell the same total; 0 where the values themselves do, None where no base does."""
    fitting = {base: _share(_undone(x, base), tolerance) for base in (0.0, *BASES)}
    best = max(fitting, key=lambda base: fitting[base])
    if fitting[best] >= FITTING:
        return best
    same = {base: _spread(_undone(x, base)) for base in (0.0, *BASES)}
    best = min(same, key=lambda base: same[base])
    return best if same[best] <= SAME_TOTAL and len(x) >= ENOUGH_CELLS else None


def _base_of_rounded(x: np.ndarray) -> float | None:
    """The same for values that were rounded, by those ratios alone that rounding moves too little to matter; None where
    these are too few, or more than one base fits."""
    fitting = {base: _share_of_rounded(x, base) for base in (0.0, *BASES)}
    first, second = sorted(fitting, key=lambda base: -fitting[base])[:2]
    return first if fitting[first] >= FITTING and fitting[second] < ELSE else None


def _share_of_rounded(x: np.ndarray, base: float) -> float:
    fits = [f for f in (_rounded_multiples(row, base) for row in x) if f is not None]
    return float(np.mean(fits)) if len(fits) >= ENOUGH_CELLS else 0.0


def _rounded_multiples(cell: np.ndarray, base: float) -> bool | None:
    values = np.unique(cell[cell > 0])[:SAMPLE_VALUES]
    plain = _undone(values, base)
    error = 0.5 * 10.0**-DECIMALS * (math.log(base) * (1 + plain) if base else 1.0) / plain
    ratios = plain[1:] / plain[:1]
    slack = ratios * (error[1:] + error[:1])
    shares = []
    for units in range(1, MOST_UNITS + 1):
        told = (slack * units <= SLACK) & (ratios > 1.1)
        if told.sum() >= ENOUGH_RATIOS:
            exact = ratios[told] * units
            shares.append((np.abs(exact - np.round(exact)) <= slack[told] * units).mean())
    return max(shares) >= FITTING if shares else None


def _undone(x: np.ndarray, base: float) -> np.ndarray:
    return np.expm1(np.minimum(x * math.log(base), 700.0)) if base else x


def _share(x: np.ndarray, tolerance: float) -> float:
    """Share of the cells whose values are multiples of one number, of those where that can be told."""
    fits = [f for f in (_is_multiples(row, tolerance) for row in x) if f is not None]
    return float(np.mean(fits)) if len(fits) >= ENOUGH_CELLS else 0.0


def _is_multiples(cell: np.ndarray, tolerance: float) -> bool | None:
    """Whether the values of one cell are multiples of one number; None where they are too few to tell."""
    values = np.unique(cell[cell > 0])[:SAMPLE_VALUES]
    if len(values) < 2:
        return None
    ratios = values[1:] / values[0]
    ratios = ratios[(ratios > 1.1) & (ratios < MOST_RATIO)]
    units = np.arange(1, min(MOST_UNITS, len(ratios)) + 1)[:, None]
    off = np.abs(ratios * units - np.round(ratios * units)) <= tolerance * units
    return bool((off.mean(axis=1) >= FITTING).any()) if len(ratios) else None


def _spread(x: np.ndarray) -> float:
    """Standard deviation of the totals of cells over their mean."""
    with np.errstate(over="ignore"):  # totals beyond float64 are not equal
        total = x.sum(axis=1)
        return float(total.std() / total.mean()) if 0 < total.mean() < math.inf else math.inf
