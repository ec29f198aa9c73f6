"""Validations of runs: who may start one, what lists of runs say of it, and its report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from isost_core.errors import InputError
from isost_core.files import read_json
from isost_core.runs.run import Run
from isost_core.workflows.validate import REPORT, create_validation, has_report, validation_job
from ui.jobs import my_runs, words
from ui.shell import visitor


def start(run: Run, hold_out: str | Sequence[str], expected_s: float | None = None) -> None:
    """Hand the validation of a run to a process of its own; `expected_s`: seconds that the page promised."""
    if not may_start(run):
        raise InputError("Only the person who started this run can validate it.")
    create_validation(run.path, hold_out, visitor.visitor_hash(), expected_s).submit()


def may_start(run: Run) -> bool:
    """Its owner; anybody for the demo, as long as it has no report."""
    return visitor.is_mine(run.path) or (my_runs.may_add_to(run.path) and not has_report(run.path))


def going(path: Path) -> bool:
    """Whether the run in a folder is being validated."""
    return validation_job(path).going()


def in_words(path: Path) -> str:
    """State of the validation of the run in a folder, in a word or two, for lists of runs."""
    status = validation_job(path).status()
    if status is not None and status.going:
        return words.state_words(status)
    return "yes" if has_report(path) else "no"


def report(path: Path) -> dict[str, Any] | None:
    """The finished report of the run in a folder, or None."""
    file = validation_job(path).folder / REPORT
    return _report(str(file), file.stat().st_mtime_ns) if file.is_file() else None


@st.cache_resource(max_entries=6, show_spinner=False)
def _report(file: str, stamp: int) -> dict[str, Any]:
    return read_json(file)
