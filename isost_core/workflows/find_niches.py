"""Niches of a finished run as a job that writes into the run's folder, one folder for each way of finding them.

RUN/niches/KEY/   request.json what was asked for; status.json, log.txt and process files as a run has them;
                  niches.npz, niches.json: there once they are found
"""

import hashlib
import json
from pathlib import Path

from isost_core.errors import InputError
from isost_core.files import read_json, write_json
from isost_core.jobs.progress import Reporter
from isost_core.jobs.status import Status, read_status, write_status
from isost_core.runs.store import load_run

ACTIVE = ("queued", "running")


def niches_folder(run_folder, column, number, reach_um):
    """Folder of the niches by a column (None: expression), of a number (None: suggested), within a reach (um)."""
    key = hashlib.sha256(json.dumps([column, number, round(float(reach_um), 3)]).encode()).hexdigest()[:12]
    return Path(run_folder) / "niches" / key


def found_niches(run_folder):
    """Folders of the niches that were found, the newest first."""
    files = [file for file in (Path(run_folder) / "niches").glob("*/niches.json")
             if file.with_name("request.json").is_file()]
    return [file.parent for file in sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True)]


def niches_status(folder):
    """Status of the job of a folder, or None where there was none."""
    return read_status(folder) if (Path(folder) / "status.json").is_file() else None


def create_niches(run_folder, column, number, reach_um):
    """Prepare finding niches; `execute_niches` does the work on the folder that is returned."""
    folder = niches_folder(run_folder, column, number, reach_um)
    for other in folder.parent.glob("*"):
        status = niches_status(other)
        if status and status.state in ACTIVE:
            raise InputError("Niches of this run are being found already. Wait for them, or cancel them.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("cancel", "process.json", "log.txt"):
        (folder / name).unlink(missing_ok=True)
    write_json(folder / "request.json", {"column": column, "number": number, "reach_um": float(reach_um)})
    write_status(folder, Status())
    return folder


def keep_niches(run_folder, niches, number):
    """Keep niches that were found without a job, as those of the number asked for (None: suggested)."""
    folder = niches_folder(run_folder, niches.column, number, niches.reach_um)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "request.json", {"column": niches.column, "number": number, "reach_um": niches.reach_um})
    niches.save(folder)


def execute_niches(folder):
    """Find the niches asked for by `create_niches`, in this process, and keep them in the folder."""
    folder = Path(folder)
    with Reporter(folder) as reporter:
        from isost_core.analysis.niches import find_niches

        run = load_run(folder.parents[1])
        find_niches(run, **read_json(folder / "request.json"), on_step=reporter.progress).save(folder)
    return folder
