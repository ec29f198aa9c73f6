"""A notice when what a visitor started has ended, on whichever page."""

import hashlib
import os
import time

import pytest
from streamlit.testing.v1 import AppTest

from isost_core.files import write_json
from isost_core.jobs.status import State, Status, write_status

VISITOR = "c" * 32


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run of VISITOR that is going."""
    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))
    folder = tmp_path / "runs" / ("d" * 24)
    folder.mkdir(parents=True)
    about = {"name": "my *brain*", "created": time.time(), "sections": {}, "n_cells": 1, "n_genes": 1,
             "config": {"preset": "fast"}, "format": 2}
    write_json(folder / "config.json", about)
    (folder / "owner").write_text(hashlib.sha256(f"isost visitor {VISITOR}".encode()).hexdigest())
    write_status(folder, Status(State.RUNNING, pid=os.getpid()))
    return folder


def any_page(visitor, page="About"):
    app = AppTest.from_string(f"from ui.jobs import notice\nnotice.watch({page!r})", default_timeout=60)
    app.session_state["visitor"] = visitor
    app.run()
    assert not app.exception and not app.toast
    return app


@pytest.mark.parametrize(("state", "said"), [(State.DONE, "Finished"), (State.FAILED, "Failed")])
def test_the_end_of_a_run_is_told_once(run, state, said):
    app = any_page(VISITOR)
    write_status(run, Status(state, updated=1.0))
    app.run()
    assert [said in toast.value and "my \\*brain\\*" in toast.value for toast in app.toast] == [True]
    app.run()
    assert not app.exception and not app.toast


def test_nothing_is_told_of_what_was_cancelled_or_deleted_or_is_of_others(run):
    mine, other = any_page(VISITOR), any_page("e" * 32)
    write_status(run, Status(State.CANCELLED))
    for app in (mine, other):
        assert not app.run().toast
    write_status(run, Status(State.RUNNING, pid=os.getpid()))
    mine.run()
    run.rename(run.with_name("gone"))
    assert not mine.run().exception and not mine.toast


def test_each_kind_is_told_with_the_page_that_shows_it(run):
    kinds = {"niches/a": "Niches", "spatial_genes/50_0": "Genes in 3D", "validation": "Validate"}
    write_status(run, Status(State.DONE, updated=1.0))
    for folder, page in kinds.items():
        (run / folder).mkdir(parents=True)
        (run / folder / "owner").write_text((run / "owner").read_text())
        write_status(run / folder, Status(State.RUNNING, pid=os.getpid()))
        app = any_page(VISITOR)
        write_status(run / folder, Status(State.DONE, updated=1.0))
        app.run()
        assert [f"page **{page}**" in toast.value for toast in app.toast] == [True]


def test_the_page_that_shows_it_is_not_named_on_itself(run):
    app = any_page(VISITOR, "Runs")
    write_status(run, Status(State.DONE, updated=1.0))
    assert [toast.value for toast in app.run().toast] == ["Finished: **my \\*brain\\***."]
