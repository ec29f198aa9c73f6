"""All measured sections side by side, coloured by counts or a gene, or over their histology."""

from __future__ import annotations

import streamlit as st

from isost_core.figures import sections as figures
from isost_core.sections.stack import Sections
from ui.shell import way_up
from ui.stack import measured_cells


def show(sections: Sections) -> None:
    """The sections, and what they are coloured by."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        gene = st.selectbox("Colour by", [None, *sections.genes], key="strip_gene", filter_mode="contains", width=320,
                            format_func=lambda name: measured_cells.TOTAL if name is None else name)
        way_up.toggle()
    parts, title, unit = measured_cells.strip(sections, gene)
    st.plotly_chart(way_up.drawn(figures.sections_strip(parts, title, unit)), theme=None, key="strip", width="stretch")
