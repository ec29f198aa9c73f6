"""Intervals of one cell's value, for values most of which are 0 and the rest skewed."""

import dataclasses

import numpy as np
import pytest

from isost_core.model.covariance import Covariance
from isost_core.model.decoder import BridgeDecoder, Calibration, load_decoder
from isost_core.model.intervals import CellValues, Normal, central, fit_values
from isost_core.model.latent import Latent
from isost_core.validation.metrics import Measured, Predicted, coverage_curve, held, score_intervals

LEVELS = (0.5, 0.8, 0.95)
GENES = 20


def cells(n, seed):
    """Values (n, genes) that are 0 in half to nearly all cells, less often where more is expected, and the mean and an
    sd that were predicted: first gene densest."""
    rng = np.random.default_rng(seed)
    shown = np.clip(rng.uniform(0.2, 1.8, (n, GENES)) * np.linspace(0.5, 0.04, GENES), 0, 0.95)
    level = rng.gamma(4, 0.3, shown.shape)
    return np.where(rng.random(shown.shape) < shown, level, 0), shown * 1.2, np.sqrt(0.2 + shown)


@pytest.fixture(scope="module")
def values():
    return fit_values(*cells(6000, 0))


def test_intervals_hold_their_share_of_values_that_are_mostly_zero(values):
    truth, mean, sd = cells(6000, 1)
    xy = np.random.default_rng(2).uniform(0, 100, (6000, 2))
    measured = Measured(xy, truth)
    ours, bell = Predicted(xy, mean, sd=sd, values=values), Predicted(xy, mean, sd=sd)
    assert coverage_curve(measured, ours, LEVELS) == pytest.approx(LEVELS, abs=0.01)
    assert abs(coverage_curve(measured, bell, LEVELS)[0] - 0.5) > 0.1
    scores, of_bell = (score_intervals(measured, p).values for p in (ours, bell))
    for level in LEVELS:
        for genes in ("", "_sparse", "_dense"):
            assert scores[f"cov{100 * level:.0f}{genes}"] == pytest.approx(level, abs=0.02)
    assert scores["interval_score"] < 0.9 * of_bell["interval_score"]
    assert scores["closed80"] > 0.85, "an interval that ends at 0 holds all cells that are 0"


def test_an_interval_is_never_below_0_and_wider_at_a_higher_level(values):
    _, mean, sd = cells(500, 3)
    ends = [central(values, level, mean, sd) for level in LEVELS]
    for (low, high), (lower, higher) in zip(ends, ends[1:], strict=False):
        assert (lower >= 0).all() and (lower <= low).all() and (low <= high).all() and (high <= higher).all()


def test_ranks_undo_quantiles(values):
    _, mean, sd = cells(500, 4)
    for share in (0.1, 0.5, 0.9, 0.97):
        below, upto = values.ranks(values.quantile(share, mean, sd), mean, sd)
        assert (below <= share + 1e-3).all() and (upto >= share - 1e-3).all()
        assert ((below == 0) | (np.abs(below - share) < 0.01)).all()


def test_a_value_that_most_cells_have_counts_by_the_part_inside():
    zeros, none = np.array([0.9]), np.array([0.0])
    assert held(none, zeros, 0.5) == pytest.approx(0.5 / 0.9)
    assert held(zeros, zeros, 0.8) == 1 and held(zeros + 0.01, zeros + 0.01, 0.8) == 0


def test_few_cells_make_one_bin_and_a_gene_that_is_never_seen_stays_0():
    truth, mean, sd = cells(40, 5)
    truth[:, 3] = 0
    found = fit_values(truth, mean, sd)
    assert found.expected.shape == (GENES, 1)
    low, high = central(found, 0.95, mean, sd)
    assert np.isfinite(high).all() and (high[:, 3] == 0).all() and (low >= 0).all()


def decoder_with(values):
    rng = np.random.default_rng(0)
    latent = Latent(np.ones(GENES), np.ones(GENES), rng.normal(size=(GENES, 3)), rng.normal(0, 0.3, (3, GENES)),
                    np.array([0.9, 0.5, 0.1]))
    covariance = Covariance(np.array([20.0, 60.0]), np.array([[0.5, 0.3], [0.2, 0.1]]), np.array([0, 0, 1]))
    ones = np.ones(GENES)
    return BridgeDecoder(latent, covariance, Calibration(ones, 0.5 * ones, ones, values))


def ends(decoder, variance, mean, genes):
    """Of the central 80 % of some genes' values."""
    return central(decoder.distribution(genes), 0.8, mean, decoder.value_sd(variance, mean, genes))


def test_the_distribution_is_stored_with_a_decoder_and_older_files_open_without(values, tmp_path):
    variance, mean = np.full((7, 2), 0.1, np.float32), np.linspace(0, 2, 7 * GENES).reshape(7, GENES)
    made = decoder_with(values)
    made.save(tmp_path / "decoder.npz")
    again = load_decoder(tmp_path / "decoder.npz")
    some = [4, 1]
    for one, other in zip(ends(made, variance, mean[:, some], some), ends(again, variance, mean[:, some], some),
                          strict=True):
        np.testing.assert_array_equal(one, other)
    with np.load(tmp_path / "decoder.npz") as file:
        older = {name: file[name] for name in file.files if not name.startswith("values.")}
    np.savez(tmp_path / "older.npz", **older)
    old = load_decoder(tmp_path / "older.npz")
    sd = made.value_sd(variance, mean)
    np.testing.assert_array_equal(old.value_sd(variance, mean), sd)
    assert isinstance(old.distribution(), Normal)
    low, high = ends(old, variance, mean, slice(None))
    assert low == pytest.approx(mean - 1.2816 * sd, abs=1e-4)
    assert high == pytest.approx(mean + 1.2816 * sd, abs=1e-4)


def test_genes_are_joined_and_taken_apart(values):
    parts = [values.of(slice(0, 7)), values.of(slice(7, None))]
    for field in dataclasses.fields(CellValues):
        np.testing.assert_array_equal(getattr(CellValues.joined(parts), field.name), getattr(values, field.name))
