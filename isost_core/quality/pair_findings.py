"""What was measured of neighbouring sections, as findings: whether they agree, and whether one lies wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from isost_core.quality.findings import AGREES, Finding, Row
from isost_core.quality.section_pairs import PoseGain, looks_mirrored
from isost_core.words import listed, number, percent

CHANCE = 0.05  # agreement that is taken for chance, where shuffled cells happen to agree less
OF_WITHIN, HALF_OF_WITHIN = 0.75, 0.6  # do not agree, agree weakly: of what the sections' own halves reach
PATTERN = 0.2  # agreement of a section's halves: below it there is too little pattern to be judged by
POSE_GAIN, SEVERE_POSE_GAIN, SHIFT_GAIN = 0.08, 0.12, 0.12
TURNED_GENES = 0.6  # share of the genes that agree better in the other pose


def pair_name(row: Row) -> str:
    """'A – B'."""
    return f"{row['first']} – {row['second']}"


def disagrees(row: Row, usual: float) -> bool:
    """Whether two neighbours do not agree though each, or the clearest section, has a pattern to agree in."""
    if row["within"] < PATTERN:
        return usual >= PATTERN and row["judged"] <= max(row["judged_null"], CHANCE)
    return row["judged"] < min(AGREES, OF_WITHIN * row["within"])


def agreement_findings(pairs: Sequence[Row], divided: bool) -> list[Finding]:
    """Pairs that do not agree, beside chance and what the halves of a section reach."""
    usual = max((p["within"] for p in pairs), default=0.0)
    bad = [p for p in pairs if disagrees(p, usual)]
    weak = [p for p in pairs if p not in bad and p["within"] >= PATTERN
            and p["judged"] < HALF_OF_WITHIN * p["within"]]
    found = []
    if len(bad) == len(pairs) > 1:
        mean = float(np.mean([p["judged"] for p in bad]))
        found.append(Finding(
            "agreement", "severe", "all sections", "No two neighbouring sections agree with each other",
            f"r = {', '.join(format(p['judged'], '.2f') for p in bad[:6])} between neighbours. Halves of one section "
            f"agree at r = {number(float(np.mean([p['within'] for p in bad])))}. {_totals_words(bad, divided)}",
            "Don't reconstruct these sections yet, because nothing between them can be predicted. Check that they "
            "belong to the same tissue and are in the right order. Then register them.", mean,
            tuple(dict.fromkeys(n for p in bad for n in (p["first"], p["second"])))))
    else:
        found += [_agreement(p, "severe", "do not agree", divided) for p in bad]
    found += [_agreement(p, "warning", "agree only weakly", divided) for p in weak]
    dull = [p for p in pairs if p["within"] < PATTERN and p not in bad]
    if dull:
        value = float(min(p["within"] for p in dull))
        names = tuple(dict.fromkeys(n for p in dull for n in (p["first"], p["second"])))
        found.append(Finding(
            "agreement", "note", listed(pair_name(p) for p in dull), "Too little pattern to judge the agreement",
            f"Even two halves of the same section agree only at r = {number(value)}, cell by cell.",
            "Use the page Validate instead. It averages over areas, so it needs less pattern.", value, names))
    return found


def _agreement(p: Row, severity: str, verb: str, divided: bool) -> Finding:
    return Finding("agreement", severity, pair_name(p), f"{p['first']} and {p['second']} {verb}",
                   f"r = {number(p['judged'])} (chance: {number(p['judged_null'])}). Halves of one section agree at "
                   f"r = {number(p['within'])}. {_totals_words([p], divided)}",
                   "Register the sections. Check that both belong to this tissue, are in the right order and are not "
                   "mirrored. If they still don't agree, leave one of them "
                   "out.", p["judged"], (p["first"], p["second"]))


def _totals_words(pairs: Sequence[Row], divided: bool) -> str:
    if not divided:
        return ""
    raw = ", ".join(number(p["r"]) for p in pairs[:6])
    return (f"Each cell was divided by its total count first. Without that r is {raw}, but this only shows where the "
            "counts are high.")


def pose_findings(poses: Iterable[PoseGain]) -> list[Finding]:
    """Sections that look mirrored, turned or shifted."""
    found = []
    for pose in poses:
        gain = pose.after - pose.still
        clear = gain >= POSE_GAIN and pose.better >= TURNED_GENES and (pose.mirrored or pose.turn)
        turned = clear or looks_mirrored(replace(pose, gain=gain))
        if not turned and pose.still - pose.before < SHIFT_GAIN:
            continue
        how = _pose_words(pose) if turned else "shifted"
        severe = turned and gain >= SEVERE_POSE_GAIN and pose.before < 0.6 * pose.after
        reached = pose.after if turned else pose.still
        found.append(Finding(
            "pose" if turned else "shift", "severe" if severe else "warning", pose.name,
            f"{pose.name} looks {how}",
            f"It agrees with its neighbours at r = {number(pose.before)} now, and at r = {number(reached)} "
            + (f"when {how} back. Then {percent(pose.better)} of its genes agree better." if turned
               else "when its centre is moved over theirs."),
            "Register the sections" + (" and allow mirrored ones" if pose.mirrored and turned else "")
            + ", or correct this one by hand on the page Registration.", float(reached - pose.before),
            (pose.name,)))
    return found


def _pose_words(pose: PoseGain) -> str:
    turn = min(pose.turn, 360 - pose.turn)  # the direction is seen in the picture
    parts = (["mirrored"] if pose.mirrored else []) + ([f"turned by {turn}°"] if turn else [])
    return " and ".join(parts)
