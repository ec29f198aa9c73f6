"""What the live explorer gives to take away: the slice as a table, a drawn region with its statistics and files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from isost_core.analysis.regions import Region
from isost_core.export.figure_data import slice_table
from isost_core.reconstruction.slices import oblique, plane_axes, square_size
from isost_core.runs.run import Run
from isost_core.words import mm2
from ui.explorer import view
from ui.explorer.view import Plane
from ui.shell import layout, state, widgets
from ui.shell.downloads import csv_button

if TYPE_CHECKING:
    import pandas as pd

WHAT = ("*Predicted* values are taken on a fine grid in the plane. *Measured* values are taken from cells near the "
        "plane: those of the nearest section if the plane lies flat, otherwise those within half a gap. All values "
        "are log1p.")


def take_away(run: Run, genes: Sequence[str]) -> None:
    """The slice of the live view as a table, and the way to the profiles around its crosshair."""
    plane = view.plane(run)
    with st.container(horizontal=True):
        if st.button("Gradients around the crosshair", icon=":material/show_chart:", key="to_gradients"):
            state.set_view("kind", "spherical")
            layout.go("gradients")
        for gene in genes:
            csv_button(f"{gene} on this plane", lambda gene=gene: _slice(run, gene, plane),
                       f"{run.id}_{gene}_slice.csv", key=f"csv_live_{gene}")


def _slice(run: Run, gene: str, plane: Plane) -> pd.DataFrame:
    size_um = square_size(run.extent_um, plane.azimuth, plane.tilt)
    return slice_table(oblique(run, gene, plane.centre, plane.azimuth, plane.tilt, size_um))


def _where(run: Run, region: Region) -> str:
    """On which plane a region was drawn, and whether the view has moved from it."""
    plane = view.plane(run)
    normal = np.cross(region.u, region.v)
    drawn = np.degrees(np.arccos(min(abs(normal[2]), 1.0)))
    now = np.cross(*plane_axes(plane.azimuth, plane.tilt)[:2])
    away = abs((np.asarray(plane.centre) - region.points[0]) @ normal)
    moved = away > run.cell_spacing_um / 2 or abs(now @ normal) < 0.9999
    text = f"drawn at depth {region.points[:, 2].mean():,.0f} µm, tilt {drawn:.0f}°"
    return text + (". You moved the plane since then. The numbers belong to the place where you drew the "
                   "region." if moved else "")


def show(run: Run, genes: Sequence[str]) -> None:
    """Table and downloads of the region, where one was drawn."""
    drawn = state.get(state.REGION)
    if not drawn or drawn[0] != run.id:
        return
    with widgets.shows_input_errors("This region can't be read"), st.container(border=True):
        said = drawn[1]
        region = Region(run, said["points"], said["u"], said["v"], said.get("section"))
        table = region.statistics(genes)
        head, clear = st.columns([6, 1], vertical_alignment="center")
        head.markdown(f"##### Region · {mm2(region.area_um2 / 1e6)} of tissue :gray[· {_where(run, region)}]")
        if clear.button("Clear", icon=":material/close:", key="clear_region", width="stretch"):
            state.put(state.REGION, None)
            st.rerun()
        st.dataframe(table, hide_index=True, column_config={
            name: st.column_config.NumberColumn(format="%.3f") for name in ("mean", "sd", "median", "low", "high")})
        st.caption(WHAT)
        with st.container(horizontal=True):
            for label, make, ending, kind in (
                    ("Statistics (.csv)", lambda: table.to_csv(index=False), "statistics.csv", "text/csv"),
                    ("Measured cells (.csv)", lambda: region.cell_table(genes).to_csv(index=False), "cells.csv",
                     "text/csv"),
                    ("Region (.geojson)", lambda: region.geojson(genes), "region.geojson", "application/geo+json")):
                st.download_button(label, make, f"{run.id}_{ending}", kind, icon=":material/download:",
                                   on_click="ignore", key=f"region_{ending}")
