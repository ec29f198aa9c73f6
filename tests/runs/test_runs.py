"""Runs on disk: progress, failure, cancelling, replacing, and processes that die."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from isost_core import files
from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom
from isost_core.errors import InputError
from isost_core.jobs.job import Job, Kind
from isost_core.jobs.progress import Cancelled, Reporter, time_left
from isost_core.jobs.status import read_status
from isost_core.reconstruction.timing import SHARES, estimate_seconds, reference_seconds
from isost_core.runs import folder, store
from isost_core.sections.stack import Sections
from isost_core.workflows.reconstruct import execute

QUICK = Config.of_preset("fast", train_steps=3, masked_cells=50)
LONG = Config.of_preset("fast", train_steps=5000)


@pytest.fixture(scope="module")
def sections():
    return Sections.from_anndata(make_phantom("layers", 3, 40.0, n_cells=120, n_genes=6)[0])


def job_of(path):
    return Job(Kind.RECONSTRUCT, path)


def wait_for(path, states, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        status = read_status(path)
        if status.state in states:
            return status
        time.sleep(0.1)
    raise AssertionError(f"still {read_status(path)} after {seconds} s: {job_of(path).log()}")


def test_a_run_goes_from_queued_to_done_and_says_how(tmp_path, sections):
    folder = store.create_run(tmp_path / "a", sections, QUICK, name="First")
    assert read_status(folder).state == "queued"
    with pytest.raises(InputError, match="not finished"):
        store.load_run(folder)
    execute(folder)
    status = read_status(folder)
    assert (status.state, status.fraction) == ("done", 1.0)
    assert status.seconds > 0
    losses = job_of(folder).losses()
    assert list(losses.columns) == ["step", "stage", "loss"]
    assert len(losses) == 3
    assert "preset fast on cpu" in job_of(folder).log()
    assert store.load_run(folder).name == "First"


def test_an_existing_run_is_kept_unless_told_otherwise(tmp_path, sections):
    folder = execute(store.create_run(tmp_path / "a", sections, QUICK))
    with pytest.raises(InputError, match="--overwrite"):
        store.create_run(folder, sections, QUICK)
    staged = store.create_run(folder, sections, QUICK, name="Second", overwrite=True)
    assert store.load_run(folder).name == "a"
    assert execute(staged) == folder
    assert store.load_run(folder).name == "Second"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_run_that_is_replaced_survives_the_failure_of_the_new_one(tmp_path, sections):
    folder = execute(store.create_run(tmp_path / "a", sections, QUICK))
    staged = store.create_run(folder, sections, LONG, name="Second", overwrite=True)
    job_of(staged).cancel()
    with pytest.raises(Cancelled):
        execute(staged)
    assert read_status(staged).state == "cancelled"
    assert store.load_run(folder).model.config == QUICK


def test_a_run_of_another_version_is_named_as_such(tmp_path, sections):
    folder = execute(store.create_run(tmp_path / "a", sections, QUICK))
    about = files.read_json(folder / "config.json")
    files.write_json(folder / "config.json", about | {"format": 0})
    with pytest.raises(InputError, match="another version"):
        store.load_run(folder)


def test_other_folders_are_never_written_to(tmp_path, sections):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    with pytest.raises(InputError, match="not a run"):
        store.create_run(tmp_path / "thesis", sections, QUICK, overwrite=True)
    assert [p.name for p in (tmp_path / "thesis").iterdir()] == ["chapter.txt"]


def test_a_run_in_its_own_process_can_be_cancelled(tmp_path, sections):
    folder = store.create_run(tmp_path / "a", sections, LONG)
    pid = job_of(folder).submit()
    wait_for(folder, {"running"})
    job_of(folder).cancel()
    assert wait_for(folder, {"cancelled"}).message == "Cancelled."
    os.waitpid(pid, 0)


def test_a_killed_process_reads_as_failed(tmp_path, sections):
    folder = store.create_run(tmp_path / "a", sections, LONG)
    pid = job_of(folder).submit()
    wait_for(folder, {"running"})
    os.kill(pid, signal.SIGKILL)
    status = wait_for(folder, {"failed"})
    assert "without an error message" in status.message
    os.waitpid(pid, 0)


def test_an_unexpected_error_is_told_and_logged(tmp_path, sections):
    folder = store.create_run(tmp_path / "a", sections, QUICK)
    (folder / "sections.h5ad").write_bytes(b"not a file")
    with pytest.raises(OSError):
        execute(folder)
    status = read_status(folder)
    assert status.state == "failed"
    assert "The log has the details" in status.message
    assert "Traceback" in job_of(folder).log()


@pytest.mark.parametrize("expected, spent, done, left", [
    (None, 1.0, 0.01, None), (None, 10.0, 0.25, 30.0),  # nothing was promised: its own pace, once there is one
    (100.0, 0.0, 0.0, 100.0), (100.0, 5.0, 0.0, 95.0),  # what was promised
    (100.0, 60.0, 0.5, 60.0), (100.0, 20.0, 0.5, 20.0),  # from a third on its own pace
    (100.0, 300.0, 0.01, 1.0)])
def test_the_time_left_begins_with_what_was_promised_and_then_goes_by_the_pace(expected, spent, done, left):
    assert time_left(spent, done, expected) == (left if left is None else pytest.approx(left))


def test_what_was_promised_is_the_first_time_left(tmp_path, sections):
    path = store.create_run(tmp_path / "a", sections, QUICK, expected_s=77.0)
    with Reporter(path, expected_s=files.read_json(path / "config.json")["expected_s"]):
        assert read_status(path).eta_s == 77.0


def test_a_finished_run_tells_how_slow_this_computer_is(tmp_path, sections):
    assert folder.pace(tmp_path) is None
    path = execute(store.create_run(tmp_path / "a", sections, QUICK))
    assert folder.pace(tmp_path) == pytest.approx(
        read_status(path).seconds / reference_seconds(sections, QUICK, "cpu"))
    assert estimate_seconds(sections, QUICK, "cpu", folder.pace(tmp_path)) == pytest.approx(read_status(path).seconds)


def test_a_run_is_renamed_while_it_is_made(tmp_path, sections, monkeypatch):
    path = store.create_run(tmp_path / "a", sections, QUICK, name="First")
    step = Reporter.step

    def renamed(self, stage, fraction, loss=None):
        folder.rename(path, "  second\ttry ")
        step(self, stage, fraction, loss)

    monkeypatch.setattr(Reporter, "step", renamed)
    run = store.load_run(execute(path))
    assert run.name == "second try"
    folder.rename(path, "third")
    assert run.name == "third" and sorted(p.name for p in path.iterdir() if "part" in p.name) == []


@pytest.mark.parametrize("name", ["", "  ", "·", "x" * 81])
def test_a_name_has_a_letter_and_is_not_too_long(name):
    with pytest.raises(InputError):
        folder.as_name(name)


def test_names_of_runs_differ():
    assert folder.unused_name("mouse", {"rat"}) == "mouse"
    assert folder.unused_name("mouse", {"mouse", "mouse (2)"}) == "mouse (3)"


def test_only_what_came_to_nothing_is_started_again(tmp_path, sections):
    path = store.create_run(tmp_path / "a", sections, QUICK)
    with pytest.raises(InputError, match="failed or was cancelled"):
        store.start_over(path)
    job_of(path).cancel()
    store.start_over(path)
    assert read_status(path).state == "queued" and not (path / "cancel").exists()
    execute(path)
    assert store.load_run(path).name == "a"


def test_progress_never_runs_backwards(tmp_path):
    with Reporter(tmp_path, SHARES["bridge"]) as report:
        seen = []
        for stage in report.shares:
            for fraction in (0.0, 0.5, 1.0):
                report.step(stage, fraction)
                seen.append(report.status.fraction)
    assert seen == sorted(seen)
    assert seen[-1] > 0.95


def test_the_list_of_runs_is_newest_first(tmp_path, sections):
    for name in ("one", "two"):
        store.create_run(tmp_path / name, sections, QUICK)
        time.sleep(0.02)
    cards = folder.list_runs(tmp_path)
    assert [card.name for card in cards] == ["two", "one"]
    assert (cards[0].n_sections, cards[0].n_cells, cards[0].n_genes) == (3, sections.n_cells, 6)


def test_a_reader_never_sees_half_a_status(tmp_path):
    files.write_json(tmp_path / "status.json", {"state": "queued"})
    writer = subprocess.Popen([sys.executable, "-c", "import sys; from isost_core import files\n"
                               "for i in range(400): files.write_json(sys.argv[1], {'message': 'x' * 20000, 'n': i})",
                               str(tmp_path / "status.json")])
    while writer.poll() is None:
        json.loads((tmp_path / "status.json").read_text())
    assert writer.returncode == 0
    assert [p.name for p in tmp_path.iterdir()] == ["status.json"]
