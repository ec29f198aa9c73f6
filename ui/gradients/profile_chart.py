"""Profiles of genes around a focus: predicted in 3D, measured, and as single sections would show them."""

import streamlit as st

from isost_core.analysis.profiles import ESTIMATE_2D, SHUFFLED, uncertain_bins
from isost_core.errors import InputError
from isost_core.figures.profiles import profile_lines
from ui.gradients import cache
from ui.open_run import trust_badges, uncertainty
from ui.shell import state, widgets

SHOWS = "predicted bins of which less is known are drawn as rings."
HIDES = "predicted bins of which less is known are left out."
FLAT_WORDS = {
    "depth": "the mean of each section at its depth, joined by straight lines",
    "spherical": "the distance from the focus's projection, in the nearest section alone",
    "radial": "the distance from the axis as the nearest section shows it, in that section alone",
    "surface": "the distance from the surface's outline within each section's own plane",
}


def controls(run, focus):
    """Bin and what is drawn, below the focus."""
    least, usual = run.cell_spacing_um / 10, _usual_bin(run, focus)
    width = st.number_input("Bin (µm)", min_value=least, value=None, format="%.5g", placeholder=f"suggested: {usual:g}",
                            help="Empty takes the suggested one: 25 bins, none smaller than one cell spacing.",
                            **state.control("bin", None, lambda value: max(value, least) if value else None))
    with st.container(horizontal=True, gap="small"):
        intervals = st.toggle("95 % intervals", **state.control("intervals", True),
                              help="Of the mean: over cells and, where predicted, the model's own error.")
        flat = st.toggle("2D estimate", **state.control("flat", True),
                         help="The same profile as people read it from sections one by one.")
        shuffled = st.toggle("Shuffled", **state.control("shuffled", True),
                             help="Band of 95 % of the profiles with the measured values dealt out to the cells at "
                                  "random: what a gene without a pattern would show.")
    return {"bin": width or usual, "intervals": intervals, "flat": flat, "shuffled": shuffled,
            "doubt": uncertainty.control(run, SHOWS, HIDES)}


def _usual_bin(run, focus):
    try:
        return cache.usual_bin(run, focus)
    except InputError:  # the chart says what is wrong with the focus
        return run.cell_spacing_um


def chart(run, genes, focus, how):
    """The chart, predicted, measured and in 2D, and its table."""

    kind = focus[0]
    beside = [source for source, wanted in ((ESTIMATE_2D, how["flat"]), (SHUFFLED, how["shuffled"])) if wanted]
    with widgets.waiting("Computing the profile"):
        table = cache.profile(run, genes, focus, how["bin"], beside)
    name = f"{run.id}_{kind}_profile"
    st.plotly_chart(profile_lines(table, kind, how["intervals"], how["doubt"], height=470), key="profile",
                    config=picture(name))
    _words(table, kind, how)
    _weak_words(table, how["doubt"])
    table = table.assign(trust_grade=[trust_badges.of_run(run).of(gene).grade for gene in table["gene"]])
    st.download_button("This chart (.csv)", table.to_csv(index=False), f"{name}.csv", "text/csv",
                       icon=":material/table:", on_click="ignore", key="csv_profile")


def picture(name):
    """Plotly's own bar, whose camera saves the chart as a figure."""
    return {"displaylogo": False, "toImageButtonOptions": {"format": "svg", "filename": name, "scale": 2}}


def _words(table, kind, how):
    bands = "; bands and bars are 95 % intervals of the mean" if how["intervals"] else ""
    text = f"Lines are **predicted**, points are **measured**{bands}."
    if how["flat"]:
        text += f" Diamonds are the **2D estimate**, from {FLAT_WORDS[kind]}."
    if how["shuffled"]:
        text += " The grey band holds 95 % of profiles of **shuffled** cells."
    st.caption(f"{text} The camera in the chart's corner saves it as SVG.")
    if how["flat"] and "2D estimate" not in set(table["source"]):
        st.caption("No section shows this focus within the radius, so there is no 2D estimate.")


def _weak_words(table, doubts):
    """How many predicted bins are marked or left out."""
    if doubts.mode == "off":
        return
    bins, weak = int((table["source"] == "predicted").sum()), int(uncertain_bins(table, doubts.least_known).sum())
    done = "drawn as rings" if doubts.mode == "show" else "left out"
    st.caption(f"{weak} of {bins} predicted bins are {done}: less than {widgets.percent(doubts.least_known)} of the "
               "gene's pattern is known there (mean over the cells of the bin).")
