"""What there is to see of one run: how far it is or how it ended, what can be done with it, and the details."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from isost_core.figures.charts import loss_curve
from isost_core.jobs.job import Job
from isost_core.jobs.status import State, Status
from ui.jobs import my_runs, panel, words
from ui.shell import layout, visitor, widgets, workspace

TEXTS = panel.Texts(
    key="run", failed="This run failed.", cancelled="This run was cancelled. Your uploaded sections are kept.",
    cancel="Cancel the run", going=f"The run continues in the background. {panel.OUTLIVES}",
    cancelling="The run stops now, and its results so far are lost. Your uploaded sections are kept.")


def show(run_id: str, path: Path) -> None:
    """Everything about the run of an id, in its folder."""
    job = my_runs.job_of(path)
    panel.show(job, TEXTS, lambda: visitor.is_mine(path), partial(_beneath, run_id, job))


def _beneath(run_id: str, job: Job, status: Status) -> None:
    if status.state == State.DONE:
        st.success(f"Finished in {words.duration(status.seconds)}.", icon=":material/check_circle:")
    _actions(run_id, job.folder, status)
    _details(job, status)


def _actions(run_id: str, path: Path, status: Status) -> None:
    mine = visitor.is_mine(path)
    with st.container(horizontal=True):
        if status.state == State.DONE:
            _ways_on(run_id)
        elif mine and not status.going:
            _start_over(run_id)
        if mine and not status.going:
            my_runs.delete_box(run_id)
    if not mine and run_id != workspace.DEMO:
        st.caption("Someone else started this run. You can look at it, but you can't cancel, rename or delete it.")


def _ways_on(run_id: str) -> None:
    """What can be done with a finished run."""
    if st.button("Open in the Explorer", icon=":material/deployed_code:", type="primary", key="explore_run"):
        layout.go("explorer", run_id)
    if st.button("How far can it be trusted? Validate", icon=":material/fact_check:", key="validate_run"):
        layout.go("validate", run_id)


def _start_over(run_id: str) -> None:
    """What can be done with a run that came to nothing."""
    if st.button("Start again", icon=":material/replay:", type="primary", key="start_over",
                 help="The same sections and settings, once more."):
        with widgets.shows_input_errors("This run can't be started again"):
            my_runs.start_over(run_id)
            st.rerun()
    if st.button("Change the settings", icon=":material/tune:", key="change_settings",
                 help="A new run of the sections that you have uploaded."):
        layout.go("new_run")


def _details(job: Job, status: Status) -> None:
    """Loss and log: for who wants to know, and open where something went wrong."""
    failed = status.state == State.FAILED
    with st.expander("Training details", icon=":material/notes:", expanded=failed):
        st.caption("The loss goes up and down a little from step to step. That is normal.")
        chart, log = st.columns(2, gap="medium")
        losses = job.losses()
        with chart:
            st.markdown("##### Training loss")
            if len(losses):
                st.plotly_chart(loss_curve(losses), key="loss", config={"displayModeBar": False})
            else:
                st.caption("The curve appears when training starts.")
        with log:
            st.markdown("##### Log, latest lines")
            panel.log(job)
    if failed and status.message:
        st.caption("If you can't solve this, send the log to the person who runs this server.")
