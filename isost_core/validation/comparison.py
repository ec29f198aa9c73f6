"""Scores of several methods side by side: which is better, which is best, means over sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from isost_core.validation.baselines import MEANS, OWN
from isost_core.validation.realism import TOLD

TARGETS = {"n_ratio": 1.0, "var_ratio": 1.0, "closed80": 0.8} | {
    f"cov{level}{genes}": level / 100 for level in (50, 80, 95) for genes in ("", "_sparse", "_dense")
} | dict.fromkeys(TOLD, 0.5)
Values = Mapping[str, float | None]  # by column
Scored = Mapping[tuple[str, str], Values]  # by method and the places it predicted at
LOWER = ("rmse", "chamfer", "interval_score", "width80", "zero_diff", "depth_error")


def at_width(metric: str, width_um: float) -> str:
    """Name of the column of a metric over bins of one width: 'pcc_50' of 'pcc'."""
    return f"{metric}_{width_um:g}"


def cost(column: str, value: float | None) -> float:
    """A number that is smaller for a better value of a column; infinite where there is none."""
    if value is None or np.isnan(value):
        return np.inf
    if column in TARGETS:
        return abs(value - TARGETS[column])
    return value if column.startswith(LOWER) else -value


def best(column: str, rows: Mapping[str, Values]) -> tuple[str | None, float]:
    """(name, value) of the best of several methods' values, or (None, NaN); rows : name -> values."""
    known = {name: value for name, values in rows.items()
             if (value := values.get(column)) is not None and np.isfinite(cost(column, value))}
    if not known:
        return None, float("nan")
    name = min(known, key=lambda n: cost(column, known[n]))
    return name, known[name]


def best_of(rows: Mapping[str, Values]) -> dict[str, float]:
    """The best value of every column over several methods; rows : name -> values."""
    columns = dict.fromkeys(column for values in rows.values() for column in values)
    return {column: best(column, rows)[1] for column in columns}


def mean_over(rows: Sequence[Values]) -> dict[str, float]:
    """Mean of each column over a list of values, leaving out what is not known."""
    columns = dict.fromkeys(column for values in rows for column in values)
    out = {}
    for column in columns:
        known = [value for v in rows if (value := v.get(column)) is not None and not np.isnan(value)]
        out[column] = float(np.mean(known)) if known else float("nan")
    return out


def spread_over(rows: Sequence[Values]) -> dict[str, float]:
    """Standard deviation of each column over a list of values; 0 where there is one."""
    out = {}
    for column in dict.fromkeys(column for values in rows for column in values):
        known = [value for v in rows if (value := v.get(column)) is not None and not np.isnan(value)]
        out[column] = float(np.std(known, ddof=1)) if len(known) > 1 else 0.0
    return out


OF_THE_MEAN = ("pcc", "rmse", "cov50", "cov80", "cov95", "closed80", "width80", "interval_score")


def tabulate(scored: Scored) -> dict[str, Values]:
    """One row of values per method from {(method, places): values}.

    A method that only smooths is not judged by where cells are or by sampled cells: its row has the best of its
    values over the places where its mean was evaluated, and nothing else.
    """
    rows = {}
    for method, places in scored:
        if method not in MEANS:
            rows[places if method == OWN else method] = scored[method, places]
    for name in dict.fromkeys(method for method, _ in scored if method in MEANS):
        mine = {places: {c: v for c, v in values.items() if c.startswith(OF_THE_MEAN)}
                for (method, places), values in scored.items() if method == name}
        rows[name] = best_of(mine)
    return rows


def mean_rows(found: Sequence[Scored]) -> dict[str, Values]:
    """`tabulate` of the means over sections, from a list of {(method, places): values}."""
    return tabulate({key: mean_over([scored[key] for scored in found]) for key in found[0]})
