"""Niches: parts of the tissue with the same mixture of cells around them, in 3D."""

import streamlit as st

from ui.niches import finding
from ui.open_run import header
from ui.shell import widgets

shown = header.header("Niches", most_genes=0)
panel, results = st.columns([2, 9], gap="medium")
with widgets.shows_input_errors("Niches can't be found"):
    with panel:
        job = finding.controls(shown.run)
    with results:
        finding.show(shown.run, job)
header.finish()
