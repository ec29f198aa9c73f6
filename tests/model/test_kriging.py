"""The expected expression against the textbook formula, and its parts against what they estimate."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from isost_core.model.anchors import Anchors, Wanted, make_anchors, width_of_groups
from isost_core.model.covariance import Covariance, fit_covariance, measure_covariance, near_pairs, sample_pairs
from isost_core.model.kriging import ExpectedExpression, LatentCells, make_expected
from isost_core.model.latent import fit_latent

DEPTHS = np.array([0.0, 30.0])


def two_sections(rng, n=40):
    xyz = np.column_stack([rng.uniform(0, 100, (2 * n, 2)), np.repeat([0.0, 30.0], n)])
    return xyz, np.repeat([0, 1], n)


@pytest.fixture
def covariance():
    return Covariance(np.array([20.0, 60.0]), np.array([[0.5, 0.3], [0.2, 0.1]]), np.array([0, 0, 1]))


def textbook(xyz, values, count, at, covariance):
    """Simple kriging with every anchor, one solve per group."""
    def cov(a, b, g):
        d = np.linalg.norm(a[:, None] - b[None], axis=2)
        parts = zip(covariance.weight[g], covariance.lengths_um, strict=True)
        return sum(w * np.exp(-d / length) for w, length in parts)

    mean, variance = np.zeros((len(at), values.shape[1])), np.zeros((len(at), len(covariance.weight)))
    for g in range(len(covariance.weight)):
        K = cov(xyz, xyz, g) + np.diag(covariance.nugget[g] / count)
        weights = np.linalg.solve(K, cov(xyz, at, g))
        axes = covariance.group == g
        mean[:, axes] = weights.T @ values[:, axes]
        variance[:, g] = covariance.signal[g] - (weights * cov(xyz, at, g)).sum(0)
    return mean, variance


def test_with_all_anchors_the_field_is_textbook_kriging(covariance):
    rng = np.random.default_rng(0)
    xyz, section = two_sections(rng)
    values, count = rng.standard_normal((80, 3)), rng.integers(1, 5, 80).astype(float)
    field = ExpectedExpression.of(Anchors(xyz, section, count, values, np.zeros(80)), DEPTHS, covariance, 40)
    at = rng.uniform([10, 10, 0], [90, 90, 30], (25, 3))
    mean, variance = field.predict(at)
    expected = textbook(xyz, values, count, at, covariance)
    assert mean == pytest.approx(expected[0], abs=2e-3)
    assert variance == pytest.approx(expected[1], abs=2e-3)


def test_few_anchors_are_close_to_all_of_them(covariance):
    rng = np.random.default_rng(1)
    xyz, section = two_sections(rng, 200)
    values = np.sin(xyz[:, :1] / 25) + 0.3 * rng.standard_normal((400, 3))
    at = rng.uniform([20, 20, 5], [80, 80, 25], (50, 3))
    anchors = Anchors.of_cells(xyz, section, values)
    few, all_ = (ExpectedExpression.of(anchors, DEPTHS, covariance, k).predict(at)[0] for k in (16, 200))
    assert np.abs(few - all_).max() < 0.15
    assert np.corrcoef(few[:, 0], all_[:, 0])[0, 1] > 0.98


@pytest.mark.parametrize("away", [5e4, 1e6, 1e9])
def test_a_section_far_to_the_side_changes_nothing(covariance, away):
    rng = np.random.default_rng(3)
    xyz, section = two_sections(rng)
    values = rng.standard_normal((80, 3))
    at = xyz[:5] + [1.0, 0.0, 0.0]
    beside = np.where(section[:, None] == 1, xyz + [away, away, 0.0], xyz)
    without = ExpectedExpression.of(Anchors.of_cells(xyz, section, values), DEPTHS, covariance, 16)
    far = ExpectedExpression.of(Anchors.of_cells(beside, section, values), DEPTHS, covariance, 16)
    for found, expected in zip(far.predict(at), without.predict(at, without=1), strict=True):
        assert found == pytest.approx(expected, abs=1e-3)


def test_a_section_left_out_has_no_influence(covariance):
    rng = np.random.default_rng(2)
    xyz, section = two_sections(rng)
    values = rng.standard_normal((80, 3))
    other = np.where(section[:, None] == 1, 99.0, values)
    at = xyz[section == 1][:5]
    fields = [ExpectedExpression.of(Anchors.of_cells(xyz, section, v), DEPTHS, covariance, 16)
              for v in (values, other)]
    first, second = (f.predict(at, without=1)[0] for f in fields)
    assert np.array_equal(first, second)


def test_blocks_of_points_agree_with_single_points(covariance):
    rng = np.random.default_rng(3)
    xyz, section = two_sections(rng)
    anchors = Anchors.of_cells(xyz, section, rng.standard_normal((80, 3)))
    field = ExpectedExpression.of(anchors, DEPTHS, covariance, 40)
    around = np.array([[-2.0, 0, 1], [2, 1, -1]])
    block, _ = field.predict(np.array([[50.0, 50, 15]]), around=around)
    single, _ = field.predict(np.array([50.0, 50, 15]) + around)
    assert block[0] == pytest.approx(single, abs=1e-4)


def test_where_the_tissue_moves_the_field_is_read_along_the_movement(covariance):
    rng = np.random.default_rng(4)
    plane = rng.uniform(0, 200, (300, 2))
    xyz = np.vstack([np.column_stack([plane, np.zeros(300)]), np.column_stack([plane + [60, 0], np.full(300, 30.0)])])
    values = np.repeat(np.sign(np.sin(plane[:, :1] / 20)), 3, axis=1)
    anchors = Anchors.of_cells(xyz, np.repeat([0, 1], 300), np.vstack([values, values]))
    field = ExpectedExpression.of(anchors, DEPTHS, covariance, 16)
    start = rng.uniform(40, 160, (60, 2))
    truth = np.sign(np.sin(start[:, 0] / 20))
    at = np.column_stack([start + [30, 0], np.full(60, 15.0)])
    places = np.stack([start, start + [60, 0]], axis=1)
    along, fixed = (np.corrcoef(field.predict(at, p)[0][:, 0], truth)[0, 1] for p in (places, None))
    assert along > 0.8
    assert along > fixed + 0.3


def test_bins_average_their_cells():
    xyz = np.array([[1.0, 1, 0], [3, 3, 0], [25, 1, 0], [1, 1, 10]])
    made = make_anchors(xyz, np.array([0, 0, 0, 1]), np.arange(4.0)[:, None], 10.0)
    assert made.count.tolist() == [2, 1, 1]
    assert made.section.tolist() == [0, 0, 1]
    assert made.xyz[0].tolist() == [2, 2, 0]
    assert made.values[:, 0].tolist() == [0.5, 2, 3]


def test_noisy_cells_are_binned_and_clear_ones_kept():
    xy = [np.random.default_rng(0).uniform(0, 1000, (2000, 2))]
    signal = np.array([[0.9], [0.15], [0.01]])
    widths = width_of_groups(xy, Covariance(np.array([50.0]), signal, np.arange(3)))
    assert widths[0] == 0
    assert widths[1] == pytest.approx(np.sqrt(4 * 500), rel=0.1)
    assert widths[2] == pytest.approx(np.sqrt(2000 / 60 * 500), rel=0.1), "a section keeps 60 bins"


def test_bins_share_what_their_cells_share_on_average(covariance):
    """Kriging from bins is kriging from the means of their cells, whose covariances are known from the cells."""
    rng = np.random.default_rng(12)
    xyz = np.column_stack([rng.uniform(0, 60, (200, 2)), np.zeros(200)])
    at = rng.uniform([10, 10, 5], [50, 50, 25], (20, 3))
    values = rng.standard_normal((200, 3))
    bins = make_anchors(xyz, np.zeros(200, int), values, 20.0)
    found = ExpectedExpression.of(bins, DEPTHS[:1], covariance, 40).predict(at)
    one = ExpectedExpression.of(replace(bins, spread=np.zeros(len(bins.count))), DEPTHS[:1], covariance, 40).predict(at)
    mean, variance = exact_from_bins(xyz, values, at, covariance, 20.0)
    error = [np.abs(part[0] - mean).max() for part in (found, one)]
    assert error[0] < 0.04 and error[0] < 0.5 * error[1]
    assert found[1] == pytest.approx(variance, abs=0.02)


def exact_from_bins(xyz, values, at, covariance, width):
    """Mean (n, axes) and variance (n, groups) from the means of bins, by the covariances of single cells."""
    key = np.unique(np.floor(xyz[:, :2] / width), axis=0, return_inverse=True)[1].ravel()
    pick = (key == np.arange(key.max() + 1)[:, None]).astype(float)
    pick /= pick.sum(1, keepdims=True)
    mean, variance = np.zeros((len(at), values.shape[1])), np.zeros((len(at), len(covariance.weight)))
    for g, weight in enumerate(covariance.weight):
        def cov(a, b, weight=weight):
            d = np.linalg.norm(a[:, None] - b[None], axis=2)
            return sum(w * np.exp(-d / length) for w, length in zip(weight, covariance.lengths_um, strict=True))

        K = pick @ (cov(xyz, xyz) + covariance.nugget[g] * np.eye(len(xyz))) @ pick.T
        k = pick @ cov(xyz, at)
        weights = np.linalg.solve(K, k)
        axes = covariance.group == g
        mean[:, axes] = weights.T @ pick @ values[:, axes]
        variance[:, g] = covariance.signal[g] - (weights * k).sum(0)
    return mean, variance


@pytest.fixture
def two_scales(covariance):
    """Two groups of axes in the order 1, 0, 1: the first has the cells themselves, the second bins."""
    rng = np.random.default_rng(13)
    xyz, section = two_sections(rng, 400)
    cells = LatentCells(xyz, section, rng.standard_normal((800, 3)).astype(np.float32))
    cov = replace(covariance, group=np.array([1, 0, 1]))
    return cells, cov, make_expected(cells, DEPTHS, cov, np.array([0.0, 12.0]), 16, "cpu")


def test_each_group_of_axes_is_read_from_bins_of_its_own_width(two_scales):
    cells, covariance, field = two_scales
    at = np.random.default_rng(14).uniform([20, 20, 5], [80, 80, 25], (30, 3))
    mean, variance = field.predict(at)
    for width, group in ((0.0, 0), (12.0, 1)):
        alone = make_expected(cells, DEPTHS, covariance, np.full(2, width), 16, "cpu").predict(at)
        axes = covariance.group == group
        assert mean[:, axes] == pytest.approx(alone[0][:, axes], abs=1e-4)
        assert variance[:, group] == pytest.approx(alone[1][:, group], abs=1e-4)


def test_coarse_anchors_lie_beyond_the_fine_ones_and_bring_the_field_closer_to_that_of_all(two_scales):
    cells, covariance, field = two_scales
    at = np.random.default_rng(15).uniform([30, 30, 5], [70, 70, 25], (40, 3))
    fine = Anchors.of_cells(cells.xyz, cells.section, cells.values)
    every = ExpectedExpression.of(fine, DEPTHS, covariance, 400).predict(at)[0][:, 1]
    both = make_expected(cells, DEPTHS, covariance, np.zeros(2), 8, "cpu")
    few = ExpectedExpression.of(fine, DEPTHS, covariance, 8).predict(at)[0][:, 1]
    assert np.abs(both.predict(at)[0][:, 1] - every).std() < 0.9 * np.abs(few - every).std()
    index = both.scales[0].index
    found = index.around(Wanted(at), 8)
    coarse = found.number >= len(index.fine.xyz)
    assert coarse.any() and (~coarse).any()
    apart = np.linalg.norm(found.offset[..., :2], axis=-1)
    section = np.where(found.number < 0, -1, index.anchors.section[found.number])
    for s in (0, 1):
        near = np.where((section == s) & ~coarse & (found.number >= 0), apart, -1).max(1)
        assert (np.where((section == s) & coarse, apart, np.inf).min(1) > near).all()


def test_every_near_pair_of_a_section_is_found_once():
    rng = np.random.default_rng(16)
    xyz, section = two_sections(rng, 60)
    i, j, d = near_pairs(xyz, section, 5.0, 20.0)
    apart = np.linalg.norm(xyz[:, None] - xyz[None], axis=2)
    wanted = np.triu((apart >= 5) & (apart <= 20) & (section[:, None] == section), 1)
    assert len(i) == wanted.sum() and (section[i] == section[j]).all()
    assert d == pytest.approx(apart[i, j])
    assert len({frozenset(pair) for pair in zip(i.tolist(), j.tolist(), strict=True)}) == len(i)


def test_the_covariance_of_a_simulated_field_comes_back():
    """Random waves with Cauchy frequencies have the covariance exp(-r / 80)."""
    rng = np.random.default_rng(5)
    xyz = np.column_stack([rng.uniform(0, 1000, (3000, 2)), np.zeros(3000)])
    waves = rng.standard_normal((2, 2000, 12)) / np.abs(rng.standard_normal((2000, 12))) / 80
    smooth = np.sqrt(2 / 2000) * np.cos(np.tensordot(xyz[:, :2], waves, 1) + rng.uniform(0, 6.28, (2000, 12))).sum(1)
    values = np.sqrt(0.6) * smooth + np.sqrt(0.4) * rng.standard_normal((3000, 12))
    fitted = fit_covariance(measure_covariance(values, xyz, np.zeros(3000, int), 10.0, rng), 10.0, 1)
    assert fitted.signal[0] == pytest.approx(0.6, abs=0.1)
    at_80 = (fitted.weight[0] * np.exp(-80 / fitted.lengths_um)).sum()
    assert at_80 == pytest.approx(0.6 * np.exp(-1), abs=0.1)


def test_pairs_lie_within_a_section_at_the_distance_asked_for():
    rng = np.random.default_rng(6)
    xyz, section = two_sections(rng, 500)
    i, j, d = sample_pairs(xyz, section, 5, 20, 2000, rng)
    assert len(i) > 500
    assert (section[i] == section[j]).all()
    assert d == pytest.approx(np.linalg.norm(xyz[i] - xyz[j], axis=1))
    assert d.min() >= 5 and d.max() <= 20


def test_latent_axes_have_unit_variance_and_decode_exactly_when_all_are_kept():
    rng = np.random.default_rng(7)
    X = rng.poisson(2, (500, 6)).astype(np.float32)
    latent = fit_latent(X, np.zeros(500, int), (np.arange(499), np.arange(1, 500)), 6, 6)
    z = latent.transform(X)
    assert np.cov(z.T, bias=True) == pytest.approx(np.eye(6), abs=1e-3)
    assert latent.expression(z) == pytest.approx(X, abs=1e-3)
    assert (latent.decode**2).sum(0) == pytest.approx(np.ones(6), abs=1e-6)


@pytest.mark.parametrize("genes", [12, 2100])
def test_sparse_and_dense_input_give_the_same_latent_space(genes):
    rng = np.random.default_rng(8)
    X = np.log1p(rng.poisson(0.4, (200, genes))).astype(np.float32)
    X[:100, :5] += 2
    pairs = np.delete(np.arange(199), 99), np.delete(np.arange(1, 200), 99)
    dense, from_sparse = (fit_latent(M, np.arange(200) // 100, pairs, 5, 5) for M in (X, sparse.csr_matrix(X)))
    first = dense.expression(dense.transform(X))
    again = from_sparse.expression(from_sparse.transform(sparse.csr_matrix(X)))
    assert again == pytest.approx(first, abs=0.02)


def test_the_first_axis_is_the_spatial_one():
    rng = np.random.default_rng(9)
    X = rng.standard_normal((1000, 5)).astype(np.float32)
    X[:, 3] += 2 * np.sin(np.arange(1000) / 50)
    latent = fit_latent(X, np.zeros(1000, int), (np.arange(999), np.arange(1, 1000)), 5, 5)
    assert np.argmax(np.abs(latent.decode[0])) == 3
    assert latent.signal[0] > 0.5 > latent.signal[1]


def test_what_sets_whole_sections_apart_makes_no_axis():
    rng = np.random.default_rng(10)
    X = rng.standard_normal((1000, 5)).astype(np.float32)
    X[:, 3] += 2 * np.sin(np.arange(1000) / 50)
    number = np.arange(1000) // 500
    X[number == 1, 1] += 20
    latent = fit_latent(X, number, (np.arange(0, 999, 2), np.arange(1, 1000, 2)), 5, 5)
    assert np.argmax(np.abs(latent.decode[0])) == 3
    assert latent.scale[1] == pytest.approx(1, abs=0.1)


def test_a_cell_predicted_within_its_section_does_not_see_itself(covariance):
    rng = np.random.default_rng(11)
    xyz, section = two_sections(rng, 60)
    values = rng.standard_normal((120, 3))
    field = ExpectedExpression.of(Anchors.of_cells(xyz, section, values), DEPTHS, covariance, 8)
    mean, variance = field.predict(xyz[:60], within=0)
    seen = field.predict(xyz[:60])
    other = Anchors.of_cells(xyz, section, values + np.eye(120)[0][:, None] * 5)
    changed = ExpectedExpression.of(other, DEPTHS, covariance, 8)
    assert changed.predict(xyz[:1], within=0)[0] == pytest.approx(mean[:1], abs=1e-5)
    assert np.abs(changed.predict(xyz[:1])[0] - seen[0][:1]).max() > 0.1
    assert (variance > seen[1] - 1e-6).all() and variance.mean() > 1.05 * seen[1].mean()


def test_cells_that_share_places_make_no_huge_number_of_pairs(monkeypatch):
    monkeypatch.setattr("isost_core.model.covariance.MOST_NEAR_PAIRS", 2000)
    rng = np.random.default_rng(18)
    places = rng.uniform(0, 60, (30, 2))
    xyz = np.column_stack([np.repeat(places, 40, axis=0), np.zeros(1200)])
    i, j, d = near_pairs(xyz, np.zeros(1200, int), 5.0, 20.0)
    assert 200 < len(i) < 4000
    assert d == pytest.approx(np.linalg.norm(xyz[i] - xyz[j], axis=1))


def test_axes_follow_what_neighbours_share_only_as_far_as_cells_can_tell():
    """Two genes are mixed with equal weights by the components, and one of the two is spatial: many cells tell which,
    and of few cells that are all noise the axes stay principal components."""
    rng = np.random.default_rng(17)
    line = np.arange(6000)
    parts = np.column_stack([np.sqrt(0.8) * np.sin(line / 40) + np.sqrt(0.6) * rng.standard_normal(6000),
                             rng.standard_normal(6000)])
    X = (parts @ np.array([[1, 1], [1, -1]]) * [1.05, 1.0] / np.sqrt(2)).astype(np.float32)
    latent = fit_latent(X, np.zeros(6000, int), (line[:-3], line[3:]), 2, 2)
    assert abs(np.corrcoef(latent.transform(X)[:, 0], parts[:, 0])[0, 1]) > 0.98
    noise = (rng.standard_normal((120, 20)) * np.linspace(1, 2, 20)).astype(np.float32)
    latent = fit_latent(noise, np.zeros(120, int), (line[:117], line[3:120]), 20, 20)
    off = noise - noise.mean(0)
    components = np.linalg.svd(off, full_matrices=False)[0] * np.sqrt(120)
    alike = np.abs(components.T @ latent.transform(noise)) / 120
    assert np.median(alike.max(0)) > 0.9
