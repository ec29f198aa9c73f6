"""Surfaces with light and shadow: to turn in the browser, or as a picture made by the server."""

from collections.abc import Sequence

import streamlit as st

from isost_core.figures.colours import colour_range, paint
from isost_core.figures.lit_scene import LitScene
from isost_core.figures.tissue import MeasuredCells
from isost_core.reconstruction.isosurfaces import clipped
from isost_core.runs.run import Run
from ui.explorer import stpyvista_view, tissue_view, view
from ui.explorer.tissue_view import Drawing
from ui.shell import state


def lit(run: Run, genes: Sequence[str]) -> None:
    """Surfaces with light and shadow, drawn by pyvista in a process of its own."""
    picture, panel = st.columns([5, 2], gap="medium")
    with panel:
        drawing, cut_open = tissue_view.controls(run, genes), _cut_open()
    with picture:
        cells = tissue_view.measured(run, genes, drawing)
        scene = _scene(run, genes, drawing, cells, cut_open)
        stpyvista_view.show_lit_scene(
            scene, key="lit_scene", height=540,
            fallback=lambda: tissue_view.quick_picture(scene.surfaces, scene.tissue, cells, drawing))
        st.caption("**Predicted** surfaces with light and shadow. They take a few seconds to draw. Turn them with the "
                   "mouse.")
        if st.button("Make a picture (.png)", icon=":material/image:", key="make_lit_picture"):
            _picture(run, scene, shown=False)


def still(run: Run, genes: Sequence[str]) -> None:
    """A picture of the lit surfaces, made by the server: for a browser that draws no 3D graphics."""
    picture, panel = st.columns([5, 2], gap="medium")
    with panel:
        drawing, cut_open = tissue_view.controls(run, genes), _cut_open()
    with picture:
        cells = tissue_view.measured(run, genes, drawing)
        _picture(run, _scene(run, genes, drawing, cells, cut_open), shown=True)


def _cut_open() -> bool:
    return st.toggle("Cut open at the plane", help="Hides everything in front of the plane of the live view.",
                     **state.control("clip", False))


def _scene(run: Run, genes: Sequence[str], drawing: Drawing, cells: MeasuredCells | None, cut_open: bool) -> LitScene:
    surfaces = tissue_view.surfaces(run, genes, drawing)
    if cut_open:
        plane = view.plane(run)
        surfaces = [clipped(surface, plane.centre, plane.azimuth, plane.tilt) for surface in surfaces]
    values = cells.get("values") if cells else None
    colours = None if values is None else paint(values, colour_range(values))
    return LitScene(tuple(surfaces), tissue_view.outline(run, drawing), cells["xyz"] if cells else None, colours,
                    drawing.stretch, drawing.camera)


def _picture(run: Run, scene: LitScene, shown: bool) -> None:
    """The scene as a PNG, on the page where it is `shown`, and to take away; or why there is none."""
    made, reason = stpyvista_view.lit_picture(scene)
    if made is None:
        st.warning(f"The surfaces could not be drawn. {reason}", icon=":material/info:")
        return
    if shown:
        st.image(made)
        st.html(stpyvista_view.legend(scene))
    st.download_button("Picture (.png)", made, f"{run.id}_surfaces.png", "image/png", icon=":material/download:",
                       on_click="ignore", key="lit_png")
