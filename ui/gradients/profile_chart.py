"""Profiles of genes around a focus: predicted in 3D, measured, and as single sections would show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from isost_core.analysis.profiles import ESTIMATE_2D, SHUFFLED, uncertain_bins
from isost_core.errors import InputError
from isost_core.figures.profiles import profile_lines
from isost_core.figures.uncertainty import UncertaintyView
from isost_core.words import plain
from ui.gradients import cached_profiles
from ui.gradients.focus_choice import FocusChoice
from ui.open_run import trust_badges, uncertainty
from ui.open_run.shown import Shown
from ui.shell import state, widgets
from ui.shell.downloads import csv_button, file_name
from ui.shell.number_box import number_box

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

HEIGHT = 560
SHOWS = "predicted bins with a low resolved share are drawn as rings."
HIDES = "predicted bins with a low resolved share are left out."
FLAT_WORDS = {
    "depth": "the mean of each section, joined by straight lines",
    "spherical": "the nearest section alone, with distances from the point next to the focus",
    "radial": "the nearest section alone, with distances from the axis as it appears there",
    "surface": "single sections, with distances from the outline of the surface in each",
}


@dataclass(frozen=True)
class ChartOptions:
    """What is drawn of a profile: bins of `bin_um`, 95 % intervals, the 2D estimate, shuffled cells, uncertainty."""

    bin_um: float
    intervals: bool
    flat: bool
    shuffled: bool
    uncertainty: UncertaintyView


def bin_box(shown: Shown, focus: FocusChoice) -> float:
    """Width of the bins (µm)."""
    least, usual = shown.run.cell_spacing_um / 10, _usual_bin(shown, focus)
    width = number_box("Bin (µm)", "bin", None, least, empty=f"{plain(usual, 2)} (suggested)",
                       help="Leave this empty to use the suggested width: 25 bins, none smaller than the distance from "
                            f"one {shown.run.noun} to the next.")
    return width or usual


def controls(shown: Shown, bin_um: float) -> ChartOptions:
    """What is drawn, in a box of the row below the chart."""
    noun = shown.run.noun
    with st.popover("What is shown", icon=":material/tune:", key="chart_options"):
        intervals = st.toggle("95 % intervals", **state.control("intervals", True),
                              help=f"How certain the mean is. They cover the differences between {noun}s and, for "
                                   "predicted bins, the error of the model.")
        flat = st.toggle("2D estimate", **state.control("flat", True),
                         help="The same profile, made from single 2D sections for comparison.")
        shuffled = st.toggle("Shuffled", **state.control("shuffled", True),
                             help=f"95 % of the profiles with the values shuffled among the {noun}s. A gene without a "
                                  "pattern stays within this band.")
        sure = uncertainty.control(shown.run, SHOWS, HIDES)
    return ChartOptions(bin_um, intervals, flat, shuffled, sure)


def _usual_bin(shown: Shown, focus: FocusChoice) -> float:
    try:
        return cached_profiles.usual_bin(shown, focus)
    except InputError:  # the chart says what is wrong with the focus
        return shown.run.cell_spacing_um


def show(shown: Shown, focus: FocusChoice, bin_um: float) -> None:
    """The chart, predicted, measured and in 2D; below it what is drawn, what it means, and its table."""
    above, below = st.container(), st.container(horizontal=True, vertical_alignment="center", gap="small")
    with below:
        options = controls(shown, bin_um)
    with above:
        _chart(shown, focus, options, below)


def _chart(shown: Shown, focus: FocusChoice, options: ChartOptions, below: DeltaGenerator) -> None:
    run = shown.run
    beside = [source for source, wanted in ((ESTIMATE_2D, options.flat), (SHUFFLED, options.shuffled)) if wanted]
    with widgets.waiting("Computing the profile"):
        table = cached_profiles.profile(shown, focus, options.bin_um, beside)
    name = file_name(run, f"{focus.kind}_profile")
    figure = profile_lines(table, focus.kind, options.intervals, options.uncertainty, height=HEIGHT)
    st.plotly_chart(figure, key="profile", config=picture(name))
    table = table.assign(trust_grade=[trust_badges.of_run(run).of(gene).grade for gene in table["gene"]])
    with below:
        with st.popover("How to read it", icon=":material/help:", key="chart_words"):
            _words(table, focus.kind, options, run.noun)
        csv_button("This chart", table, f"{name}.csv", key="csv_profile")
        st.caption("Lines are **predicted**, points are **measured**.")
    _uncertainty_words(table, options.uncertainty)


def picture(name: str) -> dict[str, Any]:
    """Plotly's own bar, whose camera saves the chart as a figure."""
    return {"displaylogo": False, "toImageButtonOptions": {"format": "svg", "filename": name, "scale": 2}}


def _words(table: pd.DataFrame, kind: str, options: ChartOptions, noun: str) -> None:
    text = "Lines are **predicted**: the mean between your sections too. Points are **measured**."
    if options.intervals:
        text += " Bands and bars are 95 % intervals of the mean."
    if options.flat:
        text += f" Diamonds are the **2D estimate**: {FLAT_WORDS[kind]}."
    if options.shuffled:
        text += f" The grey band holds 95 % of the profiles of **shuffled** {noun}s."
    st.markdown(f"{text} Click the camera in the corner of the chart to save it as SVG.")
    if options.flat and "2D estimate" not in set(table["source"]):
        st.caption("No section shows this focus within the radius, so there is no 2D estimate. Choose a larger "
                   "radius.")


def _uncertainty_words(table: pd.DataFrame, uncertainty: UncertaintyView) -> None:
    """How many predicted bins are marked or left out."""
    if uncertainty.mode == "off":
        return
    bins = int((table["source"] == "predicted").sum())
    uncertain = int(uncertain_bins(table, uncertainty.least_known).sum())
    done = "drawn as rings" if uncertainty.mode == "show" else "left out"
    st.caption(f"{uncertain} of {bins} predicted bins are {done}. Their mean resolved share is below "
               f"{widgets.percent(uncertainty.least_known)}.")
