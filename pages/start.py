"""Start: what this is, three doors in, and this visitor's recent runs."""

import streamlit as st

from ui import examples, layout, state

layout.open_page("isoST Studio")
st.markdown("""
From a stack of measured 2D tissue sections to the whole 3D tissue.
Between the sections, the expression of every gene is **predicted**, with its uncertainty.
Look at it in 3D, cut it at any angle, follow a gene through depth, and download all of it.
""".replace("\n", "  \n"))
examples.doors()
if state.get(state.EXAMPLES):
    st.subheader("Example data", anchor=False)
    examples.offers()
examples.recent_runs()
layout.close_page()
