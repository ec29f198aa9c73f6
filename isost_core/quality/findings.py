"""From what was measured to findings: what, where, how bad, what to do.

The thresholds were set on phantoms with planted defects and hold on the real sets of the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isost_core.quality.batch import Offsets
from isost_core.quality.section_pairs import BetterOrder, PoseGain, looks_mirrored

SEVERITIES = ("severe", "warning", "note")
KINDS = ("units", "agreement", "order", "pose", "shift", "genes", "gap", "brightness", "tissue", "gradient")
AGREES = 0.2  # judged agreement below which neighbours do not agree
CHANCE = 0.05  # agreement that is taken for chance, where shuffled cells happen to agree less
OF_WITHIN, HALF_OF_WITHIN = 0.75, 0.6  # do not agree, agree weakly: of what the sections' own halves reach
PATTERN = 0.2  # agreement of a section's halves: below it there is too little pattern to be judged by
POSE_GAIN, SEVERE_POSE_GAIN, SHIFT_GAIN = 0.08, 0.12, 0.12
TURNED_GENES = 0.6  # share of the genes that agree better in the other pose
ORDER_GAIN, ORDER_SHARE = 0.035, 0.08  # of the mean agreement of neighbours
WIDE, TOO_WIDE = 0.3, 0.1  # share of the pattern that lasts across a gap
UNEVEN, VERY_UNEVEN = 1.6, 2.9  # widest gap over the median one
MISSING_SEVERE, MISSING_WARNING = 0.1, 0.01  # share of the genes that the neighbours have
BATCH, STRONG_BATCH = 0.12, 0.6  # offsets between sections over the spread of cells within them
DEPTH_RATIO = 2.0  # of the totals of neighbours
GRADIENT = 0.1  # log1p, end to end, on average over genes
IN_TISSUE, SMALL = 0.95, 0.5  # share of cells with neighbours; area over the smaller of the neighbours'


Row = dict[str, Any]  # of a section or a pair of neighbours, as `single_sections` and `section_pairs` give them


@dataclass(frozen=True)
class Finding:
    """One thing about a stack that its owner should know.

    kind : one of KINDS; severity : one of SEVERITIES; where : a section, a pair 'A – B' or 'all sections'
    title : what; detail : how bad, with its number; advice : what to do; value : the number; names : sections it is
    about
    """

    kind: str
    severity: str
    where: str
    title: str
    detail: str
    advice: str
    value: float
    names: tuple[str, ...] = ()


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first: by severity, then by kind, then by how many sections it is about."""
    return tuple(sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), KINDS.index(f.kind), -len(f.names))))


def _pair(row: Row) -> str:
    return f"{row['first']} – {row['second']}"


def disagrees(row: Row, usual: float) -> bool:
    """Whether two neighbours do not agree though each, or the clearest section, has a pattern to agree in."""
    if row["within"] < PATTERN:
        return usual >= PATTERN and row["judged"] <= max(row["judged_null"], CHANCE)
    return row["judged"] < min(AGREES, OF_WITHIN * row["within"])


def agreement_findings(pairs: Sequence[Row], divided: bool) -> list[Finding]:
    """Pairs that do not agree, beside chance and what the halves of a section reach."""
    usual = max(p["within"] for p in pairs)
    bad = [p for p in pairs if disagrees(p, usual)]
    weak = [p for p in pairs if p not in bad and p["within"] >= PATTERN
            and p["judged"] < HALF_OF_WITHIN * p["within"]]
    found = []
    if len(bad) == len(pairs) > 1:
        mean = float(np.mean([p["judged"] for p in bad]))
        found.append(Finding(
            "agreement", "severe", "all sections", "No two neighbouring sections agree with each other",
            f"r = {', '.join(format(p['judged'], '.2f') for p in bad[:6])} between neighbours. Halves of one section "
            f"agree at r = {np.mean([p['within'] for p in bad]):.2f}. {_totals_words(bad, divided)}",
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
            "agreement", "note", _listed(_pair(p) for p in dull), "Too little pattern to judge the agreement",
            f"Even two halves of the same section agree only at r = {value:.2f}, cell by cell.",
            "Use the page Validate instead. It averages over areas, so it needs less pattern.", value, names))
    return found


def _agreement(p: Row, severity: str, verb: str, divided: bool) -> Finding:
    return Finding("agreement", severity, _pair(p), f"{p['first']} and {p['second']} {verb}",
                   f"r = {p['judged']:.2f} (chance: {p['judged_null']:.2f}). Halves of one section agree at r = "
                   f"{p['within']:.2f}. {_totals_words([p], divided)}",
                   "Register the sections. Check that both belong to this tissue, are in the right order and are not "
                   "mirrored. If they still don't agree, leave one of them "
                   "out.", p["judged"], (p["first"], p["second"]))


def _totals_words(pairs: Sequence[Row], divided: bool) -> str:
    if not divided:
        return ""
    raw = ", ".join(f"{p['r']:.2f}" for p in pairs[:6])
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
            f"It agrees with its neighbours at r = {pose.before:.2f} now, and at r = {reached:.2f} "
            + (f"when {how} back. Then {100 * pose.better:.0f} % of its genes agree better." if turned
               else "when its centre is moved over theirs."),
            "Register the sections" + (" and allow mirrored ones" if pose.mirrored and turned else "")
            + ", or correct this one by hand on the page Registration.", float(reached - pose.before),
            (pose.name,)))
    return found


def _pose_words(pose: PoseGain) -> str:
    turn = min(pose.turn, 360 - pose.turn)  # the direction is seen in the picture
    parts = (["mirrored"] if pose.mirrored else []) + ([f"turned by {turn}°"] if turn else [])
    return " and ".join(parts)


def order_findings(names: Sequence[str], better: BetterOrder) -> list[Finding]:
    """The stack in another order, where neighbours agree clearly better in it."""
    order, gain, mean = better.order, better.gain, better.mean
    if gain < ORDER_GAIN or gain < ORDER_SHARE * max(mean, 0):
        return []
    displaced = tuple(names[o] for k, o in enumerate(order) if o != k)
    severe = gain >= 2 * ORDER_GAIN and mean + gain >= AGREES
    return [Finding("order", "severe" if severe else "warning", _listed(displaced), "The sections look out of order",
                    f"Neighbours agree at r = {mean:.2f} in the present order. They would agree at r = "
                    f"{mean + gain:.2f} in the order {', '.join(names[o] for o in order)} (or the same backwards).",
                    "Check the depths of these sections, and correct them on the page Sections.", float(gain),
                    displaced)]


def gene_findings(rows: Iterable[Row]) -> list[Finding]:
    """Genes that are all zero in one section and present in its neighbours."""
    found = []
    for row in rows:
        absent, share = row["absent"], len(row["absent"]) / max(row["expected_genes"], 1)
        if not absent:
            continue
        severity = "severe" if share >= MISSING_SEVERE else "warning" if share >= MISSING_WARNING else "note"
        some = ", ".join(absent[:5]) + (" and others" if len(absent) > 5 else "")
        what = "gene is" if len(absent) == 1 else "genes are"
        found.append(Finding(
            "genes", severity, row["name"], f"{len(absent)} {what} missing in {row['name']}",
            f"They are zero in all cells of this section but not in its neighbours: {some} ({100 * share:.2g} % of the "
            "genes that the neighbours "
            "have).", "Check whether these genes were measured in this section. If not, leave out the genes or the "
            "section. Otherwise the zeros count as measurements.", float(share), (row["name"],)))
    return found


def gap_findings(names: Sequence[str], structure: dict[str, Any]) -> list[Finding]:
    """Gaps that are uneven, or too wide for the pattern seen within sections."""
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
                "gap", severity, _listed(pairs[k] for k in wide), title,
                f"Within a section, half of the pattern is lost over {structure['length_um']:.0f} µm. Across a gap of "
                f"{gaps[worst]:.0f} µm {100 * max(across[worst], 0):.0f} % of the pattern is left.",
                "Check the depths and the µm per unit. If they are right, trust only broad structures between these "
                "sections, or add sections in between.", float(across[worst]),
                tuple(dict.fromkeys(n for k in wide for n in names[k:k + 2]))))
    ratio = gaps / np.median(gaps)
    wide = int(np.argmax(ratio))
    if len(gaps) > 1 and ratio[wide] >= UNEVEN:
        found.append(Finding(
            "gap", "warning" if ratio[wide] >= VERY_UNEVEN else "note", pairs[wide], "The gaps are uneven",
            f"The gaps reach from {gaps.min():.0f} to {gaps.max():.0f} µm. The gap {pairs[wide]} is {ratio[wide]:.1f} "
            "times as wide as the "
            "median.", "Check these depths. If they are right, the prediction there is less certain. The maps of "
            "uncertainty show it.", float(ratio[wide]), tuple(names[wide:wide + 2])))
    return found


def brightness_findings(rows: Sequence[Row], offsets: Offsets) -> list[Finding]:
    """Sections whose brightness jumps, apart from what changes steadily along depth."""
    found = []
    names = tuple(row["name"] for row in rows)
    total = np.log(np.maximum([row["total"] for row in rows], 1e-9))
    if offsets.share >= BATCH and len(rows) > 2:
        worst = int(np.argmax(np.abs(offsets.values).mean(1)))
        found.append(Finding(
            "brightness", "severe" if offsets.share >= STRONG_BATCH and np.abs(np.diff(total)).max() > np.log(3)
            else "warning", "all sections", "Brightness jumps between sections",
            f"The brightness of genes jumps by {100 * offsets.share:.0f} % of the spread of cells within a section. "
            f"This is more than change along depth explains. The largest jump is at {names[worst]}.",
            "Switch on 'Correct brightness between sections'. Steady changes along depth are kept.",
            float(offsets.share), (names[worst],)))
    ratio = np.exp(np.abs(np.diff(total)))
    worst = int(np.argmax(ratio))
    if ratio[worst] >= DEPTH_RATIO:
        found.append(Finding(
            "brightness", "warning", f"{names[worst]} – {names[worst + 1]}",
            "One section is much brighter than the next",
            f"The median cell of one section has {ratio[worst]:.1f} times the total of the other.",
            "Check that both were measured and normalised in the same way.", float(ratio[worst]),
            names[worst:worst + 2]))
    steady = float(np.abs(offsets.trend[-1] - offsets.trend[0]).mean())
    if steady >= GRADIENT and offsets.share < BATCH:
        found.append(Finding(
            "gradient", "note", "all sections", "Expression changes steadily along depth",
            f"The average gene changes by {steady:.2f} (log1p) from the first to the last section, without jumps.",
            "Nothing. This looks like the tissue itself, and it is kept.", steady, names))
    return found


def tissue_findings(rows: Sequence[Row]) -> list[Finding]:
    """Cells that lie apart, sections in more pieces than the others, or much smaller than their neighbours."""
    found, usual = [], np.median([len(row["pieces"]) for row in rows])
    for k, row in enumerate(rows):
        beside = min(rows[j]["area_mm2"] for j in (k - 1, k + 1) if 0 <= j < len(rows))
        share = row["area_mm2"] / max(beside, 1e-12)
        if len(row["pieces"]) > max(usual, 1):
            parts = " + ".join(f"{100 * p:.0f} %" for p in row["pieces"])
            found.append(Finding(
                "tissue", "warning", row["name"], f"{row['name']} is in {len(row['pieces'])} pieces",
                f"The pieces have {parts} of its cells. Pieces of other sections: {usual:.0f}.",
                "Check whether the section is torn, or whether something else lies next to it. Put displaced pieces "
                "back or leave them out, then upload the section again.", float(len(row["pieces"])), (row["name"],)))
        if share < SMALL:
            found.append(Finding(
                "tissue", "warning", row["name"], f"{row['name']} is much smaller than its neighbours",
                f"{row['area_mm2']:.3g} mm² of tissue, {100 * share:.0f} % of the smaller neighbour.",
                "Check its µm per unit, and whether part of the section is missing.", float(share), (row["name"],)))
        if row["in_tissue"] < IN_TISSUE:
            found.append(Finding(
                "tissue", "warning", row["name"], f"Many cells of {row['name']} lie apart from the tissue",
                f"{100 * (1 - row['in_tissue']):.0f} % of its cells have no close neighbours.",
                "Remove debris, or check the coordinates.", float(row["in_tissue"]), (row["name"],)))
    return found


def _listed(texts: Iterable[str]) -> str:
    texts = list(texts)
    return ", ".join(texts[:4]) + (f" and {len(texts) - 4} more" if len(texts) > 4 else "")
