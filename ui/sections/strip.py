"""All measured sections side by side, coloured by counts or a gene, over their histology where there is some."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import streamlit as st

from isost_core.figures import sections as figures
from isost_core.figures.histology import put_behind
from isost_core.sections.stack import Sections
from ui.shell import way_up
from ui.stack import histology, measured_cells, side_by_side

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

SHOWN = {"both": "Under the {}s", "alone": "Alone", "off": "Off"}


def show(sections: Sections, key: Hashable, controls: DeltaGenerator) -> None:
    """The sections, and what they are coloured by; key : what changes with the sections; controls : where to choose."""
    backdrops = histology.backdrops(key, sections)
    with controls:
        gene = st.selectbox("Colour by", [None, *sections.genes], key="strip_gene", filter_mode="contains", width=260,
                            format_func=lambda name: measured_cells.TOTAL if name is None else name)
        how = st.segmented_control("Histology image", list(SHOWN), default="both", key="strip_histology", required=True,
                                   format_func=lambda one: SHOWN[one].format(sections.noun)) if backdrops else "off"
        way_up.toggle()
    parts, title, unit = measured_cells.strip(sections, gene)
    figure = way_up.drawn(figures.sections_strip(parts, title, unit))
    if how != "off":
        put_behind(figure, sections.names, backdrops, way_up.is_down())
    if how == "alone":
        for number, name in enumerate(sections.names):
            figure.update_traces(visible=name not in backdrops, selector=number)
    with side_by_side.room_for(len(parts), side_by_side.SECTIONS, "strip_room"):
        st.plotly_chart(figure, theme=None, key="strip", width="stretch")
