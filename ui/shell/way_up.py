"""Which way y goes on pictures of sections and slices: one setting of a visitor, on all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from isost_core.figures.style import Y_DOWN, y_downwards
from ui.shell import state

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HELP = ("y and depth go downwards, as in images and in the viewers of Xenium, Visium, CosMx and other instruments. "
        "The data stay as they are. It holds on all pages until you change it. Saved pictures follow.")


def toggle() -> None:
    """The switch."""
    st.toggle("y downwards", help=HELP, **state.control(state.Y_DOWN, Y_DOWN))


def is_down() -> bool:
    """Whether y goes downwards."""
    return state.view_value(state.Y_DOWN, Y_DOWN)


def drawn(figure: Figure) -> Figure:
    """The figure, its pictures of tissue the way up that the visitor chose."""
    return y_downwards(figure) if is_down() else figure
