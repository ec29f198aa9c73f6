"""The automatic registration, and how well neighbours agree with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import streamlit as st

from isost_core.registration.alignment import PairFit
from isost_core.sections.agreement import PairAgreement
from isost_core.words import number
from ui.jobs import panel
from ui.registration import moves
from ui.registration.agreement import COMPUTING, about, agreement, compute
from ui.shell import layout, visitor, widgets
from ui.stack import alignment as registration
from ui.stack.prepared import PreparedStack

_STYLE = """<style>
.st-key-automatic, .st-key-registration_going {min-height: 5.5rem;}
.st-key-registration_start:has(.st-key-registration_going) .st-key-automatic {display: none;}
@media (max-width: 640px) {.st-key-automatic, .st-key-registration_going {min-height: 15rem;}}
</style>"""
RESIDUAL, LEAST_RESIDUAL = "Still off by (µm)", 0.5
TEXTS = panel.Texts(
    key="registration", failed="The registration failed.", stays="The previous positions are unchanged.",
    going=panel.OUTLIVES, cancel="Cancel the registration",
    cancelling="The registration stops now. The previous positions are kept.", compact=True)


def automatic(stack: PreparedStack) -> None:
    """Start, progress and outcome of the automatic registration."""
    if registration.collect(stack):
        st.toast("The sections are registered.", icon=":material/check_circle:")
    st.html(_STYLE)
    job = registration.job_of(stack.folder)
    with st.container(key="registration_start", gap=None):  # both have their place: what follows is not moved
        progress, form = st.container(), st.container()
    with progress:
        going = panel.show(job, TEXTS, lambda: visitor.is_mine(job.folder))
    if not going:
        with form:
            _form(stack)


def _form(stack: PreparedStack) -> None:
    """What the automatic registration may do, and its start."""
    with st.container(border=True, key="automatic", horizontal=True, vertical_alignment="center",
                      horizontal_alignment="distribute"):
        st.markdown("**Automatic** :gray[by position and expression]", width="content")
        with st.container(horizontal=True, gap="small", width="content"):
            asked = {
                "mirror": st.checkbox("Allow mirroring", True, key="may_mirror", help="Leave this on if a section may "
                                      "lie upside down on the slide."),
                "scale": st.checkbox("Allow scaling", key="may_scale", help="Lets whole sections grow or shrink. Use "
                                     "it if you are not sure of their µm per unit."),
                "smooth": st.checkbox("Allow bending", key="may_bend", help="Bends sections smoothly after they were "
                                      "turned and shifted. A bend is kept only if it helps genes that were not used to "
                                      "fit it.")}
        again = registration.exists(stack)
        if st.button("Register again" if again else "Register", icon=":material/auto_fix_high:", key="register",
                         type="secondary" if again else "primary"):
            registration.start(stack, asked)
            st.rerun()
    if asked["smooth"] and stack.measured.images:
        st.caption("Cells are bent. The histology image is not bent: it is moved and turned along.")


def agreement_line(stack: PreparedStack) -> None:
    """How well neighbours agree, now and as uploaded, and whether runs use the registration."""
    found, made = agreement(stack), registration.exists(stack)
    heading, use = st.columns([3, 2], vertical_alignment="center")
    said = f"r = {number(_mean(found.now))}" if found else f":gray[{COMPUTING}]"
    was = f" :gray[· as uploaded {number(_mean(found.uploaded))}]" if found and made else ""
    heading.markdown(f"##### Agreement of neighbours: {said}{was}", help=about(stack.measured.noun))
    if made:
        on = use.toggle("Runs use this registration", registration.is_on(stack), key="use_registration")
        if on != registration.is_on(stack):
            registration.switch(stack, on)


def tables(stack: PreparedStack) -> None:
    """Each pair of neighbours, and beside it what was done to each section."""
    if not registration.exists(stack):
        _pairs(stack)
        return
    agreed, moved = layout.columns([8, 5], 20, "registration_tables", gap="medium")
    with moved:
        moves.table(stack)
    with agreed:
        _pairs(stack)


def _pairs(stack: PreparedStack) -> None:
    """Table of neighbouring sections, before and now, once their agreement is known."""
    import pandas as pd

    st.markdown("##### Each pair of neighbours")
    if not (found := agreement(stack)):
        with widgets.waiting("Comparing neighbours"):
            compute(stack)
        st.rerun()
    before, now = found.uploaded, found.now
    fits = {(fit.first, fit.second): fit for fit in registration.current(stack).pairs}
    columns: dict[str, list[Any]] = {"Neighbours": [f"{b.first} – {b.second}" for b in before],
                                     "As uploaded (r)": _rounded(b.r for b in before)}
    if registration.exists(stack):
        residuals = [_of(fits, n, "residual_um") for n in now]
        columns |= {"Now (r)": _rounded(n.r for n in now)}
        if any(um is not None and um >= LEAST_RESIDUAL for um in residuals):  # else all is as near as can be told
            columns |= {RESIDUAL: residuals}
        columns |= {"Confidence": [_words(fits, n) for n in now]}
    columns |= {"Chance (r)": _rounded(b.null for b in before)}
    looks = {name: st.column_config.NumberColumn(format="%.2f") for name in columns if name.endswith("(r)")}
    st.dataframe(pd.DataFrame(columns), hide_index=True, width="stretch", column_config={
        **looks, RESIDUAL: st.column_config.NumberColumn(
            format="%.0f", help="How far the two still lie from where they would match best.")})


def _mean(found: Iterable[PairAgreement]) -> float:
    return float(np.mean([pair.r for pair in found]))


def _rounded(values: Iterable[float]) -> list[float]:
    """Two digits, and none of them below zero by less than that: '-0.00'."""
    return [round(float(value), 2) + 0.0 for value in values]


def _of(fits: dict[tuple[str, str], PairFit], pair: PairAgreement, name: str) -> Any:
    fit = fits.get((pair.first, pair.second))
    return None if fit is None else getattr(fit, name)


def _words(fits: dict[tuple[str, str], PairFit], pair: PairAgreement) -> str:
    fit = fits.get((pair.first, pair.second))
    return "by hand" if fit is None else fit.confidence + (f": {fit.why}" if fit.why else "")
