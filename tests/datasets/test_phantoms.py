import json

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.spatial import cKDTree

from isost_core.datasets.phantom_brain import MARKERS, PARTS, TOGETHER
from isost_core.datasets.phantoms import KINDS, make_phantom, shape_of, true_rate
from isost_core.errors import InputError
from isost_core.readers import read_sections
from isost_core.sections.stack import Sections


def about(cells):
    return json.loads(cells.uns["phantom"])


def xyz(cells):
    return np.column_stack([cells.obsm["spatial"], cells.obs["z_um"]])


@pytest.fixture(scope="module", params=KINDS)
def phantom(request):
    return make_phantom(request.param, 5, 100, n_cells=400, n_genes=20, seed=3)


def test_sections_are_in_the_documented_layout(phantom, tmp_path):
    cells, _ = phantom
    cells.write_h5ad(tmp_path / "p.h5ad")
    sections = read_sections(tmp_path / "p.h5ad")
    assert sections.names == ("S01", "S02", "S03", "S04", "S05") and sections.synthetic
    np.testing.assert_array_equal(sections.depths, [0, 100, 200, 300, 400])
    assert (np.round(cells.X) == cells.X).all() and cells.X.min() == 0
    assert abs(sections.n_cells / 5 - 400) < 20


def test_cells_keep_a_distance_and_their_spacing_is_the_one_stated(phantom):
    cells, _ = phantom
    for _, rows in cells.obs.groupby("section", observed=True).indices.items():
        nearest = cKDTree(cells.obsm["spatial"][rows]).query(cells.obsm["spatial"][rows], k=2)[0][:, 1]
        assert nearest.min() > 0.25 * about(cells)["spacing_um"]
        assert 0.6 < np.median(nearest) / about(cells)["spacing_um"] < 1.0


def test_truth_has_the_same_density_at_all_depths(phantom):
    cells, truth = phantom
    s = about(cells)["spacing_um"]
    assert about(cells)["truth_fraction"] == 1.0
    np.testing.assert_array_equal(truth.obsm["spatial_3d"], xyz(truth))
    for depth, measured in zip(about(cells)["depths_um"], cells.obs.groupby("section", observed=True).size(),
                               strict=True):
        layer = (np.abs(truth.obs["z_um"] - depth) < s / 2).sum()
        assert layer / measured == pytest.approx(1, abs=0.12), depth
    assert (np.abs(truth.obs["z_um"] - 250) < s).sum() > 100


def test_all_cells_lie_in_the_tissue(phantom):
    for cells in phantom:
        assert shape_of(cells.uns["phantom"]).inside(xyz(cells)).all()


def test_counts_follow_the_true_rate(phantom):
    _, truth = phantom
    rate = true_rate(truth.uns["phantom"], truth.obsm["spatial_3d"])
    assert rate.shape == truth.shape
    for j, gene in enumerate(about(truth)["genes"]):
        bins = np.argsort(rate[:, j])
        for part in np.array_split(bins, 4):
            expected = rate[part, j].sum()
            spread = np.sqrt(expected + 0.1 * (rate[part, j] ** 2).sum())
            assert abs(truth.X[part, j].sum() - expected) < 4.5 * spread, gene["name"]


def test_sparse_counts_follow_the_true_rate(phantom):
    kind = about(phantom[0])["kind"]
    cells, truth = make_phantom(kind, 4, 80, n_cells=400, n_genes=60, sparse=True, seed=1)
    assert sp.issparse(cells.X) and cells.X.dtype == np.float32 and cells.X.nnz < 0.35 * np.prod(cells.shape)
    rate = true_rate(truth.uns["phantom"], truth.obsm["spatial_3d"])
    for j in range(60):
        high = rate[:, j] >= np.median(rate[:, j])
        for part in (high, ~high):
            expected = rate[part, j].sum()
            spread = np.sqrt(expected + 0.1 * (rate[part, j] ** 2).sum())
            assert abs(truth.X[np.nonzero(part)[0], j].sum() - expected) < 4.5 * spread + 1


def test_same_seed_same_phantom_other_seed_other():
    a, b, c = (make_phantom("tube", 3, 50, 100, 8, seed=s)[0] for s in (5, 5, 6))
    np.testing.assert_array_equal(a.X, b.X)
    np.testing.assert_array_equal(a.obsm["spatial"], b.obsm["spatial"])
    assert a.uns["phantom"] == b.uns["phantom"] != c.uns["phantom"]


def test_ball_sections_are_discs_of_the_right_radius():
    cells, truth = make_phantom("ball", 5, 100, n_cells=600)
    assert about(cells)["radius_um"] == 300
    for depth, rows in cells.obs.groupby("z_um").indices.items():
        reach = np.hypot(*cells.obsm["spatial"][rows].T).max()
        expected = np.sqrt(300 ** 2 - (depth - 200) ** 2)
        assert reach == pytest.approx(expected, rel=0.03)
        z, radius = np.array(about(cells)["radii"]).T
        assert np.interp(depth, z, radius) == pytest.approx(expected, rel=1e-3)
    density = truth.n_obs / (4 / 3 * np.pi * 300 ** 3)
    assert density == pytest.approx(about(cells)["cells_per_um3"], rel=0.03)


@pytest.mark.parametrize("n_sections", [3, 5, 10])
def test_tube_follows_its_centre_line_which_is_near_straight_between_sections(n_sections):
    cells, truth = make_phantom("tube", n_sections, 60, n_cells=800, n_genes=8)
    z, x, y = np.array(about(cells)["centre_line"]).T
    s = about(cells)["spacing_um"]
    for depth, rows in cells.obs.groupby("z_um").indices.items():
        found = cells.obsm["spatial"][rows].mean(axis=0)
        assert np.hypot(*(found - [np.interp(depth, z, x), np.interp(depth, z, y)])) < 0.4 * s
    depths = np.array(about(cells)["depths_um"])
    assert np.hypot(np.diff(np.interp(depths, z, x)), np.diff(np.interp(depths, z, y))).min() > 2 * s
    half = (depths[:-1] + depths[1:]) / 2
    for line in (x, y):
        chord = (np.interp(depths[:-1], z, line) + np.interp(depths[1:], z, line)) / 2
        assert np.abs(np.interp(half, z, line) - chord).max() < 0.3 * s


def test_genes_have_the_gradients_that_they_state():
    cells, _ = make_phantom("ball", 3, 100, 200, 20)
    genes = about(cells)["genes"]
    assert {g["type"] for g in genes} == {"spherical", "depth", "flat"}
    rng = np.random.default_rng(0)
    direction = rng.normal(size=(2, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    at = about(cells)
    centre = np.array([0, 0, sum(at["z_range_um"]) / 2])
    rate = true_rate(cells.uns["phantom"], centre + 0.5 * at["radius_um"] * direction)
    for j, gene in enumerate(genes):
        same = np.isclose(rate[0, j], rate[1, j])
        assert same == (gene["type"] != "depth"), gene


def test_layers_lie_at_fixed_y_and_stripes_along_depth():
    layers, _ = make_phantom("layers", 3, 100, 200, 20)
    places = np.array([[-30.0, 20.0, 10.0], [60.0, 20.0, 180.0], [60.0, -40.0, 180.0]])
    rate = true_rate(layers.uns["phantom"], places)
    laminar = [j for j, g in enumerate(about(layers)["genes"]) if g["type"] == "layer"]
    np.testing.assert_allclose(rate[0, laminar], rate[1, laminar])
    assert (np.abs(rate[2, laminar] / rate[1, laminar] - 1) > 0.05).mean() > 0.7
    embryo, _ = make_phantom("embryo", 9, 50, 200, 30)
    striped = [j for j, g in enumerate(about(embryo)["genes"]) if g["form"] == "stripes"]
    z = np.linspace(*about(embryo)["z_range_um"], 500)
    rate = true_rate(embryo.uns["phantom"], np.column_stack([np.full(500, 90.0), np.zeros(500), z]))[:, striped]
    peaks = ((rate[1:-1] > rate[:-2]) & (rate[1:-1] > rate[2:])).sum(axis=0)
    assert len(striped) >= 5 and peaks.min() >= 1 and peaks.max() >= 3


def test_too_many_true_cells_are_thinned_and_it_is_said():
    _, truth = make_phantom("layers", 3, 2000, n_cells=3000, n_genes=4)
    fraction = about(truth)["truth_fraction"]
    assert truth.n_obs <= 400_000 and fraction < 1
    assert truth.n_obs == pytest.approx(fraction * about(truth)["cells_per_um3"]
                                        * 8 * np.prod(about(truth)["half_extent_um"]), rel=0.02)


def test_a_large_sparse_phantom_stays_sparse():
    cells, truth = make_phantom("embryo", 2, 50, n_cells=2500, n_genes=5000, sparse=True)
    assert cells.shape[1] == 5000 and truth.n_obs > 5000
    assert sp.issparse(cells.X) and sp.issparse(truth.X) and cells.X.nnz < 0.5 * np.prod(cells.shape)


def test_ready_for_the_core_without_a_file():
    sections = Sections.from_anndata(make_phantom("tube", 3, 50, 100, 8)[0])
    assert len(sections.depths) == 3 and sections.cells.X.max() < 6


@pytest.mark.parametrize("change, said", [
    ({"kind": "cube"}, "Phantom 'cube' is not known. Choose one of ball, layers, tube, embryo, brain"),
    ({"n_sections": 1}, "at least two sections, found 1"),
    ({"gap_um": 0}, "above 0 µm, found 0"),
    ({"n_cells": 10}, "at least 50 cells"),
    ({"n_genes": 2}, "at least 4 genes"),
])
def test_impossible_phantoms_say_why(change, said):
    with pytest.raises(InputError, match=said):
        make_phantom(**{"kind": "ball", "n_sections": 3, "gap_um": 50, **change})


def test_the_moving_kinds_move_as_they_say():
    branch, lobe, horn = (shape_of(make_phantom(kind, 5, 60, 300, 8)[0].uns["phantom"]) for kind in
                          ("branch", "lobe", "horn"))
    start, rate = branch.motion["part"]
    assert branch.parting(np.array([start - 1, start + 60])) == pytest.approx([0, 60 * rate])
    (x, y), apart = branch.centre(np.array([240.0]))[0], branch.parting(np.array([240.0]))[0]
    between = np.array([[x, y, 240], [x, y + apart / 2 + branch.half[1] * 0.9, 240]])
    assert branch.inside(between).tolist() == [False, True]
    tip = 0.9 * lobe.half[0]
    at_start, turned = np.array([[tip, 0, 120.0]]), np.radians(lobe.motion["turn"] * 60)
    assert lobe.inside(at_start).all() and not lobe.inside(at_start + [0, 0, 60]).any()
    assert lobe.inside(np.array([[tip * np.cos(turned), tip * np.sin(turned), 180.0]])).all()
    end, beyond = horn.motion["ends"][1], 1.2 * horn.half[0]
    assert horn.inside(np.array([[beyond, 0, 60.0], [beyond, 0, end + 1]])).tolist() == [True, False]
    assert end not in horn.depths


@pytest.fixture(scope="module")
def brain():
    return make_phantom("brain", 7, 100, n_cells=1500, n_genes=45)


def test_the_genes_of_the_brain_are_the_markers_and_no_name_comes_twice(brain):
    names = list(brain[0].var_names)
    assert len(set(names)) == 45 and names[:40] == [row[0] for row in MARKERS]
    assert {"Gad1", "Mbp", "Slc17a7"} <= set(names[:4]) and all(name.startswith("Flat") for name in names[40:])
    assert {row[1] for row in MARKERS} <= {*PARTS, *TOGETHER, "cortical depth", "depth", "flat"}


def test_the_parts_of_the_brain_share_each_place_out(brain):
    u = shape_of(brain[1].uns["phantom"]).coordinates(brain[1].obsm["spatial_3d"])
    shares = np.column_stack([u[part] for part in PARTS])
    assert shares.min() >= 0
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-9)
    assert set(brain[1].obs["region"]) == set(PARTS)
    np.testing.assert_array_equal(brain[1].obs["region"], np.array(PARTS)[shares.argmax(axis=1)])


def test_each_part_of_the_brain_is_where_its_markers_are(brain):
    _, truth = brain
    mean = {part: truth.X[(truth.obs["region"] == part).to_numpy()].mean(axis=0) for part in PARTS}
    for gene, part in (("Satb2", "cortex"), ("Mbp", "white matter"), ("Ppp1r1b", "striatum"), ("Trpc4", "septum"),
                       ("Tcf7l2", "thalamus"), ("Prox1", "dentate gyrus"), ("Wfs1", "hippocampus"),
                       ("Hcrt", "hypothalamus"), ("Ttr", "ventricle lining")):
        column = truth.var_names.get_loc(gene)
        assert mean[part][column] > 2.5 * max(mean[other][column] for other in PARTS if other != part), gene


def test_the_cortex_of_the_brain_lies_in_layers_from_the_surface_inwards(brain):
    about_ = about(brain[0])
    middle, half = np.mean(about_["z_range_um"]), about_["half_extent_um"][1]
    up = np.linspace(0, half, 800)
    line = np.column_stack([np.full(800, 0.44 * about_["half_extent_um"][0]), up, np.full(800, middle)])
    line = line[shape_of(about_).inside(line)]
    rate = true_rate(about_, line)
    peaks = [line[rate[:, [row[0] for row in MARKERS].index(gene)].argmax(), 1]
             for gene in ("Reln", "Cux2", "Rorb", "Fezf2", "Foxp2", "Mbp")]
    assert peaks == sorted(peaks, reverse=True) and len(set(peaks)) == 6


def test_the_brain_is_the_same_on_both_sides_and_hollow_where_its_ventricles_are(brain):
    shape = shape_of(brain[0].uns["phantom"])
    places = brain[1].obsm["spatial_3d"]
    np.testing.assert_allclose(true_rate(brain[0].uns["phantom"], places),
                               true_rate(brain[0].uns["phantom"], places * [-1, 1, 1]))
    assert shape.inside(places * [-1, 1, 1]).all()
    x, y, _ = shape.half
    front, back = shape.depths[2], shape.depths[-1]
    hole = np.array([[0.16 * x, 0.12 * y, front], [0.16 * x, 0.12 * y, back], [0, 0.9 * y, front]])
    assert shape.inside(hole).tolist() == [False, True, False]


def test_deep_parts_of_the_brain_come_and_go_along_depth(brain):
    cells, _ = brain
    share = {part: (cells.obs["region"] == part).groupby(cells.obs["section"], observed=True).mean().to_numpy()
             for part in PARTS}
    assert share["striatum"][1] > 0.1 and share["striatum"][-1] == 0
    assert share["hippocampus"][-1] > 0.05 and share["hippocampus"][0] == 0
    assert share["cortex"].min() > 0.2
