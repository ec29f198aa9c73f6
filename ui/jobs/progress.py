"""The panel of one run: state, progress, loss, log, and what its owner can do; refreshed while it runs."""

import streamlit as st

from isost_core.figures.charts import loss_curve
from isost_core.jobs.status import read_log, read_losses, read_status
from ui.jobs import my_runs
from ui.shell import layout, visitor, widgets, workspace

STAGES = {
    "waiting": "Waiting for its process to start",
    "reading": "Reading the sections",
    "latent space": "Finding the main axes of expression",
    "mean field": "Fitting how expression varies in space",
    "drift": "Learning how cells move and change through depth",
    "shape": "Learning how the shape changes through depth",
    "expression": "Learning how expression changes through depth",
    "joint": "Learning shape and expression together",
    "calibration": "Checking the uncertainty against measured cells",
    "tissue": "Building the tissue",
    "trust": "Judging how far each gene can be trusted",
    "neighbourhoods": "Looking at what surrounds each place",
    "how many niches": "Trying how many niches there are",
    "clusters": "Finding the niches",
    "measured cells": "Giving each measured cell its niche",
    "the tissue between": "Giving each place between the sections its niche",
    "comparing": "Comparing with what was measured, and with every simple method",
}
STAGE_HELP = "The run works in a process of its own: you can close this page and come back."


def run_panel(run_id):
    """Everything about one run; refreshes itself once a second while the run is going."""
    status = _status(run_id)
    every = "1s" if status.state in my_runs.ACTIVE else None
    st.fragment(_panel, run_every=every)(run_id, status.state)


def _status(run_id):
    return read_status(my_runs.run_path(run_id))


def _panel(run_id, known_state):
    path = my_runs.run_path(run_id)
    if path is None:
        st.rerun()
    status = _status(run_id)
    if status.state != known_state:
        st.rerun()
    if status.state in my_runs.ACTIVE:
        going(status, STAGE_HELP)
    elif status.state == "done":
        st.success(f"Finished in {my_runs.duration(status.seconds)}.", icon=":material/check_circle:")
    elif status.state == "failed":
        st.error(f"This run failed. {widgets.plain(status.message)}", icon=":material/error:")
    else:
        st.info("This run was cancelled.", icon=":material/cancel:")
    _actions(run_id, path, status)
    _loss_and_log(path, status)


def going(status, words):
    """Stage, progress bar and times of a job that is going."""
    where, _, stage = status.stage.rpartition(": ")
    text = f"{where + ': ' if where else ''}{STAGES.get(stage, stage)}"
    st.progress(min(max(status.fraction or 0.0, 0.0), 1.0), text=f"**{widgets.plain(text)}**")
    done, left, spent = st.columns(3)
    done.metric("Done", f"{100 * (status.fraction or 0):.0f} %")
    left.metric("Time left", my_runs.duration(status.eta_s))
    spent.metric("Running for", my_runs.duration(status.seconds))
    st.caption(words)


def _actions(run_id, path, status):
    mine = visitor.is_mine(path)
    with st.container(horizontal=True):
        if status.state == "done" and st.button("Explore in 3D", icon=":material/deployed_code:", type="primary",
                                                key="explore_run"):
            layout.go("explorer", run_id)
        if status.state == "done" and st.button("How far can it be trusted? Validate", icon=":material/fact_check:",
                                                key="validate_run"):
            layout.go("validate", run_id)
        if mine and status.state in my_runs.ACTIVE:
            my_runs.cancel_box(run_id)
        if mine and status.state not in my_runs.ACTIVE:
            my_runs.delete_box(run_id)
    if not mine and run_id != workspace.DEMO:
        st.caption("Someone else started this run: you can look at it, not cancel or delete it.")


def _loss_and_log(path, status):
    chart, log = st.columns(2, gap="medium")
    losses = read_losses(path)
    with chart:
        st.markdown("##### Training loss")
        if len(losses):
            st.plotly_chart(loss_curve(losses), key="loss", config={"displayModeBar": False})
        else:
            st.caption("The curve appears with the first training steps.")
    with log:
        st.markdown("##### Log, latest lines")
        st.code(read_log(path, lines=40) or "Nothing written yet.", language=None, height=260, wrap_lines=True)
    if status.state == "failed" and status.message:
        st.caption("If the reason above does not help, send the log to whoever runs this server.")
