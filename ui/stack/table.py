"""The table of a stack's sections: its rows, what they still lack, and how the files are read by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from isost_core.axis import DEPTH
from isost_core.readers import ReadOptions, Scan, SectionInfo, Source
from isost_core.words import listed, um

READING = ("section_key", "depth_key", "spatial_key", "normalize", "layer", "keep_all_cells",
           "as_genes")
MOST_NAMED = 6  # sections, in a sentence
ANSWERS = ("use", "order", "depth", "scale", "order_confirmed")  # of a row, that the visitor gives
ORDER_WORDS = {Source.DECLARED: "taken from the file", Source.NAMES: "taken from their names",
               Source.OPTION: "the one you gave"}
Row = dict[str, Any]


def as_rows(scan: Scan, said: dict[str, Row]) -> list[Row]:
    """Rows of the table: what the scan found, overlaid with what the visitor said of sections by name."""
    rows = []
    for number, info in enumerate(scan.sections, start=1):
        row = {"use": True, "order": number, "name": info.name, "file": info.file, "cells": info.n_cells,
               "genes": info.n_genes, "depth": info.depth_um, "scale": info.um_per_unit,
               "depth_in_file": info.depth_um, "depth_in_units": info.depth_in_units, "found": _found(info),
               "order_found": number, "order_doubt": bool(scan.order_doubt), "order_confirmed": False}
        mine = said.get(info.name, {})
        rows.append(row | {key: mine[key] for key in ANSWERS if mine.get(key) is not None})
    return with_scaled_depths(rows)


def _found(info: SectionInfo) -> str:
    """What the file says of depth and unit, short enough for its column on a small screen; empty where it says
    neither."""
    known = info.depth_um is not None or info.depth_in_units is not None
    source = "3rd column" if "third" in info.depth_source else info.depth_source.removeprefix("column ").strip("'")
    return " · ".join([f"depth: {source}"] * known + ["unit: µm"] * (info.unit == "µm"))


def order_in_words(scan: Scan) -> str:
    """Where the order of the sections is from, as a sentence."""
    return "The order of the sections is unclear." if scan.order_doubt else \
        f"The order of the sections is {ORDER_WORDS.get(scan.order_from, 'that of the files')}."


def with_scaled_depths(rows: Sequence[Row]) -> list[Row]:
    """Rows whose depth has the unit of x and y follow their µm per unit, unless the visitor gave another depth."""
    made = []
    for row in rows:
        if row.get("depth_in_units") is not None:
            depth = None if row["scale"] is None else row["depth_in_units"] * row["scale"]
            own = row["depth"] is not None and row["depth"] != row["depth_in_file"]
            row = row | {"depth": row["depth"] if own else depth, "depth_in_file": depth}
        made.append(row)
    return made


def problems(rows: Sequence[Row]) -> list[str]:
    """Why the table is not complete yet, in words; empty when it is."""
    used = [row for row in rows if row["use"]]
    found = []
    if len(used) < 2:
        found.append("You need at least two sections. Tick more of them, or upload the neighbouring sections.")
    for key, words in (("depth", DEPTH.title), ("scale", "µm per unit")):
        lacking = [row["name"] for row in used if row[key] is None]
        if lacking:
            which = listed(lacking, MOST_NAMED) if len(lacking) < len(used) else "all sections"
            found.append(f"Fill in **{words}** for {which}.")
    found += [f"{row['name']}: **Order** must be 1 or more." for row in used if row["order"] < 1]
    doubtful = [row for row in used if row.get("order_doubt") and not row.get("order_confirmed")]
    if doubtful and all(row["order"] == row["order_found"] for row in rows):
        found.append("Confirm that the order in the table is right, or correct the column **Order**.")
    places: dict[float | None, list[str]] = {}
    for row in used:
        places.setdefault(row["depth"], []).append(row["name"])
    found += [f"{listed(names, MOST_NAMED)} are at the same depth ({um(depth)}). Give each its own depth, or untick "
              "one."
              for depth, names in places.items() if depth is not None and len(names) > 1]
    found += [f"{row['name']}: µm per unit must be above 0." for row in used if row["scale"] is not None
              and row["scale"] <= 0]
    return found


def gap_of(rows: Sequence[Row]) -> float | None:
    """The gap in µm that is the same between all used sections, by their order; None where there is no such gap."""
    depths = [row["depth"] for row in _in_order(rows)]
    if len(depths) < 2 or None in depths:
        return None
    gaps = np.diff(depths)
    return float(gaps[0]) if gaps[0] > 0 and np.allclose(gaps, gaps[0]) else None


def unit_of(rows: Sequence[Row]) -> float | None:
    """The µm per unit that all used sections have; None where there is no such number."""
    units = {row["scale"] for row in rows if row["use"]}
    return units.pop() if len(units) == 1 else None


def with_gap(rows: Sequence[Row], gap: float) -> list[Row]:
    """Rows whose used sections lie one gap (µm) apart, by their order, the first at 0."""
    depths = {row["name"]: place * gap for place, row in enumerate(_in_order(rows))}
    return [row | {"depth": depths.get(row["name"], row["depth"])} for row in rows]


def with_unit(rows: Sequence[Row], unit: float) -> list[Row]:
    """Rows whose used sections have so many µm per unit."""
    return with_scaled_depths([row | {"scale": unit} if row["use"] else row for row in rows])


def _in_order(rows: Sequence[Row]) -> list[Row]:
    return sorted((row for row in rows if row["use"]), key=lambda row: row["order"])


def options_of(reading: dict[str, Any], rows: Sequence[Row]) -> ReadOptions:
    """ReadOptions from the answers: how to read, and the rows of the table of sections."""
    rows = sorted(rows, key=lambda row: row["order"])
    changed = any(row["use"] and row["depth"] != row["depth_in_file"] for row in rows)
    own = {key: value for key, value in reading.items() if key in READING and value}
    if changed:
        own.pop("depth_key", None)
    return ReadOptions(
        order=tuple(row["name"] for row in rows),
        depths=tuple(row["depth"] if row["depth"] is not None else 0.0 for row in rows) if changed else None,
        um_per_unit={row["name"]: row["scale"] for row in rows if row["scale"] is not None} or None,
        hold_out=tuple(row["name"] for row in rows if not row["use"]), **own)
