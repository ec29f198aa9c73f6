"""How sure a prediction is at each place: one control for every Explore page, kept in the link."""

from collections.abc import Collection, Iterable

import streamlit as st

from isost_core.figures.uncertainty import UncertaintyView
from isost_core.runs.run import Run
from isost_core.validation.trust import region_shares, share_below
from ui.open_run import cached_run
from ui.shell import state, widgets

MODES = {"off": "off", "show": "mark", "hide": "hide"}
HELP = ("**Resolved share**: how much of a gene's pattern your sections determine at a place, as the model predicts "
        "it. It is higher near a section and lower in the middle of a gap. Region grades: A from 75 %, B from 50 %, C "
        "below.\n\n")
UNKNOWN = ("This run has no uncertainty by place, because it was made with the preset paper. Make a run with another "
           "preset to see it.")


def control(run: Run, shows: str, hides: str, threshold_for: Collection[str] = ("show", "hide")) -> UncertaintyView:
    """The control; `shows` and `hides` say what this page does, `threshold_for` in which modes it has a threshold."""
    if not run.decoder.tells_known_share:
        st.caption(UNKNOWN)
        return UncertaintyView()
    mode = st.segmented_control("Uncertainty", list(MODES), format_func=MODES.__getitem__, required=True,
                                help=f"{HELP}*mark*: {shows}\n\n*hide*: {hides}",
                                **state.control("uncertainty", "off", state.one_of(MODES, "off")))
    return UncertaintyView(mode, threshold() if mode in threshold_for else 0.0)


def threshold() -> float:
    """Slider of the least known share; 0 to 1."""
    return st.slider("Least resolved share", 0, 100, step=5, format="%d %%",
                     **state.control("least", 50, state.between(0, 100))) / 100


def regions(run: Run, genes: Iterable[str], uncertainty: UncertaintyView) -> None:
    """How much of the tissue has which region grade, and what is hidden, in a line for each gene."""
    if uncertainty.mode == "off":
        return
    for gene in genes:
        known = cached_run.volume_of(run, gene).known
        assert known is not None  # without it the control offers no mode but 'off'
        shares, below = region_shares(known), share_below(known, uncertainty.least_known)
        text = " · ".join(f"{grade} {widgets.percent(share)}" for grade, share in shares.items())
        hidden = f" Hidden: {widgets.percent(below)}." if uncertainty.mode == "hide" else ""
        st.caption(f"**{widgets.plain(gene)}**, *predicted*: tissue by region grade {text}.{hidden}")
