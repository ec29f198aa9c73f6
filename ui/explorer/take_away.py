"""What the Explorer gives to take away: the slice, the surfaces, a drawn region; and the way on from its crosshair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from isost_core.export.figure_data import mesh_table, slice_table
from isost_core.reconstruction.slices import oblique, square_size
from isost_core.runs.run import Run
from ui.explorer import lit_picture, region, view
from ui.explorer.view import Plane
from ui.open_run.shown import Shown
from ui.shell import layout, state
from ui.shell.downloads import csv_button, file_name
from ui.shell.widgets import plain

if TYPE_CHECKING:
    import pandas as pd


def show(shown: Shown) -> None:
    """The box below the button Download."""
    run, plane = shown.run, view.plane(shown.run)
    if st.button(f"{lit_picture.TITLE} …", icon=":material/image:", key="open_lit", width="stretch",
                 help="The surfaces of this view in a scene that you can turn, and as a picture (.png)."):
        lit_picture.dialog(shown)
    for gene in shown.genes:
        csv_button(f"Slice of {plain(gene)}", lambda gene=gene: _slice(run, gene, plane),
                   file_name(run, f"{gene}_slice", ".csv"), key=f"csv_live_{gene}")
    if shown.genes:
        csv_button("Surfaces as triangles", lambda: mesh_table(lit_picture.surfaces(shown)),
                   file_name(run, "surfaces", ".csv"), key="csv_surfaces")
    region.downloads(shown)
    st.caption("Pictures and films of the view are under **Save** in its own bar.")
    if st.button("Gradients around the crosshair", icon=":material/show_chart:", key="to_gradients", width="stretch"):
        state.set_view("kind", "spherical")
        layout.go("gradients")


def _slice(run: Run, gene: str, plane: Plane) -> pd.DataFrame:
    size_um = square_size(run.extent_um, plane.azimuth, plane.tilt, plane.spin)
    return slice_table(oblique(run, gene, plane.centre, plane.azimuth, plane.tilt, size_um, turn=plane.spin))
