"""Runs of this visitor: list, open, delete. Only who started a run can change it."""

from __future__ import annotations

import shutil
from pathlib import Path

import streamlit as st

from isost_core.errors import InputError
from isost_core.jobs.job import Job, Kind
from isost_core.jobs.status import State
from isost_core.runs import folder, store
from isost_core.runs.folder import RunCard, is_finished, list_runs
from ui.jobs import words
from ui.shell import state, visitor, widgets, workspace


def runs_folder() -> Path:
    """Folder of all runs."""
    runs = workspace.folder() / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    return runs


def run_path(run_id: str) -> Path | None:
    """Folder of a run by its id, or None where there is no such run."""
    if not workspace.is_run_id(run_id):
        return None
    if run_id == workspace.DEMO:
        demo = workspace.folder() / workspace.DEMO
        return demo if is_finished(demo) else None
    path = runs_folder() / run_id
    return path if path.is_dir() else None


def job_of(path: Path) -> Job:
    """The job that makes a run."""
    return Job(Kind.RECONSTRUCT, path)


def my_runs() -> list[RunCard]:
    """Cards of this visitor's runs, newest first."""
    return [card for card in list_runs(runs_folder()) if visitor.is_mine(card.path)]


def card(run_id: str) -> RunCard | None:
    """Card of one run, the demo included."""
    path = run_path(run_id)
    if path is None:
        return None
    return next((card for card in list_runs(path.parent) if card.path.name == path.name), None)


def finished_runs() -> dict[str, str]:
    """{run id: name} that can be explored: this visitor's, the demo, and the one a link opened."""
    names = {card.path.name: f"{card.name} · {words.when(card.created)}" for card in my_runs()
             if card.state == State.DONE}
    if run_path(workspace.DEMO) is not None:
        names[workspace.DEMO] = "Demo"
    return names


def may_add_to(path: Path) -> bool:
    """Whether this visitor may have something computed that is kept with a run: its owner; anybody for the demo, which
    belongs to all."""
    return visitor.is_mine(path) or (path.name == workspace.DEMO and state.open_run_id() == workspace.DEMO)


def may_cancel(job: Job, run: Path) -> bool:
    """Whether this visitor may cancel a job that writes into a run's folder: who started it, and the run's owner."""
    return visitor.is_mine(job.folder) or visitor.is_mine(run)


def pace() -> float | None:
    """How slow this computer is, by the runs that it has finished, the demo among them; None before the first."""
    paces = [found for found in map(folder.pace, (runs_folder(), workspace.folder())) if found is not None]
    return paces[0] if paces else None


def rename(run_id: str, name: str) -> None:
    """Give a run another name."""
    folder.rename(_own(run_id, "rename"), name)


def start_over(run_id: str) -> None:
    """Start a run that came to nothing once more, with the same sections and settings."""
    path = _own(run_id, "start")
    store.start_over(path)
    Job(Kind.RECONSTRUCT, path, visitor.visitor_hash()).submit()


def delete(run_id: str) -> None:
    """Remove a run; out of the way first, so that a validation that is still going finds nowhere to write."""
    path = _own(run_id, "delete")
    gone = path.rename(path.with_name(f"{path.name}.old"))
    shutil.rmtree(gone)
    if state.open_run_id() == run_id:
        state.open_run(None)


def _own(run_id: str, act: str) -> Path:
    """Folder of a run of this visitor; an InputError where it is gone or someone else's."""
    path = run_path(run_id)
    if path is None:
        raise InputError("This run was already deleted.")
    if not visitor.is_mine(path):
        raise InputError(f"Only the person who started this run can {act} it.")
    return path


def delete_box(run_id: str) -> None:
    """Delete, asked twice."""
    if widgets.asked_twice("Delete", ":material/delete:", "This deletes the run and everything computed for it. Links "
                           "to it will stop working. You can't undo this.", "Delete for good", "delete"):
        with widgets.shows_input_errors("This run can't be deleted"):
            delete(run_id)
            st.rerun()
