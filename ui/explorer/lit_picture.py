"""Surfaces with light and shadow: to turn in a dialog, or as a picture made by the server."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from isost_core.figures.colours import colour_range, gene_colours, paint
from isost_core.figures.lit_scene import LitScene
from isost_core.figures.surfaces import ColouredSurface
from isost_core.figures.tissue import MeasuredCells
from isost_core.figures.uncertainty import UncertaintyView
from isost_core.reconstruction.isosurfaces import clipped, level_of_percentile
from isost_core.runs.run import Run
from ui.explorer import channels, stpyvista_view, tissue_view, view
from ui.explorer.tissue_view import Drawing
from ui.open_run import cached_run, kept_niches
from ui.open_run.shown import Shown
from ui.shell import state
from ui.shell.downloads import file_name

TITLE = "Picture with light and shadow"
# the box that the dialog was opened from
ALONE = '<style>[data-testid="stPopoverBody"] {opacity: 0 !important; pointer-events: none;}</style>'
HEIGHT = 440  # of the scene, px: the dialog fits a window of 800


@dataclass(frozen=True)
class Eye:
    """From where the viewer looks: turn and rise in degrees, and how near."""

    turn: float
    rise: float
    zoom: float


@st.dialog(TITLE, width="large")
def dialog(shown: Shown) -> None:
    """The surfaces of the view, seen from where the view looks, with light and shadow; and as a picture to take away.
    """
    cut_open = _cut_open()
    drawing, eye = _of_view(shown)
    genes = shown.genes
    cells = tissue_view.measured(shown.run, genes, drawing) if genes else None
    scene = _scene(shown.run, [*tissue_view.surfaces(shown.run, genes, drawing), *_niches(shown)], drawing, cells,
                   cut_open, eye)
    st.html(ALONE)
    stpyvista_view.show_lit_scene(
        scene, key="lit_scene", height=HEIGHT,
        fallback=lambda: tissue_view.quick_picture(scene.surfaces, scene.tissue, cells, drawing, HEIGHT))
    st.caption("**Predicted** surfaces, as in the view when you opened this. Turn them with the mouse. The picture is "
               "taken from where the view looks.")
    place = st.empty()
    if place.button("Make a picture (.png)", icon=":material/image:", key="make_lit_picture"):
        with place.container():  # what gives the picture takes the place of what made it
            _picture(shown.run, scene, shown=False)


def still(run: Run, genes: Sequence[str]) -> None:
    """A picture of the lit surfaces, made by the server: for a browser that draws no 3D graphics."""
    picture, panel = st.columns([5, 2], gap="medium")
    with panel:
        drawing, cut_open = tissue_view.controls(run, genes), _cut_open()
    with picture:
        cells = tissue_view.measured(run, genes, drawing)
        made = tissue_view.surfaces(run, genes, drawing)
        _picture(run, _scene(run, made, drawing, cells, cut_open), shown=True)
        tissue_view.empty_levels(made, drawing.uncertainty)


def _cut_open() -> bool:
    return st.toggle("Cut open at the plane", help="Hides everything in front of the plane of the view.",
                     **state.control("clip", False))


def _of_view(shown: Shown) -> tuple[Drawing, Eye]:
    """What the view in the browser draws, and from where."""
    now = view.current(shown)
    levels = {gene: float(level_of_percentile(cached_run.volume_of(shown.run, gene), gene, now["levels"].get(
        gene, channels.opening_level(shown, gene)))) for gene in shown.genes}
    drawing = Drawing(levels, gene_colours(shown.chosen), now["opacity"],
                      UncertaintyView(now["uncertainty"], now["least"] / 100), now["cells"], now["outline"],
                      now["stretch"], "oblique")
    return drawing, Eye(now["turn"], now["rise"], now["zoom"])


def surfaces(shown: Shown) -> list[ColouredSurface]:
    """The surfaces of the genes in the view."""
    return tissue_view.surfaces(shown.run, shown.genes, _of_view(shown)[0])


def _niches(shown: Shown) -> list[ColouredSurface]:
    """The surfaces of the niches among what is shown."""
    numbers = [shown.niche_number(name) for name in shown.chosen]
    return [kept_niches.surface(shown.run, shown.niches, number) for number in numbers
            if shown.niches and number is not None]


def _scene(run: Run, made: Sequence[ColouredSurface], drawing: Drawing, cells: MeasuredCells | None,
           cut_open: bool, eye: Eye | None = None) -> LitScene:
    if cut_open:
        plane = view.plane(run)
        made = [clipped(surface, plane.centre, plane.azimuth, plane.tilt) for surface in made]
    values = cells.get("values") if cells else None
    colours = None if values is None else paint(values, colour_range(np.asarray(values)))
    return LitScene(tuple(made), tissue_view.outline(run, drawing), cells["xyz"] if cells else None, colours,
                    drawing.stretch, drawing.camera,
                    eye=(eye.turn, eye.rise, eye.zoom) if eye else None, noun=run.noun)


def _picture(run: Run, scene: LitScene, shown: bool) -> None:
    """The scene as a PNG, on the page where it is `shown`, and to take away; or why there is none."""
    made, reason = stpyvista_view.lit_picture(scene)
    if made is None:
        st.warning(f"The surfaces could not be drawn. {reason}", icon=":material/info:")
        return
    if shown:
        st.image(made)
        st.html(stpyvista_view.legend(scene))
    st.download_button("Download the picture (.png)", made, file_name(run, "surfaces", ".png"), "image/png",
                       icon=":material/download:", on_click="ignore", key="lit_png", type="primary")
