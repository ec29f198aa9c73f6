"""The upper part of the Validate page: the run, what to hold out, expected time, start, progress."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from isost_core.runs.run import Run
from isost_core.workflows.validate import expected_time, has_report, validation_job
from ui.jobs import my_runs, words
from ui.jobs import panel as jobs_panel
from ui.open_run import header as explore
from ui.shell import layout, state, widgets
from ui.validation import job

WHAT = ("Your sections are hidden one at a time and predicted from the others. You see how close the prediction "
        "comes, gene by gene and next to simple methods.")
NO_RUN = f"{WHAT} Open a finished reconstruction first."
EACH, TOGETHER = "Each inner section alone", "Chosen sections together"


def header() -> Run:
    """Title and run picker; returns the open run, and stops where there is none."""
    layout.begin_page("Validate")
    heading, picker = st.columns([5, 6], vertical_alignment="bottom", gap="small")
    heading.title("Validate", anchor=False)
    run_id = state.open_run_id()
    if run_id is None:
        layout.empty_state("No run is open", NO_RUN, explore.WAYS_OUT)
    run = explore.finished_run(run_id)
    with picker:
        explore.run_picker(run_id, run)
    if run.synthetic:
        st.markdown(":orange-badge[:material/science: synthetic phantom] :gray[An invented tissue, not a "
                    "measurement.]")
    return run


def panel(run: Run) -> None:
    """What stands before the report: how far a validation is, how it ended, or how to start one."""
    latest, reported = validation_job(run.path), has_report(run.path)
    if jobs_panel.show(latest, _texts(reported), lambda: my_runs.may_cancel(latest, run.path)):
        return
    if len(run.sections.names) < 3:
        st.info("A validation needs at least three sections, so that one can be hidden between two others. This run "
                f"has {len(run.sections.names)}.", icon=":material/info:")
    elif not job.may_start(run):
        if not reported:
            st.info("This run has not been validated. Only the person who started it can do that.",
                    icon=":material/info:")
    elif reported:
        with st.expander("Validate again", icon=":material/replay:"):
            _form(run)
    else:
        with st.container(border=True, key="validate_form"):
            st.header("How far can this reconstruction be trusted?", anchor=False)
            st.markdown(WHAT)
            _form(run)


def _texts(reported: bool) -> jobs_panel.Texts:
    return jobs_panel.Texts(
        key="validation", failed="The validation failed.", cancelled="The validation was cancelled.",
        going=f"The validation runs in the background. {jobs_panel.OUTLIVES}"
              + (" The earlier report is below." if reported else ""),
        stays="The earlier report below is unchanged." if reported else "", cancel="Cancel the validation",
        cancelling="The validation stops now. An earlier report is kept.")


def _form(run: Run) -> None:
    choice, facts = st.columns([3, 2], gap="large")
    with choice:
        hold_out = _hold_out(list(run.sections.names[1:-1]))
    with facts:
        seconds = _facts(run, hold_out)
        pressed = st.button("Validate", type="primary", icon=":material/fact_check:", key="start_validation",
                            disabled=not hold_out)
    if pressed:
        job.start(run, hold_out, seconds)
        st.rerun()


def _hold_out(inner: Sequence[str]) -> str | tuple[str, ...]:
    """'each', or the names chosen; none where the choice is empty."""
    if len(inner) == 1:
        st.markdown(f"**{widgets.plain(inner[0])}** is hidden and predicted. It is the only section between two "
                    "others.")
        return "each"
    how = st.radio("Hold out", (EACH, TOGETHER), key=state.key_here("hold_out_how"), captions=(
        f"Each is hidden alone. Then {_together(len(inner))} hidden together, to see how the error grows with the gap.",
        "You choose the sections that are hidden at the same time."))
    if how == EACH:
        return "each"
    return tuple(st.multiselect("Sections to hide together", inner, placeholder="Choose sections",
                                key=state.key_here("hold_out")))


def _together(inner: int) -> str:
    """Which neighbours are hidden together besides, of so many sections that can be."""
    return "both are" if inner == 2 else "two neighbours, and all three, are" if inner == 3 else (
        "two and three neighbours are")


def _facts(run: Run, hold_out: str | tuple[str, ...]) -> float | None:
    """What it takes; returns the expected seconds, None where nothing is chosen."""
    from isost_core.validation.hold_out import plan_folds  # it needs torch

    st.markdown("**Expected time**")
    if not hold_out:
        st.markdown(":gray[Choose at least one section.]")
        return None
    fits = len(plan_folds(run.sections, hold_out))
    seconds = expected_time(run, hold_out)
    st.markdown(f"**about {words.duration(seconds)}** :gray[on this computer: the tissue is fitted "
                f"{'once' if fits == 1 else f'{fits} times'}, with this run's settings (preset {run.config.preset}). "
                "Each time every simple method is fitted and compared too.]")
    return seconds
