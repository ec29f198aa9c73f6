"""The correction by hand: one section dragged over its neighbour, with the agreement of both."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from isost_core import keys
from isost_core.figures.colours import CATEGORICAL
from isost_core.registration.alignment import Alignment
from isost_core.sections.images import moved_along
from isost_core.sections.spacing import cell_spacing
from isost_core.sections.stack import Sections
from isost_core.words import number
from ui.registration import moves
from ui.registration.agreement import COMPUTING, about, agreement
from ui.registration.overlay import LaidCells, LaidImage, overlay
from ui.shell import way_up
from ui.stack import alignment as registration
from ui.stack import histology, measured_cells
from ui.stack.prepared import PreparedStack

KEYS = ("Drag to move · **Shift** + drag to turn · arrow keys move one {} · **Q** and **E** turn 1° · hold "
        "**Shift** for a fifth of a step · **F** mirrors")

_STYLE = """<style>
.st-key-by_hand [data-testid="stColumn"] {min-width: min(100%, 15rem);}
.st-key-by_hand [data-testid="stColumn"]:first-child {min-width: min(100%, 24rem);}
</style>"""


@dataclass(frozen=True)
class _Choice:
    """The section to move, the neighbour it is laid over, and the gene that makes cells bright (None: all)."""

    name: str
    neighbour: str
    gene: str | None


def by_hand(stack: PreparedStack) -> None:
    """One section dragged over its neighbour, with the agreement of both as it stands."""
    st.html(_STYLE)
    with st.container(key="by_hand"):
        picture, side = st.columns([7, 3], gap="medium")
    alignment, sections = registration.current(stack), stack.measured
    with side:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown("##### By hand", width="content")
            _undo(stack)
        score = st.container()
        chosen = _choices(sections)
        along = st.toggle("Move the sections behind it too", key="move_along", help="Sections farther from the "
                          "neighbour move along with this one.")
        way_up.toggle()
    with score:
        _score(stack, chosen)
    with picture:
        version = json.dumps([chosen.name, chosen.neighbour, stack.signature, registration.changes(stack.folder)])
        fixed, moving = (_laid(sections, alignment, name, chosen.gene) for name in (chosen.neighbour, chosen.name))
        pose = overlay(fixed, moving, moves.since_upload(sections, alignment, chosen.name),
                       _spacing(stack.signature, sections), version, way_up.is_down(), key="overlay")
        st.caption(KEYS.format(sections.noun))
    if pose:
        for name in _moving(sections.names, chosen) if along else [chosen.name]:
            alignment = alignment.with_correction(name, moving.xy.mean(0), (pose.dx, pose.dy), pose.angle, pose.mirror)
        registration.keep(stack, alignment)
        st.rerun()


def _choices(sections: Sections) -> _Choice:
    names = list(sections.names)
    name = st.selectbox("Section to move", names, index=1, key="moving_section")
    k = names.index(name)
    near = [names[n] for n in (k - 1, k + 1) if 0 <= n < len(names)]
    neighbour = st.selectbox("Shown over", near, key=f"neighbour_of_{name}")
    gene = st.selectbox("Brightness shows", [None, *sections.genes], key="overlay_gene", filter_mode="contains",
                        format_func=lambda g: measured_cells.TOTAL if g is None else g)
    st.html(" &nbsp; ".join(f'<span style="color: {colour}">●</span> {html.escape(section)}'
                            for colour, section in zip(CATEGORICAL, (neighbour, name), strict=False)))
    return _Choice(name, neighbour, gene)


def _score(stack: PreparedStack, chosen: _Choice) -> None:
    """Agreement of the two sections where they lie now; until it is known, it says that it is being computed."""
    if not (found := agreement(stack)):
        st.metric("Agreement (r)", "…", COMPUTING, delta_color="off", delta_arrow="off",
                  help=about(stack.measured.noun))
        return
    k = min(stack.measured.names.index(name) for name in (chosen.name, chosen.neighbour))
    now, uploaded = found.now[k], found.uploaded[k]
    shown, gain = number(now.r), round(now.r, 2) - round(uploaded.r, 2)
    same = abs(gain) < 0.005
    st.metric("Agreement (r)", shown, "as uploaded" if same else f"{gain:+.2f} since upload",
              delta_color="off" if same else "normal", delta_arrow="off" if same else "auto",
              help=f"{about(stack.measured.noun)} Chance is {number(now.null)} here.")


def _undo(stack: PreparedStack) -> None:
    if st.button("Undo", icon=":material/undo:", key="undo_registration",
                 disabled=not registration.can_undo(stack)):
        registration.undo(stack)
        st.rerun()


def _moving(names: Sequence[str], chosen: _Choice) -> Sequence[str]:
    """The section and all behind it, away from the neighbour."""
    k = names.index(chosen.name)
    return names[k:] if names.index(chosen.neighbour) < k else names[:k + 1]


def _laid(sections: Sections, alignment: Alignment, name: str, gene: str | None) -> LaidCells:
    """The cells of a section where they lie now, what makes them bright, and the image beneath them."""
    rows = sections.rows(name)
    values = np.asarray(measured_cells.expression(sections, gene) if gene else measured_cells.total(sections))
    return LaidCells(alignment.points(name, np.asarray(sections.cells.obsm[keys.SPATIAL])[rows]), values[rows],
                     _image(sections, alignment, name))


def _image(sections: Sections, alignment: Alignment, name: str) -> LaidImage | None:
    """The histology image of a section where it lies now."""
    if name not in sections.images:
        return None
    poses = dict(zip(alignment.names, alignment.matrices, strict=True))
    image = moved_along({name: sections.images[name]}, poses)[name]
    placed, webp = histology.placed(image), histology.webp(image)
    return LaidImage(placed.key, webp, placed.frame) if placed and webp else None


@st.cache_data(max_entries=8, show_spinner=False)
def _spacing(of: str, _sections: Sections) -> float:
    return cell_spacing(_sections)
