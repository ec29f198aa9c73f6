"""The tables of niches: what they hold, their sizes, their genes, how many there are."""

import streamlit as st

from isost_core.figures.niches import composition_map, stability_line
from ui.open_run import niches as niches_data
from ui.shell import state, widgets

NUMBER_HELP = ("Suggested: the number, 4 to 12, whose niches random halves of the cells agree on best (adjusted Rand "
               "index).")


def show(run, folder, niches):
    """All tables, each under a tab of its own."""
    names = ["Composition", "Sizes", "Markers", "How many"][int(niches.column is None):]
    for tab, name in zip(st.tabs(names), names, strict=True):
        with tab:
            {"Composition": _composition, "Sizes": _sizes, "Markers": _markers, "How many": _number}[name](
                run, folder, niches)


def _composition(run, folder, niches):
    table = niches_data.table(run, folder, "composition")
    st.plotly_chart(composition_map(table, niches.column), key="composition")
    _download(run, table.reset_index(names="niche"), "niche_composition")


def _sizes(run, folder, niches):
    table = niches_data.table(run, folder, "sizes")
    shown = table.assign(share_of_tissue=100 * table["share_of_tissue"]).round({"volume_um3": 0, "surface_um2": 0})
    st.dataframe(shown, hide_index=True, column_config={
        "niche": "Niche", "measured_cells": st.column_config.NumberColumn("Cells, measured", format="localized"),
        "share_of_tissue": st.column_config.NumberColumn("Share of tissue (%)", format="%.1f"),
        "volume_um3": st.column_config.NumberColumn("Volume (µm³)", format="localized"),
        "surface_um2": st.column_config.NumberColumn("Surface (µm²)", format="localized")})
    st.caption("Share, volume and surface are *predicted*; a surface ends where the tissue does.")
    _download(run, table, "niche_sizes")


def _markers(run, folder, niches):
    table = niches_data.table(run, folder, "markers")
    niche = st.selectbox("Niche", niches.names, key=state.key_here(f"markers.{folder.name}"))
    shown = table[table["niche"] == niche].drop(columns=["niche", "p"]).head(50)
    st.dataframe(shown.assign(q=shown["q"].clip(lower=widgets.LEAST_Q)), hide_index=True, column_config={
        "difference": st.column_config.NumberColumn("Difference of mean log1p", format="%.2f"),
        "share_in": st.column_config.NumberColumn("Cells with it, inside", format="percent"),
        "share_out": st.column_config.NumberColumn("Cells with it, outside", format="percent"),
        "q": st.column_config.NumberColumn("q", format="%.1e", help=f"Not below {widgets.LEAST_Q:g}.")})
    st.caption("*Measured* cells of the niche against all others. The niches come from the same cells: q ranks genes.")
    _download(run, table, "niche_markers")


def _number(run, folder, niches):
    import pandas as pd


    if not niches.stability:
        st.caption("The number was chosen by hand.")
        return
    st.markdown(f"**{len(niches.names)} niches** are suggested.")
    st.plotly_chart(stability_line(niches.stability, len(niches.names)), key="stability")
    st.caption(NUMBER_HELP)
    _download(run, pd.DataFrame(niches.stability.items(), columns=["niches", "agreement"]), "niche_numbers")


def _download(run, table, name):
    st.download_button(f"{name.replace('_', ' ').capitalize()} (.csv)", table.to_csv(index=False),
                       f"{run.id}_{name}.csv", "text/csv", icon=":material/table:", on_click="ignore",
                       key=f"csv_{name}")
