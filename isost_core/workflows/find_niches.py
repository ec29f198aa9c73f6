"""Niches of a finished run as a job that writes into the run's folder, one folder for each way of finding them.

RUN/niches/KEY/   request.json what was asked for; the other files of a job;
                  niches.npz, niches.json: there once they are found
"""

from __future__ import annotations

import hashlib
import json
from os import PathLike
from pathlib import Path

from isost_core.analysis.niches import Niches, find_niches
from isost_core.errors import InputError
from isost_core.files import write_json
from isost_core.jobs.job import Job, Kind
from isost_core.jobs.layout import REQUEST
from isost_core.jobs.progress import Reporter
from isost_core.runs.store import load_run

RESULT = "niches.json"
BUSY = "Niches of this run are already being found. Wait until that ends, or cancel it."


def niches_job(run_folder: str | PathLike[str], column: str | None, number: int | None, reach_um: float,
               owner: str | None = None) -> Job:
    """The job of finding niches by a column (None: expression), of a number (None: suggested), within a reach (um)."""
    key = hashlib.sha256(json.dumps([column, number, round(float(reach_um), 3)]).encode()).hexdigest()[:12]
    return Job(Kind.FIND_NICHES, Path(run_folder) / "niches" / key, owner)


def found_niches(run_folder: str | PathLike[str]) -> list[Path]:
    """Folders of the niches that were found, the newest first."""
    files = [file for file in (Path(run_folder) / "niches").glob(f"*/{RESULT}") if file.with_name(REQUEST).is_file()]
    return [file.parent for file in sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True)]


def create_niches(run_folder: str | PathLike[str], column: str | None, number: int | None, reach_um: float,
                  owner: str | None = None) -> Job:
    """Queue finding niches (see `niches_job`); an InputError where others of this run are being found."""
    job = niches_job(run_folder, column, number, reach_um, owner)
    if any(Job(job.kind, other).going() for other in job.folder.parent.glob("*")):
        raise InputError(BUSY)
    return job.ask({"column": column, "number": number, "reach_um": float(reach_um)}, BUSY)


def keep_niches(run_folder: str | PathLike[str], niches: Niches, number: int | None) -> None:
    """Keep niches that were found without a job, as those of the number asked for (None: suggested)."""
    folder = niches_job(run_folder, niches.column, number, niches.reach_um).folder
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / REQUEST, {"column": niches.column, "number": number, "reach_um": niches.reach_um})
    niches.save(folder)


def execute_niches(folder: Path) -> Path:
    """Find the niches asked for by `create_niches`, in this process; returns the folder, which keeps them."""
    with Reporter(folder) as reporter:
        asked = Job(Kind.FIND_NICHES, folder).request()
        find_niches(load_run(folder.parents[1]), **asked, on_step=reporter.progress).save(folder)
    return folder
