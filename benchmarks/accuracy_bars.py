"""The bars a reconstruction has to clear on every data set at once, and by how much it misses."""

from dataclasses import dataclass

import numpy as np

from isost_core.validation.baselines import COPY, MEANS, OWN, PLACES, UNION
from isost_core.validation.comparison import best, mean_over, spread_over
from isost_core.validation.summary import OURS

LEFT_OUT = {("bdtnp", "pcc_40"), ("bdtnp", "rmse_40"), ("bdtnp-wide", "pcc_40"), ("bdtnp-wide", "rmse_40")}


@dataclass(frozen=True)
class Bar:
    """One bar: `value` has to lie within `low` and `high`; `by` says what set them."""

    what: str
    value: float
    low: float = -np.inf
    high: float = np.inf
    by: str = ""

    @property
    def met(self):
        return self.low <= self.value <= self.high

    @property
    def missed_by(self):
        return max(self.low - self.value, self.value - self.high, 0.0)


def rows_of(found):
    """{(method, places): [values of each section]} of a preset's results, NaN where there is no value."""
    rows = {}
    for section in found["sections"]:
        for values in section["scored"]:
            known = {k: np.nan if v is None else v for k, v in values.items() if k not in ("method", "places")}
            rows.setdefault((values["method"], values["places"]), []).append(known)
    return rows


class Field:
    """All methods of a case: `ours`, `simple` and `placed` (those that place cells) as means, and `spread`."""

    def __init__(self, found):
        rows = rows_of(found)
        means = {key: mean_over(values) for key, values in rows.items()}
        self.ours = means.pop((OURS, OURS))
        self.simple = means
        self.placed = {key: means[key] for key in means if key[0] == OWN and key[1] in PLACES}
        self.spread = {key: spread_over(values) for key, values in rows.items()}

    def rival(self, column, among=None):
        """(key, value, 'name: value') of the best simple method in a column."""
        key, value = best(column, among or self.simple)
        return key, value, f"{key[0] if key[0] != OWN else key[1]}: {value:.3f}"


def bars(name, found, widths):
    """Bars of one case. `found` is what one preset gave."""
    field = Field(found)
    return [*_of_the_mean(name, field, widths), *_of_the_cells(field, widths), *_of_the_intervals(field),
            *_steadiness(found)]


def _of_the_mean(name, field, widths):
    out = []
    for column in [f"pcc_{w:g}" for w in widths] + ["pcc_1nn"]:
        _, value, by = field.rival(column)
        out.append(Bar(column, field.ours[column], low=value - 0.005, by=by))
    for column in [f"rmse_{w:g}" for w in widths]:
        _, value, by = field.rival(column)
        out.append(Bar(column, field.ours[column], high=1.01 * value, by=by))
    return [bar for bar in out if (name, bar.what) not in LEFT_OUT]


def _of_the_cells(field, widths):
    ours, copied, union = field.ours, field.simple[OWN, COPY], field.simple[OWN, UNION]
    out = [Bar(c, ours[c], low=copied[c] - 0.02, by=f"copy: {copied[c]:.3f}")
           for c in (f"coverage_{w:g}" for w in widths)]
    out += [Bar("genegene_r", ours["genegene_r"], low=union["genegene_r"] - 0.02,
                by=f"union: {union['genegene_r']:.3f}"),
            Bar("var_ratio", ours["var_ratio"], 0.9, 1.1), Bar("zero_diff", ours["zero_diff"], high=0.02),
            Bar("n_ratio", ours["n_ratio"], 0.95, 1.05), Bar("depth_error_um", ours["depth_error_um"], high=1e-3)]
    for column, better in (("chamfer_um", "high"), ("density_pcc", "low")):
        key, value, by = field.rival(column, field.placed)
        spread = field.spread[key][column]
        limit = value + spread if better == "high" else value - spread
        out.append(Bar(column, ours[column], by=f"{by}, sd {spread:.3f}", **{better: limit}))
    return out


def _of_the_intervals(field):
    ours = field.ours
    _, value, by = field.rival("interval_score", {k: v for k, v in field.simple.items() if k[0] in MEANS})
    return [Bar("interval_score", ours["interval_score"], high=1.01 * value, by=by),
            Bar("cov80", ours["cov80"], 0.75, 0.85), Bar("cov80_dense", ours["cov80_dense"], 0.7, 0.9),
            Bar("cov80_sparse", ours["cov80_sparse"], low=0.75)]


def _steadiness(found):
    counts = [Bar(f"counts, {what}", max(c[key] for c in found["counts"]), high=limit) for what, key, limit in (
        ("off linear between sections", "largest", 0.1), ("jump at a measured depth", "jump", 0.05))]
    change = {key: max(s[key] for s in found["step"]) for key in found["step"][0]}
    return [*counts, *(Bar(f"step halved twice, {key}", value, high=0.02) for key, value in change.items())]


def mean_lead(cases):
    """Mean over cases and PCC columns of how far ours is above the best simple method; cases : (found, widths)."""
    leads = []
    for found, widths in cases:
        field = Field(found)
        leads += [field.ours[c] - field.rival(c)[1] for c in [*(f"pcc_{w:g}" for w in widths), "pcc_1nn"]]
    return float(np.mean(leads))
