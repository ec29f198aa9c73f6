"""Start: what this is, the demo, two more doors in, and this visitor's recent runs."""

import streamlit as st

from ui.explorer.warm_up import warm_up
from ui.jobs import my_runs
from ui.sections import examples
from ui.shell import layout, state, workspace

layout.begin_page("isoST Studio")
words, pictures = st.columns([5, 7], gap="large", vertical_alignment="center")
with words:
    examples.opening()
with pictures:
    examples.pictures()
examples.doors()
if state.get(state.EXAMPLES):
    st.header("Example data", anchor=False)
    examples.offers()
examples.recent_runs()
examples.steps()
layout.fetch_ahead()
warm_up(my_runs.run_path(workspace.DEMO))
