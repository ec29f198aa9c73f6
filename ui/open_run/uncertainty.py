"""How sure a prediction is at each place: one control for every Explore page, kept in the link."""

from collections.abc import Collection, Iterable

import streamlit as st

from isost_core.figures.uncertainty import UncertaintyView
from isost_core.runs.run import Run
from isost_core.validation.trust import region_shares, share_below
from ui.open_run import cached_run
from ui.shell import state, widgets

MODES = {"off": "off", "show": "mark", "hide": "hide"}
HELP = ("**Known share**: how much of the variance of a gene's pattern the measured sections fix at a place, predicted "
        "by the model. Higher near a section, lower in the middle of a gap. Region grades: A from 75 %, B from 50 %, C "
        "less.\n\n")
UNKNOWN = ("Uncertainty by place is not known for this run: the paper preset has no mean field that it could be taken "
           "from.")


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
    return st.slider("Least known share", 0, 100, step=5, format="%d %%",
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
