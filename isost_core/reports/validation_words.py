"""What a validation says in words: the same in report.html and on the page of the app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from isost_core.axis import DEPTH, Axis
from isost_core.reports.validation_tables import columns, um
from isost_core.validation.comparison import at_width, best, cost
from isost_core.validation.realism import BY_CELL, FEWEST
from isost_core.validation.summary import HALVES, OURS
from isost_core.words import count, listed, number, percent, unbroken

TITLE = "How far can this reconstruction be trusted?"
HOW_MANY = {1: "One section", 2: "One, then two neighbouring sections", 3: "One, two, then three neighbouring sections"}
BEFORE = {"80 % intervals": "80 % interval", "Told from measured ones (AUC)": "told from measured ones"}
READ_TOGETHER = ("Smoothing gives better correlations but loses structure. Copying does the opposite. Read the "
                 "columns together.")


def introduction(report: Mapping[str, Any]) -> str:
    """One sentence: what was held out of what."""
    stack, held = report["about"]["stack"], [s["section"] for s in report["sections"]]
    how = "" if len(held) == 1 else " one at a time" if report["about"]["hold_out"] == "each" else " together"
    return (f"{len(stack['sections'])} sections, {count(sum(s['cells'] for s in stack['sections']), noun(report))}, "
            f"{stack['genes']:,} genes. Hidden{how} and predicted from the others: {', '.join(held)}.")


def noun(report: Mapping[str, Any]) -> str:
    """What was measured: a cell, spot, bead or bin."""
    return report["about"]["stack"].get("noun", "cell")


def cards(report: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(value, what it is, what it is beside) of the few numbers that matter most."""
    about, ours = report["about"], report["summary"][OURS]
    column, rival = at_width("pcc", about["trust_um"]), about["best_simple"]
    ceiling = report["summary"][HALVES][at_width("ceiling", about["trust_um"])]
    counts = {grade: sum(g["grade"] == grade for g in report["genes"]) for grade in "ABC"}
    spacing, what = about["stack"]["cell_spacing_um"], noun(report)
    found = [
        (f"r = {number(ours[column])}", f"Accuracy on hidden {what}s",
         f"The best simple method reaches r = {number(report['summary'][rival][column])} ({rival}). A prediction "
         f"without any error would reach r = {number(ceiling)}: the rest is noise of the measured section, as its "
         f"random halves show. r is the correlation of predicted and measured means of {um(about['trust_um'])} bins, "
         "for the median gene."),
        (f"{counts['A']} · {counts['B']} · {counts['C']}", "Genes of grade A · B · C", "A: you can trust the pattern. "
         "B: trust only the broad pattern. C: don't trust a pattern within a section."),
        (percent(ours["cov80"]), "Inside the 80 % intervals", "How many measured values lie inside the predicted 80 % "
         "intervals. Close to 80 is good. A value that many share, such as 0, counts in part."),
        (number(ours["n_ratio"]), f"Predicted per measured {what}", f"1 is best. A predicted {what} and the nearest "
         f"measured one are {number(ours['chamfer_um'], 1)} µm apart on average. Neighbouring measured {what}s are "
         f"{number(spacing, 1)} µm apart."),
    ]
    return [(unbroken(value), words, unbroken(beside)) for value, words, beside in found]


def standing(report: Mapping[str, Any]) -> tuple[str, list[str]]:
    """(in how many columns the reconstruction is the best, as a sentence; where it is not, a line each)"""
    led, behind = _compare(report)
    total = led + len(behind)
    best_in = (f"The reconstruction is best, or as good as the best method, in {led} of the {total} columns of both "
               "tables below.")
    lines = [unbroken(f"{title}: {ours}; {name} {top}") for title, ours, name, top in behind]
    return (f"{best_in} Another method is better in:" if behind else best_in), lines


def _compare(report: Mapping[str, Any]) -> tuple[int, list[tuple[str, str, str, str]]]:
    """Number of columns that are led; (heading, our value, best method, its value) of the others."""
    rivals = {m: v for m, v in report["summary"].items() if m != HALVES}
    led, behind = 0, []
    for column, heading, digits in _all_columns(report):
        name, top = best(column, {m: known(v) for m, v in rivals.items()})
        ours = rivals[OURS].get(column)
        if name is None or ours is None:
            continue
        shown, best_shown = number(ours, digits), number(top, digits)
        if shown == best_shown or cost(column, float(shown)) <= cost(column, float(best_shown)):
            led += 1
        else:
            behind.append((heading, shown, name, best_shown))
    return led, behind


def _all_columns(report: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    for groups in columns(report["about"]["grid_um"]):
        for group, part in groups:
            for name, heading, digits in part:
                yield name, f"{BEFORE[group]}, {heading}" if group in BEFORE else heading, digits


def parts(report: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """{part of the report: (title, text)}"""
    about = report["about"]
    width = um(about['trust_um'])
    most = max(p["held_out_with"] for p in report["gaps"])
    left_out = (f"{HOW_MANY.get(most, HOW_MANY[3])} of the stack were hidden. " if most > 1 and
                about["hold_out"] == "each" else "")
    return {
        "pictures": ("Measured and predicted, side by side", "A hidden section, next to the prediction at its depth. "
                     f"A single sampled {noun(report)} is as noisy as a measured one. Bin means are taken over {width} "
                     "bins. The correlations are computed from them."),
        "methods": ("Against simple methods", "Means over the hidden sections. The best value of each column is "
                    f"bold. Point at a heading or a method to read what it is. {READ_TOGETHER} The last row is a "
                    "reference, not a limit: a random half of a section's cells predicts the other half, and both are "
                    f"noisy. {_without_noise(report)} {_told(report)}".rstrip()),
        "genes": ("Genes, most trusted first", "The grade tells how well the pattern within a hidden section is "
                  f"predicted, over {width} bins. {about['rule']}"),
        "gaps": ("The wider the gap, the larger the error", f"{left_out}Each point is a hidden section. Lines are "
                 "means. The dotted line shows a perfect prediction, which is below 1 because measurements are "
                 "noisy."),
        "intervals": ("Is the uncertainty right?", "Every predicted value has an interval. The curve should lie on "
                      "the dotted line. Above it the intervals are too wide, and below it they are too narrow. Where "
                      "many values are the same, such as 0, each counts by the part of its predicted chance that "
                      "lies in the middle: otherwise an interval from 0 to 0 would hold all of them."),
        "sections": ("Section by section", "Only the reconstruction, for each hidden section."),
        "notes": ("How it was done", "Hidden sections were not used for anything: not for scaling, the latent "
                  f"space, training or the choice of settings. {_compared(about['stack'])}Expression is log1p "
                  f"(normalisation: {about['stack']['normalize']}). Predictions are not measurements."
                  + _left_out(about) + (f" {about['made']}" if about.get("made") else "")),
    }


def _without_noise(report: Mapping[str, Any]) -> str:
    """How the best possible accuracy goes together with the halves of a section, from which it is worked out."""
    width = report["about"]["trust_um"]
    halves = report["summary"][HALVES]
    ceiling = halves[at_width("ceiling", width)]
    if ceiling is None:
        return ""
    return unbroken(f"From how far the halves agree (r = {number(halves[at_width('pcc', width)])} over {um(width)} "
                    f"bins) follows what a prediction without noise would reach: the best possible r = "
                    f"{number(ceiling)}.")


def _told(report: Mapping[str, Any]) -> str:
    """How well predicted cells are told from measured ones; '' in a report that was made before that was asked."""
    shifted = report["about"].get("shifted_genes")
    if shifted is None:
        return ""
    what = f"{noun(report)}s"
    if report["summary"][OURS].get(BY_CELL) is None:
        return (f"Whether a classifier can tell predicted from measured {what} was not tried, because that takes "
                f"{FEWEST:,} {what} in a section.")
    left = (f" {count(len(shifted), 'gene')} whose level changes from section to section, as staining and imaging "
            f"cause, {'is' if len(shifted) == 1 else 'are'} left out of that: {listed(shifted, 20)}."
            if shifted else "")
    return (f"Told from measured ones: a classifier learns in one part of the tissue to tell predicted from measured "
            f"{what}, and is tried on the rest. At 0.5 it cannot tell. A real neighbouring section (the copy) shows "
            f"what is usual.{left}")


def _compared(stack: Mapping[str, Any]) -> str:
    return (f"Genes beyond the {stack['compared_genes']:,} most variable ones are not compared. "
            if stack["compared_genes"] < stack["genes"] else "")


def _left_out(about: Mapping[str, Any]) -> str:
    names = about.get("left_out_before")
    return (f" The run itself was made without {', '.join(names)}. They are not part of this "
            "validation.") if names else ""


def provenance(report: Mapping[str, Any]) -> str:
    """With what, when, how long."""
    about = report["about"]
    config = ", ".join(f"{name} {value}" for name, value in about["config"].items())
    return (f"isoST Studio {about['software']}, {about['created']}, {about['seconds']:,.0f} s on {about['device']}. "
            f"Settings: {config}.")


def picture_words(gene: Mapping[str, Any], bins: Mapping[str, Any], axis: Axis = DEPTH) -> str:
    """What a picture of a gene shows, without its grade."""
    shown = f"shown on {bins['section']}, {axis.at(bins['depth_um'])}"
    if gene["pcc"] is None:
        return unbroken(shown)
    simple = "" if gene["best_simple"] is None else f" (best simple method {number(gene['best_simple'])})"
    return unbroken(f"r = {number(gene['pcc'])}{simple} over all hidden sections, {shown}")


def known(values: Mapping[str, float | None]) -> dict[str, float]:
    """The same with NaN for what is not known, as computations want it."""
    return {name: float("nan") if value is None else value for name, value in values.items()}
