"""Where virtual cells are placed: settled between two sections, and carried only where the tissue moves."""

from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from isost_core.config import Config
from isost_core.model.geometry import measure
from isost_core.model.training import train
from isost_core.reconstruction.carrying import carry_to
from isost_core.reconstruction.motion import tissue_moves
from isost_core.reconstruction.settling import Sides, evened, settle, spaced
from isost_core.sections.spacing import neighbour_distances
from isost_core.sections.stack import Sections

SPACING, GAP = 10.0, 100.0


def cells_apart(n, size, least, rng):
    """Random places (about n, 2) in a square, none nearer than `least` to another."""
    xy = rng.random((4 * n, 2)) * size
    kept = np.ones(len(xy), bool)
    for first, second in cKDTree(xy).query_pairs(least, output_type="ndarray"):
        kept[second] &= not kept[first]
    return xy[kept][:n]


def stack_of(places, gap):
    """Sections of places (n, 2) um each, with two smooth genes."""
    xy = np.concatenate(places)
    name = np.repeat([f"S{k}" for k in range(len(places))], [len(p) for p in places])
    values = np.stack([1 + np.sin(xy[:, 0] / 60), 1 + np.cos(xy[:, 1] / 60)], 1).astype(np.float32)
    made = ad.AnnData(values, var=pd.DataFrame(index=["A", "B"]),
                      obs=pd.DataFrame({"section": name, "depth": gap * np.repeat(np.arange(len(places)), [
                          len(p) for p in places])}, index=[f"c{k}" for k in range(len(xy))]))
    made.obsm["spatial"] = xy
    return Sections.from_anndata(made, normalize="none")


def trained(places, gap, **changes):
    return train(stack_of(places, gap), Config.of_preset("fast", **({"train_steps": 40} | changes)))


@pytest.fixture
def sides():
    """Two unlike sections of the same tissue, half as dense on the right."""
    rng = np.random.default_rng(0)
    both = [cells_apart(2500, 500, 6, rng) for _ in range(2)]
    both = [xy[rng.random(len(xy)) < np.where(xy[:, 0] > 250, 0.5, 1)] for xy in both]
    return Sides((both[0], both[1]), (both[0], both[1]), 0.5, GAP)


@pytest.fixture
def drawn(sides):
    rng = np.random.default_rng(1)
    return np.concatenate([xy[rng.random(len(xy)) < 0.5] for xy in sides.carried])


def test_cells_are_spaced_as_measured_ones_are(sides, drawn):
    measured = np.concatenate([neighbour_distances(xy) for xy in sides.measured])
    before, after = (neighbour_distances(xy) for xy in (
        drawn, spaced(drawn, sides, SPACING, np.random.default_rng(0))))
    assert np.median(before) < 0.9 * np.median(measured) and (before < 3).mean() > 0.03
    assert np.median(after) == pytest.approx(np.median(measured), rel=0.03)
    assert (after < 3).mean() <= 0.002


def test_cells_that_share_a_place_come_apart(sides, drawn):
    doubled = np.concatenate([drawn, drawn[:50]])
    settled = spaced(doubled, sides, SPACING, np.random.default_rng(0))
    assert (neighbour_distances(settled) < 3).mean() <= 0.002


def test_cells_even_out_to_the_density_of_both_sections(sides, drawn):
    def counts(xy):
        return np.histogram2d(*xy.T, bins=10, range=[[0, 500]] * 2)[0]

    wanted = sum(counts(xy) for xy in sides.carried) / 2
    off = [((counts(xy) - wanted) ** 2).mean() for xy in (drawn, evened(drawn, sides, SPACING))]
    assert off[1] < 0.6 * off[0]


def test_over_a_thin_gap_none_moves_to_even_out(sides, drawn):
    assert np.array_equal(evened(drawn, replace(sides, gap_um=SPACING), SPACING), drawn)


def test_next_to_a_section_cells_hardly_settle(sides):
    below = sides.carried[0]
    moved = np.linalg.norm(settle(below, replace(sides, t=1e-3), SPACING, np.random.default_rng(0)) - below, axis=1)
    assert np.median(moved) < 0.05 * SPACING


@pytest.mark.parametrize("xy", [np.zeros((0, 2)), np.zeros((3, 2)), np.zeros((40, 2))])
def test_few_cells_and_cells_in_one_place_are_settled_without_a_mishap(xy):
    assert np.isfinite(settle(xy, Sides((xy, xy), (xy, xy), 0.3, GAP), SPACING, np.random.default_rng(0))).all()


def test_far_apart_pieces_make_no_huge_grid(drawn):
    far = np.concatenate([drawn, drawn + 1e7])
    assert np.array_equal(evened(far, Sides((far, far + 4), (far, far + 4), 0.5, GAP), SPACING), far)


def test_virtual_cells_lie_as_far_apart_as_measured_ones():
    rng = np.random.default_rng(3)
    model = trained([cells_apart(900, 300, 6, rng) for _ in range(2)], 60.0)
    measured = np.concatenate([neighbour_distances(model.sections.xy[model.sections.rows(n)]) for n in ("S0", "S1")])
    found = np.concatenate([neighbour_distances(carry_to(model, 30.0, seed, expression=False).xy) for seed in range(3)])
    assert np.median(found) == pytest.approx(np.median(measured), rel=0.03)
    assert (found < 3).mean() <= 0.002


def test_cells_that_thin_slabs_share_stay_where_they_are():
    rng = np.random.default_rng(4)
    xy = cells_apart(600, 250, 6, rng)
    model = trained([xy + 0.2 * rng.standard_normal(xy.shape) for _ in range(3)], 8.0)
    assert not any(tissue_moves(model, gap) for gap in range(2))
    off = cKDTree(xy).query(carry_to(model, 4.0, expression=False).xy)[0]
    assert np.median(off) < 0.1 * model.spacing_um


def test_tissue_that_drifts_is_seen_to_move(tube):
    model = tube[0].model
    assert all(tissue_moves(model, gap) for gap in range(len(model.depths) - 1))


def test_paths_diffuse_less_over_a_thin_gap():
    rng = np.random.default_rng(5)
    thin, wide = (measure(stack_of([cells_apart(200, 150, 6, rng) for _ in range(2)], gap), Config.of_preset("fast"))
                  for gap in (5.0, 500.0))
    spread = [each.sigma(0) * np.sqrt(np.diff(each.depths)[0]) / each.spread_um for each in (thin, wide)]
    assert spread[0] < 0.4 and spread[1] == pytest.approx(1)


def test_a_lattice_of_spots_stays_one():
    grid = 20.0 * np.stack(np.meshgrid(np.arange(15.0), np.arange(15.0), indexing="ij"), -1).reshape(-1, 2)
    model = trained([grid, grid[15:], grid[:-15]], 40.0, train_steps=5)
    for depth in (12.0, 28.0):
        off = cKDTree(grid).query(carry_to(model, depth, expression=False).xy)[0]
        assert off.max() < 0.2 * model.spacing_um
