"""What the quality of a stack says in words: the same in quality.html and on the page of the app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from isost_core.axis import DEPTH
from isost_core.quality.findings import AGREES
from isost_core.sections.noun import CELL, called
from isost_core.words import count, number, percent

if TYPE_CHECKING:
    from isost_core.quality.stack_quality import Quality

Column = tuple[str, str, int]  # name of the value, heading, digits
TITLE = "Are these sections good enough for a reconstruction?"
LABELS = {"severe": "Severe", "warning": "Warning", "note": "Note"}
SECTION_COLUMNS: list[Column] = [("depth_um", DEPTH.label, 0), ("cells", "cells", 0), ("genes", "median genes", 0),
                   ("total", "median total", 0), ("zeros", "zeros (%)", 0), ("area_mm2", "area (mm²)", 2),
                   ("in_tissue", "in tissue (%)", 1), ("spacing_um", "spacing (µm)", 1),
                   ("absent", "missing genes", 0), ("offset", "offset (log1p)", 2)]
COLUMN_HELP = {  # of the values whose heading is not enough
    "genes": "Genes above zero in a cell: half of the cells have more.",
    "total": "Sum of a cell's values over all genes: half of the cells have more.",
    "zeros": "Share of all values that are zero.",
    "area_mm2": "Area of the tissue that the cells cover.",
    "in_tissue": "Share of the cells that have close neighbours. The others lie apart from the tissue, as debris does.",
    "spacing_um": "Usual distance from a cell to its nearest neighbour.",
    "absent": "Genes that its neighbours have, and that are zero in all cells of this section.",
    "offset": "How far its brightness jumps from what the other sections let expect, brighter or darker: the mean over "
              "all genes, as log(1 + value). 0 is no jump.",
    "judged": "How well the two sections match at the same places: correlation r, 0 is none, 1 is full.",
    "judged_null": "The agreement that shuffled cells reach by chance in 95 of 100 cases.",
    "within": "The agreement of two halves of the same section, each with every other cell. No neighbour can match "
              "better than that: it is the best possible. Of the two sections, the lower value stands here.",
    "r": "The agreement of the values as they are, without dividing each cell by its total.",
    "null": "What chance reaches without dividing by totals.",
    "across": "How much of the pattern of expression lasts over a distance as wide as the gap, measured within "
              "sections: 100 % is all of it. Less than 0 % is shown as 0 %: there, nothing is left."}
PERCENT = ("zeros", "in_tissue")
PAIR_COLUMNS: list[Column] = [("gap_um", "gap (µm)", 0), ("judged", "agreement", 2), ("judged_null", "chance", 2),
                ("within", "halves", 2), ("r", "with totals", 2), ("null", "its chance", 2),
                ("across", "pattern left (%)", 0)]


def verdict_line(quality: Quality) -> tuple[str, str]:
    """The verdict, and one sentence that says why."""
    severe, warnings = len(quality.of("severe")), len(quality.of("warning"))
    if severe:
        why = f"{count(severe, 'severe finding')}. A prediction between these sections could not be trusted."
    elif warnings:
        why = f"{count(warnings, 'finding')} to look at. You can still reconstruct."
    else:
        why = "No problems found."
    return quality.verdict, why


def introduction(quality: Quality) -> str:
    """One sentence: what was looked at."""
    r = [p["judged"] for p in quality.pairs]
    left = [float(share) for share in quality.structure["across"]]
    apart = f"{number(min(r))} to {number(max(r))}" if number(min(r)) != number(max(r)) else number(min(r))
    return (f"{count(len(quality.sections), 'section')}, {count(quality.about['n_cells'], noun_of(quality))}, "
            f"{count(quality.about['n_genes'], 'gene')}. "
            f"Neighbours agree at r = {apart}: {agreement_in_words(quality)}. Over a distance as wide as the widest "
            f"gap, {percent(_known(min(left)))} of the pattern of expression is left.")


def noun_of(quality: Quality) -> str:
    """What one measured cell of the stack is: a cell, spot, bead or bin."""
    return quality.about.get("noun", CELL)


def agreement_in_words(quality: Quality) -> str:
    """Whether the agreement of the neighbours is good."""
    of_agreement = [f for f in quality.findings if f.kind == "agreement"]
    worst = of_agreement[0].severity if of_agreement else ""
    return {"severe": "too low for a prediction between some of them", "warning": "weak between some of them",
            "note": "too little pattern to judge it by"}.get(worst, "good")


def agreement_words(quality: Quality) -> str:
    """What the agreement is, and which of its numbers is judged by."""
    start = ("Agreement is how well two sections match in expression at the same places. It is the median correlation "
             f"of the 50 brightest genes: 0 is none, 1 is full. Below {number(AGREES, 1)} nothing between two sections "
             "can be predicted. From there on, the nearer to the halves the better. Halves is the same number for two "
             "halves of one section: the best possible. Chance is the same number with shuffled cells.")
    if quality.about["divided"]:
        start += (" Your values are counts. Places with high counts in both sections would make all genes correlate. "
                  "Each cell is therefore divided by its total first.")
    return called(start, noun_of(quality))


def section_columns(quality: Quality) -> list[Column]:
    """SECTION_COLUMNS, as they are called in this stack."""
    return [(key, called(title, noun_of(quality)), digits) for key, title, digits in SECTION_COLUMNS]


def pair_columns(quality: Quality) -> list[Column]:
    """PAIR_COLUMNS, without those of values with totals where these are the ones that are judged."""
    return [c for c in PAIR_COLUMNS if quality.about["divided"] or c[0] not in ("r", "null")]


def column_help(quality: Quality) -> dict[str, str]:
    """COLUMN_HELP, with what is measured as it is called in this stack."""
    return {key: called(text, noun_of(quality)) for key, text in COLUMN_HELP.items()}


def section_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Values of SECTION_COLUMNS of one section."""
    values = {key: row[key] for key, _, _ in SECTION_COLUMNS}
    return values | {key: 100 * row[key] for key in PERCENT} | {"absent": len(row["absent"])}


def pair_values(quality: Quality, k: int) -> dict[str, Any]:
    """Values of PAIR_COLUMNS of one pair of neighbours."""
    gap, share = (float(quality.structure[key][k]) for key in ("gaps_um", "across"))
    return quality.pairs[k] | {"gap_um": gap, "across": 100 * _shown(share)}


def _known(share: float) -> float | None:
    """A share that is not below zero; None where it is not known."""
    return None if share != share else _shown(share)


def _shown(share: float) -> float:
    """A share of the pattern as it is shown: below zero, nothing is left; NaN stays."""
    return share if share != share else max(share, 0.0)
