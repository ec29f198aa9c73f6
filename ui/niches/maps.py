"""Where niches lie: their surfaces in 3D, and a slice through them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from isost_core.figures.colours import niche_colour
from isost_core.figures.niches import niche_slice
from isost_core.figures.style import dark_layout
from isost_core.figures.surfaces import ColouredSurface
from isost_core.figures.tissue import tissue_3d
from isost_core.runs.run import Run
from ui.open_run import cached_run, depth_stretch, kept_niches, uncertainty
from ui.open_run.kept_niches import KeptNiches
from ui.shell import layout, state, way_up

if TYPE_CHECKING:
    import plotly.graph_objects as go

NAMED = {"labels": "Each niche is named after the labels that are more common in it than in the whole tissue.",
         "expression": "Each niche is named after the gene that stands out most in it."}
DARKER = "places where no niche has half of the nearest cells are darker in the slice."
HEIGHT = 400
EYE = {"x": 1.5, "y": 1.5, "z": 2.25}  # times that of a wide picture: this one is about as high as wide
ASIDE = {"x": -0.18, "y": 0.12, "z": 0.0}  # of the tissue, to the right: room for the words of the depth's axis
LEGEND = """<style>
.niche-legend {display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; font-size: 0.875rem;}
.niche-legend span {display: flex; gap: 0.45rem; align-items: baseline; overflow-wrap: anywhere;}
.niche-legend i {flex: none; width: 0.8rem; height: 0.8rem; border-radius: 0.15rem; background: var(--niche);}
</style>"""


def show(run: Run, kept: KeptNiches) -> None:
    """Surfaces and a slice of the niches that are ticked, and the way to the Explorer."""
    noun = run.noun
    chosen = st.pills("Niches shown", kept.names, default=kept.names, selection_mode="multi", wrap=True,
                      key=state.key_here(f"shown.{kept.folder.name}"))
    where, sure = layout.columns([1, 1], 12, "niche_controls", align="bottom")
    low, high = map(float, run.depth_range)
    axis = run.sections.axis
    depth = where.slider(f"{axis.name.capitalize()} of the slice ({axis.unit})", low, high, format="%.6g",
                         **state.control("niche_depth", (low + high) / 2, state.between(low, high)))
    with sure:
        mode = uncertainty.control(run, DARKER, "these places are left out of the slice.", threshold_for=()).mode
    shown = [k for k, name in enumerate(kept.names) if name in chosen]
    solid, flat = layout.columns([1, 1], 20, "niche_maps")
    with solid:
        st.plotly_chart(way_up.drawn(_surfaces(run, kept, shown)), theme=None, key="niche_map")
    with flat:
        picture = niche_slice(run, kept.niches, depth, shown, height=HEIGHT, uncertainty=mode)
        st.plotly_chart(way_up.drawn(picture), theme=None, key="niche_slice")
    st.html(LEGEND + _legend(kept, shown))
    with st.container(horizontal=True, vertical_alignment="center"):
        _way_to_explorer(kept)
        with st.popover("How to read it", icon=":material/help:", key="niche_words"):
            st.markdown(f"Surfaces on the left enclose places where a niche has more than half of the nearest {noun}s. "
                        "The slice on the right shows the niche with the most. "
                        + NAMED["expression" if kept.niches.column is None else "labels"])
        st.caption("Both pictures are *predicted*.")


def _surfaces(run: Run, kept: KeptNiches, shown: list[int]) -> go.Figure:
    surfaces = [kept_niches.surface(run, kept, k) for k in shown]
    stretch = depth_stretch.usual(run)
    figure = tissue_3d(surfaces, ColouredSurface("tissue", *cached_run.outline(run), opacity=0.12),
                       depth_scale=stretch, height=HEIGHT)
    eye = figure.layout.scene.camera.eye  # pyright: ignore[reportAttributeAccessIssue]
    title = "niches in 3D · predicted" + ("" if stretch == 1 else f" · depth drawn {stretch:g}×")
    return figure.update_layout(scene_camera_eye={axis: EYE[axis] * eye[axis] + ASIDE[axis] for axis in "xyz"},
                                scene_camera_center=ASIDE,
                                scene_zaxis={"nticks": 3, "title": {"text": run.sections.axis.label}},
                                title=dark_layout(title, HEIGHT)["title"], showlegend=False)


def _legend(kept: KeptNiches, shown: Sequence[int]) -> str:
    """The colours of both pictures, as HTML."""
    entries = "".join(f"<span role='listitem'><i style='--niche: {niche_colour(k)}'></i>{escape(kept.names[k])}</span>"
                      for k in shown)
    return f"<div class='niche-legend' role='list'>{entries}</div>"


def _way_to_explorer(kept: KeptNiches) -> None:
    if st.button("See the three largest in the Explorer", icon=":material/view_in_ar:", key="niches_explorer"):
        state.set_view("genes", kept.names[:3])
        layout.go("explorer")
