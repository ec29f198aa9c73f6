"""The explorer's page: the ways to draw, the field to the browser, the view back."""

import base64

import numpy as np
import streamlit as st

from isost_core.export import textures
from isost_core.figures.colours import COLOUR_MAPS, map_table
from ui.explorer import channels, component, lit_view, region, slice_view, tissue_view
from ui.explorer import view as explorer_view
from ui.shell import state, widgets

WAYS = {"live": "Live", "lit": "Lit scene", "surfaces": "Plain surfaces", "slice": "Plain slice"}
WAYS_HELP = ("**Live**: drawn by this browser while you drag. **Lit scene**: surfaces with light and shadow, for a "
             "publication. **Plain surfaces**: without them, quicker. **Plain slice**: drawn by the server, also for "
             "browsers without 3D graphics.")
NO_WEBGL = ("This browser draws no 3D graphics (WebGL2 is off or missing), so the server draws pictures. They follow "
            "the controls, but not while you drag.")
STILLS = {"slice": "Slice", "surfaces": "Surfaces"}


def way_to_draw():
    """Which of WAYS the visitor chose."""
    return st.segmented_control("Drawn as", list(WAYS), format_func=WAYS.get, required=True, help=WAYS_HELP,
                                label_visibility="collapsed",
                                **state.control("draw", "live", lambda name: name if name in WAYS else "live"))


def show(run, genes, way):
    """The chosen picture and what belongs to it."""
    if way != "live":
        genes, niches = [[name for name in genes if (name in run.genes) == is_gene] for is_gene in (True, False)]
        if niches:
            st.caption("Niches are drawn live, and on their own page.")
        if not genes:
            return
    {"live": live, "lit": lit_view.lit, "surfaces": tissue_view.show, "slice": slice_view.show}[way](run, genes)


def live(run, genes):
    """The viewer in the browser, and the region drawn in it."""
    with widgets.waiting("Reading the tissue"):
        packs = {component.pack_key(run, gene): component.pack(run, gene) for gene in (None, *genes)}
    component.feed(packs)
    key = f"explorer.{run.id}"
    drawn = component.viewer(config(run, genes), key, lambda: _view(run, genes, key), lambda: _region(key))
    if drawn:
        region.take_away(run, [name for name in genes if name in run.genes])
        region.show(run, [name for name in genes if name in run.genes])
    else:
        st.info(NO_WEBGL, icon=":material/info:")
        what = st.segmented_control("The server draws", list(STILLS), format_func=STILLS.get, required=True,
                                    **state.control("still", "slice", lambda name: name if name in STILLS else "slice"))
        {"slice": slice_view.show, "surfaces": lit_view.still}[what](run, genes)


def config(run, genes):
    """All that the viewer is told beside the texels."""
    view, number = explorer_view.numbered(run, genes)
    depths = run.sections.depths
    shown, cells = min(textures.MOST_CELLS, len(run.measured_xyz)), len(run.measured_xyz)
    return {
        "file": run.id, "tissue": component.pack_key(run, None), "grid": textures.grid_of(run.lattice),
        "box": [list(map(float, corner)) for corner in run.extent_um], "safe_um": textures.safe_um(run.lattice),
        "channels": channels.channels(run, genes),
        "maps": {name: base64.b64encode(map_table(name).tobytes()).decode() for name in COLOUR_MAPS},
        "sections": [{"name": name, "depth_um": float(depth)} for name, depth in zip(run.sections.names, depths,
                                                                                   strict=True)],
        "spacing_um": run.cell_spacing_um, "half_gap_um": float(np.median(np.diff(depths)) / 2),
        "wheel_um": round(float(np.diff(depths).min()) / 10, 2), "known": run.decoder.covariance is not None,
        "cells_shown": "" if shown == cells else f", {shown:,} of {cells:,}",
        "view": view, "view_id": number, "opening": explorer_view.opening(run)}


def _view(run, genes, key):
    if said := st.session_state[key].get("view"):
        explorer_view.take(run, genes, said)


def _region(key):
    state.put(state.REGION, (state.open_run_id(), said) if (said := st.session_state[key].get("region")) else None)
