"""The validation of a finished run, by its own sections and settings: a job that writes into the run's folder.

RUN/validation/   request.json what was asked for; status.json, log.txt and process files as a run has them;
                  report.json, report.html: put there together when all is done, so an earlier report stays till then
"""

import os
import shutil
from pathlib import Path

from isost_core.errors import InputError
from isost_core.files import read_json, write_json
from isost_core.jobs.progress import Reporter
from isost_core.jobs.status import Status, read_status, write_status
from isost_core.reports.validation_page import FILES, write_report
from isost_core.runs.store import load_run
from isost_core.validation.hold_out import plan_folds, validate


def validation_folder(run_folder):
    return Path(run_folder) / "validation"


def create_validation(run_folder, hold_out="each"):
    """Prepare the validation of a finished run; `execute_validation` does the work.

    Parameters
    ----------
    run_folder : folder of the run
    hold_out : 'each' inner section by itself, or names of sections to hold out together

    Returns
    -------
    Path of the folder to give to `execute_validation`
    """
    run = load_run(run_folder)
    plan_folds(run.sections, hold_out)
    status = validation_status(run_folder)
    if status and status.state in ("queued", "running"):
        raise InputError("This run is being validated already.")
    folder = validation_folder(run_folder)
    folder.mkdir(exist_ok=True)
    for name in ("cancel", "process.json", "log.txt"):
        (folder / name).unlink(missing_ok=True)
    write_json(folder / "request.json", {"hold_out": hold_out if hold_out == "each" else list(hold_out)})
    write_status(folder, Status())
    return folder


def execute_validation(folder):
    """Do the work of a validation made by `create_validation`, in this process; returns the path of the page."""
    folder = Path(folder)
    with Reporter(folder) as reporter:
        run = load_run(folder.parent)
        asked = read_json(folder / "request.json")
        report = validate(run.sections, asked["hold_out"], run.config, device_of(run), reporter.progress)
        report["about"] |= {"run": run.name, "left_out_before": left_out_before(run)}
        made = folder / "new"
        shutil.rmtree(made, ignore_errors=True)
        write_report(report, made)
        for name in FILES:
            os.replace(made / name, folder / name)
        made.rmdir()
    return folder / "report.html"


def validation_status(run_folder):
    """Status of a run's latest validation, or None where there was none."""
    folder = validation_folder(run_folder)
    return read_status(folder) if (folder / "status.json").is_file() else None


def has_report(run_folder):
    return (validation_folder(run_folder) / "report.json").is_file()


def device_of(run):
    return run.about["source"].get("device", "auto")


def left_out_before(run):
    """Names of sections that the run itself was made without: they are no part of its validation."""
    return list(run.about["source"].get("hold_out", ()))
