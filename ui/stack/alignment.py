"""The registration of the stack being prepared: what is kept of it, how it is made by a job, corrected and undone.

Kept with the answers of the stack: {"signature": of the sections, "alignment": ..., "on": whether runs use it, "undo":
earlier alignments}. It belongs to the sections as they were read; for others it does not count.
"""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import streamlit as st

from isost_core import keys
from isost_core.jobs.job import Job
from isost_core.registration.align import moved
from isost_core.registration.alignment import Alignment
from isost_core.workflows.register import RESULT, create_registration, registration_job, registration_result
from ui.shell import visitor, workspace
from ui.stack import uploads

KEPT, CHANGES = "registration", "registration_changes"
MOST_UNDO = 30


def signature(sections):
    """Text that changes with the sections and where their cells lie."""
    xy = np.ascontiguousarray(sections.cells.obsm[keys.SPATIAL])
    return hashlib.sha256(xy.tobytes() + json.dumps(sections.names).encode()).hexdigest()[:24]


def current(folder, sections):
    """Alignment of these sections as it stands: the identity where nothing was done."""
    held = _held(folder, sections)
    return Alignment.from_dict(held["alignment"]) if held else Alignment.identity(sections)


def is_on(folder, sections):
    """Whether there is a registration of these sections that runs use."""
    held = _held(folder, sections)
    return bool(held and held["on"])


def exists(folder, sections):
    return _held(folder, sections) is not None


def keep(folder, sections, alignment):
    """Make an alignment the current one; the one before can be brought back."""
    held = _held(folder, sections)
    undo = [*held["undo"], held["alignment"]] if held else [None]
    _store(folder, sections, alignment.to_dict(), undo[-MOST_UNDO:])


def changes(folder):
    """How often the registration of a stack was changed or undone: what was dragged before is not dragged again."""
    return uploads.answers(folder).get(CHANGES, 0)


def can_undo(folder, sections):
    held = _held(folder, sections)
    return bool(held and held["undo"])


def undo(folder, sections):
    """Bring back what was before the last change."""
    held = _held(folder, sections)
    *undo, last = held["undo"]
    if last is None:
        uploads.answer(folder, **{KEPT: None, CHANGES: changes(folder) + 1})
    else:
        _store(folder, sections, last, undo)


def switch(folder, sections, on):
    """Use the registration for runs, or leave the sections as they came."""
    uploads.answer(folder, **{KEPT: _held(folder, sections) | {"on": on}})


def applied(folder, sections):
    """The sections in the registered frame, where there is a registration that runs use."""
    if not is_on(folder, sections):
        return sections
    return _moved(signature(sections), json.dumps(_held(folder, sections)["alignment"], sort_keys=True), sections)


@st.cache_resource(max_entries=2, show_spinner=False)
def _moved(of, alignment, _sections):

    return moved(_sections, Alignment.from_dict(json.loads(alignment)))


def _held(folder, sections):
    held = uploads.answers(folder).get(KEPT)
    return held if held and held["signature"] == signature(sections) else None


def _store(folder, sections, alignment, undo):
    uploads.answer(folder, **{CHANGES: changes(folder) + 1, KEPT: {
        "signature": signature(sections), "alignment": alignment, "on": True, "undo": undo}})


def job_of(folder: Path) -> Job:
    """The automatic registration of a stack."""
    return registration_job(workspace.folder() / "registrations" / folder.name)


def start(folder, sections, options):
    """Hand the registration to a process of its own."""
    create_registration(job_of(folder).folder, sections, signature(sections), owner=visitor.visitor_hash(),
                        **options).submit()


def collect(folder, sections):
    """Take over the result of a finished job once; whether there was one for these sections."""
    job = job_of(folder)
    found = registration_result(job.folder)
    if found is None:
        return False
    (job.folder / RESULT).unlink(missing_ok=True)
    if found.signature != signature(sections):
        return False
    keep(folder, sections, found.alignment)
    return True


def forget(folder):
    """Remove what jobs left of a stack that is gone."""
    shutil.rmtree(job_of(folder).folder, ignore_errors=True)
