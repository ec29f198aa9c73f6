"""The registration of the stack being prepared: what is kept of it, how it is made by a job, corrected and undone.

Kept with the answers of the stack: {"signature": of the sections, "alignment": ..., "on": whether runs use it, "undo":
earlier alignments}. It belongs to the sections as they were read; for others it does not count.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from isost_core.errors import InputError
from isost_core.jobs.executors import REGISTER, submit
from isost_core.jobs.status import request_cancel
from isost_core.registration.alignment import Alignment
from isost_core.registration.stackwise import apply_alignment
from isost_core.sections.stack import Sections
from isost_core.workflows.register import create_registration, registration_result, registration_status
from ui.shell import visitor, workspace
from ui.stack import uploads
from ui.stack.prepared import PreparedStack

KEPT, CHANGES = "registration", "registration_changes"
MOST_UNDO = 30


def current(stack: PreparedStack) -> Alignment:
    """Alignment of these sections as it stands: the identity where nothing was done."""
    held = _held(stack)
    return Alignment.from_dict(held["alignment"]) if held else Alignment.identity(stack.measured)


def is_on(stack: PreparedStack) -> bool:
    """Whether there is a registration of these sections that runs use."""
    held = _held(stack)
    return bool(held and held["on"])


def exists(stack: PreparedStack) -> bool:
    """Whether there is a registration of these sections."""
    return _held(stack) is not None


def keep(stack: PreparedStack, alignment: Alignment) -> None:
    """Make an alignment the current one; the one before can be brought back."""
    held = _held(stack)
    undo: list[dict[str, Any] | None] = [*held["undo"], held["alignment"]] if held else [None]
    _store(stack, alignment.to_dict(), undo[-MOST_UNDO:])


def changes(folder: Path) -> int:
    """How often the registration of a stack was changed or undone: what was dragged before is not dragged again."""
    return uploads.answers(folder).get(CHANGES, 0)


def can_undo(stack: PreparedStack) -> bool:
    """Whether there is a change to take back."""
    held = _held(stack)
    return bool(held and held["undo"])


def undo(stack: PreparedStack) -> None:
    """Bring back what was before the last change."""
    held = _held(stack)
    if not held or not held["undo"]:
        return
    *earlier, last = held["undo"]
    if last is None:
        uploads.answer(stack.folder, **{KEPT: None, CHANGES: changes(stack.folder) + 1})
    else:
        _store(stack, last, earlier)


def switch(stack: PreparedStack, on: bool) -> None:
    """Use the registration for runs, or leave the sections as they came."""
    if held := _held(stack):
        uploads.answer(stack.folder, **{KEPT: held | {"on": on}})


def applied(stack: PreparedStack) -> PreparedStack:
    """The stack with its sections in the registered frame, where there is a registration that runs use."""
    held = _held(stack)
    if not held or not held["on"]:
        return stack
    alignment = json.dumps(held["alignment"], sort_keys=True)
    return replace(stack, sections=_moved(stack.key, alignment, stack.sections), key=(*stack.key, alignment))


@st.cache_resource(max_entries=2, show_spinner=False)
def _moved(of: tuple, alignment: str, _sections: Sections) -> Sections:
    return apply_alignment(_sections, Alignment.from_dict(json.loads(alignment)))


def _held(stack: PreparedStack) -> dict[str, Any] | None:
    held = uploads.answers(stack.folder).get(KEPT)
    return held if held and held["signature"] == stack.signature else None


def _store(stack: PreparedStack, alignment: dict[str, Any], undo: list[dict[str, Any] | None]) -> None:
    uploads.answer(stack.folder, **{CHANGES: changes(stack.folder) + 1, KEPT: {
        "signature": stack.signature, "alignment": alignment, "on": True, "undo": undo}})


def job_folder(folder):
    return workspace.folder() / "registrations" / folder.name


def status(folder):
    """Status of the latest automatic registration of a stack, or None."""
    return registration_status(job_folder(folder))


def start(stack, options):
    """Hand the registration to a process of its own."""

    made = create_registration(job_folder(stack.folder), stack.measured, stack.signature, **options)
    visitor.claim(made)
    submit(made, REGISTER)


def cancel(folder):
    job = job_folder(folder)
    if not visitor.is_mine(job):
        raise InputError("Only the visitor who started this registration can cancel it.")
    request_cancel(job)


def collect(stack):
    """Take over the result of a finished job once; whether there was one for these sections."""
    result = registration_result(job_folder(stack.folder))
    if result is None:
        return False
    (job_folder(stack.folder) / "alignment.json").unlink(missing_ok=True)
    of, alignment = result
    if of != stack.signature:
        return False
    keep(stack, alignment)
    return True


def forget(folder):
    """Remove what jobs left of a stack that is gone."""
    shutil.rmtree(job_folder(folder), ignore_errors=True)
