"""3D tissue: isosurfaces of up to three genes, at once as a quick picture or as a lit scene."""

import streamlit as st

from ui import explore, tissue_view

run, genes = explore.header("3D tissue", most_genes=3)
picture, panel = st.columns([5, 2], gap="medium")
with panel:
    wanted = tissue_view.controls(run, genes)
with picture:
    tissue_view.pictures(run, genes, wanted)
explore.finish()
