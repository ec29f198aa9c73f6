"""The registration of a stack being prepared: a job that writes into a folder of its own.

FOLDER/   sections.h5ad and request.json what was asked for; the other files of a job;
          alignment.json: put there when all is done, so an earlier one stays till then
"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from isost_core.files import read_json, write_json
from isost_core.jobs.job import Job, Kind
from isost_core.jobs.progress import Reporter
from isost_core.registration.alignment import Alignment
from isost_core.registration.stackwise import align
from isost_core.sections.stack import Sections

SECTIONS, RESULT = "sections.h5ad", "alignment.json"
BUSY = "These sections are already being registered. Wait until that ends, or cancel it."


@dataclass(frozen=True)
class Registered:
    """What a finished registration found: the alignment, and which sections it belongs to."""

    signature: str
    alignment: Alignment


def registration_job(folder: str | PathLike[str], owner: str | None = None) -> Job:
    """The job of registering sections that is kept in a folder."""
    return Job(Kind.REGISTER, Path(folder), owner)


def create_registration(folder: str | PathLike[str], sections: Sections, signature: str = "", *,
                        owner: str | None = None, **options: bool) -> Job:
    """Queue the registration of some sections.

    Parameters
    ----------
    folder : where it is kept
    sections : Sections, in the frame they came in
    signature : returned with the result: says which sections it belongs to
    options : mirror, scale, smooth (see `isost_core.registration.stackwise.align`)
    """
    request = {"signature": signature, "options": {name: bool(value) for name, value in options.items()}}
    return registration_job(folder, owner).ask(
        request, BUSY, lambda into: sections.save(into / SECTIONS, with_images=False))


def execute_registration(folder: Path) -> Path:
    """Do the work of a registration made by `create_registration`, in this process; returns the path of its result."""
    with Reporter(folder) as reporter:
        asked = registration_job(folder).request()
        sections = Sections.load(folder / SECTIONS)
        made = align(sections, **asked["options"], on_step=reporter.progress)
        write_json(folder / RESULT, {"signature": asked["signature"], "alignment": made.to_dict()})
    (folder / SECTIONS).unlink()
    return folder / RESULT


def registration_result(folder: str | PathLike[str]) -> Registered | None:
    """What the latest finished registration of a folder found, or None."""
    file = Path(folder) / RESULT
    if not file.is_file():
        return None
    held = read_json(file)
    return Registered(held["signature"], Alignment.from_dict(held["alignment"]))
