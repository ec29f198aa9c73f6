"""Metrics: what a perfect, a shuffled, a constant and a shifted prediction must score."""

import importlib.util

import numpy as np
import pytest

from isost_core.datasets.phantoms import make_phantom
from isost_core.sections.stack import Sections
from isost_core.validation.metrics import (
    LEVELS,
    Measured,
    Predicted,
    coverage_curve,
    depth_error,
    grid_widths,
    pearson,
    score,
    score_cells,
    split_half,
)
from tests.conftest import ROOT

WIDTHS = (20.0, 40.0, 80.0)


@pytest.fixture(scope="module")
def section():
    """A measured section of 900 cells and 12 genes with gradients of different steepness and much noise."""
    rng = np.random.default_rng(1)
    xy = rng.uniform(0, 300, (900, 2))
    truth = 1 + np.outer(xy[:, 0] / 300, np.linspace(0, 2, 12)) + np.outer(xy[:, 1] / 300, np.ones(12))
    noisy = np.maximum(truth + rng.normal(0, 1, truth.shape), 0)
    return Measured(xy, noisy), truth


def test_a_perfect_prediction_has_no_error(section):
    measured, _ = section
    found = score(measured, Predicted(measured.xy, measured.values, measured.values), WIDTHS).values
    for name in ("pcc_20", "pcc_40", "pcc_80", "pcc_1nn", "coverage_20", "genegene_r", "mean_r", "var_ratio", "n_ratio",
                 "density_pcc"):
        assert found[name] == pytest.approx(1, abs=1e-12), name
    for name in ("rmse_20", "rmse_1nn", "chamfer_um", "zero_diff"):
        assert found[name] == pytest.approx(0, abs=1e-12), name


def test_shuffled_cells_keep_structure_and_lose_place(section):
    measured, _ = section
    values = measured.values[np.random.default_rng(0).permutation(len(measured.xy))]
    found = score(measured, Predicted(measured.xy, values, values), WIDTHS).values
    assert abs(found["pcc_40"]) < 0.15 and abs(found["pcc_1nn"]) < 0.1
    assert found["genegene_r"] == pytest.approx(1) and found["var_ratio"] == pytest.approx(1)
    assert found["zero_diff"] == 0


def test_smoothing_wins_place_and_loses_structure(section):
    measured, truth = section
    raw = measured.values[np.random.default_rng(3).permutation(900)]  # only its variance matters here
    smooth, noisy = (score(measured, Predicted(measured.xy, m, m), WIDTHS).values for m in (truth, raw))
    assert smooth["pcc_40"] > noisy["pcc_40"] + 0.5
    assert smooth["var_ratio"] < 0.5 < noisy["var_ratio"]


def test_a_constant_prediction_scores_nothing(section):
    measured, _ = section
    flat = np.tile(measured.values.mean(0), (900, 1))
    found = score(measured, Predicted(measured.xy, flat, flat), WIDTHS).values
    assert found["pcc_40"] == found["pcc_1nn"] == found["genegene_r"] == 0
    assert found["rmse_1nn"] == pytest.approx(np.sqrt(measured.values.var(0).mean()))


def test_a_gene_that_does_not_vary_is_left_out_of_medians():
    values = np.random.default_rng(0).random((50, 3))
    values[:, 1] = 2
    r = pearson(values, values + 1)
    assert np.isnan(r[1]) and r[[0, 2]] == pytest.approx(1)
    assert pearson(values, np.ones((50, 3)))[0] == 0


def test_places_are_measured_in_um(section):
    measured, _ = section
    grid = np.stack(np.meshgrid(np.arange(30.0), np.arange(30.0)), -1).reshape(-1, 2) * 10
    lattice = Measured(grid, np.ones((900, 2)))
    moved = score(lattice, Predicted(grid + [3, 4], np.ones((900, 2))), WIDTHS).values
    assert moved["chamfer_um"] == pytest.approx(5)
    double = np.vstack([measured.xy, measured.xy])
    found = score(measured, Predicted(double, np.vstack([measured.values] * 2)), WIDTHS).values
    assert found["n_ratio"] == 2 and found["density_pcc"] == pytest.approx(1)


def test_bins_without_predicted_cells_are_not_covered(section):
    measured, _ = section
    left = measured.xy[:, 0] < 150
    found = score(measured, Predicted(measured.xy[left], measured.values[left]), (15.0, 30.0, 75.0)).values
    assert found["coverage_75"] == pytest.approx(0.5)
    assert found["pcc_75"] == pytest.approx(1)  # so PCC has to be read beside the coverage
    assert found["density_pcc"] < 0.95


def test_true_intervals_hold_what_they_promise(section):
    rng = np.random.default_rng(5)
    xy = rng.uniform(0, 300, (4000, 2))
    mean = np.tile(np.linspace(4, 6, 10), (4000, 1))
    measured = Measured(xy, mean + rng.normal(0, 0.5, mean.shape))
    right, wide, narrow = (Predicted(xy, mean, sd=np.full(mean.shape, s)) for s in (0.5, 1.0, 0.25))
    assert coverage_curve(measured, right) == pytest.approx(LEVELS, abs=0.01)
    scores = [score(measured, p, WIDTHS).values for p in (right, wide, narrow)]
    assert scores[0]["cov80"] == pytest.approx(0.8, abs=0.01)
    assert scores[1]["cov80"] > 0.95 and scores[2]["cov80"] < 0.6
    assert scores[0]["interval_score"] < min(s["interval_score"] for s in scores[1:])


def test_depth_error_is_the_largest():
    z = np.array([10.0, 10.0, 12.5])
    assert depth_error(Predicted(np.zeros((3, 2)), np.zeros((3, 1)), z=z), 10) == 2.5
    assert np.isnan(depth_error(Predicted(np.zeros((3, 2)), np.zeros((3, 1))), 10))


def test_the_ceiling_is_what_a_perfect_mean_reaches(section):
    measured, truth = section
    halves = split_half(measured, WIDTHS, repeats=20)
    reached = score(measured, Predicted(measured.xy, truth), WIDTHS).values
    assert halves.values["ceiling_40"] == pytest.approx(reached["pcc_40"], abs=0.04)
    assert halves.values["pcc_40"] < halves.values["ceiling_40"]
    assert np.isnan(split_half(measured, (2.0, 40.0, 80.0)).values["ceiling_2"])  # halves share too few bins


def test_bin_widths_follow_the_cell_spacing():
    stacks = [Sections.from_anndata(make_phantom("layers", 3, 40.0, n, 6)[0]) for n in (3000, 12000)]
    for stack in stacks:
        fine, middle, coarse = grid_widths(stack)
        assert (middle, coarse) == (2 * fine, 4 * fine)
        assert (coarse / 15) ** 2 == pytest.approx(72, rel=0.15)  # the phantom has one cell per 15 µm x 15 µm
    small = Sections.from_anndata(make_phantom("layers", 3, 40.0, 200, 6)[0])
    assert (grid_widths(small)[2] / 15) ** 2 == pytest.approx(200 / 20, rel=0.25)


def test_zeros_that_were_filled_in_are_seen():
    rng = np.random.default_rng(0)
    values = rng.random((500, 8)) * (rng.random((500, 8)) < 0.3)
    filled = np.where(values > 0, values, 0.01)
    assert score_cells(values, filled).values["zero_diff"] == pytest.approx(0.7, abs=0.05)
    assert score_cells(values, filled).values["genegene_r"] > 0.9


@pytest.mark.parametrize("kind", ["same genes", "sparse genes"])
def test_scores_agree_with_the_reference_scorer(kind):
    file = ROOT.parent / "shared" / "score.py"
    if not file.is_file():
        pytest.skip("the reference scorer is not on this machine")
    spec = importlib.util.spec_from_file_location("reference_scorer", file)
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    made, _ = make_phantom("tube", 3, 40.0, n_cells=400, n_genes=20, sparse=kind == "sparse genes")
    stack = Sections.from_anndata(made)
    (a, b) = (stack.rows(name) for name in stack.names[:2])
    X = np.asarray(stack.cells.X.toarray() if hasattr(stack.cells.X, "toarray") else stack.cells.X, dtype=float)
    xy, sd = stack.cells.obsm["spatial"], np.random.default_rng(0).random((len(b), 20))
    wanted = reference.score_arrays(xy[a], X[a], xy[b], X[b], X[b] * 0.7, sd, grid=WIDTHS)
    found = score(Measured(xy[a], X[a]), Predicted(xy[b], X[b] * 0.7, X[b], sd), WIDTHS).values
    other = {"zero_diff": "zero_diff_med", "cov80_sparse": "cov80_sparse10", "cov80_dense": "cov80_dense10",
             "interval_score": "interval_score80"}
    assert {"cov50", "cov95_sparse", "closed80"} <= set(found)  # which the reference does not know
    for name, value in found.items():
        if name.startswith(("cov50", "cov95", "closed")):
            continue
        assert value == pytest.approx(wanted[other.get(name, name)], abs=1e-9), name
