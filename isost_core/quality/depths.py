"""Depths of sections, as findings: gaps too wide or uneven, sections that overlap or lie almost at one depth, names
that speak for another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from isost_core.quality.findings import Finding
from isost_core.readers.name_order import order_of
from isost_core.sections.stack import Sections
from isost_core.words import both, listed, percent, times, um

WIDE, TOO_WIDE = 0.3, 0.1  # share of the pattern that lasts across a gap
UNEVEN, VERY_UNEVEN = 1.6, 2.9  # widest gap over the median one
ALMOST_ONE = 0.1  # of the median gap: sections almost at one depth
MIDST = (0.05, 0.95)  # quantiles of the depths of a section's cells between which it lies
MIXED = 0.25  # share of the cells of two sections that overlap in depth, from which they are mixed
MOST_NAMED = 12


def depth_findings(sections: Sections) -> list[Finding]:
    """Sections that overlap along depth or lie almost at one, and names whose numbers run otherwise than the depths."""
    found, names, gaps = [], sections.names, np.diff(sections.depths)
    ranges = [np.sort(sections.cell_depths[sections.rows(name)]) for name in names]
    for k, (a, b) in enumerate(zip(names[:-1], names[1:], strict=True)):
        where, low, high = f"{a} – {b}", float(np.quantile(ranges[k + 1], MIDST[0])), float(
            np.quantile(ranges[k], MIDST[1]))
        if high > low:
            share = float(((ranges[k] > low).mean() + (ranges[k + 1] < high).mean()) / 2)
            found.append(Finding(
                "depth", "severe" if share >= MIXED else "warning", where, f"{a} and {b} overlap in depth",
                f"Cells of {a} reach down to {um(high)}, but {b} begins at {um(low)}. {percent(share)} of their cells "
                "lie in both.", "Check the depths of the cells, and which section each cell belongs to. Sections must "
                "lie one below the other.", share, (a, b)))
        elif len(gaps) > 1 and gaps[k] < ALMOST_ONE * np.median(gaps):
            found.append(Finding(
                "depth", "warning", where, f"{a} and {b} lie almost at the same depth",
                f"They are {um(float(gaps[k]))} apart. The usual gap is {um(float(np.median(gaps)))}.",
                "Check these depths. If both show the same place, leave one of them out.", float(gaps[k]), (a, b)))
    return found + _uneven(names, gaps) + _name_findings(names)


def _uneven(names: Sequence[str], gaps: np.ndarray) -> list[Finding]:
    ratio = gaps / np.median(gaps)
    wide = int(np.argmax(ratio))
    if len(gaps) < 2 or ratio[wide] < UNEVEN:
        return []
    pair = names[wide:wide + 2]
    return [Finding(
        "gap", "warning" if ratio[wide] >= VERY_UNEVEN else "note", f"{pair[0]} – {pair[1]}", "The gaps are uneven",
        f"The gaps reach from {um(float(gaps.min()))} to {um(float(gaps.max()))}. The gap between "
        f"{both(pair)} is {times(float(ratio[wide]))} as wide as the median.",
        "Check these depths. If they are right, the prediction there is less certain. The maps of uncertainty show "
        "it.", float(ratio[wide]), tuple(pair))]


def _name_findings(names: Sequence[str]) -> list[Finding]:
    order = by_name(names)
    if order is None:
        return []
    away = tuple(name for name, other in zip(names, order, strict=True) if name != other)
    return [Finding(
        "depth", "note", listed(away), "The names suggest another order than the depths",
        f"By depth: {listed(names, MOST_NAMED)}. By name: {listed(order, MOST_NAMED)}.",
        "Check the depths if the numbers in the names should run along the stack.", float(len(away)), away)]


def by_name(names: Sequence[str]) -> list[str] | None:
    """The names in the order of their values, down or up, whichever is nearer to theirs; None where they are in order,
    or where their names do not settle one."""
    found = order_of(names)
    if len(names) < 3 or not found.by_value or found.others or found.twins:
        return None
    steps = np.sign(np.diff(np.argsort(found.order)))
    if abs(steps.sum()) == len(steps):
        return None
    up = [names[k] for k in found.order]
    return up if steps.sum() >= 0 else up[::-1]


def gap_findings(names: Sequence[str], structure: dict[str, Any]) -> list[Finding]:
    """Gaps that are too wide for the pattern seen within sections."""
    gaps, across = structure["gaps_um"], structure["across"]
    pairs = [f"{a} – {b}" for a, b in zip(names[:-1], names[1:], strict=True)]
    found = []
    for limit, severity, title in ((TOO_WIDE, "severe", "Gaps are too wide for the structures in the sections"),
                                   (WIDE, "warning", "Gaps are wide for the structures in the sections")):
        least = -np.inf if severity == "severe" else TOO_WIDE
        wide = [k for k, share in enumerate(across) if least <= share < limit]
        if wide:
            worst = min(wide, key=lambda k: across[k])
            found.append(Finding(
                "gap", severity, listed(pairs[k] for k in wide), title,
                f"Within a section, half of the pattern is lost over {um(structure['length_um'])}. Across a gap of "
                f"{um(float(gaps[worst]))}, {percent(max(float(across[worst]), 0))} of the pattern is left.",
                "Check the depths and the µm per unit. If they are right, trust only broad structures between these "
                "sections, or add sections in between.", float(across[worst]),
                tuple(dict.fromkeys(n for k in wide for n in names[k:k + 2]))))
    return found
