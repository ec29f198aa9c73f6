"""What there is to see of one run: how far it is or how it ended, its loss, its log, and what can be done with it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from isost_core.figures.charts import loss_curve
from isost_core.jobs.job import Job
from isost_core.jobs.status import State, Status
from ui.jobs import my_runs, panel, words
from ui.shell import layout, visitor, workspace

TEXTS = panel.Texts(
    key="run", failed="This run failed.", cancelled="This run was cancelled.", cancel="Cancel the run",
    going=f"The run continues in the background. {panel.OUTLIVES}",
    cancelling="The run stops now, and its results so far are lost. Your uploaded sections are kept.")


def show(run_id: str, path: Path) -> None:
    """Everything about the run of an id, in its folder."""
    job = my_runs.job_of(path)
    panel.show(job, TEXTS, lambda: visitor.is_mine(path), partial(_beneath, run_id, job))


def _beneath(run_id: str, job: Job, status: Status) -> None:
    if status.state == State.DONE:
        st.success(f"Finished in {words.duration(status.seconds)}.", icon=":material/check_circle:")
    _actions(run_id, job.folder, status)
    _loss_and_log(job, status)


def _actions(run_id: str, path: Path, status: Status) -> None:
    mine = visitor.is_mine(path)
    with st.container(horizontal=True):
        if status.state == State.DONE and st.button("Explore in 3D", icon=":material/deployed_code:", type="primary",
                                                    key="explore_run"):
            layout.go("explorer", run_id)
        if status.state == State.DONE and st.button("How far can it be trusted? Validate",
                                                    icon=":material/fact_check:", key="validate_run"):
            layout.go("validate", run_id)
        if mine and not status.going:
            my_runs.delete_box(run_id)
    if not mine and run_id != workspace.DEMO:
        st.caption("Someone else started this run. You can look at it, but you can't cancel or delete it.")


def _loss_and_log(job: Job, status: Status) -> None:
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
    if status.state == State.FAILED and status.message:
        st.caption("If you can't solve this, send the log to the person who runs this server.")
