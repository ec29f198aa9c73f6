"""What is chosen on masked sections: the covariance for the middle of a gap, and whether the drift is followed."""

from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from isost_core.config import Config
from isost_core.model.choice import _mid_gap, _score, choose, scored
from isost_core.model.geometry import measure
from isost_core.model.masking import Mask, sampled_cells
from isost_core.model.selection import make_space
from isost_core.sections.stack import Sections

GAP, SHIFT, SECTIONS = 20.0, np.array([15.0, 0.0]), 4


@pytest.fixture(scope="module")
def moving():
    """(space, masks) of a pattern that lies SHIFT further in each section; masks have no places yet."""
    rng, n = np.random.default_rng(0), 400
    number = np.repeat(np.arange(SECTIONS), n)
    xy = rng.uniform(0, 300, (len(number), 2))
    inside = xy - number[:, None] * SHIFT
    values = np.stack([np.sin(inside[:, k % 2] / (12 + k) + k) for k in range(6)], 1) + 2
    made = ad.AnnData((values + rng.normal(0, 0.3, values.shape)).astype(np.float32),
                      obs=pd.DataFrame({"section": [f"S{k}" for k in number], "depth": GAP * number},
                                       index=[f"c{k}" for k in range(len(number))]))
    made.obsm["spatial"] = xy
    config = Config.of_preset("fast")
    geometry = measure(Sections.from_anndata(made, normalize="none"), config)
    return make_space(geometry, config, "cpu", rng), sampled_cells(geometry.sections, 200, rng)


def placed(masks, sign):
    """Masks whose tissue lies where the pattern is (sign 1), or as far on the other side (-1)."""
    away = np.arange(SECTIONS)[:, None] * SHIFT
    return [replace(mask, places=mask.xyz[:, None, :2] + sign * (away - away[mask.section])) for mask in masks]


def test_the_field_follows_the_drift_only_where_masked_sections_are_predicted_better_so(moving):
    space, masks = moving
    told = []
    assert choose(space, placed(masks, 1), told.append).follow
    assert not choose(space, placed(masks, -1), told.append).follow
    assert min(told) > 0 and max(told) < 1


def test_a_candidate_is_scored_between_near_and_far(moving):
    space, masks = moving
    for value, covariance in zip(scored(space, masks), space.candidates, strict=True):
        score = _score(space, covariance, masks)
        assert score.near.unknown < score.far.unknown and score.far.agreement < score.near.agreement
        assert score.far.agreement < value < score.near.agreement


def test_the_middle_of_a_gap_is_looked_at_on_either_side():
    depths, xyz = np.array([0.0, 10.0, 40.0]), np.zeros((4, 3))
    sides = [np.unique(_mid_gap(Mask(s, xyz, xyz), depths)[:, 2]).tolist() for s in range(3)]
    assert sides == [[5.0], [5.0, 25.0], [25.0]]
