"""Validations of runs: who may start and cancel one, how far it is, and its report."""

import streamlit as st

from isost_core.errors import InputError
from isost_core.files import read_json
from isost_core.jobs.executors import VALIDATE, submit
from isost_core.jobs.status import request_cancel
from ui.jobs import my_runs
from ui.shell import state, visitor, workspace
from ui.shell.widgets import asked_twice


def start(run, hold_out):
    """Hand the validation of a run to a process of its own."""
    from isost_core.workflows.validate import create_validation

    if not may_start(run):
        raise InputError("Only the visitor who started this run can validate it.")
    folder = create_validation(run.path, hold_out)
    visitor.claim(folder)
    submit(folder, VALIDATE)


def may_start(run):
    """Its owner; anybody for the demo, which belongs to all, as long as it has no report."""
    return visitor.is_mine(run.path) or (_is_demo(run) and not has_report(run.path))


def may_cancel(run):
    return visitor.is_mine(run.path) or visitor.is_mine(folder(run.path))


def cancel(run):
    if not may_cancel(run):
        raise InputError("Only the visitor who started this validation can cancel it.")
    request_cancel(folder(run.path))


def cancel_box(run):
    """Cancel, asked twice."""
    if asked_twice("Cancel", ":material/stop_circle:", "The validation stops now; an earlier report stays.",
                   "Cancel the validation", "cancel_validation"):
        cancel(run)


def folder(path):
    from isost_core.workflows.validate import validation_folder

    return validation_folder(path)


def status(path):
    """Status of the latest validation of the run in a folder, or None."""
    from isost_core.workflows.validate import validation_status

    return validation_status(path)


def has_report(path):
    from isost_core.workflows.validate import has_report as found

    return found(path)


def in_words(path):
    """State of a run's validation in a word or two, for lists of runs."""
    latest = status(path)
    if latest and latest.state in my_runs.ACTIVE:
        return "running"
    return "yes" if has_report(path) else "no"


def report(path):
    """The finished report of the run in a folder, or None."""
    file = folder(path) / "report.json"
    return _report(str(file), file.stat().st_mtime_ns) if file.is_file() else None


@st.cache_resource(max_entries=6, show_spinner=False)
def _report(file, stamp):
    return read_json(file)


def _is_demo(run):
    return run.path.name == workspace.DEMO and state.open_run_id() == workspace.DEMO
