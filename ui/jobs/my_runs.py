"""Runs of this visitor: start, list, cancel, delete. Only who started a run can change it."""

import secrets
import shutil
from datetime import datetime

import streamlit as st

from isost_core.errors import InputError
from isost_core.jobs.executors import submit
from isost_core.jobs.status import request_cancel
from isost_core.runs.store import create_run, list_runs
from ui.shell import state, visitor, workspace
from ui.shell.widgets import asked_twice

ACTIVE = ("queued", "running")
STATE_WORDS = {"queued": "waiting", "running": "running", "done": "finished", "failed": "failed",
               "cancelled": "cancelled"}
STATE_COLOURS = {"queued": "gray", "running": "blue", "done": "green", "failed": "red", "cancelled": "gray"}


def runs_folder():
    folder = workspace.folder() / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run_path(run_id):
    """Folder of a run by its id, or None where there is no such run."""
    if not workspace.is_run_id(run_id):
        return None
    if run_id == workspace.DEMO:
        from isost_core.workflows.demo import demo_run
        return demo_run(workspace.folder())
    path = runs_folder() / run_id
    return path if path.is_dir() else None


def start_run(sections, config, name, source):
    """Write a run with a new unguessable id, hand it to a process of its own, return the id.

    `source` says what it was made from: files, device, hold_out.
    """

    run_id = secrets.token_hex(12)
    path = create_run(runs_folder() / run_id, sections, config, name=name, source=source)
    visitor.claim(path)
    submit(path)
    return run_id


def my_runs():
    """Cards of this visitor's runs, newest first."""
    return [card for card in list_runs(runs_folder()) if visitor.is_mine(card.path)]


def card(run_id):
    """RunCard of one run, the demo included."""
    path = run_path(run_id)
    return next((card for card in list_runs(path.parent) if card.path.name == path.name), None)


def finished_runs():
    """{run id: name} that can be explored: this visitor's, the demo, and the one a link opened."""
    names = {card.path.name: f"{card.name} · {when(card.created)}" for card in my_runs() if card.state == "done"}
    if run_path(workspace.DEMO) is not None:
        names[workspace.DEMO] = "Demo"
    return names


def cancel(run_id):
    request_cancel(_own(run_id))


def delete(run_id):
    """Remove a run; out of the way first, so that a validation that is still going finds nowhere to write."""
    path = _own(run_id)
    gone = path.rename(path.with_name(f"{path.name}.old"))
    shutil.rmtree(gone)
    if state.open_run_id() == run_id:
        state.open_run(None)


def _own(run_id):
    path = run_path(run_id)
    if path is None:
        raise InputError("This run is no longer here.")
    if not visitor.is_mine(path):
        raise InputError("Only the visitor who started this run can cancel or delete it.")
    return path


def cancel_box(run_id):
    """Cancel, asked twice."""
    if asked_twice("Cancel", ":material/stop_circle:", "The run stops now. What it computed so far is not kept; the "
                   "sections you uploaded are.", "Cancel the run", "cancel"):
        cancel(run_id)


def delete_box(run_id):
    """Delete, asked twice."""
    if asked_twice("Delete", ":material/delete:", "This run and everything computed for it is removed for good. Links "
                   "to it stop working.", "Delete for good", "delete"):
        delete(run_id)
        st.rerun()


def when(created):
    """A point in time (seconds since 1970) as people say it."""
    at = datetime.fromtimestamp(created)
    return at.strftime("today %H:%M") if at.date() == datetime.now().date() else at.strftime("%d %b %Y %H:%M")


def duration(seconds):
    """Seconds as a person reads a waiting time."""
    if seconds is None or seconds != seconds:
        return "unknown"
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
