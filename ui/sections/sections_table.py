"""The editable table of sections, and the two boxes that fill a column of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from isost_core.axis import DEPTH
from isost_core.readers import FileScans, Scan
from ui.shell import state, widgets
from ui.shell.number_box import number_box
from ui.stack import reading, uploads
from ui.stack.table import Row, gap_of, unit_of, with_gap, with_scaled_depths, with_unit

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {"use": "Use", "order": "Order", "name": "Section", "file": "File", "cells": "Cells", "genes": "Genes",
           "depth": DEPTH.title, "scale": "µm per unit", "found": "Found in the file"}
HIDDEN = ("depth_in_file", "depth_in_units", "order_found", "order_doubt", "order_confirmed")
LEAST = 1e-6  # µm
MOST_HEIGHT = 284  # px: seven sections; more can be scrolled to
LOCKED = ["name", "file", "cells", "genes", "found"]
GAP, UNIT = "gap_for_all", "unit_for_all"
DIFFERS = "not the same for all"
Fill = Callable[[Sequence[Row], float], list[Row]]


def editable(folder: Path, files: FileScans, scan: Scan) -> list[Row]:
    """Ask for what the files don't say, show the table, keep what is edited with the stack, return its rows; scan : of
    all files together"""
    kept = _kept(folder, files, scan)
    asked = st.container()
    kept = _filled(kept)
    rows = _edited(kept, scan)
    if scan.order_doubt:
        with asked:
            rows = _confirmed(rows, scan.order_doubt)
    uploads.answer(folder, table=rows)
    scaled = with_scaled_depths(rows)
    now = kept | {"now": scaled}
    if [row["depth"] for row in scaled] != [row["depth"] for row in rows]:
        now = _anew(now, scaled)
    state.put(state.TABLE, now)
    if now["version"] != kept["version"] or _boxes_of(scaled) != _boxes_of(kept["now"]):
        st.rerun()
    return scaled


def _kept(folder: Path, files: FileScans, scan: Scan) -> dict[str, Any]:
    """What is kept of the table between reruns; made anew for other sections.

    signature : of the sections; rows : what the editor began with; version : of the editor; now : the rows as they
    stand; before : rows before the last filling
    """
    kept = state.get(state.TABLE)
    signature = (folder.name, scan.order_doubt,
                 tuple((info.name, info.file, info.depth_um, info.depth_in_units, info.um_per_unit)
                       for info in scan.sections))
    if kept is None or kept["signature"] != signature:
        rows = reading.rows(folder, files)
        kept = _anew({"signature": signature, "version": kept["version"] if kept else 0, "before": None}, rows)
        state.put(state.TABLE, kept)
        _show_boxes(rows)
    return kept


def _anew(kept: dict[str, Any], rows: Sequence[Row]) -> dict[str, Any]:
    """The table with these rows in a fresh editor."""
    return kept | {"rows": rows, "now": rows, "version": kept["version"] + 1}


def _boxes_of(rows: Sequence[Row]) -> dict[str, float | None]:
    """What the boxes show of a table."""
    return {GAP: gap_of(rows), UNIT: unit_of(rows)}


def _show_boxes(rows: Sequence[Row]) -> None:
    for name, value in _boxes_of(rows).items():
        state.set_view(name, value)


def _filled(kept: dict[str, Any]) -> dict[str, Any]:
    """The two boxes; what was typed into one since the last rerun fills its column."""
    fills: dict[str, Fill] = {GAP: with_gap, UNIT: with_unit}
    for name, shown in _boxes_of(kept["now"]).items():
        typed = state.get_view(name)
        if typed is not None and typed != shown:
            kept = _anew(kept | {"before": kept["now"]}, fills[name](kept["now"], typed))
    _show_boxes(kept["now"])
    gap_box, unit_box, undo = st.columns([2, 2, 1], vertical_alignment="bottom", gap="small")
    with gap_box:
        number_box("Gap between sections (µm)", GAP, None, LEAST, empty=_empty(kept["now"], "depth", "for example 50"),
                   help="From one section to the next, the same for all. It fills the column Depth. Where the gaps "
                        "differ, type each depth in the table.")
    with unit_box:
        number_box("Size of one unit (µm)", UNIT, None, LEAST, empty=_empty(kept["now"], "scale",
                                                                            "1 if x and y are in µm"),
                   help="How many µm one unit of x and y is, the same for all sections. It fills the column µm per "
                        "unit.")
    if kept["before"] and undo.button("Undo", icon=":material/undo:", key="undo_fill",
                                      help="Bring back what was in the table before."):
        kept = _anew(kept, kept["before"]) | {"before": None}
        _show_boxes(kept["now"])
        state.put(state.TABLE, kept)
        st.rerun()
    return kept


def _empty(rows: Sequence[Row], column: str, example: str) -> str:
    """What an empty box says."""
    return example if any(row[column] is None for row in rows if row["use"]) else DIFFERS


def _edited(kept: dict[str, Any], scan: Scan) -> list[Row]:
    """The table; returns its rows as they stand."""
    import pandas as pd

    rows = kept["rows"]
    frame = pd.DataFrame(rows, columns=pd.Index([*COLUMNS, *HIDDEN]))
    frame = frame.astype({"depth": float, "scale": float, "depth_in_file": float, "depth_in_units": float})
    edited = st.data_editor(frame, column_config=_column_config(scan.noun), column_order=_shown(rows), disabled=LOCKED,
                            hide_index=True, width="stretch", placeholder="fill in",
                            key=f"sections_table_{kept['version']}", height=min(39 + 35 * len(rows), MOST_HEIGHT))
    st.caption("Double-click a value to change it. Type numbers with a point: 0.5.")
    return _plain(edited)


def _shown(rows: Sequence[Row]) -> list[str]:
    """Columns that say something: no file where there is one, or each section is called like its own; nothing found
    where nothing was."""
    names = {"file": len({row["file"] for row in rows}) > 1 and any(not row["file"].startswith(row["name"])
                                                                   for row in rows),
             "found": any(row["found"] for row in rows)}
    return [column for column in COLUMNS if names.get(column, True)]


def _confirmed(rows: Sequence[Row], doubt: str) -> list[Row]:
    """Ask whether the order is right that the names do not settle."""
    st.warning(f"{widgets.plain(doubt)} Correct the column **Order** where it is wrong.", icon=":material/swap_vert:")
    right = st.checkbox("The order in the table is right", value=all(row["order_confirmed"] for row in rows),
                        key="order_is_right")
    return [row | {"order_confirmed": right} for row in rows]


def _column_config(noun: str) -> dict[str, Any]:
    number, column = st.column_config.NumberColumn, st.column_config.Column
    return {
        "use": st.column_config.CheckboxColumn(COLUMNS["use"], width=62),
        "order": number(COLUMNS["order"], step=1, width=80, required=True,
                        help="Rank in the stack. The first section is 1."),
        "name": column(COLUMNS["name"], width=150),
        "file": column(COLUMNS["file"], width=172),
        "cells": number(f"{noun.capitalize()}s", format="localized", width=66),
        "genes": number(COLUMNS["genes"], format="localized", width=66),
        "depth": number(COLUMNS["depth"], format="%.6g", width=110,
                        help="How deep in the stack a section lies, in µm: not its rank. The first one can be at 0."),
        "scale": number(COLUMNS["scale"], format="%.6g", width=120,
                        help="How many µm one unit of x and y is. Enter 1 if the coordinates are in µm."),
        "found": column(COLUMNS["found"]),
    }


def _plain(frame: pd.DataFrame) -> list[Row]:
    """The edited table as rows of plain values, None where a cell is empty."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    for row in rows:
        row["order"] = int(row["order"] or 0)
        row["use"] = bool(row["use"])
    return rows
