"""Neighbours, spacing and thinning."""

import numpy as np
import pytest
import torch

from isost_core.datasets.phantoms import make_phantom
from isost_core.model.donors import partners
from isost_core.model.points import PointIndex
from isost_core.reconstruction.carrying import meeting_pairs
from isost_core.sections.spacing import cell_spacing, even_subset, irregularity
from isost_core.sections.stack import Sections
from tests.sections.test_stack import stack


def test_nearest_agrees_with_all_distances():
    rng = np.random.default_rng(0)
    query, reference = (torch.as_tensor(rng.random((n, 2)), dtype=torch.float32) for n in (30, 50))
    expected = torch.cdist(query, reference).topk(4, largest=False).indices
    assert torch.equal(PointIndex(reference).nearest(query, 4), expected)


def test_an_even_subset_keeps_local_density_better_than_chance():
    rng = np.random.default_rng(1)
    xy = rng.uniform(0, 100, (4000, 2))

    def noise(rows):
        counts = np.histogram2d(*xy[rows].T, bins=8)[0] / np.histogram2d(*xy.T, bins=8)[0]
        return counts.std()

    even = noise(even_subset(xy, 2000, rng))
    chance = noise(rng.choice(4000, 2000, replace=False))
    assert even < 0.6 * chance


def test_points_that_meet_are_paired_once_and_within_reach():
    rng = np.random.default_rng(3)
    first = rng.uniform(0, 100, (300, 2))
    second = rng.permutation(first + rng.normal(0, 0.2, first.shape))[:250]
    i, j = meeting_pairs(first, second, 3.0)
    assert len(np.unique(i)) == len(np.unique(j)) == len(i) >= 245
    distance = np.linalg.norm(first[i] - second[j], axis=1)
    assert distance.max() <= 3.0 and np.median(distance) < 0.5
    assert len(meeting_pairs(first, second + 1000, 3.0)[0]) == 0


@pytest.mark.parametrize("n", [0, 1, 37, 200, 500])
def test_an_even_subset_has_the_size_asked_for_and_no_repeats(n):
    xy = np.random.default_rng(2).uniform(0, 10, (200, 2))
    rows = even_subset(xy, n, np.random.default_rng(0))
    assert len(rows) == len(np.unique(rows)) == min(n, 200)


def test_a_lattice_is_regular_and_random_points_are_not():
    import anndata as ad
    import pandas as pd

    def stack(xy):
        both = np.vstack([xy, xy])
        obs = pd.DataFrame({"section": np.repeat(["a", "b"], len(xy)), "z_um": np.repeat([0.0, 10.0], len(xy))},
                           index=[str(i) for i in range(len(both))])
        return Sections.from_anndata(ad.AnnData(np.ones((len(both), 2), np.float32), obs=obs, obsm={"spatial": both}))

    grid = np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), -1).reshape(-1, 2) * 100
    lattice, loose = stack(grid), stack(np.random.default_rng(0).uniform(0, 2000, (400, 2)))
    assert cell_spacing(lattice) == pytest.approx(100)
    assert irregularity(lattice) < 0.05
    assert irregularity(loose) > 0.7


def test_a_phantom_has_the_spacing_it_says():
    import json

    made, _ = make_phantom("layers", 3, 40.0, n_cells=400, n_genes=5)
    said = json.loads(made.uns["phantom"])["spacing_um"]
    assert 0.4 * said < cell_spacing(Sections.from_anndata(made)) < 1.2 * said


@pytest.mark.parametrize("n", [2, 3, 50, 501])
def test_partners_trade_places_in_pairs_with_one_nearby(n):
    xy = np.random.default_rng(n).uniform(0, 10 * np.sqrt(n), (n, 2))
    partner = partners(xy, 4, np.random.default_rng(0))
    assert (partner != np.arange(n)).all()
    assert (partner[partner] == np.arange(n)).sum() >= n - n % 2
    assert np.median(np.linalg.norm(xy - xy[partner], axis=1)) < 20


def test_cells_that_share_their_places_have_the_spacing_of_the_places():
    cells = stack([0.0, 50.0])
    grid = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), -1).reshape(-1, 2) * 30
    cells.obsm["spatial"] = grid[np.arange(cells.n_obs) // 2 % 16]
    assert cell_spacing(Sections.from_anndata(cells)) == 30
