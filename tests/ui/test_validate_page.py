"""The Validate page in each of its states, and who may start and cancel a validation."""

import os
import re
import shutil

import pytest

from isost_core.jobs.executors import process_born
from isost_core.jobs.job import Kind
from isost_core.jobs.status import Status, write_status
from tests.ui.test_pages import RUN_ID, VISITOR, button, open_page, own, words
from ui.validation import start

STRANGER = "b" * 32


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace with one small finished run, validated."""
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.runs.store import create_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.reconstruct import execute
    from isost_core.workflows.validate import create_validation, execute_validation

    workspace = tmp_path_factory.mktemp("workspace")
    config = Config.of_preset("fast", train_steps=3, factors=6, width=8, masked_cells=50)
    for name, n in (("three", 3), ("two", 2)):
        cells = make_phantom("layers", n, 40.0, n_cells=100, n_genes=6)[0]
        execute(create_run(workspace / name, Sections.from_anndata(cells), config, name=f"{name} sections"))
    execute_validation(create_validation(workspace / "three").folder)
    return workspace


@pytest.fixture
def put(made, tmp_path, monkeypatch):
    """Puts a run into a fresh workspace: with its report or without, and with the status of a later validation."""
    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))

    def place(name="three", report=True, status=None, at=f"runs/{RUN_ID}"):
        run = shutil.copytree(made / name, tmp_path / at)
        if not report:
            shutil.rmtree(run / "validation", ignore_errors=True)
        if at.startswith("runs"):
            own(run, VISITOR)
        if status:
            (run / "validation").mkdir(exist_ok=True)
            write_status(run / "validation", status)
        return run

    return place


def going():
    return Status("running", "drift", 0.4, 30.0, pid=os.getpid(), born=process_born(os.getpid()), seconds=20.0,
                  where="1 of 1, S02 held out")


def labels(app):
    return {b.label for b in app.button}


def test_without_a_run_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))
    app = open_page("validate")
    assert "No run is open" in words(app)
    assert {"Go to start", "Upload sections", "Runs"} <= labels(app)


def test_a_run_is_validated_with_what_is_chosen(put, monkeypatch):
    from isost_core.jobs import executors
    from isost_core.workflows import validate

    started = []
    monkeypatch.setattr(executors, "in_own_process", lambda kind, folder: started.append((kind, folder)))
    run = put(report=False)
    app = open_page("validate", run=RUN_ID)
    assert "S02" in words(app) and "about" in words(app)
    button(app, "Validate").click().run()
    assert not app.exception
    assert started == [(Kind.VALIDATE, run / "validation")]
    assert validate.validation_job(run).status().state == "queued"
    assert "Waiting to start" in str(app.get("progress")[0].proto)


def test_progress_is_told_in_words_and_can_be_cancelled(put):
    run = put(report=False, status=going())
    app = open_page("validate", run=RUN_ID)
    bar = str(app.get("progress")[0].proto)
    assert "1 of 1, S02 held out" in bar and "Learning how cells move" in bar
    assert "Validate" not in labels(app)
    button(app, "Cancel the validation").click().run()
    assert (run / "validation" / "cancel").exists()


def test_only_who_started_it_can_cancel(put):
    put(report=False, status=going())
    app = open_page("validate", visitor=STRANGER, run=RUN_ID)
    assert app.get("progress") and "Cancel the validation" not in labels(app)


def test_the_report_is_shown_with_every_part(put):
    put()
    app = open_page("validate", run=RUN_ID)
    said = words(app)
    for part in ("How far can this reconstruction be trusted?", "Measured and predicted, side by side",
                 "Against simple methods", "Genes, most trusted first", "The wider the gap",
                 "Is the uncertainty right?", "Section by section", "How it was done"):
        assert part in said
    assert len(app.metric) == 4 and app.metric[0].value.startswith("r\xa0=\xa00.")
    assert "Accuracy on hidden cells" in said and "The best simple method reaches r\xa0=\xa0" in said
    assert "PCC" not in said and "not a limit" in said and "best possible r\xa0=\xa0" in said
    assert "(best simple method " in said
    assert len(app.dataframe[0].value) == 6
    assert any("kernel ridge" in e.value for e in app.get("html"))
    assert not app.error


def test_every_column_and_method_is_explained_and_all_columns_are_counted(put):
    put()
    app = open_page("validate", run=RUN_ID)
    tables = [e.value for e in app.get("html") if "<th>method</th>" in e.value]
    under = [re.findall(r"<th( title=[^>]+)?>", table.partition("<th>method</th>")[2]) for table in tables for table in
             table.split("<table>")[1:]]
    methods = [told for table in tables for told in re.findall(r"<tr class='\w*'><td( title=[^>]+)?>", table)]
    assert methods and all(methods) and all(map(all, under))
    assert f"of the {sum(map(len, under))} columns of both tables" in words(app)


@pytest.mark.parametrize("inner, words", [(2, "both are"), (3, "two neighbours, and all three, are"),
                                          (7, "two and three neighbours are")])
def test_no_more_neighbours_are_promised_to_be_hidden_together_than_there_are(inner, words):
    assert start._together(inner) == words


def test_any_gene_can_be_looked_at(put):
    put()
    app = open_page("validate", run=RUN_ID)
    control = app.get("button_group")[0]
    control.set_value("another gene").run()
    box = next(s for s in app.selectbox if s.label == "Gene")
    box.set_value("Flat1").run()
    assert not app.exception
    assert "**Flat1**" in words(app)


def test_a_stranger_reads_the_report_and_cannot_start_one(put):
    put()
    app = open_page("validate", visitor=STRANGER, run=RUN_ID)
    assert "Against simple methods" in words(app) and "Validate" not in labels(app)


def test_a_stranger_is_told_who_can_start_one(put):
    put(report=False)
    app = open_page("validate", visitor=STRANGER, run=RUN_ID)
    assert "Only the person who started it" in words(app) and "Validate" not in labels(app)


@pytest.mark.parametrize("report", [True, False])
def test_anybody_may_validate_the_demo_once(report, put):
    put(report=report, at="demo")
    assert ("Validate" in labels(open_page("validate", visitor=STRANGER, run="demo"))) != report


@pytest.mark.parametrize("report", [True, False])
def test_a_failure_says_why_and_that_an_earlier_report_stays(report, put):
    put(report=report, status=Status("failed", "drift", 0.3, message="Out of luck."))
    app = open_page("validate", run=RUN_ID)
    assert "Out of luck" in app.error[0].value
    assert ("earlier report below is unchanged" in app.error[0].value) == report
    assert ("Against simple methods" in words(app)) == report
    assert "Validate" in labels(app)


def test_two_sections_get_a_sentence_and_no_button(put):
    put("two")
    app = open_page("validate", run=RUN_ID)
    assert "at least three sections" in words(app) and "Validate" not in labels(app)


def test_runs_lead_to_it(put):
    put()
    app = open_page("runs", run=RUN_ID)
    assert list(app.dataframe[0].value["Validated"]) == ["yes"]
    assert "How far can it be trusted? Validate" in labels(app)
