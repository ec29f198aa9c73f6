"""The 3D picture of the server: controls beside it, isosurfaces, outline and measured cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from isost_core.figures.colours import gene_colours
from isost_core.figures.surfaces import ColouredSurface
from isost_core.figures.tissue import MeasuredCells, tissue_3d
from isost_core.figures.uncertainty import UncertaintyView
from isost_core.runs.run import Run
from ui.explorer import view
from ui.open_run import cached_run, uncertainty
from ui.shell import state, way_up, widgets
from ui.stack import measured_cells

CAMERAS = {"oblique": "Oblique", "top": "From above", "front": "Front", "side": "Side"}
CELLS = {"off": "none", "grey": "grey", "gene": "by gene"}
CELLS_HELP = "The {noun}s of the measured sections as points. They are grey or coloured by the first gene."
SHOWS = "surfaces are grey at a resolved share of 0 and have the gene's colour at 1."
HIDES = "surfaces are cut away where the resolved share is low."
LEVEL_HELP = "Expression (log1p) at the surface. The share of the tissue below this value is in brackets."



@dataclass(frozen=True)
class Drawing:
    """What is drawn: level (log1p) and colour of each gene's surface, what else, from where, and how uncertainty is."""

    levels: Mapping[str, float]
    colours: Mapping[str, str]
    opacity: float
    uncertainty: UncertaintyView
    cells: str
    outlined: bool
    stretch: float
    camera: str


def controls(run: Run, genes: Sequence[str]) -> Drawing:
    """The column beside the picture."""
    colours = gene_colours(genes)
    levels = {gene: level_slider(run, gene) for gene in genes}
    opacity = st.slider("Opacity", 0.1, 1.0, step=0.05, **state.control("opacity", 0.85))
    shown_uncertainty = uncertainty.control(run, SHOWS, HIDES, threshold_for=("hide",))
    uncertainty.regions(run, genes, shown_uncertainty)
    cells = st.segmented_control(f"{run.noun.capitalize()}s in 3D", list(CELLS), format_func=CELLS.__getitem__,
                                 required=True, help=CELLS_HELP.format(noun=run.noun),
                                 **state.control("cells", "off", state.one_of(CELLS, "off")))
    outlined = st.toggle("Outline of the tissue", **state.control("outline", True))
    stretch = st.slider("Depth ×", 1.0, 10.0, step=0.5, format="%.1f×",
                        help="1× is true to scale. A higher value stretches thin stacks. The numbers on the axis stay "
                             "true.", **state.control("stretch", view.stretch(run), _times))
    camera = st.selectbox("View from", list(CAMERAS), format_func=CAMERAS.__getitem__,
                          **state.control("camera", "oblique", state.one_of(CAMERAS, "oblique")))
    return Drawing(levels, colours, opacity, shown_uncertainty, cells, outlined, stretch, camera)


def level_slider(run: Run, gene: str) -> float:
    """Level of one isosurface, in the gene's own units with the share of the tissue below it."""
    levels = cached_run.levels(run, gene)

    def words(percentile: int) -> str:
        return f"{levels[percentile]:.2f} ({percentile} %)"

    def fit(percentile: float) -> int:
        return min(levels, key=lambda other: abs(other - percentile))

    label = f"Level of **{widgets.plain(gene)}**"
    return levels[st.select_slider(label, list(levels), format_func=words, help=LEVEL_HELP,
                                   **state.control(f"level.{gene}", cached_run.opening_percentile(run, gene), fit))]


def _times(value: float) -> float:
    return min(max(round(2 * value) / 2, 1.0), 10.0)


def surfaces(run: Run, genes: Sequence[str], drawing: Drawing) -> list[ColouredSurface]:
    """The isosurface of each gene, as the scene and the figure take it."""
    made = []
    for gene in genes:
        level = drawing.levels[gene]
        vertices, faces = cached_run.isosurface(run, gene, level, drawing.uncertainty.hidden_below)
        known = cached_run.known_on(run, gene, level) if drawing.uncertainty.mode == "show" and len(faces) else None
        made.append(ColouredSurface(gene, vertices, faces, level, known, colour=drawing.colours[gene],
                                    opacity=drawing.opacity))
    return made


def outline(run: Run, drawing: Drawing) -> ColouredSurface | None:
    """The outline of the tissue, where it is drawn."""
    return ColouredSurface("tissue", *cached_run.outline(run), opacity=0.12) if drawing.outlined else None


def measured(run: Run, genes: Sequence[str], drawing: Drawing) -> MeasuredCells | None:
    """Measured cells as points, where they are drawn."""
    if drawing.cells == "off":
        return None
    return measured_cells.cloud(run, genes[0] if drawing.cells == "gene" else None)


def quick_picture(shown: Sequence[ColouredSurface], tissue: ColouredSurface | None, cells: MeasuredCells | None,
                  drawing: Drawing, height: int) -> None:
    """The surfaces without light and shadow, drawn by plotly."""
    figure = tissue_3d(shown, tissue, cells, drawing.stretch, drawing.camera, height=height)
    st.plotly_chart(way_up.drawn(figure), theme=None, key="tissue_3d")


def empty_levels(shown: Sequence[ColouredSurface], shown_uncertainty: UncertaintyView) -> None:
    """Say which isosurfaces have nothing in them."""
    nothing = ", ".join(widgets.plain(surface.name) for surface in shown if not len(surface.faces))
    if nothing and shown_uncertainty.mode == "hide":
        st.caption(f"{nothing} has no surface left at this level. Choose a lower level or a lower resolved share.")
    elif nothing:
        st.caption(f"No place in the tissue reaches this level of {nothing}. Choose a lower level.")
