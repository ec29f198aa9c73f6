"""The explorer in its page: the field to the browser, the view back, and what stands in where there is no WebGL2."""

import base64

import numpy as np
import streamlit as st

from isost_core.colours import COLOUR_MAPS, channels, gene_colours, map_table
from ui import cache, explorer_parts, explorer_view, state, trust_badges, widgets

UNIT = "log1p"
NO_WEBGL = ("This browser draws no 3D graphics (WebGL2 is off or missing), so the pictures below are made by the server: "
            "they follow the controls, but not while you drag.")


def show(run, genes):
    """The viewer; False where the browser cannot draw it."""
    with widgets.waiting("Reading the tissue"):
        packs = {cache.pack_key(run, gene): cache.pack(run, gene) for gene in (None, *genes)}
    explorer_parts.feed(packs)
    key = f"explorer.{run.id}"
    drawn = explorer_parts.viewer(config(run, genes), key, lambda: _view(run, genes, key), lambda: _region(key))
    if not drawn:
        st.info(NO_WEBGL, icon=":material/info:")
    return drawn


def config(run, genes):
    """All that the viewer is told beside the texels."""
    from isost_core import texels

    view, number = explorer_view.numbered(run, genes)
    colours, trust = gene_colours(genes), trust_badges.of_run(run)
    depths = run.sections.depths
    shown, cells = min(texels.MOST_CELLS, len(run.measured_xyz)), len(run.measured_xyz)
    return {
        "file": run.id, "tissue": cache.pack_key(run, None), "grid": texels.grid_of(run.lattice),
        "box": [list(map(float, corner)) for corner in run.extent_um], "safe_um": texels.safe_um(run.lattice),
        "channels": [{"name": gene, "key": cache.pack_key(run, gene), "colour": channels(colours[gene]), "unit": UNIT,
                      "note": f"trust {trust.of(gene).grade}"} for gene in genes],
        "maps": {name: base64.b64encode(map_table(name).tobytes()).decode() for name in COLOUR_MAPS},
        "sections": [{"name": name, "depth_um": float(depth)} for name, depth in zip(run.sections.names, depths,
                                                                                   strict=True)],
        "spacing_um": run.cell_spacing_um, "half_gap_um": float(np.median(np.diff(depths)) / 2),
        "wheel_um": round(float(np.diff(depths).min()) / 10, 2), "known": run.decoder.covariance is not None,
        "cells_shown": "" if shown == cells else f", {shown:,} of {cells:,}", "level": cache.OPENING_LEVEL,
        "view": view, "view_id": number, "opening": explorer_view.opening(run)}


def _view(run, genes, key):
    if said := st.session_state[key].get("view"):
        explorer_view.take(run, genes, said)


def _region(key):
    state.put(state.REGION, st.session_state[key].get("region"))
