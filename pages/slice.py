"""Virtual slice: a plane at any angle through the tissue, and the nearest measured section."""

import streamlit as st

from ui import explore, slice_view, widgets

run, (gene,) = explore.header("Virtual slice")
with widgets.shows_input_errors("This slice can't be made"):
    angle = slice_view.angles(run)
    pictures = st.container()
    with widgets.waiting("Building the volume"):
        slice_view.prepare(run, gene)
    how = slice_view.look(run, gene)
    plane = slice_view.plane_of(run, angle)
    with pictures:
        slice_view.pictures(run, gene, plane, how)
explore.finish()
