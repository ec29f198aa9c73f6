"""Where niches lie: their surfaces in 3D, and a slice through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from isost_core.figures.niches import niche_slice
from isost_core.figures.surfaces import ColouredSurface
from isost_core.figures.tissue import tissue_3d
from isost_core.runs.run import Run
from ui.open_run import cached_run, kept_niches, uncertainty
from ui.open_run.kept_niches import KeptNiches
from ui.shell import layout, state, way_up

if TYPE_CHECKING:
    import plotly.graph_objects as go

NAMED = {"labels": "Each niche is named after the labels that are more common in it than in the whole tissue.",
         "expression": "Each niche is named after the gene that stands out most in it."}
DARKER = "places where no niche has half of the nearest cells are darker in the slice."
HEIGHT = 510
FARTHER = 1.7  # than in a wide picture: this one is as high as wide


def show(run: Run, kept: KeptNiches) -> None:
    """Surfaces and a slice of the niches that are ticked, and the way to the Explorer."""
    noun = run.noun
    pick, where, sure = st.columns([4, 3, 3], gap="medium", vertical_alignment="bottom")
    chosen = pick.multiselect("Niches shown", kept.names, default=kept.names,
                              key=state.key_here(f"shown.{kept.folder.name}"))
    low, high = map(float, run.depth_range)
    axis = run.sections.axis
    depth = where.slider(f"{axis.name.capitalize()} of the slice ({axis.unit})", low, high, format="%.6g",
                         **state.control("niche_depth", (low + high) / 2, state.between(low, high)))
    with sure:
        mode = uncertainty.control(run, DARKER, "these places are left out of the slice.", threshold_for=()).mode
    shown = [k for k, name in enumerate(kept.names) if name in chosen]
    solid, flat = st.columns(2, gap="medium")
    with solid:
        st.plotly_chart(way_up.drawn(_surfaces(run, kept, shown)), theme=None, key="niche_map")
    with flat:
        picture = niche_slice(run, kept.niches, depth, shown, height=HEIGHT, uncertainty=mode)
        st.plotly_chart(way_up.drawn(picture), theme=None, key="niche_slice")
    with st.container(horizontal=True, vertical_alignment="center"):
        _way_to_explorer(kept)
        with st.popover("How to read it", icon=":material/help:", key="niche_words"):
            st.markdown(f"Surfaces on the left enclose places where a niche has more than half of the nearest {noun}s. "
                        "The slice on the right shows the niche with the most. "
                        + NAMED["expression" if kept.niches.column is None else "labels"])
        st.caption("Both pictures are *predicted*.")


def _surfaces(run: Run, kept: KeptNiches, shown: list[int]) -> go.Figure:
    surfaces = [kept_niches.surface(run, kept, k) for k in shown]
    figure = tissue_3d(surfaces, ColouredSurface("tissue", *cached_run.outline(run), opacity=0.12), height=HEIGHT)
    eye = figure.layout.scene.camera.eye  # pyright: ignore[reportAttributeAccessIssue]
    return figure.update_layout(scene_camera_eye={axis: FARTHER * eye[axis] for axis in "xyz"},
                                scene_camera_center={"x": 0, "y": 0, "z": -0.15},
                                legend={"orientation": "h", "x": 0.02, "y": 0.01, "yanchor": "bottom"})


def _way_to_explorer(kept: KeptNiches) -> None:
    if st.button("See the three largest in the Explorer", icon=":material/view_in_ar:", key="niches_explorer"):
        state.set_view("genes", kept.names[:3])
        layout.go("explorer")
