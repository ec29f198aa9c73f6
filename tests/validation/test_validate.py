"""Validation from sections to report: folds, grades, the page, the command."""

import json
import re

import numpy as np
import pytest

from isost_core.cli.main import main
from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom
from isost_core.errors import InputError
from isost_core.reports.validation_page import page_of, write_report
from isost_core.sections.stack import Sections
from isost_core.validation import realism
from isost_core.validation.baselines import BETWEEN, COPY, UNION, training_cells
from isost_core.validation.comparison import best, best_of, mean_over
from isost_core.validation.hold_out import Judge, plan_folds, validate
from isost_core.validation.realism import BY_CELL, BY_SPACING, TOLD
from isost_core.validation.summary import HALVES, OURS
from isost_core.validation.trust import grade_genes

QUICK = Config.of_preset("fast", train_steps=20, masked_cells=100)


def stack_of(kind="layers", n=4, **size):
    return Sections.from_anndata(make_phantom(kind, n, 40.0, **({"n_cells": 220, "n_genes": 8} | size))[0])


@pytest.fixture(scope="module")
def stack():
    return stack_of()


@pytest.fixture(scope="module")
def report(stack):
    return validate(stack, "each", QUICK, "cpu")


def test_each_inner_section_is_held_out_once_and_wider_gaps_are_tried():
    folds = plan_folds(stack_of(n=8, n_cells=60))
    assert [f.names for f in folds if f.main] == [(f"S0{k}",) for k in range(2, 8)]
    wide = [f.names for f in folds if not f.main]
    assert {len(names) for names in wide} == {2, 3}
    assert all("S01" not in names and "S08" not in names for names in wide)
    assert plan_folds(stack_of(n=3, n_cells=60))[0].names == ("S02",)


@pytest.mark.parametrize("hold_out, message", [
    (("S01",), "only a section between two others"),
    (("S02", "S09"), "S09"),
    ((), "cannot be held out"),
])
def test_what_cannot_be_predicted_is_said(stack, hold_out, message):
    with pytest.raises(InputError, match=message):
        plan_folds(stack, hold_out)


def test_two_sections_cannot_be_validated():
    with pytest.raises(InputError, match="at least three sections"):
        plan_folds(stack_of(n=2))


def test_the_report_says_what_was_done_and_is_plain_json(report, stack):
    json.dumps(report, allow_nan=False)
    about = report["about"]
    assert about["config"]["preset"] == "fast" and about["stack"]["synthetic"]
    assert [s["section"] for s in report["sections"]] == ["S02", "S03"]
    assert {(p["section"], p["held_out_with"]) for p in report["gaps"]} == {("S02", 1), ("S03", 1), ("S02", 2),
                                                                           ("S03", 2)}
    assert {p["gap_um"] for p in report["gaps"]} == {80.0, 120.0}
    assert about["best_simple"] in report["summary"]


def test_a_summary_is_the_mean_of_its_sections(report):
    width = report["about"]["trust_um"]
    for method in (OURS, "copy of the nearest section", "optimal-transport displacement"):
        parts = [s["methods"][method][f"pcc_{width:g}"] for s in report["sections"]]
        assert report["summary"][method][f"pcc_{width:g}"] == pytest.approx(np.mean(parts), rel=1e-4)
    for method, values in report["summary"].items():  # of one choice of places, so never above the best in each section
        if method != HALVES:
            parts = [s["methods"][method][f"pcc_{width:g}"] for s in report["sections"]]
            assert values[f"pcc_{width:g}"] <= np.mean(parts) + 1e-4


def test_the_reconstruction_finds_layers_and_no_pattern_where_there_is_none(report):
    found = {g["gene"]: g for g in report["genes"]}
    layers = [g for name, g in found.items() if name.startswith("Layer")]
    flat = [g for name, g in found.items() if name.startswith("Flat")]
    assert layers and flat
    assert min(g["pcc"] for g in layers) > max(g["pcc"] for g in flat)
    assert {g["grade"] for g in flat} == {"C"}
    assert "A" in {g["grade"] for g in layers}
    assert report["genes"][0]["gene"].startswith("Layer")


def test_depths_and_counts_are_exact(report):
    for s in report["sections"]:
        assert s["methods"][OURS]["depth_error_um"] <= 1e-3
        assert 0.9 < s["methods"][OURS]["n_ratio"] < 1.1


def test_smoothing_rows_say_nothing_about_cells(report):
    assert "chamfer_um" not in report["summary"]["k-NN 20 a side"]
    assert "pcc_1nn" in report["summary"]["k-NN 20 a side"]
    assert "chamfer_um" in report["summary"]["both neighbours, by distance"]


def test_a_held_out_section_changes_nothing_but_its_own_scores(stack, report):
    spoilt = stack.cells.copy()
    rows = stack.rows("S02")
    spoilt.X[rows] = np.random.default_rng(0).permutation(spoilt.X[rows])
    alone, other = (validate(s, ("S02",), QUICK, "cpu", widths=report["about"]["grid_um"])
                    for s in (stack, Sections.from_log1p(spoilt)))
    pictures = [{p["gene"]: p for p in r["pictures"]} for r in (alone, other)]
    shared = set(pictures[0]) & set(pictures[1])
    assert all(pictures[0][g]["sampled"] == pictures[1][g]["sampled"] for g in shared)
    width = alone["about"]["trust_um"]
    assert other["summary"][OURS][f"pcc_{width:g}"] < 0.3 < alone["summary"][OURS][f"pcc_{width:g}"]
    assert alone["sections"][0]["methods"][OURS]["pcc_1nn"] == report["sections"][0]["methods"][OURS]["pcc_1nn"]


def test_progress_goes_from_nothing_to_all():
    seen = []
    validate(stack_of(n=3, n_cells=60), "each", QUICK, "cpu", lambda _, fraction, fold: seen.append((fold, fraction)))
    fractions = [f for _, f in seen]
    assert fractions == sorted(fractions) and fractions[0] < 0.1 and 0.7 < fractions[-1] <= 1
    assert all("S02 held out" in fold for fold, _ in seen)


def test_grades_follow_the_stated_rule():
    pcc = np.array([0.8, 0.8, 0.8, 0.4, 0.1, np.nan, 0.6, 0.2])
    ceiling = np.array([0.9, 0.9, np.nan, 0.7, 0.9, 0.9, 0.9, 0.0])
    baseline = np.array([0.8, 0.9, 0.7, 0.1, 0.1, 0.1, np.nan, 0.0])
    grades, share = grade_genes(pcc, ceiling, baseline)
    assert "".join(grades) == "ABABC-BC"
    assert share[0] == pytest.approx(8 / 9) and np.isnan(share[2])


def test_the_best_of_a_column_knows_its_direction():
    rows = {"a": {"pcc": 0.5, "rmse_50": 0.2, "var_ratio": 1.3}, "b": {"pcc": 0.6, "rmse_50": 0.3, "var_ratio": 0.9}}
    assert [best(c, rows)[0] for c in ("pcc", "rmse_50", "var_ratio")] == ["b", "a", "b"]
    assert best("pcc", {"a": {"pcc": float("nan")}})[0] is None
    assert best_of(rows) == {"pcc": 0.6, "rmse_50": 0.2, "var_ratio": 0.9}
    assert mean_over([{"x": 1.0, "y": float("nan")}, {"x": 3.0, "y": 4.0}]) == {"x": 2.0, "y": 4.0}


def test_the_page_needs_no_network_and_shows_names_as_text(report, tmp_path):
    report = json.loads(json.dumps(report))
    odd, plain = "<script>alert(1)</script>", report["pictures"][0]["gene"]
    next(g for g in report["genes"] if g["gene"] == plain)["gene"] = report["pictures"][0]["gene"] = odd
    for what in ("measured", "predicted"):
        report["bins"][what][odd] = report["bins"][what].pop(plain)
    page = page_of(report)
    assert "<script>alert" not in page.replace("<script>alert(1)</script>\\u003c", "")
    own = re.sub(r"<script>.*?</script>", "", page, flags=re.S)
    assert not re.search(r"(src|href)=['\"]?https?:", own)
    assert page.count("Plotly.newPlot(") >= 5
    for word in ("measured", "predicted", "µm", "Synthetic tissue", "kernel ridge", "S02"):
        assert word in own
    path = write_report(report, tmp_path / "out")
    assert {p.name for p in path.parent.iterdir()} == {"report.json", "report.html"}
    assert write_report(report, tmp_path / "out") == path  # a report may be replaced, other things not
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match="other files"):
        write_report(report, tmp_path)


def test_sections_with_few_cells_are_not_told_apart_and_that_is_said(report):
    assert report["summary"][OURS][BY_CELL] is None
    page = page_of(report)
    assert "was not tried, because that takes 1,000 cells" in page and "by spacing" not in page


def test_predicted_cells_are_told_from_measured_ones(stack, monkeypatch):
    monkeypatch.setattr(realism, "FEWEST", 60)
    found = validate(stack, ("S02",), QUICK, "cpu")
    assert found["about"]["shifted_genes"] == []
    for method in (OURS, COPY, HALVES):
        assert all(0.2 < found["summary"][method][name] < 1 for name in TOLD), method
    others = found["summary"][UNION], found["summary"][BETWEEN]
    assert all(values[BY_SPACING] is not None and BY_CELL not in values for values in others)
    found["about"]["shifted_genes"] = ["Layer1"]
    page = page_of(found)
    assert "with ten around" in page and "1 gene whose level changes" in page and "Layer1" in page
    del found["about"]["shifted_genes"]  # a report that was stored before
    for values in [*found["summary"].values(), *(v for s in found["sections"] for v in s["methods"].values())]:
        for name in TOLD:
            values.pop(name, None)
    assert "by spacing" not in page_of(found)


def test_the_command_writes_a_report(tmp_path, capsys):
    made, _ = make_phantom("tube", 3, 40.0, n_cells=80, n_genes=6)
    made.write_h5ad(tmp_path / "tube.h5ad")
    (tmp_path / "settings.json").write_text('{"train_steps": 5, "masked_cells": 60}')
    words = ["validate", str(tmp_path / "tube.h5ad"), "--preset", "fast", "--config", str(tmp_path / "settings.json")]
    assert main([*words, "--hold-out", "S02", "--out", str(tmp_path / "v"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    report = json.loads((tmp_path / "v" / "report.json").read_text())
    assert said["held_out"] == ["S02"] == report["about"]["hold_out"]
    assert sum(said["grades"].values()) == 6
    assert (tmp_path / "v" / "report.html").stat().st_size > 1e6
    for wrong in (["--hold-out", "S01"], ["--hold-out", "S77"], ["--preset", "slow"]):
        assert main([*words, *wrong, "--out", str(tmp_path / "w")]) == 2
    assert not (tmp_path / "w").exists()
    assert capsys.readouterr().err.count("error:") == 3


def test_hidden_sections_and_simple_methods_have_the_normalisation_of_the_stack():
    made = make_phantom("layers", 4, 40.0, n_cells=80, n_genes=8)[0]
    made.X = made.X * np.where(made.obs["section"] == "S02", 5, 1)[:, None]
    sections = Sections.from_anndata(made, normalize="median_log1p")
    judge = Judge(sections, (50.0,), np.arange(8), 0, "S02")
    hidden = np.expm1(judge.measured("S02").values).sum(1)
    rest = sections.without(["S02"])
    others = np.expm1(training_cells(rest).values).sum(1)
    np.testing.assert_allclose(hidden[hidden > 0], hidden.max(), rtol=1e-4)
    np.testing.assert_allclose(others[others > 0], hidden.max(), rtol=1e-4)
    assert rest.normalize == "median_log1p"
