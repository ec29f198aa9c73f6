"""From sections to tissue on phantoms whose truth is known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom, shape_of, true_rate
from isost_core.errors import InputError
from isost_core.model.training import train
from isost_core.reconstruction.carrying import carry_to
from isost_core.reconstruction.evaluate import make_lattice
from isost_core.reconstruction.slices import oblique
from isost_core.reconstruction.virtual_cells import virtual_section, virtual_tissue
from isost_core.reconstruction.volume import make_volume
from isost_core.runs.store import create_run, load_run
from isost_core.sections.stack import Sections
from isost_core.validation.baselines import UNION
from isost_core.workflows.reconstruct import execute


def between(run):
    return (run.sections.depths[:-1] + run.sections.depths[1:]) / 2


def test_a_drifting_tube_is_where_it_should_be_at_unseen_depths(tube):
    run, about, _ = tube
    for depth in between(run):
        centre = virtual_section(run, depth).obsm["spatial"][:, :2].mean(0)
        off = np.linalg.norm(centre - shape_of(about).centre(np.array([depth]))[0])
        assert off < run.cell_spacing_um


def test_the_ball_has_its_radius_at_unseen_depths(ball):
    run, about, _ = ball
    z, r = np.array(json.loads(about)["radii"]).T
    for depth in between(run):
        xy = carry_to(run.model, depth, expression=False).xy
        radius = np.sqrt(2 * ((xy - xy.mean(0)) ** 2).sum(1).mean())
        assert radius == pytest.approx(np.interp(depth, z, r), rel=0.05)


def test_the_volume_of_the_ball_has_its_radius_too(ball):
    run, about, _ = ball
    z, r = np.array(json.loads(about)["radii"]).T
    volume = make_volume(run, run.genes[:1])
    depths = volume.origin_um[2] + volume.spacing_um * np.arange(volume.mask.shape[2])
    radius = np.sqrt(volume.mask.sum((0, 1)) * volume.spacing_um**2 / np.pi)
    assert radius == pytest.approx(np.interp(depths, z, r), rel=0.08)


def test_the_number_of_cells_runs_linearly_between_sections(tube):
    run, _, _ = tube
    counts = [len(run.sections.rows(n)) for n in run.sections.names]
    depths = np.arange(*run.depth_range, 5.0)
    made = [len(carry_to(run.model, z, expression=False).xy) for z in depths]
    assert np.abs(made - np.interp(depths, run.sections.depths, counts)).max() <= 2


def test_a_virtual_section_is_what_the_contract_says(tube):
    run, _, _ = tube
    made = virtual_section(run, 63.0, seed=3)
    assert np.abs(made.obs["depth"] - 63.0).max() <= 1e-3
    assert made.obsm["spatial"].shape == (made.n_obs, 3)
    assert (made.obsm["spatial"][:, 2] == 63.0).all()
    assert list(made.var_names) == run.genes
    assert made.obs["virtual"].all()
    for values in (made.X, made.layers["mean"], made.layers["sd"]):
        assert values.dtype == np.float32
        assert np.isfinite(values).all() and values.min() >= 0
    about = made.uns["isost"]
    assert {"version", "config", "seed", "input_hashes", "frame", "normalize"} <= set(about)
    assert json.loads(about["config"])["preset"] == "fast"


def test_the_same_seed_gives_the_same_section_and_another_does_not(tube):
    run, _, _ = tube
    first, again, other = (virtual_section(run, 70.0, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.X, again.X)
    assert np.array_equal(first.obsm["spatial"], again.obsm["spatial"])
    assert not np.array_equal(first.obsm["spatial"], other.obsm["spatial"])


def test_at_a_measured_depth_no_cell_is_a_copy(tube):
    run, _, _ = tube
    depth = float(run.sections.depths[2])
    made = virtual_section(run, depth)
    rows = run.sections.rows(run.sections.names[2])
    measured = {tuple(row) for row in run.sections.cells.obsm["spatial"][rows]}
    assert not any(tuple(row) in measured for row in made.obsm["spatial"][:, :2])
    assert len(made) == len(rows)


@pytest.mark.parametrize("depth", [-5.0, 1e4])
def test_nothing_is_predicted_beyond_the_outermost_sections(tube, depth):
    with pytest.raises(InputError, match="outside the measured range 0 to 200"):
        virtual_section(tube[0], depth)


def test_sampled_cells_keep_the_zeros_and_the_spread_of_measured_ones(ball):
    run, _, _ = ball
    made = virtual_section(run, between(run)[1])
    rows = np.concatenate([run.sections.rows(n) for n in run.sections.names[1:3]])
    X = run.sections.cells.X[rows]
    assert np.median(np.abs((made.X == 0).mean(0) - (X == 0).mean(0))) < 0.05
    assert np.median(made.X.var(0) / X.var(0)) == pytest.approx(1, abs=0.15)


def test_the_mean_follows_the_true_gradient(ball):
    run, about, _ = ball
    made = virtual_section(run, between(run)[1])
    truth = np.log1p(true_rate(about, made.obsm["spatial"]))
    kinds = [g["type"] for g in json.loads(about)["genes"]]
    r = [np.corrcoef(truth[:, g], made.layers["mean"][:, g])[0, 1] for g, k in enumerate(kinds) if k == "spherical"]
    assert np.median(r) > 0.8


def test_the_result_does_not_depend_on_the_integration_step():
    made, _ = make_phantom("tube", 4, 50.0, n_cells=400, n_genes=8)
    sections = Sections.from_anndata(made)
    model = train(sections, Config.of_preset("fast", step_um=20.0))
    means, spreads = [], []
    for step in (20.0, 5.0):
        other = replace(model, config=Config.of_preset("fast", step_um=step))
        xy = np.concatenate([carry_to(other, 75.0, seed).xy for seed in range(6)])
        means.append(xy.mean(0))
        spreads.append(xy.std(0))
    assert np.abs(means[0] - means[1]).max() < 0.02 * spreads[0].max()
    assert spreads[0] == pytest.approx(spreads[1], rel=0.02)


def test_cells_with_depths_of_their_own_land_on_the_depth_asked_for():
    made, _ = make_phantom("layers", 3, 40.0, n_cells=200, n_genes=6)
    made = made.copy()
    made.obs["z_um"] += np.random.default_rng(0).uniform(-8, 8, made.n_obs)
    model = train(Sections.from_anndata(made), Config.of_preset("fast", train_steps=5))
    lattice, cells = make_lattice(model)
    assert cells.xyz[:, 2].min() >= model.depths[0] - 1e-3 and cells.xyz[:, 2].max() <= model.depths[-1] + 1e-3
    assert np.isfinite(lattice.latent).all()


def test_sparse_counts_give_what_dense_ones_give():
    from scipy.sparse import csr_matrix

    dense, _ = make_phantom("layers", 3, 40.0, n_cells=150, n_genes=10)
    sparse = dense.copy()
    sparse.X = csr_matrix(dense.X)
    means = []
    for cells in (dense, sparse):
        model = train(Sections.from_anndata(cells), Config.of_preset("fast", train_steps=5))
        latent = model.kriging.predict(np.array([[0.0, 0, 30], [20, 20, 50]]))[0]
        means.append(model.latent.expression(latent))
    assert means[1] == pytest.approx(means[0], abs=1e-3)


def test_the_published_objective_trains_and_reconstructs(tmp_path):
    made, _ = make_phantom("tube", 3, 40.0, n_cells=150, n_genes=8)
    config = Config.of_preset("paper", train_steps=8, batch_cells=100, factors=5)
    run = load_run(execute(create_run(tmp_path / "paper", Sections.from_anndata(made), config)))
    section = virtual_section(run, 20.0)
    assert np.isfinite(section.X).all()
    assert (section.obs["depth"] == 20.0).all()
    assert np.isfinite(make_volume(run, run.genes[:2]).values).any()


def test_all_virtual_sections_at_once(tube):
    run, _, _ = tube
    tissue = virtual_tissue(run, gap_um=50.0)
    assert sorted(set(tissue.obs["depth"])) == [0, 50, 100, 150, 200]
    assert tissue.obs_names.is_unique


def test_a_slice_lies_where_the_contract_says(ball):
    run, about, _ = ball
    centre = np.array([*shape_of(about).centre(np.array([120.0]))[0], 120.0])
    made = oblique(run, run.genes[0], centre, 30.0, 90.0, 400.0, pixels=65)
    assert np.cross(made.u, made.v) == pytest.approx(made.normal)
    assert made.normal == pytest.approx([np.cos(np.pi / 6), 0.5, 0], abs=1e-9)
    middle = made.origin + made.spacing_um * 32 * (made.u + made.v)
    assert middle == pytest.approx(centre)
    assert np.isnan(made.values[~made.mask]).all() and np.isfinite(made.values[made.mask]).all()
    inside = shape_of(about).inside
    grid = np.arange(65)
    points = made.origin + made.spacing_um * (grid[:, None, None] * made.v + grid[None, :, None] * made.u)
    truth = inside(points.reshape(-1, 3)).reshape(65, 65) & (points[..., 2] >= 0) & (points[..., 2] <= 240)
    assert (truth == made.mask).mean() > 0.95


def test_a_volume_can_be_asked_for_at_any_spacing(ball):
    run, _, _ = ball
    coarse, fine = (make_volume(run, run.genes[:2], s) for s in (40.0, 20.0))
    assert coarse.spacing_um == 40.0
    assert np.isnan(coarse.values[:, ~coarse.mask]).all()
    shared = coarse.mask & fine.mask[::2, ::2, ::2][tuple(map(slice, coarse.mask.shape))]
    assert coarse.values[:, shared] == pytest.approx(fine.values[:, ::2, ::2, ::2][
        (slice(None), *map(slice, coarse.mask.shape))][:, shared], abs=1e-4)
    with pytest.raises(InputError, match="larger spacing"):
        make_volume(run, run.genes[:2], 0.1)


def test_the_predicted_spread_follows_the_true_one_and_intervals_hold(ball):
    """Of counts drawn at the true rates: sparse genes spread more where there is more, and 80 % lie within 80 %."""
    run, about, _ = ball
    made = virtual_section(run, between(run)[1])
    rate = true_rate(about, made.obsm["spatial"])
    draws = np.log1p(np.random.default_rng(0).poisson(rate, (40, *made.shape)))
    true_sd, sd = draws.std(0), made.layers["sd"]
    sparse = np.flatnonzero((rate.mean(0) < 1) & (true_sd.std(0) > 0.2 * true_sd.mean(0)))
    assert len(sparse)
    assert np.median([np.corrcoef(true_sd[:, g], sd[:, g])[0, 1] for g in sparse]) > 0.5
    inside = np.abs(draws[0] - made.layers["mean"]) <= 1.2816 * sd
    assert 0.7 < inside.mean() < 0.95


@pytest.mark.parametrize("kind", ["branch", "lobe", "horn"])
def test_where_structures_move_the_drift_beats_leaving_cells_where_they_are(kind):
    from benchmarks.moving import OURS, run_phantom

    found = run_phantom(kind, 0, Config.of_preset("fast"))
    assert found[UNION] > 1.15 * found[OURS]
