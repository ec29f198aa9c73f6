"""The virtual slice: angle, place and size of the plane, and the nearest measured section beside it."""

import math

import streamlit as st

from isost_core.figures import sections
from isost_core.figures.colours import COLOUR_MAPS
from isost_core.reconstruction import slices
from isost_core.reconstruction.slices import moved, square_size
from ui.explorer import view
from ui.open_run import cache, uncertainty
from ui.shell import state, widgets
from ui.stack import measured_cells

LAYERS = {"hatched": "Hatched", "known": "Known share", "sd": "sd of a cell"}
SHOWS = ("places of which less is known are hatched, or the known share (of 1) or the standard deviation of one cell's "
         "value (log1p) takes the place of the expression.")
HIDES = "places of which less is known are left dark, like outside the tissue."


def show(run, genes):
    """A slice drawn by the server, beside the nearest measured section, with its controls."""
    gene = genes[0]
    with widgets.shows_input_errors("This slice can't be made"):
        angle = angles(run)
        shown = st.container()
        how = look(run, gene)
        plane = plane_of(run, angle)
        with shown:
            pictures(run, gene, plane, how)
        if len(genes) > 1:
            st.caption(f"A plain slice shows one gene: {widgets.plain(gene)}, the first.")


def angles(run):
    """The row of sliders; returns azimuth, tilt and offset of the plane."""
    opening = view.opening(run)
    azimuth_box, tilt_box, offset_box = st.columns(3, gap="medium")
    azimuth = azimuth_box.slider("Azimuth", 0.0, 360.0, step=1.0, format="%.0f°",
                                 help="Direction that the plane leans to.",
                                 **state.control("azimuth", opening["azimuth"], _between(0, 360)))
    tilt = tilt_box.slider("Tilt", 0.0, 180.0, step=1.0, format="%.0f°",
                           help="0° lies flat like a measured section; 90° cuts along depth.",
                           **state.control("tilt", opening["tilt"], _between(0, 180)))
    reach = round(math.dist(*run.extent_um) / 2, 1)
    offset = offset_box.slider("Offset (µm)", -reach, reach, step=_step(reach), format="%.6g",
                               help="How far the plane is moved along its own direction, from the centre.",
                               **state.control("offset", 0.0, _between(-reach, reach)))
    return {"azimuth": azimuth, "tilt": tilt, "offset": offset}


def plane_of(run, angle):
    """The plane: the point it turns around, which can be chosen, moved by the offset along the plane's normal."""
    low, high = run.extent_um
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    with st.expander("Centre of the plane", icon=":material/my_location:"):
        boxes = st.columns(3)
        centre = [box.number_input(f"{axis} (µm)", a, b, format="%.6g",
                                   **state.control(f"c{axis}", m, _between(a, b)))
                  for box, axis, a, b, m in zip(boxes, ("x", "y", "depth"), low, high, middle, strict=True)]
    turned = angle["azimuth"], angle["tilt"]
    return angle | {"centre": moved(centre, *turned, angle["offset"]), "size": square_size(run.extent_um, *turned)}


def look(run, gene):
    """Colour map, colour range and what is shown; the range is that of the predicted tissue by default."""
    low, high = cache.colour_limits(run, gene)
    top = round(max(high, float(measured_cells.expression(run.sections, gene).max())), 3)
    bottom = min(low, 0.0)
    layer, chosen_doubt = _uncertainty(run)
    uncertainty.regions(run, [gene], chosen_doubt)
    colours, limits = st.columns([2, 5], gap="medium", vertical_alignment="bottom")
    name = colours.selectbox("Colours", COLOUR_MAPS[:-1], **state.control("colours", "viridis", _known_colours))
    chosen = limits.slider("Colour range (log1p)", bottom, top, step=_step(top - bottom), disabled=layer != "values",
                           **state.control(f"range.{gene}", (low, high), lambda pair: _pair(pair, bottom, top)))
    return {"layer": layer, "doubt": chosen_doubt, "colours": name, "limits": chosen}


def _uncertainty(run):
    """(layer of the slice that is shown, UncertaintyView)."""
    left, middle, right = st.columns([2, 3, 2], gap="medium", vertical_alignment="bottom")
    with left:
        chosen = uncertainty.control(run, SHOWS, HIDES, threshold_for=())
    shown_as = "hatched"
    if chosen.mode == "show":
        shown_as = middle.segmented_control("Shown as", LAYERS, format_func=LAYERS.get, required=True,
                                            **state.control("as", "hatched", _known_layer))
    if chosen.mode == "hide" or chosen.mode == "show" and shown_as == "hatched":
        with right:
            chosen = uncertainty.UncertaintyView(chosen.mode, uncertainty.threshold())
    return "values" if shown_as == "hatched" else shown_as, chosen


def pictures(run, gene, plane, how):
    """Predicted slice on the left, nearest measured section on the right, in one colour range."""

    slice_ = slices.oblique(run, gene, plane["centre"], plane["azimuth"], plane["tilt"], plane["size"])
    number = min(range(len(run.sections.names)), key=lambda k: abs(run.sections.depths[k] - plane["centre"][2]))
    name, depth, xy, values = measured_cells.section(run.sections, number, gene)
    left, right = st.columns(2, gap="small")
    spans = [(c - plane["size"] / 2, c + plane["size"] / 2) for c in plane["centre"][:2]]
    with left:
        limits = how["limits"] if how["layer"] == "values" else None
        shown = how["doubt"] if how["layer"] == "values" else uncertainty.UncertaintyView()
        st.plotly_chart(slices.slice_image(slice_, how["colours"], limits, how["layer"], shown, height=440), theme=None,
                        key="slice_image")
    with right:
        st.plotly_chart(sections.section_points(xy, values, name, depth, gene=gene, colour_map=how["colours"],
                                               limits=how["limits"], height=440, spans=spans, svg=True), theme=None,
                        key="nearest_section")
    st.caption(f"Left, **predicted**: the virtual slice, its centre at depth {plane['centre'][2]:,.0f} µm. Right, "
               f"**measured**: {widgets.plain(name)}, the section nearest in depth to that centre, "
               f"{abs(depth - plane['centre'][2]):,.0f} µm away.")
    _tables(run, slice_, (xy, values, name))


def _tables(run, slice_, section):
    from isost_core.export import figure_data

    xy, values, name = section
    with st.container(horizontal=True):
        st.download_button("This slice (.csv)", lambda: figure_data.slice_table(slice_).to_csv(index=False),
                           f"{run.id}_{slice_.gene}_slice.csv", "text/csv", icon=":material/table:",
                           on_click="ignore", key="csv_slice")
        st.download_button("The measured section (.csv)",
                           lambda: figure_data.section_table(xy, values, slice_.gene).to_csv(index=False),
                           f"{run.id}_{slice_.gene}_section.csv", "text/csv", icon=":material/table:",
                           on_click="ignore", key="csv_section")


def _between(low, high):
    return lambda value: min(max(value, type(value)(low)), type(value)(high))


def _pair(pair, low, high):
    a, b = (min(max(value, low), high) for value in pair)
    return (a, b) if a < b else (low, high)


def _known_layer(name):
    return name if name in LAYERS else "hatched"


def _known_colours(name):
    return name if name in COLOUR_MAPS[:-1] else "viridis"


def _step(span):
    return float(f"{max(span, 1e-6) / 100:.0e}")
