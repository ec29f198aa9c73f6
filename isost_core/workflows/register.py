"""The registration of a stack being prepared: a job that writes into a folder of its own.

FOLDER/   sections.h5ad and request.json what was asked for; status.json, log.txt and process files as a run has them;
          alignment.json: put there when all is done, so an earlier one stays till then
"""

from pathlib import Path

from isost_core.errors import InputError
from isost_core.files import read_json, write_json
from isost_core.jobs.progress import Reporter
from isost_core.jobs.status import Status, read_status, write_status
from isost_core.registration.alignment import Alignment
from isost_core.registration.stackwise import align
from isost_core.sections.stack import Sections

OPTIONS = ("mirror", "scale", "smooth")  # of `align`, that may be asked for


def create_registration(folder, sections, signature="", **options):
    """Prepare the registration of some sections; `execute_registration` does the work.

    Parameters
    ----------
    folder : where it is kept
    sections : Sections, in the frame they came in
    signature : str, returned with the result: says which sections it belongs to
    options : mirror, scale, smooth (see `isost_core.registration.stackwise.align`)

    Returns
    -------
    Path of the folder
    """
    folder = Path(folder)
    latest = registration_status(folder)
    if latest and latest.state in ("queued", "running"):
        raise InputError("These sections are being registered already.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("cancel", "process.json", "log.txt"):
        (folder / name).unlink(missing_ok=True)
    sections.save(folder / "sections.h5ad", with_images=False)
    write_json(folder / "request.json", {"signature": signature, "options": {k: bool(options[k]) for k in options}})
    write_status(folder, Status())
    return folder


def execute_registration(folder):
    """Do the work of a registration made by `create_registration`, in this process; returns the path of its result."""
    folder = Path(folder)
    with Reporter(folder) as reporter:
        asked = read_json(folder / "request.json")
        sections = Sections.load(folder / "sections.h5ad")
        made = align(sections, **asked["options"], on_step=reporter.progress)
        write_json(folder / "alignment.json", {"signature": asked["signature"], "alignment": made.to_dict()})
    (folder / "sections.h5ad").unlink()
    return folder / "alignment.json"


def registration_status(folder):
    """Status of the latest registration in a folder, or None where there was none."""
    return read_status(folder) if (Path(folder) / "status.json").is_file() else None


def registration_result(folder):
    """(signature, Alignment) of the latest finished registration in a folder, or None."""
    file = Path(folder) / "alignment.json"
    if not file.is_file():
        return None
    held = read_json(file)
    return held["signature"], Alignment.from_dict(held["alignment"])
