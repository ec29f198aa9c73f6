"""The validation of a finished run, by its own sections and settings: a job that writes into the run's folder.

RUN/validation/   request.json what was asked for; the other files of a job;
                  report.json, report.html: put there together when all is done, so an earlier report stays till then
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from isost_core.jobs.job import Job, Kind
from isost_core.jobs.progress import Reporter
from isost_core.jobs.stages import Stage
from isost_core.jobs.status import State, Status, read_status, write_status
from isost_core.reports.validation_page import FILES, write_report
from isost_core.runs.run import Run
from isost_core.runs.store import load_run

REPORT, PAGE = FILES
BUSY = "This run is already being validated. Wait until that ends, or cancel it."


def validation_job(run_folder: str | PathLike[str], owner: str | None = None) -> Job:
    """The job of validating a run."""
    return Job(Kind.VALIDATE, Path(run_folder) / "validation", owner)


def create_validation(run_folder: str | PathLike[str], hold_out: str | Sequence[str] = "each",
                      owner: str | None = None, expected_s: float | None = None) -> Job:
    """Queue the validation of a finished run.

    Parameters
    ----------
    run_folder : folder of the run
    hold_out : 'each' inner section by itself, or names of sections to hold out together
    expected_s : seconds that the user was told it takes
    """
    from isost_core.validation.hold_out import plan_folds  # it needs torch

    plan_folds(load_run(Path(run_folder)).sections, hold_out)
    request = {"hold_out": hold_out if hold_out == "each" else list(hold_out), "expected_s": expected_s}
    return validation_job(run_folder, owner).ask(request, BUSY)


def execute_validation(folder: Path) -> Path:
    """Do the work of a validation made by `create_validation`, in this process; returns the path of the page."""
    asked = Job(Kind.VALIDATE, folder).request()
    with Reporter(folder, expected_s=asked.get("expected_s")) as reporter:
        from isost_core.validation.hold_out import validate  # it needs torch

        run = load_run(folder.parent)
        report = validate(run.sections, asked["hold_out"], run.config, device_of(run), reporter.progress)
        _put(run, report, folder)
    return folder / PAGE


def keep_report(run: Run, report: dict[str, Any], made: str) -> None:
    """Keep a validation of a run that was done elsewhere; `made` says so in a sentence, which its page shows."""
    job = validation_job(run.path).ask({"hold_out": report["about"]["hold_out"]}, BUSY)
    _put(run, report | {"about": report["about"] | {"made": made}}, job.folder)
    write_status(job.folder, Status(State.DONE, Stage.DONE, 1.0, seconds=report["about"]["seconds"]))


def _put(run: Run, report: dict[str, Any], folder: Path) -> None:
    """Write the report and its page into the folder of the job, both at once."""
    report["about"] |= {"run": run.name, "left_out_before": left_out_before(run)}
    made = folder / "new"
    shutil.rmtree(made, ignore_errors=True)
    write_report(report, made)
    for name in FILES:
        os.replace(made / name, folder / name)
    made.rmdir()


def expected_time(run: Run, hold_out: str | Sequence[str] = "each") -> float:
    """Expected seconds of validating a run, by how long the run itself took."""
    from isost_core.reconstruction.timing import reference_seconds
    from isost_core.validation.hold_out import expected_seconds

    device = device_of(run)
    took = read_status(run.path).seconds
    slowness = took / reference_seconds(run.sections, run.config, device) if took else None
    return float(expected_seconds(run.sections, hold_out, run.config, device, slowness).sum())


def has_report(run_folder: str | PathLike[str]) -> bool:
    """Whether a validation of this run was finished."""
    return (validation_job(run_folder).folder / REPORT).is_file()


def device_of(run: Run) -> str:
    """The device that a run was asked to be computed on."""
    return run.about["source"].get("device", "auto")


def left_out_before(run: Run) -> list[str]:
    """Names of sections that the run itself was made without: they are no part of its validation."""
    return list(run.about["source"].get("hold_out", ()))
