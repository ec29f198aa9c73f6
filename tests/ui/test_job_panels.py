"""The panel of a job on the pages of registration and niches: started, going, cancelled, failed, and for whom."""

import os
import shutil

import pytest

from isost_core.jobs.executors import process_born
from isost_core.jobs.job import Job, Kind
from isost_core.jobs.stages import Stage
from isost_core.jobs.status import State, Status, write_status
from isost_core.workflows.find_niches import niches_job
from tests.ui.test_pages import (  # noqa: F401
    RUN_ID,
    VISITOR,
    button,
    empty,
    fill,
    finished,
    h5ad,
    open_page,
    own,
    upload,
    words,
)
from ui.jobs import panel
from ui.jobs import words as words_of_jobs
from ui.jobs.words import STAGE_WORDS

STRANGER = "b" * 32


def put(job, state, stage, message="", visitor=None):
    """A job as this process would have left it."""
    job.folder.mkdir(parents=True, exist_ok=True)
    write_status(job.folder, Status(state, stage, 0.4, 30.0, message, os.getpid(), process_born(os.getpid()),
                                    seconds=20.0))
    if visitor:
        own(job.folder, visitor)
    return job


def labels(app):
    return {b.label for b in app.button}


@pytest.fixture
def registration(empty, monkeypatch):  # noqa: F811
    """The registration of a stack, started on the page."""
    started = []
    monkeypatch.setattr("isost_core.jobs.executors.in_own_process", lambda kind, folder: started.append(folder) or 1)
    fill(upload({"a.h5ad": h5ad(), "b.h5ad": h5ad(), "c.h5ad": h5ad()}))
    app = open_page("registration")
    button(app, "Register").click().run()
    assert not app.exception and "Register" not in labels(app)
    return Job(Kind.REGISTER, started[0])


def test_a_registration_is_found_again_and_cancelled(registration):
    assert registration.status().state == "queued" and registration.request()["options"]["mirror"] is True
    app = open_page("registration")
    assert "Waiting to start" in str(app.get("progress")[0].proto)
    put(registration, "running", "refining the stack")
    app = open_page("registration")
    assert STAGE_WORDS[Stage.REFINING_STACK] in str(app.get("progress")[0].proto)
    button(app, "Cancel the registration").click().run()
    assert (registration.folder / "cancel").exists()


def test_a_registration_that_fails_says_why(registration):
    put(registration, "failed", "comparing sections", "Out of luck.")
    app = open_page("registration")
    assert app.error[0].value.endswith("Out of luck. The previous positions are unchanged.")
    assert "Register" in labels(app)


@pytest.fixture
def niches(finished, tmp_path, monkeypatch):  # noqa: F811
    """The job of finding niches in a run of VISITOR, as the page asks for it."""
    from isost_core.analysis.neighbourhoods import usual_reach
    from isost_core.runs.store import load_run

    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))
    run = shutil.copytree(finished / "runs" / RUN_ID, tmp_path / "runs" / RUN_ID)
    own(run, VISITOR)
    return niches_job(run, None, None, usual_reach(load_run(run)))


def test_finding_niches_is_cancelled_by_who_started_it_or_owns_the_run(niches):
    put(niches, "running", "clusters", visitor=STRANGER)
    for visitor, may in ((VISITOR, True), (STRANGER, True), ("c" * 32, False)):
        app = open_page("niches", visitor=visitor, run=RUN_ID)
        assert "Finding the niches" in str(app.get("progress")[0].proto) and "Find niches" not in labels(app)
        assert ("Cancel finding niches" in labels(app)) == may
    button(open_page("niches", run=RUN_ID), "Cancel finding niches").click().run()
    assert (niches.folder / "cancel").exists()


@pytest.mark.parametrize("state, said", [("failed", "The niches were not found. Out of luck."),
                                         ("cancelled", "Finding these niches was cancelled.")])
def test_niches_that_were_not_found_can_be_asked_for_again(state, said, niches):
    put(niches, state, "clusters", "Out of luck.")
    app = open_page("niches", run=RUN_ID)
    assert said in words(app) and "Find niches" in labels(app)


def test_the_time_left_is_fine_enough_to_go_down():
    def left(seconds, state="running"):
        return words_of_jobs.left(Status(State(state), eta_s=seconds, updated=100.0), now=100.0)

    assert [left(s) for s in (42, 95, 118, 300, 590, 1200)] == [
        "42 s", "1 min 40 s", "2 min", "5 min", "9 min 50 s", "20 min"]
    assert (left(None), left(30, "queued"), left(0)) == ("not known yet", "–", "any moment")


def test_a_word_says_that_the_time_left_does_not_go_down(tmp_path, monkeypatch):
    kept = {}
    monkeypatch.setattr("ui.shell.state.get", kept.get)
    monkeypatch.setattr("ui.shell.state.put", kept.__setitem__)
    job = Job(Kind.REGISTER, tmp_path)

    def slow(left, now):
        return panel._is_slow(job, Status(State.RUNNING, eta_s=left, updated=now, started=1.0), now)

    assert not slow(60, 0) and not slow(60, 10) and slow(60, 14) and slow(59.5, 20)
    assert not slow(50, 21), "it goes down again"
    assert not slow(None, 60)


def test_there_are_words_for_every_stage():
    assert set(STAGE_WORDS) == set(Stage)
