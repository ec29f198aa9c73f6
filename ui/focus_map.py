"""The focus on the measured section nearest to it, where a click on a cell moves it."""

import numpy as np
import streamlit as st

from ui import cache, focus_picker, measured, state

HEIGHT = 250


def show(run, gene, focus):
    """The map; of a surface there is none."""
    kind, centre, _, radius = focus
    if kind == "surface":
        return
    number = int(np.abs(run.sections.depths - centre[2]).argmin())
    name, depth, xy, values = measured.section(run.sections, number, gene)
    key = state.key_here("focus_map")
    st.plotly_chart(_figure(run, gene, (name, depth, xy, values), centre, radius), theme=None, key=key,
                    config={"displayModeBar": False}, selection_mode="points",
                    on_select=lambda: go_to(depth, state.get(key)["selection"]["points"]))
    st.caption(f"**{gene}**, *measured*, on the section nearest to the focus. Click a cell to go there.")


def _figure(run, gene, section, centre, radius):
    from isost_core.figures import focus_points

    name, depth, xy, values = section
    return focus_points(xy, values, f"{name} · {depth:,.0f} µm", cache.colour_limits(run, gene), centre, radius, HEIGHT)


def go_to(depth, points):
    """Make the cell that was clicked the focus."""
    for point in points[:1]:
        for axis, value in zip(focus_picker.PLACE, (point["x"], point["y"], depth), strict=True):
            state.set_view(f"c{axis}", round(float(value), 1))
