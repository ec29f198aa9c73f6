"""Gradients: genes against depth or distance from a focus; genes ranked; groups of foci compared."""

import dataclasses

import streamlit as st

from ui.gradients import focus_map, focus_picker, profile_chart, ranking_tables
from ui.open_run import header
from ui.shell import layout, widgets

shown = header.header("Gradients", most_genes=6)
chart, panel = layout.columns([9, 4], 17, "gradients", gap="medium")
with panel:
    boxes, place = layout.columns([1, 1], 17, "focus")
    with boxes:
        focus = focus_picker.controls(shown)
        radius_box, bin_box = layout.columns([1, 1], 6, "radius_and_bin")
        with radius_box:
            focus = dataclasses.replace(focus, radius_um=focus_picker.radius_box(shown.run, focus.kind))
        with bin_box:
            bin_um = profile_chart.bin_box(shown, focus)
    with place:
        focus_map.show(shown.run, shown.genes[0], focus)
with chart:
    profile_tab, ranked_tab, groups_tab = st.tabs(["Profile", "Ranked genes", "Groups of foci"], key="gradient_tabs",
                                                  on_change="rerun")
    with profile_tab, widgets.shows_input_errors("This profile can't be computed"):
        profile_chart.show(shown, focus, bin_um)
    if ranked_tab.open:
        with ranked_tab, widgets.shows_input_errors("Genes can't be ranked around this focus"):
            ranking_tables.ranked(shown, focus)
    if groups_tab.open:
        with groups_tab, widgets.shows_input_errors("These foci can't be compared"):
            ranking_tables.groups(shown.run, shown.genes[0], focus)
header.finish()
