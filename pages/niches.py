"""Niches: parts of the tissue with the same mixture of cells around them, in 3D."""

import streamlit as st

from ui.niches import page
from ui.open_run import header
from ui.shell import widgets

run, _ = header.header("Niches", most_genes=0)
st.markdown(f":gray[{page.WORDS}]")
panel, results = st.columns([1, 4], gap="medium")
with widgets.shows_input_errors("Niches can't be found"):
    with panel:
        job = page.controls(run)
    with results:
        page.show(run, job)
header.finish()
