"""The virtual slice: angle, place and size of the plane, and the nearest measured section beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import streamlit as st

from isost_core.export.figure_data import section_table, slice_table
from isost_core.figures.colours import COLOUR_MAPS
from isost_core.figures.histology import put_behind
from isost_core.figures.sections import section_points
from isost_core.figures.slices import slice_image
from isost_core.figures.uncertainty import OFF, UncertaintyView
from isost_core.reconstruction.slices import along_normal, oblique, square_size
from isost_core.runs.run import Run
from isost_core.sections.noun import called
from ui.explorer import histology, view
from ui.explorer.view import Plane
from ui.open_run import cached_run, uncertainty
from ui.open_run.crosshair import PLACE
from ui.shell import state, way_up, widgets
from ui.shell.downloads import csv_button, file_name
from ui.shell.number_box import number_box
from ui.stack import measured_cells
from ui.stack.histology import backdrops

LAYERS = {"hatched": "Hatched", "known": "Resolved share", "sd": "sd of a cell"}
SHOWS = ("places with a low resolved share are hatched. You can also colour the slice by the resolved share (0 to 1) "
         "or by the standard deviation of the value of one cell (log1p).")
HIDES = "places with a low resolved share are left dark, like places outside the tissue."


@dataclass(frozen=True)
class Angles:
    """Azimuth, tilt and turn in the plane in degrees, and how far it is moved along its normal."""

    azimuth: float
    tilt: float
    spin: float
    offset_um: float


@dataclass(frozen=True)
class Look:
    """What is drawn of a slice: 'values', 'known' or 'sd', how uncertainty is, the colours and what they span."""

    layer: str
    uncertainty: UncertaintyView
    colours: str
    limits: tuple[float, float]


def show(run: Run, genes: Sequence[str]) -> None:
    """A slice drawn by the server, beside the nearest measured section, with its controls."""
    gene = genes[0]
    with widgets.shows_input_errors("This slice can't be made"):
        angles = _angles(run)
        shown = st.container()
        look = _look(run, gene)
        opacity = histology.opacity(run)
        plane = _plane(run, angles)
        with shown:
            _pictures(run, gene, plane, look, opacity)
        if len(genes) > 1:
            st.caption(f"A plain slice shows only the first gene, {widgets.plain(gene)}.")


def _angles(run: Run) -> Angles:
    """The row of sliders."""
    opening = view.opening(run)
    azimuth_box, tilt_box, spin_box, offset_box = st.columns(4, gap="medium")
    azimuth = azimuth_box.slider("Azimuth", 0.0, 360.0, step=1.0, format="%.0f°",
                                 help="The direction in which the plane leans.",
                                 **state.control("azimuth", opening["azimuth"], state.between(0, 360)))
    tilt = tilt_box.slider("Tilt", 0.0, 180.0, step=1.0, format="%.0f°",
                           help="0° lies flat, like a measured section. 90° cuts along depth.",
                           **state.control("tilt", opening["tilt"], state.between(0, 180)))
    spin = spin_box.slider("Turn", 0.0, 360.0, step=1.0, format="%.0f°", help="Turns the picture in its plane.",
                           **state.control("spin", opening["spin"], state.between(0, 360)))
    reach = round(math.dist(*run.extent_um) / 2, 1)
    offset = offset_box.slider("Offset (µm)", -reach, reach, step=_step(reach), format="%.6g",
                               help="How far the plane is from the centre, along its own direction.",
                               **state.control("offset", 0.0, state.between(-reach, reach)))
    return Angles(azimuth, tilt, spin, offset)


def _plane(run: Run, angles: Angles) -> Plane:
    """The plane: the point it turns around, which can be chosen, moved by the offset along the plane's normal."""
    low, high = run.extent_um
    opening = view.opening(run)
    with st.expander("Centre of the plane", icon=":material/my_location:"):
        centre = []
        for box, axis, a, b in zip(st.columns(3), PLACE, low, high, strict=True):
            with box:
                centre.append(cast(float, number_box(f"{axis} (µm)", f"c{axis}", opening[f"c{axis}"], a, b)))
    x, y, depth = along_normal(centre, angles.azimuth, angles.tilt, angles.offset_um)
    return Plane((x, y, depth), angles.azimuth, angles.tilt, angles.spin)


def _look(run: Run, gene: str) -> Look:
    """Colour map, colour range and what is shown; the range is that of the predicted tissue by default."""
    low, high = cached_run.colour_limits(run, gene)
    top = round(max(high, float(measured_cells.expression(run.sections, gene).max())), 3)
    bottom = min(low, 0.0)
    layer, shown_uncertainty = _uncertainty(run)
    uncertainty.regions(run, [gene], shown_uncertainty)
    colours, limits = st.columns([2, 5], gap="medium", vertical_alignment="bottom")
    name = colours.selectbox("Colours", COLOUR_MAPS[:-1], **state.control(
        "colours", "viridis", state.one_of(COLOUR_MAPS[:-1], "viridis")))
    chosen = limits.slider("Colour range (log1p)", bottom, top, step=_step(top - bottom), disabled=layer != "values",
                           **state.control(f"range.{gene}", (low, high), lambda pair: _pair(pair, bottom, top)))
    return Look(layer, shown_uncertainty, name, chosen)


def _uncertainty(run: Run) -> tuple[str, UncertaintyView]:
    """Layer of the slice that is shown, and how uncertainty is."""
    left, middle, right = st.columns([2, 3, 2], gap="medium", vertical_alignment="bottom")
    with left:
        chosen = uncertainty.control(run, called(SHOWS, run.noun), HIDES, threshold_for=())
    shown_as = "hatched"
    if chosen.mode == "show":
        shown_as = middle.segmented_control("Shown as", list(LAYERS), required=True,
                                            format_func=lambda layer: called(LAYERS[layer], run.noun),
                                            **state.control("as", "hatched", state.one_of(LAYERS, "hatched")))
    if chosen.mode == "hide" or chosen.mode == "show" and shown_as == "hatched":
        with right:
            chosen = UncertaintyView(chosen.mode, uncertainty.threshold())
    return "values" if shown_as == "hatched" else shown_as, chosen


def _pictures(run: Run, gene: str, plane: Plane, look: Look, opacity: float) -> None:
    """Predicted slice on the left, nearest measured section on the right, in one colour range, over its histology."""
    size_um = square_size(run.extent_um, plane.azimuth, plane.tilt, plane.spin)
    slice_ = oblique(run, gene, plane.centre, plane.azimuth, plane.tilt, size_um, turn=plane.spin)
    number = min(range(len(run.sections.names)), key=lambda k: abs(run.sections.depths[k] - plane.centre[2]))
    name, depth, xy, values = measured_cells.section(run.sections, number, gene)
    left, right = st.columns(2, gap="small")
    spans = [(c - size_um / 2, c + size_um / 2) for c in plane.centre[:2]]
    with left:
        limits = look.limits if look.layer == "values" else None
        shown = look.uncertainty if look.layer == "values" else OFF
        picture = slice_image(slice_, look.colours, limits, look.layer, shown, height=440)
        st.plotly_chart(way_up.drawn(picture), theme=None, key="slice_image")
    with right:
        picture = section_points(xy, values, name, depth, gene=gene, colour_map=look.colours, limits=look.limits,
                                 height=440, spans=spans, svg=True)
        drawn = way_up.drawn(picture)
        if opacity:
            put_behind(drawn, [name], backdrops(cached_run.run_key(run), run.sections), way_up.is_down(), opacity)
        st.plotly_chart(drawn, theme=None, key="nearest_section")
    st.caption(f"The virtual slice on the left is **predicted**. Its centre is at depth {plane.centre[2]:,.0f} µm. The "
               f"section on the right is **measured**: {widgets.plain(name)}. It is the section nearest in depth, "
               f"{abs(depth - plane.centre[2]):,.0f} µm away.")
    with st.container(horizontal=True):
        csv_button("This slice", lambda: slice_table(slice_), file_name(run, f"{gene}_slice", ".csv"), key="csv_slice")
        way_up.toggle()
        csv_button("The measured section", lambda: section_table(xy, values, gene),
                   file_name(run, f"{gene}_section", ".csv"), key="csv_section")


def _pair(pair: tuple[float, float], low: float, high: float) -> tuple[float, float]:
    a, b = (min(max(value, low), high) for value in pair)
    return (a, b) if a < b else (low, high)


def _step(span: float) -> float:
    return float(f"{max(span, 1e-6) / 100:.0e}")
