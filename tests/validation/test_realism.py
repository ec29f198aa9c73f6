"""Telling predicted from measured cells: what cannot be told must score 0.5, and what can must not."""

import numpy as np
import pytest

from isost_core.validation import realism
from isost_core.validation.metrics import Measured, Predicted
from isost_core.validation.realism import (
    BY_CELL,
    BY_NEIGHBOURS,
    BY_SPACING,
    FEWEST,
    TOLD,
    blocks_of,
    folds_of,
    halves_told_apart,
    steady_genes,
    told_apart,
)
from isost_core.validation.smoothers import TrainingCells

GENES = np.ones(10, bool)


def pattern(xy):
    """Expected expression (n, 10) that varies over some 50 µm."""
    return 2 + np.stack([np.sin(xy[:, k % 2] / (15 + 3 * k) + k) for k in range(10)], 1)


def section_of(n=3000, seed=0):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 600, (n, 2))
    return Measured(xy, np.maximum(pattern(xy) + rng.normal(0, 1, (n, 10)), 0))


@pytest.fixture(scope="module")
def section():
    return section_of()


def test_half_of_a_section_cannot_be_told_from_its_other_half(section, monkeypatch):
    found = halves_told_apart(section, GENES)
    assert all(0.45 < found[name] < 0.55 for name in TOLD), found
    part = np.random.default_rng(1).integers(0, 4, 3000 // 2 * 2)
    monkeypatch.setattr(realism, "folds_of", lambda xy: [(part != p, part == p) for p in range(4)])
    assert halves_told_apart(section, GENES)[BY_NEIGHBOURS] > 0.58  # cells divided at random remember places


def test_another_draw_of_the_same_tissue_cannot_be_told(section):
    other = section_of(seed=1)
    found = told_apart(section, Predicted(other.xy, other.values, other.values), GENES)
    assert all(0.44 < found[name] < 0.56 for name in TOLD), found


def test_cells_without_noise_are_told_by_expression_alone(section):
    xy = section_of(seed=1).xy
    found = told_apart(section, Predicted(xy, pattern(xy), pattern(xy)), GENES)
    assert found[BY_CELL] > 0.9 and found[BY_SPACING] < 0.56


def test_cells_in_the_wrong_place_are_told_by_those_around(section):
    other, rng = section_of(seed=1), np.random.default_rng(2)
    shuffled = rng.permutation(other.values)
    found = told_apart(section, Predicted(other.xy, shuffled, shuffled), GENES)
    assert found[BY_CELL] < 0.56 and found[BY_NEIGHBOURS] > 0.7


def test_too_evenly_spaced_cells_are_told_by_their_distances(section):
    xy = np.stack(np.meshgrid(np.arange(55), np.arange(55)), -1).reshape(-1, 2) * 11.0
    values = np.maximum(pattern(xy) + np.random.default_rng(3).normal(0, 1, (len(xy), 10)), 0)
    found = told_apart(section, Predicted(xy, values, values), GENES)
    assert found[BY_SPACING] > 0.9 and found[BY_CELL] < 0.56


def test_few_cells_are_not_told_apart(section):
    few = section_of(FEWEST - 1)
    assert np.isnan(list(told_apart(section, Predicted(few.xy, few.values, few.values), GENES).values())).all()
    whole = Predicted(section.xy, section.values, section.values)
    assert np.isnan(list(told_apart(section, whole, ~GENES).values())).all()


def test_nothing_near_what_is_tried_is_learnt_from():
    xy = np.random.default_rng(0).uniform(0, 100, (2000, 2))
    assert np.ptp(np.bincount(blocks_of(xy))) == 0
    for learnt, tried in folds_of(xy):
        assert tried.sum() == 500 and 800 < learnt.sum() < 1450 and not (learnt & tried).any()
        apart = np.linalg.norm(xy[learnt][:, None] - xy[tried], axis=2).min(1)
        assert apart.min() > 1.5


def test_a_gene_whose_level_differs_between_training_sections_is_set_apart():
    rng = np.random.default_rng(0)
    depths, n = np.array([0.0, 50.0, 100.0]), 1500
    xy = rng.uniform(0, 600, (3 * n, 2))
    number = np.repeat([0, 1, 2], n)
    values = pattern(xy + 10 * number[:, None]) + rng.normal(0, 1, (3 * n, 10))  # the pattern moves a little
    values[number == 2, 4] += 0.6
    cells = TrainingCells(np.column_stack([xy, depths[number]]), number, values.astype(np.float32), depths, 15.0)
    assert np.flatnonzero(~steady_genes(cells)).tolist() == [4]
    assert steady_genes(cells.without(2)).all()
    assert steady_genes(cells.without(2).without(1)).all()
