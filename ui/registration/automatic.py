"""The automatic registration, and how well neighbours agree with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import streamlit as st

from isost_core.registration.alignment import Alignment, PairFit
from isost_core.sections.agreement import PairAgreement
from isost_core.words import number
from ui.jobs import panel
from ui.registration.agreement import about, agreements
from ui.shell import visitor
from ui.stack import alignment as registration
from ui.stack.prepared import PreparedStack

RESIDUAL, LEAST_RESIDUAL = "Still off by (µm)", 0.5
TEXTS = panel.Texts(
    key="registration", failed="The registration failed.", stays="The previous positions are unchanged.",
    going=f"The registration runs in the background. {panel.OUTLIVES}", cancel="Cancel the registration",
    cancelling="The registration stops now. The previous positions are kept.")


def automatic(stack: PreparedStack) -> None:
    """Start, progress and outcome of the automatic registration."""
    if registration.collect(stack):
        st.toast("The sections are registered.", icon=":material/check_circle:")
    job = registration.job_of(stack.folder)
    if panel.show(job, TEXTS, lambda: visitor.is_mine(job.folder)):
        return
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


def agreement_line(stack: PreparedStack) -> None:
    """How well neighbours agree, now and as uploaded, and whether runs use the registration."""
    alignment = registration.current(stack)
    before, now = (agreements(stack, a) for a in (Alignment.identity(stack.measured), alignment))
    made = registration.exists(stack)
    heading, use = st.columns([3, 2], vertical_alignment="center")
    was = f" :gray[· as uploaded {number(_mean(before))}]" if made else ""
    heading.markdown(f"##### Agreement of neighbours: r = {number(_mean(now))}{was}", help=about(stack.measured.noun))
    if made:
        on = use.toggle("Runs use this registration", registration.is_on(stack), key="use_registration")
        if on != registration.is_on(stack):
            registration.switch(stack, on)


def pairs(stack: PreparedStack) -> None:
    """Table of neighbouring sections, before and now."""
    import pandas as pd

    alignment = registration.current(stack)
    before, now = (agreements(stack, a) for a in (Alignment.identity(stack.measured), alignment))
    fits = {(fit.first, fit.second): fit for fit in alignment.pairs}
    columns: dict[str, list[Any]] = {"Neighbours": [f"{b.first} – {b.second}" for b in before],
                                     "As uploaded (r)": _rounded(b.r for b in before)}
    if registration.exists(stack):
        residuals = [_of(fits, n, "residual_um") for n in now]
        columns |= {"Registered (r)": _rounded(n.r for n in now)}
        if any(um is not None and um >= LEAST_RESIDUAL for um in residuals):  # else all is as near as can be told
            columns |= {RESIDUAL: residuals}
        columns |= {"Confidence": [_words(fits, n) for n in now]}
    columns |= {"Chance (r)": _rounded(b.null for b in before)}
    st.markdown("##### Each pair of neighbours")
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
