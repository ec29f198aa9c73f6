"""The validation of a finished run as a job: it ends, is cancelled, fails, dies; an earlier report stays."""

import dataclasses
import os
import signal

import pytest

from isost_core import files
from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom
from isost_core.errors import InputError
from isost_core.jobs.job import Kind
from isost_core.jobs.status import read_status, write_status
from isost_core.runs import store
from isost_core.sections.stack import Sections
from isost_core.validation.hold_out import expected_seconds
from isost_core.workflows.reconstruct import execute
from isost_core.workflows.run_job import work
from isost_core.workflows.validate import (
    create_validation,
    execute_validation,
    expected_time,
    has_report,
    validation_job,
)
from tests.runs.test_runs import wait_for

QUICK = Config.of_preset("fast", train_steps=3, masked_cells=50, factors=6, width=8)


def run_of(folder, n, config=QUICK):
    made = make_phantom("layers", n, 40.0, n_cells=100, n_genes=6)[0]
    return execute(store.create_run(folder / "run", Sections.from_anndata(made), config, name="Layers",
                                   source={"hold_out": ["S09"]}))


@pytest.fixture(scope="module")
def validated(tmp_path_factory):
    """A run with a finished validation."""
    run = run_of(tmp_path_factory.mktemp("validated"), 3)
    assert validation_job(run).status() is None and not has_report(run)
    execute_validation(create_validation(run).folder)
    return run


def report_of(run):
    return [(validation_job(run).folder / name).read_bytes() for name in ("report.json", "report.html")]


def test_a_finished_validation_leaves_its_report_and_says_how_it_went(validated):
    status, folder = validation_job(validated).status(), validation_job(validated).folder
    assert (status.state, status.fraction) == ("done", 1.0)
    assert not (folder / "new").exists()
    report = files.read_json(folder / "report.json")
    assert report["about"]["hold_out"] == "each" and report["about"]["run"] == "Layers"
    assert report["about"]["config"] == QUICK.to_dict()
    assert set(report["bins"]["measured"]) == {g["gene"] for g in report["genes"]}
    assert "made without S09" in (folder / "report.html").read_text()
    log = validation_job(validated).log()
    assert "1 of 1, S02 held out: comparing" in log and "done in" in log
    assert read_status(validated).state == "done"


def test_a_cancelled_validation_leaves_the_earlier_report(validated):
    before = report_of(validated)
    job = create_validation(validated, ("S02",))
    assert job.status().state == "queued"
    with pytest.raises(InputError, match="already"):
        create_validation(validated)
    (job.folder / "cancel").touch()
    assert not work(Kind.VALIDATE, job.folder)
    assert job.status().state == "cancelled"
    assert report_of(validated) == before


def test_a_validation_that_fails_or_dies_leaves_the_earlier_report(validated):
    before = report_of(validated)
    job = create_validation(validated)
    pid = job.submit()
    wait_for(job.folder, {"running"})
    os.kill(pid, signal.SIGKILL)
    assert "without an error message" in wait_for(job.folder, {"failed"}).message
    os.waitpid(pid, 0)
    folder = create_validation(validated).folder
    (folder / "request.json").write_text('{"hold_out": ["S01"]}')
    with pytest.raises(InputError):
        execute_validation(folder)
    status = job.status()
    assert status.state == "failed" and "cannot be held out" in status.message
    assert report_of(validated) == before


def test_two_sections_cannot_be_validated(tmp_path):
    run = run_of(tmp_path, 2)
    with pytest.raises(InputError, match="at least three sections"):
        create_validation(run)
    assert not validation_job(run).folder.exists()


def test_a_run_that_is_not_finished_cannot_be_validated(tmp_path):
    made = make_phantom("layers", 3, 40.0, n_cells=60, n_genes=6)[0]
    with pytest.raises(InputError, match="not finished"):
        create_validation(store.create_run(tmp_path / "run", Sections.from_anndata(made), QUICK))


def test_the_expected_time_goes_by_how_long_the_run_took(validated):
    run = store.load_run(validated)
    took = read_status(validated)
    before = expected_time(run)
    write_status(validated, dataclasses.replace(took, seconds=3 * took.seconds))
    try:
        assert expected_time(run) > 1.5 * before
    finally:
        write_status(validated, took)


def test_the_expected_time_grows_with_what_is_held_out():
    sections = Sections.from_anndata(make_phantom("layers", 5, 40.0, n_cells=100, n_genes=6)[0])
    each = expected_seconds(sections, "each", QUICK, "cpu")
    together = expected_seconds(sections, ("S02", "S03"), QUICK, "cpu")
    assert each.shape == (6, 2) and together.shape == (1, 2)
    assert each.sum() > together.sum() > 0
    assert (each > 0).all()
