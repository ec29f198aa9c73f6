"""The focus of a gradient: typed, a hot spot of a gene, a clump of annotated cells, or a surface."""

import streamlit as st

from ui.gradients import cache as gradient_cache
from ui.open_run import cache
from ui.open_run import niches as niches_data
from ui.open_run.crosshair import PLACE, go_to, middle
from ui.shell import state, widgets

KINDS = {"depth": "Depth: along the stack", "radial": "Radial: from an axis", "spherical": "Spherical: from a point",
         "surface": "Surface: from an isosurface"}
WORDS = {
    "depth": "Mean expression against depth, of the cells within the radius around the focus in x and y.",
    "radial": "Mean expression against the distance from an axis through the focus.",
    "spherical": "Mean expression against the distance from the focus, up to the radius.",
    "surface": "Mean expression against the distance from an isosurface of a gene, below 0 within it.",
}
WAYS = {"typed": "Typed", "hot": "Hot spot", "clump": "Annotation"}
AXES = {"depth": (0.0, 0.0, 1.0), "x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "any": None}


def controls(run, genes):
    """Kind of profile and focus: (kind, centre, axis, radius), see gradient_cache."""
    kind = st.selectbox("Profile", list(KINDS), format_func=KINDS.get,
                        **state.control("kind", "depth", _one_of(KINDS, "depth")))
    st.caption(WORDS[kind])
    axis = None
    if kind == "surface":
        centre = _surface(run, genes)
    else:
        centre = _place(run, genes)
        axis = _axis() if kind == "radial" else None
    radius = st.number_input("Radius (µm)", min_value=1.0, value=None, format="%.5g", placeholder="all cells",
                             help="Cells farther away are left out. Empty takes all.",
                             **state.control("radius", None, lambda value: max(value, 1.0) if value else None))
    return kind, centre, axis, radius


def _place(run, genes):
    """(x, y, depth) um; hot spots and clumps fill the three boxes."""
    way = st.segmented_control("Focus", list(WAYS), format_func=WAYS.get, required=True, width="stretch",
                               help="Clicking a cell on the map below, or a place in the Explorer, sets it too.",
                               **state.control("focus_by", "typed", _one_of(WAYS, "typed")))
    foci = {"hot": lambda: _hot_spots(run, genes[0]), "clump": lambda: _clumps(run), "typed": lambda: ()}[way]()
    if widgets.changed("focus_way", way) and len(foci):
        go_to(foci, [0])
    low, high = run.extent_um
    boxes = st.columns(3, gap="small")
    return tuple(box.number_input(f"{axis} (µm)", float(a), float(b), format="%.5g",
                                  **state.control(f"c{axis}", middle, _between(a, b)))
                 for box, axis, a, b, middle in zip(boxes, PLACE, low, high, middle(run), strict=True))


def _hot_spots(run, gene):
    spots = gradient_cache.hot_spots(run, gene)
    if spots.empty:
        st.caption(f"{widgets.plain(gene)} has no hot spot.")
        return ()
    _table(spots[[*PLACE, "value", "radius_um"]], f"hot_{gene}",
           {"value": st.column_config.NumberColumn("log1p", format="%.1f", width=46),
            "radius_um": st.column_config.NumberColumn("half", format="%.0f", width=42,
                                                       help="Distance (µm) at which it has fallen half way to the "
                                                            "tissue's median.")})
    st.caption(f"Peaks of **{widgets.plain(gene)}**, *predicted*, highest first; click a row to go there.")
    return spots


def _clumps(run):
    known = gradient_cache.annotations(run)
    if not known:
        st.caption("The cells of this run have no annotation.")
        return ()
    column, value = annotation(known, "")
    clumps = gradient_cache.clumps(run, column, value)
    number = st.column_config.NumberColumn
    _table(clumps[[*PLACE, "cells", "radius_um"]], f"clump_{column}_{value}",
           {"cells": number("cells", format="%.0f", width=46),
            "radius_um": number("radius", format="%.0f", width=46, help="µm")})
    st.caption("Centres of the clumps that these *measured* cells form, largest first; click a row to go there.")
    return clumps


def annotation(known, suffix):
    """Choose an annotation and one of its values."""
    first, second = st.columns(2, gap="small")
    column = first.selectbox("Annotation", list(known),
                             **state.control(f"note{suffix}", next(iter(known)), _one_of(known, next(iter(known)))))
    values = known[column]
    return column, second.selectbox("Value", values, **state.control(f"note_value{suffix}", values[0],
                                                                    _one_of(values, values[0])))


def _table(foci, name, columns):
    """A table of foci; a click on a row goes there."""
    key = state.key_here(name)
    places = {axis: st.column_config.NumberColumn(axis, format="%.0f", width=42) for axis in PLACE}
    st.dataframe(foci, hide_index=True, height=min(38 + 35 * len(foci), 250), column_config=places | columns, key=key,
                 on_select=lambda: go_to(foci, state.get(key)["selection"]["rows"]), selection_mode="single-row")


def _axis():
    """Direction of the axis of a radial profile."""
    name = st.segmented_control("Axis along", list(AXES), required=True,
                                **state.control("axis", "depth", _one_of(AXES, "depth")))
    if name != "any":
        return AXES[name]
    boxes = st.columns(3, gap="small")
    return tuple(box.number_input(f"axis {axis}", -1.0, 1.0, step=0.1, format="%.3g",
                                  **state.control(f"a{axis}", default, _between(-1.0, 1.0)))
                 for box, axis, default in zip(boxes, PLACE, (0.0, 0.0, 1.0), strict=True))


def _surface(run, genes):
    """(gene, level) of the isosurface, or (niche, when it was found)."""
    niches = niches_data.names(run)
    names = [*niches, *run.genes]
    gene = st.selectbox("Isosurface of" if not niches else "Isosurface or niche", names,
                        **state.control("surface", genes[0], _one_of(names, genes[0])))
    if gene in niches:
        return gene, niches_data.stamp(run)
    levels = cache.levels(run, gene)
    percentile = st.select_slider("Level", list(levels), format_func=lambda p: f"{levels[p]:.2f} log1p · {p} %",
                                  help="Predicted expression, and the share of the tissue below it.",
                                  **state.control("surface_level", cache.OPENING_LEVEL,
                                                  _one_of(levels, cache.OPENING_LEVEL)))
    return gene, levels[percentile]


def _between(low, high):
    return lambda value: float(min(max(value, low), high))


def _one_of(names, default):
    return lambda name: name if name in names else default
