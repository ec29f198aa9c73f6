"""The demo comes with niches and a validation: one computed in advance where it fits, else done in the background."""

import json

import numpy as np
import pytest

from isost_core import __version__
from isost_core.config import Config
from isost_core.datasets.examples import EXAMPLES, fetch_example
from isost_core.files import read_json, sha256, write_json
from isost_core.jobs import executors
from isost_core.jobs.job import Kind
from isost_core.readers import read_sections
from isost_core.reports.validation_page import page_of
from isost_core.runs.run import Run
from isost_core.runs.store import create_run
from isost_core.validation.summary import OURS
from isost_core.validation.trust import gene_trust, grade_genes
from isost_core.workflows import demo_validation
from isost_core.workflows.demo import complete
from isost_core.workflows.validate import has_report, keep_report, validation_job
from tests.workflows.test_validate_job import run_of


@pytest.fixture
def started(monkeypatch):
    found = []
    monkeypatch.setattr(executors, "in_own_process", lambda kind, folder: found.append(kind) or 1)
    return found


def test_the_shipped_validation_is_of_the_demo_as_this_version_makes_it():
    report, made = demo_validation.report(), demo_validation.made()
    assert made["inputs"] == EXAMPLES["merfish"].files
    assert made["software"] == report["about"]["software"] == __version__, "run benchmarks/demo_validation.py again"
    assert report["about"]["config"] == Config.of_preset("standard").to_dict()
    assert [s["section"] for s in report["sections"]] == ["merfish_9_paste", "merfish_14_paste", "merfish_19_paste"]
    assert made["command"].startswith("python -m isost_core validate merfish_4_paste.h5ad")


def test_its_grades_are_those_of_the_rule_of_today():
    genes = demo_validation.report()["genes"]
    pcc, ceiling, simple = (np.array([gene[name] for gene in genes], float) for name in
                            ("pcc", "ceiling", "best_simple"))
    assert list(grade_genes(pcc, ceiling, simple)[0]) == [gene["grade"] for gene in genes]


def test_the_shipped_validation_is_small_whole_and_makes_its_page():
    file = demo_validation._REPORT
    assert file.stat().st_size < 300_000 and sha256(file) == demo_validation.made()["report_sha256"]
    report = demo_validation.report()
    rival = report["summary"][report["about"]["best_simple"]]
    assert 0.5 < report["summary"][OURS]["pcc_102"] < 0.65 and rival["pcc_102"] > 0.5
    assert "How far can this reconstruction be trusted?" in page_of(report)


def test_it_is_the_validation_of_the_published_sections_only(data_dir, monkeypatch, tmp_path):
    monkeypatch.setenv("ISOST_DATA_DIR", str(data_dir))
    sections = read_sections(fetch_example("merfish"), EXAMPLES["merfish"].options)
    folder = create_run(tmp_path / "demo", sections, Config.of_preset("standard"))
    assert demo_validation.fits(Run(folder))
    about = read_json(folder / "config.json")
    for other in ({"version": "0.0.1"}, {"input_hashes": {}}, {"config": Config.of_preset("fast").to_dict()},
                  {"source": {"hold_out": ["merfish_9_paste"]}}):
        write_json(folder / "config.json", about | other)
        assert not demo_validation.fits(Run(folder))
    write_json(folder / "config.json", about)
    run = Run(folder)
    run.sections.cells.X = run.sections.cells.X * 1.01  # read with another normalisation
    assert not demo_validation.fits(run)


def test_a_demo_of_other_sections_is_validated_in_the_background(tmp_path, started):
    run = Run(run_of(tmp_path, 3))
    complete(run)
    assert started == [Kind.FIND_NICHES, Kind.SPATIAL_GENES, Kind.VALIDATE]
    assert not has_report(run.path) and validation_job(run.path).status().state == "queued"


def test_a_fitting_validation_is_there_at_once_and_says_where_it_comes_from(tmp_path, started, monkeypatch):
    monkeypatch.setattr(demo_validation, "fits", lambda run: True)
    run = Run(run_of(tmp_path, 3))
    complete(run)
    complete(run)
    assert started == [Kind.FIND_NICHES, Kind.SPATIAL_GENES]
    assert validation_job(run.path).status().state == "done"
    page = (run.path / "validation" / "report.html").read_text()
    assert "computed in advance" in page and "Layers" in page
    assert not gene_trust(run.path).of("Gad1").provisional
    assert "made" not in json.dumps(demo_validation.report()["about"])


def test_a_report_from_elsewhere_can_be_read_by_every_page(tmp_path):
    run = Run(run_of(tmp_path, 3))
    keep_report(run, demo_validation.report(), "From elsewhere.")
    assert read_json(run.path / "validation" / "request.json") == {"hold_out": "each"}
