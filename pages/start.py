"""Start: what this is, three doors in, and this visitor's recent runs."""

import streamlit as st

from ui.explorer.warm_up import warm_up
from ui.jobs import my_runs
from ui.sections import examples
from ui.shell import layout, state, workspace

layout.begin_page("isoST Studio")
words, picture = st.columns([5, 4], gap="large", vertical_alignment="center")
with words:
    st.title("From sections to the tissue in 3D", anchor=False)
    st.markdown("Upload a stack of 2D spatial transcriptomics sections.  \nEvery gene is **predicted** between them, "
                "with its uncertainty.  \nExplore the tissue in 3D, cut it at any angle and download the results.")
picture.image(str(layout.PICTURES / "hero.svg"), width="stretch")
examples.doors()
if state.get(state.EXAMPLES):
    st.subheader("Example data", anchor=False)
    examples.offers()
examples.recent_runs()
layout.fetch_ahead()
warm_up(my_runs.run_path(workspace.DEMO))
