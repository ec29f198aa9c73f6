"""The correction by hand: one section dragged over its neighbour, with the agreement of both."""

import html
import json

import streamlit as st

from isost_core import keys
from isost_core.figures.colours import CATEGORICAL
from isost_core.sections.spacing import cell_spacing
from ui.registration import overlay
from ui.registration.agreement import ABOUT, of_stack
from ui.stack import alignment as registration
from ui.stack import measured_cells

KEYS = ("Drag to move · **Shift** + drag to turn · arrow keys move one cell, **Q** and **E** turn 1°, with **Shift** a "
        "fifth of that · **F** mirrors")


def by_hand(folder, sections):
    """One section dragged over its neighbour, with the agreement of both as it stands."""
    st.markdown("##### By hand")
    picture, side = st.columns([7, 3], gap="medium")
    alignment = registration.current(folder, sections)
    with side:
        name, neighbour, gene = _choices(sections)
        along = st.toggle("Move the sections behind it too", key="move_along", help="From this section on, away from "
                          "the neighbour shown, all move alike.")
        _score(sections, alignment, name, neighbour)
        _undo(folder, sections)
    with picture:
        version = json.dumps([name, neighbour, registration.signature(sections), registration.changes(folder)])
        places = [_section(sections, alignment, n, gene) for n in (neighbour, name)]
        pose = overlay.overlay(*places, _spacing(registration.signature(sections), sections), version, key="overlay")
        st.caption(KEYS)
    if pose:
        moving = _moving(sections.names, name, neighbour) if along else [name]
        centre = places[1][0].mean(0)
        for each in moving:
            alignment = alignment.with_correction(each, centre, (pose["dx"], pose["dy"]), pose["angle"],
                                                  pose["mirror"])
        registration.keep(folder, sections, alignment)
        st.rerun()


def _choices(sections):
    names = list(sections.names)
    name = st.selectbox("Section to move", names, index=1, key="moving_section")
    k = names.index(name)
    near = [names[n] for n in (k - 1, k + 1) if 0 <= n < len(names)]
    neighbour = st.selectbox("Over its neighbour", near, key=f"neighbour_of_{name}")
    gene = st.selectbox("Cells are bright by", [None, *sections.genes], key="overlay_gene", filter_mode="contains",
                        format_func=lambda g: measured_cells.TOTAL if g is None else g)
    st.html(" &nbsp; ".join(f'<span style="color: {colour}">●</span> {html.escape(section)}'
                            for colour, section in zip(CATEGORICAL, (neighbour, name), strict=False)))
    return name, neighbour, gene


def _score(sections, alignment, name, neighbour):
    first, second = sorted((name, neighbour), key=sections.names.index)
    of_pair = {(a.first, a.second): a for a in of_stack(sections, alignment)}[first, second]
    uploaded = {(a.first, a.second): a for a in of_stack(sections, type(alignment).identity(sections))}
    gain = of_pair.r - uploaded[first, second].r
    st.metric("Agreement", f"{of_pair.r:.3f}", f"{gain:+.3f} against as uploaded" if abs(gain) >= 0.0005 else None,
              help=f"{ABOUT} Here chance gives {of_pair.null:.2f}.")


def _undo(folder, sections):
    if st.button("Undo", icon=":material/undo:", key="undo_registration", width="stretch",
                 disabled=not registration.can_undo(folder, sections)):
        registration.undo(folder, sections)
        st.rerun()


def _moving(names, name, neighbour):
    """The section and all behind it, away from the neighbour."""
    k = names.index(name)
    return names[k:] if names.index(neighbour) < k else names[:k + 1]


def _section(sections, alignment, name, gene):
    """Where the cells of a section lie now, (n, 2) µm, and what makes them bright."""
    rows = sections.rows(name)
    values = measured_cells.expression(sections, gene) if gene else measured_cells.total(sections)
    return alignment.points(name, sections.cells.obsm[keys.SPATIAL][rows]), values[rows]


@st.cache_data(max_entries=8, show_spinner=False)
def _spacing(of, _sections):
    return cell_spacing(_sections)
