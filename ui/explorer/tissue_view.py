"""The 3D picture: controls beside it, isosurfaces, outline and measured cells for all ways to draw them."""

import streamlit as st

from isost_core.figures.colours import gene_colours
from isost_core.figures.surfaces import ColouredSurface
from isost_core.figures.tissue import tissue_3d
from ui.open_run import cache, uncertainty
from ui.shell import state, widgets
from ui.stack import measured_cells

CAMERAS = {"oblique": "Oblique", "top": "From above", "front": "Front", "side": "Side"}
CELLS = {"off": "none", "grey": "grey", "gene": "by gene"}
SHOWS = "surfaces run from grey, where nothing is known, to the gene's colour."
HIDES = "surfaces are cut away where less is known."
LEVEL_HELP = "Expression (log1p) at the surface and, in brackets, the share of the tissue that lies below it."


def controls(run, genes):
    """The column beside the picture; returns what to draw."""
    colours = gene_colours(genes)
    levels = {gene: level_slider(run, gene, colours[gene]) for gene in genes}
    opacity = st.slider("Opacity", 0.1, 1.0, step=0.05, **state.control("opacity", 0.85))
    doubts = uncertainty.control(run, SHOWS, HIDES, threshold_for=("hide",))
    uncertainty.regions(run, genes, doubts)
    cells = st.segmented_control("Cells in 3D", list(CELLS), format_func=CELLS.get, required=True,
                                 help="The cells of the measured sections, as points: grey, or coloured by the first "
                                      "gene.", **state.control("cells", "off", _known_cells))
    outline = st.toggle("Outline of the tissue", **state.control("outline", True))
    stretch = st.slider("Depth ×", 1.0, 10.0, step=0.5, format="%.1f×", **state.control("stretch", 1.0, _times),
                        help="1× is true to scale. More pulls thin stacks apart; the axis keeps true µm.")
    camera = st.selectbox("View from", list(CAMERAS), format_func=CAMERAS.get,
                          **state.control("camera", "oblique", lambda name: name if name in CAMERAS else "oblique"))
    return {"levels": levels, "opacity": opacity, "cells": cells, "outline": outline, "stretch": stretch,
            "camera": camera, "colours": colours, "doubt": doubts}


def level_slider(run, gene, colour):
    """Level of one isosurface, in the gene's own units with the share of the tissue below it."""
    known = cache.levels(run, gene)

    def words(percentile):
        return f"{known[percentile]:.2f} ({percentile} %)"

    def fit(percentile):
        return min(known, key=lambda other: abs(other - percentile))

    label = f"Level of **{widgets.plain(gene)}**"
    return known[st.select_slider(label, list(known), format_func=words, help=LEVEL_HELP,
                                  **state.control(f"level.{gene}", cache.OPENING_LEVEL, fit))]


def surfaces(run, genes, wanted):
    """(isosurfaces, outline or None) as the scene and the figure take them."""
    shown = []
    for gene in genes:
        level = wanted["levels"][gene]
        vertices, faces = cache.isosurface(run, gene, level, wanted["doubt"].hidden_below)
        known = cache.known_on(run, gene, level) if wanted["doubt"].mode == "show" and len(faces) else None
        shown.append(ColouredSurface(gene, vertices, faces, level, known, colour=wanted["colours"][gene],
                                     opacity=wanted["opacity"]))
    outline = ColouredSurface("tissue", *cache.outline(run), opacity=0.12) if wanted["outline"] else None
    return shown, outline


def points(run, genes, wanted):
    """Measured cells as points, or None."""
    if wanted["cells"] == "off":
        return None
    return measured_cells.cloud(run, genes[0] if wanted["cells"] == "gene" else None)


def empty_levels(shown, doubts):
    """Say which isosurfaces have nothing in them."""
    nothing = ", ".join(widgets.plain(surface.name) for surface in shown if not len(surface.faces))
    if nothing and doubts.mode == "hide":
        st.caption(f"Of {nothing} nothing is left: choose a lower level, or a lower known share.")
    elif nothing:
        st.caption(f"No tissue reaches the level of {nothing}: choose a lower one.")


def _known_cells(name):
    return name if name in CELLS else "off"


def _times(value):
    return min(max(round(2 * value) / 2, 1.0), 10.0)


def show(run, genes):
    """Surfaces drawn by plotly from triangles of the server, with their controls."""
    picture, panel = st.columns([5, 2], gap="medium")
    with panel:
        wanted = controls(run, genes)
    with picture:
        quick(run, genes, wanted)


def quick(run, genes, wanted):
    from isost_core.export import figure_data

    shown, outline = surfaces(run, genes, wanted)
    quick_picture(shown, outline, points(run, genes, wanted), wanted)
    empty_levels(shown, wanted["doubt"])
    st.caption("Surfaces are **predicted** expression; points are **measured** cells. Drag to turn, scroll to "
               "zoom, drag with the right button to move.")
    st.download_button("Triangles of these surfaces (.csv)", lambda: figure_data.mesh_table(shown).to_csv(index=False),
                       f"{run.id}_surfaces.csv", "text/csv", icon=":material/table:", on_click="ignore")


def quick_picture(shown, outline, cells, wanted):
    figure = tissue_3d(shown, outline, cells, wanted["stretch"], wanted["camera"], height=540)
    st.plotly_chart(figure, theme=None, key="tissue_3d")
