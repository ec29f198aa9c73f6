"""The editable table of sections, and the two shortcuts that fill a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from isost_core.axis import DEPTH
from isost_core.readers import Scan
from ui.shell import state, widgets
from ui.shell.number_box import number_box
from ui.stack import uploads
from ui.stack.table import Row, as_rows, with_scaled_depths

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {"use": "Use", "order": "Order", "name": "Section", "file": "File", "cells": "Cells", "genes": "Genes",
           "depth": DEPTH.title, "scale": "µm per unit", "found": "Found in the file"}
HIDDEN = ("depth_in_file", "depth_in_units", "order_found", "order_doubt", "order_confirmed")
LEAST = 1e-6  # µm
LOCKED = ["name", "file", "cells", "genes", "found"]


def editable(folder: Path, scan: Scan) -> list[Row]:
    """Show the table, keep what is edited with the stack, return its rows."""
    import pandas as pd

    said = {row["name"]: row for row in uploads.answers(folder).get("table", ())}
    signature = (folder.name, scan.order_doubt,
                 tuple((info.name, info.file, info.depth_um, info.depth_in_units, info.um_per_unit)
                       for info in scan.sections))
    kept = state.get(state.TABLE)
    if kept is None or kept["signature"] != signature:
        kept = {"signature": signature, "rows": as_rows(scan, said), "version": _next_version(kept)}
        state.put(state.TABLE, kept)
    rows = _shortcuts(folder, kept)
    frame = pd.DataFrame(rows, columns=pd.Index([*COLUMNS, *HIDDEN]))
    frame = frame.astype({"depth": float, "scale": float, "depth_in_file": float, "depth_in_units": float})
    edited = st.data_editor(frame, column_config=_column_config(scan.noun), column_order=list(COLUMNS), disabled=LOCKED,
                            hide_index=True, width="stretch", placeholder="fill in",
                            key=f"sections_table_{kept['version']}", height=min(39 + 35 * len(rows), 420))
    st.caption("Double-click a value to change it. Only numbers can be typed, with a point: 0.5.")
    plain = _plain(edited)
    rows = with_scaled_depths(plain)
    if scan.order_doubt:
        rows = _confirmed(rows, scan.order_doubt)
    uploads.answer(folder, table=rows)
    if [row["depth"] for row in rows] != [row["depth"] for row in plain]:
        state.put(state.TABLE, kept | {"rows": rows, "version": _next_version(kept)})
        st.rerun()
    return rows


def _confirmed(rows: Sequence[Row], doubt: str) -> list[Row]:
    """Ask whether the order is right that the names do not settle."""
    st.warning(f"{widgets.plain(doubt)} Correct the column **Order** where it is wrong.", icon=":material/swap_vert:")
    right = st.checkbox("The order in the table is right", value=all(row["order_confirmed"] for row in rows),
                        key="order_is_right")
    return [row | {"order_confirmed": right} for row in rows]


def _next_version(kept: dict[str, Any] | None) -> int:
    return (kept["version"] if kept else 0) + 1


def _column_config(noun: str) -> dict[str, Any]:
    number, column = st.column_config.NumberColumn, st.column_config.Column
    return {
        "use": st.column_config.CheckboxColumn(COLUMNS["use"], width=62),
        "order": number(COLUMNS["order"], step=1, width=80, required=True,
                        help="Position in the stack. The first section is 1."),
        "name": column(COLUMNS["name"], width=112),
        "file": column(COLUMNS["file"], width=172),
        "cells": number(f"{noun.capitalize()}s", format="localized", width=66),
        "genes": number(COLUMNS["genes"], format="localized", width=66),
        "depth": number(COLUMNS["depth"], format="%.6g", width=110,
                        help="Position in the stack, in µm. The first section can be at 0."),
        "scale": number(COLUMNS["scale"], format="%.6g", width=120,
                        help="How many µm one unit of x and y is. Enter 1 if the coordinates are in µm."),
        "found": column(COLUMNS["found"]),
    }


def _shortcuts(folder: Path, kept: dict[str, Any]) -> list[Row]:
    gap_box, gap_button, scale_box, scale_button = st.columns([3, 2, 3, 2], vertical_alignment="bottom", gap="small")
    with gap_box:
        gap = number_box("Gap between sections (µm)", "gap_for_all", None, LEAST, empty="for example 50",
                         help="Distance in depth from one section to the next, the same for all.")
    if gap_button.button("Fill depths", icon=":material/height:", disabled=not gap, key="fill_depths",
                         width="stretch"):
        _refill(folder, kept, "depth", lambda place: place * (gap or 0.0))
    with scale_box:
        scale = number_box("Size of one unit (µm)", "unit_for_all", None, LEAST, empty="1 if x and y are in µm",
                           help="How many µm one unit of x and y is, the same for all sections. If the files don't say "
                                "their unit, you have to.")
    if scale_button.button("Fill units", icon=":material/straighten:", disabled=not scale, key="fill_units",
                           width="stretch"):
        _refill(folder, kept, "scale", lambda place: scale or 1.0)
    kept = state.get(state.TABLE)
    if kept.get("before") and st.button("Undo the filling", icon=":material/undo:", key="undo_fill"):
        state.put(state.TABLE, {**kept, "rows": kept["before"], "before": None, "version": _next_version(kept)})
        st.rerun()
    return state.get(state.TABLE)["rows"]


def _refill(folder: Path, kept: dict[str, Any], column: str, value_at: Callable[[int], float]) -> None:
    """Put a value into a column of every used section, counted by order; a fresh editor shows it."""
    before = uploads.answers(folder).get("table", kept["rows"])
    rows = [dict(row) for row in before]
    for place, row in enumerate(sorted((row for row in rows if row["use"]), key=lambda row: row["order"])):
        row[column] = float(value_at(place))
    state.put(state.TABLE, kept | {"rows": rows, "before": before, "version": _next_version(kept)})


def _plain(frame: pd.DataFrame) -> list[Row]:
    """The edited table as rows of plain values, None where a cell is empty."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    for row in rows:
        row["order"] = int(row["order"] or 0)
        row["use"] = bool(row["use"])
    return rows
