"""The focus of a gradient: coordinates, a hot spot of a gene, a clump of annotated cells, or a surface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import streamlit as st

from isost_core.runs.run import Run
from ui.gradients import cached_profiles
from ui.gradients.focus_choice import AnnotatedCells, FocusChoice, GeneSurface, NicheBorder, Vector
from ui.open_run import cached_run
from ui.open_run.crosshair import PLACE, go_to, start
from ui.open_run.shown import Shown
from ui.shell import layout, state, widgets
from ui.shell.number_box import number_box

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"depth": "Depth: along the stack", "radial": "Radial: from an axis", "spherical": "Spherical: from a point",
         "surface": "Surface: from an isosurface"}
WORDS = """Mean expression...

**Depth**: at each depth. Only what lies within the radius around the focus counts.

**Radial**: at each distance from an axis through the focus, up to the radius.

**Spherical**: at each distance from the focus, up to the radius.

**Surface**: at each distance from an isosurface of a gene, up to the radius. Distances inside it are negative."""
PART = 4  # of the tissue's width, the radius unless chosen otherwise
RADIUS_HELP = ("What is farther away is left out. It begins at a quarter of the tissue's width. Leave this empty to "
               "use everything.")
WAYS = {"typed": "Coordinates", "hot": "Hot spot", "clump": "Annotation"}
AXES: dict[str, Vector | None] = {"depth": (0.0, 0.0, 1.0), "x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "any": None}


def controls(shown: Shown) -> FocusChoice:
    """Kind of profile, focus, axis and radius."""
    kind = st.selectbox("Profile", list(KINDS), format_func=KINDS.__getitem__, help=WORDS,
                        **state.control("kind", "depth", state.one_of(KINDS, "depth")))
    centre = _surface(shown) if kind == "surface" else _place(shown.run, shown.genes[0])
    axis = _axis() if kind == "radial" else None
    return FocusChoice(kind, centre, axis)


def radius_box(run: Run, kind: str) -> float | None:
    """How far from the focus a profile goes, µm; None takes everything. Says where the focus then changes nothing."""
    radius = number_box("Radius (µm)", "radius", usual_radius(run), 1.0, empty=f"all {run.noun}s", help=RADIUS_HELP)
    if kind == "depth" and radius is None:
        st.caption(f"All {run.noun}s count, so the focus is not used.")
    return radius


def usual_radius(run: Run) -> float:
    """A quarter of the tissue's width, µm."""
    low, high = run.extent_um
    return float(f"{min(high[0] - low[0], high[1] - low[1]) / PART:.2g}")


def _place(run: Run, gene: str) -> Vector:
    """(x, y, depth) µm; hot spots and clumps fill the three boxes."""
    way = st.segmented_control("Focus", list(WAYS), format_func=WAYS.__getitem__, required=True, wrap=True,
                               help="You can also click a place on the map below, or in the Explorer.",
                               **state.control("focus_by", "typed", state.one_of(WAYS, "typed")))
    foci = {"hot": lambda: _hot_spots(run, gene), "clump": lambda: _clumps(run), "typed": lambda: None}[way]()
    if widgets.changed("focus_way", way) and foci is not None:
        go_to(foci, [0])
    low, high = run.extent_um
    boxes = layout.columns([1, 1, 1], 5, "place")
    place = []
    for box, axis, a, b, at in zip(boxes, PLACE, low, high, start(run), strict=True):
        with box:
            place.append(number_box(f"{axis} (µm)", f"c{axis}", at, float(a), float(b), decimals=1))
    return cast(Vector, tuple(place))


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
    st.caption("Peaks, *predicted*. Click a row to go there.")
    return spots


def _clumps(run: Run) -> pd.DataFrame | None:
    annotations = cached_profiles.annotation_values(run)
    if not annotations:
        st.caption(f"The {run.noun}s of this run have no annotation.")
        return None
    cells = annotated_cells(annotations, "")
    clumps = cached_profiles.clumps(run, cells)
    number = st.column_config.NumberColumn
    _foci_table(clumps, f"clump_{cells.column}_{cells.value}", {
        "cells": number(f"{run.noun}s", format="%.0f", width=46),
        "radius_um": number("radius", format="%.0f", width=46, help="µm")})
    st.caption("Clumps, *measured*. Click a row to go there.")
    return None if clumps.empty else clumps


def annotated_cells(annotations: Mapping[str, Sequence[str]], suffix: str) -> AnnotatedCells:
    """Choose an annotation and one of its values; `suffix` tells several such choices in the view apart."""
    first, second = layout.columns([1, 1], 9, f"annotation{suffix}")
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
    shown = widgets.rounded(foci, dict.fromkeys(PLACE, 0))
    st.dataframe(shown[[*PLACE, *columns]], hide_index=True, height=min(38 + 35 * len(foci), 145),
                 column_config=places | columns, key=key, selection_mode="single-row",
                 on_select=lambda: go_to(foci, state.get(key)["selection"]["rows"]))


def _axis() -> Vector | None:
    """Direction of the axis of a radial profile."""
    name = st.segmented_control("Axis along", list(AXES), required=True,
                                **state.control("axis", "depth", state.one_of(AXES, "depth")))
    if name != "any":
        return AXES[name]
    boxes = layout.columns([1, 1, 1], 5, "direction")
    direction = []
    for box, axis, default in zip(boxes, PLACE, (0.0, 0.0, 1.0), strict=True):
        with box:
            direction.append(number_box(f"axis {axis}", f"a{axis}", default, -1.0, 1.0))
    return cast(Vector, tuple(direction))


def _surface(shown: Shown) -> GeneSurface | NicheBorder:
    """An isosurface of a gene, or the border of a niche."""
    st.caption("Distances are measured from a surface. This profile has no focus.")
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
