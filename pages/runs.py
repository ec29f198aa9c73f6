"""Runs: this visitor's reconstructions, and the open one with its progress."""

import streamlit as st

from ui.runs import run_panel, runs_table
from ui.shell import layout, state, widgets

layout.open_page("Runs", "The reconstructions you started. They continue after you close this page.")
if st.button("New run", icon=":material/add:", key="new_run"):
    layout.go("new_run")

any_run = runs_table.show()
run_id = state.open_run_id()
if run_id is None and not any_run:
    layout.empty_state("No runs yet", "A run reconstructs the 3D tissue from the sections you upload.",
                       [("Upload sections", ":material/upload:", "sections"),
                        ("Back to start", ":material/home:", "start")])
if run_id is not None:
    with widgets.shows_input_errors("This run can't be shown"):
        run_panel.show(run_id, runs_table.heading(run_id))
state.publish_link()
