"""Profiles: mean expression against depth, or against the distance from an axis or a point."""

import streamlit as st

from ui import cache, doubt, state, trust_badges, widgets

KINDS = {"depth": "Depth: along the stack", "radial": "Radial: from an axis", "spherical": "Spherical: from a point"}
WORDS = {
    "depth": "Mean expression against depth, of the cells within the radius around the centre in x and y.",
    "radial": "Mean expression against the distance from an axis through the centre.",
    "spherical": "Mean expression against the distance from the centre, up to the radius.",
}
SHOWS = "predicted bins of which less is known are drawn as rings."
HIDES = "predicted bins of which less is known are left out."
AXES = {"depth": (0.0, 0.0, 1.0), "x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0)}


def controls(run):
    """The column beside the chart; returns (kind, (centre, axis, radius, bin) in µm, what to draw)."""
    low, high = run.extent_um
    kind = st.radio("Profile", list(KINDS), format_func=KINDS.get,
                    **state.control("kind", "depth", _one_of(KINDS, "depth")))
    st.caption(WORDS[kind])
    boxes = st.columns(3, gap="small")
    centre = tuple(box.number_input(f"{axis} (µm)", float(a), float(b), format="%.5g",
                                    **state.control(f"c{axis}", round((a + b) / 2, 1), _between(a, b)))
                   for box, axis, a, b in zip(boxes, ("x", "y", "depth"), low, high, strict=True))
    axis = None
    if kind == "radial":
        axis = AXES[st.segmented_control("Axis along", list(AXES), required=True,
                                         **state.control("axis", "depth", _one_of(AXES, "depth")))]
    radius = st.number_input("Radius (µm)", min_value=0.0, format="%.5g", help="0 takes all cells.",
                             **state.control("radius", 0.0, lambda value: max(value, 0.0)))
    spacing = float(f"{run.cell_spacing_um:.3g}")
    width = st.number_input("Bin (µm)", min_value=spacing / 10, format="%.5g", help="One cell spacing by default.",
                            **state.control("bin", spacing, lambda value: max(value, spacing / 10)))
    intervals = st.toggle("95 % intervals", **state.control("intervals", True),
                          help="Of the mean: over cells and, where predicted, the model's own error.")
    return kind, (centre, axis, radius or None, width), {"intervals": intervals,
                                                         "doubt": doubt.control(run, SHOWS, HIDES)}


def chart(run, genes, kind, around, how):
    """The chart, predicted and measured, and its table."""
    from isost_core.figures import profile_lines

    weak = {"off": None, "show": ("mark", how["doubt"].least), "hide": ("hide", how["doubt"].least)}[how["doubt"].mode]
    with widgets.waiting("Computing the profile"):
        table = cache.profile(run, cache.run_key(run), tuple(genes), kind, around)
    st.plotly_chart(profile_lines(table, kind, how["intervals"], weak, height=480), key="profile")
    bands = "; bands and bars are 95 % intervals of the mean" if how["intervals"] else ""
    st.caption(f"Lines are **predicted**, points are **measured**{bands}.")
    _weak_words(table, how["doubt"])
    table = table.assign(trust_grade=[trust_badges.of_run(run).of(gene).grade for gene in table["gene"]])
    st.download_button("This chart (.csv)", table.to_csv(index=False), f"{run.id}_{kind}_profile.csv", "text/csv",
                       icon=":material/table:", on_click="ignore", key="csv_profile")


def _weak_words(table, doubts):
    """How many predicted bins are marked or left out."""
    from isost_core.profiles import weak_bins

    if doubts.mode == "off":
        return
    bins, weak = int((table["source"] == "predicted").sum()), int(weak_bins(table, doubts.least).sum())
    done = "drawn as rings" if doubts.mode == "show" else "left out"
    st.caption(f"{weak} of {bins} predicted bins are {done}: less than {widgets.percent(doubts.least)} of the gene's "
               "pattern is known there (mean over the cells of the bin).")


def _between(low, high):
    return lambda value: float(min(max(value, low), high))


def _one_of(names, default):
    return lambda name: name if name in names else default
