"""Which way y goes on pictures of sections and slices: one setting of a visitor, on all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from isost_core.figures.style import with_y
from ui.shell import state

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HELP = ("y goes downwards in images and in the viewers of Xenium, Visium and other instruments, and upwards in most "
        "plots. The data stay as they are. It holds on all pages until you change it. Saved pictures follow.")


def opens(down: bool) -> None:
    """Which way y goes on this page unless the visitor says otherwise: as the data have it."""
    state.put(state.USUAL_WAY, down)


def toggle() -> None:
    """The switch."""
    st.toggle("y downwards", help=HELP, **state.control(state.Y_DOWN, _usual()))


def is_down() -> bool:
    """Whether y goes downwards."""
    return state.view_value(state.Y_DOWN, _usual())


def drawn(figure: Figure) -> Figure:
    """The figure, its pictures of tissue the way up that the visitor chose."""
    return with_y(figure, is_down())


def _usual() -> bool:
    return state.get(state.USUAL_WAY, False)
