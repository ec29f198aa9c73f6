"""The life of each of the five jobs: queued, done, cancelled, killed, and found again from its folder alone."""

import os
import shutil
import signal
import time

import pytest

from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom
from isost_core.errors import InputError
from isost_core.files import read_json, write_json
from isost_core.jobs.job import Job, Kind, owner_of
from isost_core.jobs.progress import Cancelled, Reporter
from isost_core.jobs.stages import Stage
from isost_core.jobs.status import GONE, State, Status, read_status, write_status
from isost_core.reconstruction.timing import SHARES
from isost_core.runs.store import create_run
from isost_core.sections.stack import Sections
from isost_core.workflows.find_niches import create_niches, found_niches
from isost_core.workflows.reconstruct import execute
from isost_core.workflows.register import create_registration, registration_result
from isost_core.workflows.run_job import work
from isost_core.workflows.spatial_genes import create_spatial_genes, ranked_genes
from isost_core.workflows.validate import create_validation, has_report

QUICK = Config.of_preset("fast", train_steps=3, masked_cells=50, factors=6, width=8)
KINDS = tuple(Kind)


@pytest.fixture(scope="module")
def sections():
    return Sections.from_anndata(make_phantom("layers", 3, 40.0, n_cells=120, n_genes=6)[0])


@pytest.fixture(scope="module")
def finished(tmp_path_factory, sections):
    return execute(create_run(tmp_path_factory.mktemp("finished") / "run", sections, QUICK))


@pytest.fixture
def asked(tmp_path, sections, finished):
    """Asks for a job of a kind, in a copy of a finished run where it belongs to one."""

    def ask(kind, owner=None):
        if kind == Kind.RECONSTRUCT:
            return Job(kind, create_run(tmp_path / "new", sections, QUICK), owner)
        if kind == Kind.REGISTER:
            return create_registration(tmp_path / "stack", sections, "these", mirror=False, owner=owner)
        run = tmp_path / "run"
        if not run.exists():
            shutil.copytree(finished, run)
        if kind == Kind.VALIDATE:
            return create_validation(run, owner=owner)
        if kind == Kind.FIND_NICHES:
            return create_niches(run, None, 2, 60.0, owner)
        return create_spatial_genes(run, owner=owner)

    return ask


def result(job):
    """What is there once a job is done."""
    run = job.folder.parent
    return {Kind.RECONSTRUCT: lambda: (job.folder / "lattice").is_dir(),
            Kind.REGISTER: lambda: registration_result(job.folder) is not None, Kind.VALIDATE: lambda: has_report(run),
            Kind.FIND_NICHES: lambda: found_niches(run.parent) == [job.folder],
            Kind.SPATIAL_GENES: lambda: ranked_genes(run.parent) is not None}[job.kind]()


def wait_for(job, states, seconds=120):
    end = time.time() + seconds
    while time.time() < end:
        if job.status().state in states:
            return job.status()
        time.sleep(0.1)
    raise AssertionError(f"still {job.status()}: {job.log()}")


@pytest.mark.parametrize("kind", KINDS)
def test_it_goes_from_queued_over_running_to_done(kind, asked, monkeypatch):
    seen, progress = [], Reporter.progress

    def watched(self, stage, done, where=""):
        progress(self, stage, done, where)
        seen.append(Job(kind, self.folder).status())

    monkeypatch.setattr(Reporter, "progress", watched)
    job = asked(kind)
    assert job.status().state == State.QUEUED and job.going() and not result(job)
    assert work(kind, job.folder)
    assert {status.state for status in seen} == {State.RUNNING}
    assert {status.stage for status in seen} <= set(Stage), "pages have words for each stage"
    done = [status.fraction for status in seen]
    assert done == sorted(done) and 0 <= done[0] <= done[-1] < 1
    status = job.status()
    assert (status.state, status.stage, status.fraction) == (State.DONE, Stage.DONE, 1.0)
    assert not job.going() and result(job) and "done in" in job.log()


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_done_by_a_process_of_its_own_and_found_again(kind, asked):
    job = asked(kind, owner="somebody")
    pid = job.submit()
    assert owner_of(job.folder) == "somebody"
    again = Job(kind, job.folder)
    assert again.going() and again.status().pid == pid
    assert wait_for(again, {State.DONE, State.FAILED}).state == State.DONE, again.log()
    assert result(again)
    os.waitpid(pid, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_waits_is_cancelled_and_never_starts(kind, asked):
    job = asked(kind)
    job.cancel()
    assert job.status().state == State.CANCELLED and not job.going()
    assert not work(kind, job.folder)
    assert job.status().state == State.CANCELLED and not result(job)


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_being_done_stops_at_its_next_step(kind, asked, monkeypatch):
    progress = Reporter.progress

    def cancelled_after_one(self, stage, done, where=""):
        progress(self, stage, done, where)
        Job(kind, self.folder).cancel()

    monkeypatch.setattr(Reporter, "progress", cancelled_after_one)
    job = asked(kind)
    assert not work(kind, job.folder)
    status = job.status()
    assert (status.state, status.message) == (State.CANCELLED, "Cancelled.") and not result(job)
    assert "cancelled" in job.log()


@pytest.mark.parametrize("kind", KINDS)
def test_one_whose_process_is_killed_reads_as_failed_and_can_be_asked_for_again(kind, asked):
    job = asked(kind)
    pid = job.submit()
    os.kill(pid, signal.SIGKILL)
    status = wait_for(job, {State.FAILED})
    assert status.message == GONE and not job.going()
    os.waitpid(pid, 0)
    if kind != Kind.RECONSTRUCT:
        assert asked(kind).status().state == State.QUEUED


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != Kind.RECONSTRUCT])
def test_one_that_is_going_cannot_be_asked_for_again(kind, asked):
    asked(kind)
    with pytest.raises(InputError, match="already"):
        asked(kind)


def test_a_job_goes_to_whoever_executes_it(tmp_path):
    handed = []

    def executor(kind, folder):
        handed.append((kind, folder))
        return 7

    job = Job(Kind.VALIDATE, tmp_path / "job").ask({"hold_out": "each"}, "busy")
    assert job.submit(executor) == 7 and handed == [(Kind.VALIDATE, job.folder)]
    assert job.request() == {"hold_out": "each"} and owner_of(job.folder) is None


def test_what_a_job_reads_is_there_before_it_counts_as_asked_for(tmp_path):
    job = Job(Kind.REGISTER, tmp_path / "job")
    assert job.status() is None and not job.going()

    def full(folder):
        raise OSError("the disk is full")

    with pytest.raises(OSError):
        job.ask({}, "busy", full)
    assert job.status() is None
    assert job.ask({}, "busy", lambda folder: (folder / "sections").touch()).going()


def test_asking_again_forgets_how_it_ended_before(tmp_path):
    job = Job(Kind.VALIDATE, tmp_path).ask({}, "busy")
    with pytest.raises(Cancelled), Reporter(job.folder) as reporter:
        job.cancel()
        reporter.progress(Stage.DRIFT, 0.5)
    assert job.ask({}, "busy").going() and not job.log() and not (job.folder / "cancel").exists()


def test_a_status_of_an_earlier_version_is_read(tmp_path):
    write_json(tmp_path / "status.json", {"state": "running", "stage": "1 of 2, S02 held out: drift", "fraction": 0.5,
                                          "eta_s": 3.0, "message": "", "pid": os.getpid(), "born": 0})
    status = read_status(tmp_path)
    assert status.state is State.RUNNING and status.going and status.where == ""
    write_status(tmp_path, Status(State.DONE, Stage.DONE))
    assert read_json(tmp_path / "status.json")["state"] == "done"


def test_every_stage_of_a_run_is_known():
    assert {stage for shares in SHARES.values() for stage in shares} <= set(Stage)


@pytest.mark.parametrize("wing", ["analysis", "export", "figures", "jobs", "reports", "workflows"])
def test_every_public_name_of_a_wing_is_there(wing):
    from importlib import import_module

    made = import_module(f"isost_core.{wing}")
    assert set(made.__all__) == set(made._HOME)
    assert all(getattr(made, name).__module__ == f"isost_core.{wing}.{made._HOME[name]}" for name in made.__all__)
