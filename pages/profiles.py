"""Profiles: genes against depth, distance from an axis, distance from a point."""

import streamlit as st

from ui import explore, profile_view, widgets

run, genes = explore.header("Profiles", most_genes=6)
chart, panel = st.columns([5, 2], gap="medium")
with panel:
    kind, around, how = profile_view.controls(run)
with chart, widgets.shows_input_errors("This profile can't be computed"):
    profile_view.chart(run, genes, kind, around, how)
explore.finish()
