"""How far each section was moved and turned since upload, automatically and by hand together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from isost_core import keys
from isost_core.registration.alignment import Alignment
from isost_core.registration.moves import Move, move_of
from isost_core.sections.stack import Sections
from isost_core.words import NONE
from ui.stack import alignment as registration
from ui.stack.prepared import PreparedStack

LEAST_SCALE = 0.005  # from 1: less was not asked for


def since_upload(sections: Sections, alignment: Alignment, name: str) -> Move:
    """What was done to a section in total."""
    middle = np.asarray(sections.cells.obsm[keys.SPATIAL])[sections.rows(name)].mean(0)
    return move_of(alignment, name, middle)


def table(stack: PreparedStack) -> None:
    """A row for each section: moved, turned, mirrored, and where it occurs, scaled and bent."""
    alignment = registration.current(stack)
    moves = [since_upload(stack.measured, alignment, name) for name in stack.measured.names]
    st.markdown("##### Each section since upload")
    st.dataframe(rows(stack.measured.names, moves), hide_index=True, width="stretch", column_config={
        "Moved (µm)": st.column_config.NumberColumn(format="localized", help="How far its middle moved in total."),
        "Turned (°)": st.column_config.NumberColumn(
            format="%.1f", help="In total, about its middle, from x towards y. A mirrored section was mirrored first, "
                                "left to right.")})
    if alignment.warps and stack.measured.images:
        st.caption("Histology images are moved and turned along. They are not bent.")


def rows(names: Sequence[str], moves: Sequence[Move]) -> list[dict[str, str | float]]:
    """The table's rows; a column of what happened to no section is left out."""
    made: list[dict[str, str | float]] = [
        {"Section": name, "Moved (µm)": round(move.far_um), "Turned (°)": round(move.angle, 1) + 0.0,
         "Mirrored": _yes(move.mirrored)} for name, move in zip(names, moves, strict=True)]
    scaled = any(abs(move.scale - 1) > LEAST_SCALE for move in moves)
    bent = any(move.bent for move in moves)
    for row, move in zip(made, moves, strict=True):
        row |= {"Size (%)": round(100 * move.scale, 1)} if scaled else {}
        row |= {"Bent": _yes(move.bent)} if bent else {}
    return made


def _yes(holds: bool) -> str:
    return "yes" if holds else NONE
