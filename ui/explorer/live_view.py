"""The tissue as the browser draws it while the visitor drags: the view sent there and taken back, the region drawn."""

import base64
from typing import Any

import numpy as np
import streamlit as st

from isost_core.export import textures
from isost_core.figures.colours import COLOUR_MAPS, map_table
from ui.explorer import channels, component, histology, lit_picture, region, slice_view
from ui.explorer import view as explorer_view
from ui.open_run.shown import Shown
from ui.shell import state, widgets

NO_WEBGL = ("This browser can't draw 3D graphics, because WebGL2 is off or missing. The server draws the pictures "
            "instead. They change when you let go of a control.")
_STYLE = """<style>
.stMainBlockContainer {padding-bottom: 0;}
.st-key-explorer_wait {position: absolute; top: 3.4rem; left: 1rem; width: auto; z-index: 5;}
.stMainBlockContainer > .stVerticalBlock {gap: 0;}
.st-key-explorer_view, .st-key-explorer_view [data-stale] {opacity: 1 !important; transition: none !important;}
</style>"""
STILLS = {"slice": "Slice", "surfaces": "Surfaces"}


def show(shown: Shown) -> None:
    """The viewer in the browser; where that draws no 3D graphics, pictures of the server."""
    st.html(_STYLE)
    with st.container(key="explorer_wait"), widgets.waiting("Reading the tissue"):
        packs = {component.pack_key(shown, name): component.pack(shown, name) for name in (None, *shown.chosen)}
        told = config(shown)
        if told["view"]["histology"] and told["view"]["cells_pane"]:
            packs |= histology.packs(shown.run)
    component.feed(packs)
    key = f"explorer.{shown.run.id}"
    with st.container(key="explorer_view"):
        drawn = component.viewer(told, key, lambda: _view(shown, key), lambda: _region(key))
    if not drawn:
        _stills(shown)


def _stills(shown: Shown) -> None:
    """A slice or surfaces, drawn by the server."""
    st.info(NO_WEBGL, icon=":material/info:")
    if len(shown.genes) < len(shown.chosen):
        st.caption("These pictures can't show niches. See them on the page Niches.")
    if shown.genes:
        what = st.segmented_control("The server draws", list(STILLS), format_func=STILLS.__getitem__, required=True,
                                    **state.control("still", "slice", state.one_of(STILLS, "slice")))
        {"slice": slice_view.show, "surfaces": lit_picture.still}[what](shown.run, shown.genes)


def config(shown: Shown) -> dict[str, Any]:
    """All that the viewer is told beside the texels."""
    run, (view, number) = shown.run, explorer_view.numbered(shown)
    depths = run.sections.depths
    cells = len(run.measured_xyz)
    drawn = min(textures.MOST_CELLS, cells)
    return {
        "file": run.file_stem, "tissue": component.pack_key(shown, None), "grid": textures.grid_of(run.lattice),
        "box": [list(map(float, corner)) for corner in run.extent_um], "safe_um": textures.safe_um(run.lattice),
        "channels": channels.channels(shown),
        "maps": {name: base64.b64encode(map_table(name).tobytes()).decode() for name in COLOUR_MAPS},
        "sections": [{"name": name, "depth_um": float(depth)} for name, depth in zip(run.sections.names, depths,
                                                                                   strict=True)],
        "spacing_um": run.cell_spacing_um, "half_gap_um": float(np.median(np.diff(depths)) / 2),
        "wheel_um": round(float(np.diff(depths).min()) / 10, 2), "known": run.decoder.tells_known_share,
        "noun": run.noun, "cells_shown": "" if drawn == cells else f", {drawn:,} of {cells:,}",
        "view": view, "view_id": number, "opening": explorer_view.opening(run),
        "histology": histology.for_browser(run), "region": region.for_browser(shown)}


def _view(shown: Shown, key: str) -> None:
    if said := st.session_state[key].get("view"):
        explorer_view.take(shown, said)


def _region(key: str) -> None:
    state.put(state.REGION, (state.open_run_id(), said) if (said := st.session_state[key].get("region")) else None)
