"""Surfaces with light and shadow: to turn in the browser, or as a picture made by the server."""

import streamlit as st

from isost_core.figures.colours import colour_range, paint
from isost_core.figures.lit_scene import LitScene
from isost_core.reconstruction.isosurfaces import clipped
from ui.explorer import stpyvista_view, tissue_view, view
from ui.shell import state


def lit(run, genes):
    """Surfaces with light and shadow, drawn by pyvista in a process of its own."""
    picture, panel = st.columns([5, 2], gap="medium")
    with panel:
        wanted = _controls(run, genes)
    with picture:
        scene, cells = _scene(run, genes, wanted)
        stpyvista_view.show_lit_scene(scene, key="lit_scene", height=540,
                              fallback=lambda: tissue_view.quick_picture(scene.surfaces, scene.tissue, cells, wanted))
        st.caption("**Predicted** surfaces with light and shadow; made in a few seconds, turned with the mouse.")
        if st.button("Make a picture (.png)", icon=":material/image:", key="make_lit_picture"):
            _picture(run, scene, shown=False)


def still(run, genes):
    """A picture of the lit surfaces, made by the server: for a browser that draws no 3D graphics."""
    picture, panel = st.columns([5, 2], gap="medium")
    with panel:
        wanted = _controls(run, genes)
    with picture:
        _picture(run, _scene(run, genes, wanted)[0], shown=True)


def _controls(run, genes):
    return tissue_view.controls(run, genes) | {"clip": st.toggle(
        "Cut open at the plane", help="Leaves out what lies in front of the plane of the live view.",
        **state.control("clip", False))}


def _scene(run, genes, wanted):
    """(scene.LitScene, measured cells or None)."""

    shown, outline = tissue_view.surfaces(run, genes, wanted)
    if wanted["clip"]:
        shown = [clipped(surface, *view.plane(run)) for surface in shown]
    cells = tissue_view.points(run, genes, wanted)
    colours = paint(cells["values"], colour_range(cells["values"])) if cells and "values" in cells else None
    return LitScene(tuple(shown), outline, cells["xyz"] if cells else None, colours, wanted["stretch"],
                    wanted["camera"]), cells


def _picture(run, scene, shown):
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
