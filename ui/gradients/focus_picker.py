"""The focus of a gradient: typed, a hot spot of a gene, a clump of annotated cells, or a surface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import streamlit as st

from isost_core.runs.run import Run
from ui.gradients import cached_profiles
from ui.gradients.focus_choice import AnnotatedCells, FocusChoice, GeneSurface, NicheBorder, Vector
from ui.open_run import cached_run
from ui.open_run.crosshair import PLACE, go_to, middle
from ui.open_run.shown import Shown
from ui.shell import state, widgets

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"depth": "Depth: along the stack", "radial": "Radial: from an axis", "spherical": "Spherical: from a point",
         "surface": "Surface: from an isosurface"}
WORDS = {
    "depth": "Mean expression at each depth. Only cells within the radius around the focus count.",
    "radial": "Mean expression at each distance from an axis through the focus.",
    "spherical": "Mean expression at each distance from the focus, up to the radius.",
    "surface": "Mean expression at each distance from an isosurface of a gene. Distances inside it are negative.",
}
WAYS = {"typed": "Typed", "hot": "Hot spot", "clump": "Annotation"}
AXES: dict[str, Vector | None] = {"depth": (0.0, 0.0, 1.0), "x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "any": None}


def controls(shown: Shown) -> FocusChoice:
    """Kind of profile, focus, axis and radius."""
    kind = st.selectbox("Profile", list(KINDS), format_func=KINDS.__getitem__,
                        **state.control("kind", "depth", state.one_of(KINDS, "depth")))
    st.caption(WORDS[kind])
    centre = _surface(shown) if kind == "surface" else _place(shown.run, shown.genes[0])
    axis = _axis() if kind == "radial" else None
    radius = st.number_input("Radius (µm)", min_value=1.0, value=None, format="%.5g", placeholder="all cells",
                             help="Cells farther away are left out. Leave this empty to use all cells.",
                             **state.control("radius", None, lambda value: max(value, 1.0) if value else None))
    return FocusChoice(kind, centre, axis, radius)


def _place(run: Run, gene: str) -> Vector:
    """(x, y, depth) µm; hot spots and clumps fill the three boxes."""
    way = st.segmented_control("Focus", list(WAYS), format_func=WAYS.__getitem__, required=True, width="stretch",
                               help="You can also click a cell on the map below, or a place in the Explorer.",
                               **state.control("focus_by", "typed", state.one_of(WAYS, "typed")))
    foci = {"hot": lambda: _hot_spots(run, gene), "clump": lambda: _clumps(run), "typed": lambda: None}[way]()
    if widgets.changed("focus_way", way) and foci is not None:
        go_to(foci, [0])
    low, high = run.extent_um
    boxes = st.columns(3, gap="small")
    place = tuple(box.number_input(f"{axis} (µm)", float(a), float(b), format="%.5g",
                                   **state.control(f"c{axis}", at, state.between(a, b)))
                  for box, axis, a, b, at in zip(boxes, PLACE, low, high, middle(run), strict=True))
    return cast(Vector, place)


def _hot_spots(run: Run, gene: str) -> pd.DataFrame | None:
    spots = cached_profiles.hot_spots(run, gene)
    if spots.empty:
        st.caption(f"{widgets.plain(gene)} has no hot spot.")
        return None
    number = st.column_config.NumberColumn
    _foci_table(spots, f"hot_{gene}", {
        "value": number("log1p", format="%.1f", width=46),
        "radius_um": number("half", format="%.0f", width=42,
                            help="Distance (µm) at which expression has fallen half way to the median of the "
                                 "tissue.")})
    st.caption(f"Peaks of **{widgets.plain(gene)}**, *predicted*, highest first. Click a row to go there.")
    return spots


def _clumps(run: Run) -> pd.DataFrame | None:
    annotations = cached_profiles.annotation_values(run)
    if not annotations:
        st.caption("The cells of this run have no annotation.")
        return None
    cells = annotated_cells(annotations, "")
    clumps = cached_profiles.clumps(run, cells)
    number = st.column_config.NumberColumn
    _foci_table(clumps, f"clump_{cells.column}_{cells.value}", {
        "cells": number("cells", format="%.0f", width=46),
        "radius_um": number("radius", format="%.0f", width=46, help="µm")})
    st.caption("Centres of the clumps that these *measured* cells form, largest first. Click a row to go there.")
    return None if clumps.empty else clumps


def annotated_cells(annotations: Mapping[str, Sequence[str]], suffix: str) -> AnnotatedCells:
    """Choose an annotation and one of its values; `suffix` tells several such choices in the view apart."""
    first, second = st.columns(2, gap="small")
    usual = next(iter(annotations))
    column = first.selectbox("Annotation", list(annotations),
                             **state.control(f"note{suffix}", usual, state.one_of(annotations, usual)))
    values = annotations[column]
    value = second.selectbox("Value", values, **state.control(f"note_value{suffix}", values[0],
                                                              state.one_of(values, values[0])))
    return AnnotatedCells(column, value)


def _foci_table(foci: pd.DataFrame, name: str, columns: dict[str, Any]) -> None:
    """A table of foci, their place and these columns; a click on a row goes there."""
    key = state.key_here(name)
    places = {axis: st.column_config.NumberColumn(axis, format="%.0f", width=42) for axis in PLACE}
    st.dataframe(foci[[*PLACE, *columns]], hide_index=True, height=min(38 + 35 * len(foci), 250),
                 column_config=places | columns, key=key, selection_mode="single-row",
                 on_select=lambda: go_to(foci, state.get(key)["selection"]["rows"]))


def _axis() -> Vector | None:
    """Direction of the axis of a radial profile."""
    name = st.segmented_control("Axis along", list(AXES), required=True,
                                **state.control("axis", "depth", state.one_of(AXES, "depth")))
    if name != "any":
        return AXES[name]
    boxes = st.columns(3, gap="small")
    axis = tuple(box.number_input(f"axis {axis}", -1.0, 1.0, step=0.1, format="%.3g",
                                  **state.control(f"a{axis}", default, state.between(-1.0, 1.0)))
                 for box, axis, default in zip(boxes, PLACE, (0.0, 0.0, 1.0), strict=True))
    return cast(Vector, axis)


def _surface(shown: Shown) -> GeneSurface | NicheBorder:
    """An isosurface of a gene, or the border of a niche."""
    niches = shown.niches.names if shown.niches else []
    names = [*niches, *shown.run.genes]
    name = st.selectbox("Isosurface of" if not niches else "Isosurface or niche", names,
                        **state.control("surface", shown.genes[0], state.one_of(names, shown.genes[0])))
    number = shown.niche_number(name)
    if shown.niches and number is not None:
        return NicheBorder(number, shown.niches.folder.name)
    levels = cached_run.levels(shown.run, name)
    opening = cached_run.opening_percentile(shown.run, name)
    percentile = st.select_slider("Level", list(levels), format_func=lambda p: f"{levels[p]:.2f} log1p · {p} %",
                                  help="Predicted expression at the surface, and the share of the tissue below this "
                                       "value.",
                                  **state.control("surface_level", opening, state.one_of(levels, opening)))
    return GeneSurface(name, levels[percentile])
