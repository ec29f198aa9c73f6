"""The ways to draw the tissue, and the choice between them."""

import streamlit as st

from ui.explorer import lit_view, live_view, slice_view, tissue_view
from ui.open_run.shown import Shown
from ui.shell import state

WAYS = {"live": "Live", "lit": "Lit scene", "surfaces": "Plain surfaces", "slice": "Plain slice"}
WAYS_HELP = ("**Live**: your browser draws while you drag. **Lit scene**: surfaces with light and shadow, for "
             "publications. **Plain surfaces**: no light and shadow, but faster. **Plain slice**: drawn by the "
             "server, for browsers without 3D graphics.")


def way_to_draw() -> str:
    """Which of WAYS the visitor chose."""
    return st.segmented_control("Drawn as", list(WAYS), format_func=WAYS.__getitem__, required=True, help=WAYS_HELP,
                                label_visibility="collapsed",
                                **state.control("draw", "live", state.one_of(WAYS, "live")))


def show(shown: Shown, way: str) -> None:
    """The chosen picture and what belongs to it."""
    if way == "live":
        live_view.show(shown)
        return
    if len(shown.genes) < len(shown.chosen):
        st.caption("This view can't show niches. Choose **Live**, or open the page Niches.")
    if shown.genes:
        {"lit": lit_view.lit, "surfaces": tissue_view.show, "slice": slice_view.show}[way](shown.run, shown.genes)
