"""Export: cells, volumes, surfaces and everything in one zip, in formats that other programs open."""

import streamlit as st

from ui.export import cards
from ui.open_run import header
from ui.shell import layout

shown = header.header("Export", most_genes=0)
st.markdown(":gray[Download the reconstruction. Everything between the measured sections is *predicted*.]")
for first, second in ((cards.virtual_section, cards.virtual_tissue), (cards.volume, cards.surfaces),
                      (cards.bundle, cards.settings)):
    left, right = layout.columns([1, 1], 20, f"cards_{first.__name__}")
    with left:
        first(shown)
    with right:
        second(shown)
header.finish()
