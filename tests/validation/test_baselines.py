"""Simple reconstructions: each must do what its name says, and know nothing of the held-out section."""

import numpy as np
import pytest

from isost_core.datasets.phantoms import make_phantom
from isost_core.sections.spacing import neighbour_distances
from isost_core.sections.stack import Sections
from isost_core.validation.baselines import (
    BETWEEN,
    COPY,
    MEAN_PLACES,
    MEANS,
    MOVED,
    OWN,
    PLACES,
    THROUGH_PCS,
    UNION,
    Baselines,
    barycentre,
    displacements,
    place_cells,
    training_cells,
)
from isost_core.validation.metrics import Measured, score
from isost_core.validation.smoothers import TrainingCells, fit_components, fit_kernel, fit_neighbours

WIDTHS = (20.0, 40.0, 80.0)


def stack_of(values_at, depths=(0.0, 50.0, 100.0, 150.0), n=300, noise=0.0, seed=0):
    """TrainingCells at random places, with values given by a function of (n, 3) positions."""
    rng = np.random.default_rng(seed)
    xyz = np.vstack([np.column_stack([rng.uniform(0, 200, (n, 2)), np.full(n, z)]) for z in depths])
    values = values_at(xyz) + noise * rng.standard_normal((len(xyz), 1))
    return TrainingCells(xyz, np.repeat(np.arange(len(depths)), n), values.astype(np.float32), np.array(depths), 11.0)


def plane(xyz):
    return 5 + xyz @ np.array([[0.01, 0.0], [0.0, 0.01], [0.01, 0.02]])


@pytest.fixture(scope="module")
def tube():
    """(training cells, the held-out section, its depth) of a tube that drifts three cell spacings a gap."""
    stack = Sections.from_anndata(make_phantom("tube", 5, 50.0, n_cells=350, n_genes=10, seed=1)[0])
    name = stack.names[2]
    rows = stack.rows(name)
    held = Measured(stack.cells.obsm["spatial"][rows], np.asarray(stack.cells.X[rows], dtype=float))
    return training_cells(stack.without([name])), held, float(stack.depths[2])


@pytest.fixture(scope="module")
def tried(tube):
    """{(method, places): values} of every baseline on the tube."""
    cells, held, depth = tube
    return {(m, p): score(held, found, WIDTHS).values for m, p, found in Baselines(cells).predict(depth)}


def test_every_baseline_is_there_with_finite_values(tube, tried):
    smooth = {(m, p) for m in MEANS for p in MEAN_PLACES}
    assert set(tried) == {(OWN, p) for p in PLACES} | {(THROUGH_PCS, UNION)} | smooth
    for name, values in tried.items():
        assert np.isfinite([values["pcc_40"], values["rmse_40"], values["genegene_r"]]).all(), name
        assert ("cov80" in values) == (name[0] in MEANS and "radial" not in name[0]), name


def test_zero_drift_loses_positions_where_tissue_moves(tried):
    still, moved, between = (tried[OWN, p]["chamfer_um"] for p in (UNION, MOVED, BETWEEN))
    assert moved < 0.85 * still and between < 0.85 * still


def test_copying_copies_and_the_union_counts_linearly():
    cells = stack_of(plane)
    copied = place_cells(cells, COPY, 60.0)
    assert np.array_equal(copied.xy, cells.xyz[cells.rows(1), :2])
    union = place_cells(cells, UNION, 65.0)
    assert len(union.xy) == 300
    assert (cells.number[union.source] == 1).sum() == 210
    assert set(cells.number[union.source]) == {1, 2}


def test_the_displacement_field_finds_a_shift():
    rng = np.random.default_rng(0)
    lower = rng.uniform(0, 300, (500, 2))
    ahead, back = displacements(lower, lower + [40, -20], rng)
    middle = np.array([[150.0, 150.0], [80.0, 220.0]])
    assert np.abs(ahead(middle) - [40, -20]).max() < 8
    assert np.abs(back(middle) + [40, -20]).max() < 8


def test_the_barycentre_lies_between_and_spreads_cells_out():
    rng = np.random.default_rng(0)
    lower, upper = rng.uniform(0, 300, (600, 2)), rng.uniform(0, 300, (600, 2)) * [0.5, 1] + [200, 0]
    cells = TrainingCells(np.vstack([np.column_stack([lower, np.zeros(600)]), np.column_stack([upper, np.ones(600)])]),
                          np.repeat([0, 1], 600), np.ones((1200, 1), np.float32), np.array([0.0, 1.0]), 6.0)
    union, found = (place_cells(cells, way, 0.25) for way in (UNION, BETWEEN))
    assert np.array_equal(found.source, union.source)
    assert np.abs(np.quantile(found.xy[:, 0], [0.1, 0.5, 0.9]) - [0.75 * 300 * q + 0.25 * (200 + 150 * q)
                                                                 for q in (0.1, 0.5, 0.9)]).max() < 10
    still = barycentre(lower, lower, lower, 0.5, rng)
    assert np.abs(still - lower).max() < 1e-6
    again = np.concatenate([lower[:300], lower[:300] + rng.normal(0, 2, (300, 2))])  # pairs of cells in one place
    apart = neighbour_distances(barycentre(again, lower, lower, 0.5, rng))
    assert np.median(apart) > 2 * np.median(neighbour_distances(again))


def test_neighbours_interpolate_between_two_sections():
    cells = stack_of(lambda xyz: np.column_stack([xyz[:, 2], 100 - xyz[:, 2]]))
    mean, sd = fit_neighbours(cells, 20)(np.array([[100.0, 100.0, 60.0], [30.0, 50.0, 60.0]]))
    assert mean == pytest.approx(np.tile([60.0, 40.0], (2, 1)), abs=1e-3)
    assert sd == pytest.approx(np.full((2, 2), 20.0), rel=1e-2)  # a fifth of the cells at 100, four at 50 µm


@pytest.mark.parametrize("name", MEANS)
def test_every_mean_follows_a_gradient(name):
    cells = stack_of(plane, noise=0.3)
    at = np.column_stack([np.random.default_rng(9).uniform(40, 160, (60, 2)), np.full(60, 75.0)])
    mean, sd = MEANS[name](cells, 0)(at)
    wide = "100" in name  # averages over most of this small tissue
    assert np.corrcoef(mean[:, 0], plane(at)[:, 0])[0, 1] > (0.7 if wide else 0.85)
    assert np.abs(mean - plane(at)).mean() < 0.45
    assert sd is None or (sd > 0).all()


def test_noise_makes_the_kernel_wider():
    """Its width is chosen by leaving sections out: a wave that clear cells show is averaged away among noisy ones."""
    def height_of_the_wave(noise):
        cells = stack_of(lambda xyz: 5 + np.sin(xyz[:, :1] / 12), noise=noise)
        x = np.linspace(40, 160, 200)
        mean, _ = fit_kernel(cells)(np.column_stack([x, np.full_like(x, 100), np.full_like(x, 75)]))
        return np.polyfit(np.sin(x / 12), mean[:, 0], 1)[0]

    assert height_of_the_wave(0.0) > 0.8
    assert height_of_the_wave(3.0) < 0.75 * height_of_the_wave(0.0)


def test_all_components_give_the_values_back_and_few_do_not():
    values = np.random.default_rng(0).random((200, 12)).astype(np.float32)
    for standardise in (False, True):
        whole, part = (fit_components(values, k, standardise) for k in (12, 3))
        assert whole.decode(whole.encode(values)) == pytest.approx(values, abs=1e-5)
        assert np.abs(part.decode(part.encode(values)) - values).mean() > 0.05


def test_nothing_of_a_held_out_section_is_used(tube):
    stack = Sections.from_anndata(make_phantom("ball", 4, 50.0, n_cells=80, n_genes=6)[0])
    name = stack.names[1]
    spoilt = stack.cells.copy()
    spoilt.X[stack.rows(name)] = 40
    spoilt.obsm["spatial"][stack.rows(name)] *= 9
    results = []
    for cells in (stack.cells, spoilt):
        rest = Baselines(training_cells(Sections.from_log1p(cells).without([name])), list(MEANS)[:6])
        results.append([p for _, _, p in rest.predict(50)])
    for a, b in zip(*results, strict=True):
        assert np.array_equal(a.xy, b.xy) and np.array_equal(a.mean, b.mean)
