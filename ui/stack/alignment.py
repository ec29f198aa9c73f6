"""The registration of the stack being prepared: what is kept of it, how it is made by a job, corrected and undone.

Kept with the answers of the stack: {"signature": of the sections, "alignment": ..., "on": whether runs use it, "undo":
earlier alignments, "made": when, in seconds since 1970}. It belongs to the sections as they were read; for others it
does not count.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from isost_core.jobs.job import Job
from isost_core.registration.alignment import Alignment
from isost_core.registration.stackwise import apply_alignment
from isost_core.sections.stack import Sections
from isost_core.workflows.register import RESULT, create_registration, registration_job, registration_result
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


def made_at(stack: PreparedStack) -> float | None:
    """When the registration got as it is, in seconds since 1970; None where that was not kept."""
    held = _held(stack)
    return held.get("made") if held else None


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
        "signature": stack.signature, "alignment": alignment, "on": True, "undo": undo, "made": time.time()}})


def job_of(folder: Path) -> Job:
    """The automatic registration of a stack."""
    return registration_job(workspace.folder() / "registrations" / folder.name)


def start(stack: PreparedStack, options: dict[str, bool]) -> None:
    """Hand the registration to a process of its own."""
    create_registration(job_of(stack.folder).folder, stack.measured, stack.signature,
                        owner=visitor.visitor_hash(), **options).submit()


def collect(stack: PreparedStack) -> bool:
    """Take over the result of a finished job once; whether there was one for these sections."""
    job = job_of(stack.folder)
    found = registration_result(job.folder)
    if found is None:
        return False
    (job.folder / RESULT).unlink(missing_ok=True)
    if found.signature != stack.signature:
        return False
    keep(stack, found.alignment)
    return True


def forget(folder: Path) -> None:
    """Remove what jobs left of a stack that is gone."""
    shutil.rmtree(job_of(folder).folder, ignore_errors=True)
