"""Totals of counts: how unequal they are between cells, and counts brought to one total.

A cell's total is that over all genes that every file of the stack has. The common total is the median of the cells that
have any counts, over the whole stack, so that sections of unequal depth of sequencing become alike.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from isost_core.sections.expression import Matrix
from isost_core.words import plain

UNEQUAL, UNEQUAL_SECTIONS = 5.0, 1.6  # upper over lower tenth of the cells; highest over lowest median of a section


def totals_of(x: Matrix) -> np.ndarray:
    """(cells,) sum over the genes of `x` (cells, genes), dense or sparse."""
    return np.asarray(x.sum(axis=1), dtype=np.float64).ravel()


def common_total(totals: np.ndarray) -> float:
    """The total that cells are brought to: the median (n,) of those that are not zero."""
    return float(np.median(totals[totals > 0])) if (totals > 0).any() else 1.0


def scale_rows(x: Matrix, start: int, stop: int, totals: np.ndarray, goal: float) -> None:
    """Bring some rows of float32 `x`, a numpy array or CSR, to the total `goal` where they lie; totals : (rows,) that
    they have; a row of zeros stays one."""
    factor = np.divide(goal, totals, out=np.ones(len(totals)), where=totals > 0).astype(np.float32)
    if isinstance(x, np.ndarray):
        x[start:stop] *= factor[:, None]
    else:
        x.data[x.indptr[start]:x.indptr[stop]] *= np.repeat(factor, np.diff(x.indptr[start:stop + 1]))


def unequal(totals: Mapping[str, np.ndarray]) -> str:
    """That totals of counts differ a lot between the cells or the sections, in words; '' where they do not.

    totals : {section: (cells,)}
    """
    held = {name: t[t > 0] for name, t in totals.items() if (t > 0).any()}
    if not held:
        return ""
    low, high = np.quantile(np.concatenate([*held.values()]), (0.1, 0.9))
    medians = {name: float(np.median(t)) for name, t in held.items()}
    least, most = min(medians, key=lambda n: medians[n]), max(medians, key=lambda n: medians[n])
    ratio = medians[most] / medians[least]
    if ratio >= UNEQUAL_SECTIONS:
        return (f"Sections have unequal totals: the median is {plain(medians[most])} counts in {most} and "
                f"{plain(medians[least])} in {least}.")
    if high >= UNEQUAL * low:
        return f"Totals are very unequal: 8 in 10 lie between {plain(low)} and {plain(high)} counts."
    return ""
