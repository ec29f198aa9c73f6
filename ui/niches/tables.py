"""The tables of niches: what they hold, their sizes, their genes, how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from isost_core.figures.niches import composition_map, stability_line
from isost_core.runs.run import Run
from ui.niches import maps
from ui.open_run import kept_niches
from ui.open_run.kept_niches import KeptNiches
from ui.shell import state, widgets
from ui.shell.downloads import csv_button, file_name

if TYPE_CHECKING:
    import pandas as pd

HEIGHT, MOST_MARKERS = 480, 50
NUMBER_HELP = ("The measurements are split into random halves. The suggested number of niches is the one on which the "
               "halves agree best (adjusted Rand index).")


def show(run: Run, kept: KeptNiches) -> None:
    """The maps and all tables, each under a tab of its own; niches by expression have no composition."""
    tables = {"Maps": maps.show, "Composition": _composition, "Sizes": _sizes, "Markers": _markers,
              "How many": _number}
    names = [name for name in tables if name != "Composition" or kept.niches.column is not None]
    for tab, name in zip(st.tabs(names), names, strict=True):
        with tab:
            tables[name](run, kept)


def _composition(run: Run, kept: KeptNiches) -> None:
    table, column = kept_niches.composition(run, kept), kept.niches.column
    assert column is not None  # niches by expression have no such tab
    st.plotly_chart(composition_map(table, column), key="composition")
    _download(run, table.reset_index(names="niche"), "niche_composition")


def _sizes(run: Run, kept: KeptNiches) -> None:
    table = kept_niches.sizes(run, kept)
    shown = table.assign(share_of_tissue=100 * table["share_of_tissue"], volume_mm3=table["volume_um3"] / 1e9,
                         surface_mm2=table["surface_um2"] / 1e6).drop(columns=["volume_um3", "surface_um2"])
    number = st.column_config.NumberColumn
    st.dataframe(shown, hide_index=True, column_config={
        "niche": "Niche", "measured_cells": number(f"{run.noun}s, measured".capitalize(), format="localized"),
        "share_of_tissue": number("Share of tissue (%)", format="%.1f"),
        "volume_mm3": number("Volume (mm³)", format="%.3g"), "surface_mm2": number("Surface (mm²)", format="%.3g")})
    st.caption("Share, volume and surface are *predicted*. A surface ends at the border of the tissue.")
    _download(run, table, "niche_sizes")


def _markers(run: Run, kept: KeptNiches) -> None:
    table = kept_niches.markers(run, kept)
    niche = st.selectbox("Niche", kept.names, key=state.key_here(f"markers.{kept.folder.name}"))
    shown = table.loc[table["niche"] == niche].drop(columns=["niche", "p"]).head(MOST_MARKERS)
    number, noun = st.column_config.NumberColumn, run.noun
    st.dataframe(widgets.with_q_words(shown), hide_index=True, height=HEIGHT, column_config={
        "difference": number("Difference of mean log1p", format="%.2f"),
        "share_in": number(f"{noun}s with it, inside".capitalize(), format="percent"),
        "share_out": number(f"{noun}s with it, outside".capitalize(), format="percent"),
        "q": number("q")})
    st.caption(f"*Measured* {noun}s of the niche compared with all others. The niches were made from the same {noun}s, "
               "so use q only to rank genes.")
    _download(run, table, "niche_markers")


def _number(run: Run, kept: KeptNiches) -> None:
    import pandas as pd

    stability = kept.niches.stability
    if not stability:
        st.caption("You chose this number.")
        return
    st.markdown(f"**{len(kept.names)} niches** are suggested.")
    st.plotly_chart(stability_line(stability, len(kept.names)), key="stability")
    st.caption(NUMBER_HELP)
    _download(run, pd.DataFrame({"niches": list(stability), "agreement": list(stability.values())}), "niche_numbers")


def _download(run: Run, table: pd.DataFrame, name: str) -> None:
    csv_button(name.replace("_", " ").capitalize(), table, file_name(run, name, ".csv"), key=f"csv_{name}")
