"""Foci, distance to surfaces, the 2D estimate, and the ranking of genes, against phantoms of known gradient."""

import json
from types import SimpleNamespace

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from isost_core.analysis.focus import Focus
from isost_core.analysis.focus_groups import compare_foci
from isost_core.analysis.gene_ranking import rank_genes
from isost_core.analysis.hot_spots import annotation_foci, annotations, find_hot_spots, near_and_far
from isost_core.analysis.profiles import ESTIMATE_2D, SHUFFLED, profile_around, slope
from isost_core.datasets.phantoms import make_phantom
from isost_core.errors import InputError
from isost_core.reconstruction.border_distance import border_of, isosurface_border
from isost_core.reconstruction.volume import make_volume
from isost_core.sections.stack import Sections, stack_positions
from tests.conftest import finished

CENTRE = (0.0, 0.0, 120.0)


def genes_of(about, kind, form=None, least_rate=0.0):
    return [g["name"] for g in json.loads(about)["genes"]
            if g["type"] == kind and form in (None, g["form"]) and g["rate"] > least_rate]


@pytest.fixture(scope="module")
def between(tmp_path_factory):
    """A ball whose centre lies in the middle of a gap, 30 µm from the nearest sections."""
    return finished(tmp_path_factory.mktemp("runs"), "ball", 4, 60.0, "standard", n_cells=800, n_genes=20)


@pytest.fixture(scope="module")
def measured():
    """What ranking reads of a run, with smooth genes (waves of 60 µm and noise) that know nothing of any focus."""
    rng = np.random.default_rng(0)
    made, _ = make_phantom("ball", 5, 60.0, n_cells=500, n_genes=4)
    xyz = np.column_stack([made.obsm["spatial"], made.obs["z_um"]])
    waves, phase = rng.standard_normal((48, 3, 150)) / 60, rng.uniform(0, 2 * np.pi, (48, 150))
    smooth = sum(np.cos(xyz @ wave + p) for wave, p in zip(waves, phase, strict=True)) * np.sqrt(2 / 48)
    values = np.maximum(10 + smooth + rng.standard_normal(smooth.shape), 0).astype(np.float32)
    sections = Sections.from_anndata(anndata.AnnData(values, obs=made.obs, obsm=dict(made.obsm)), "none")
    return SimpleNamespace(sections=sections, genes=sections.genes, measured_xyz=stack_positions(sections)[0])


def test_the_3d_slope_is_the_true_one_and_the_2d_slope_is_not(between):
    run, about, truth = between
    radius = json.loads(about)["radius_um"]
    centre = (0, 0, sum(run.depth_range) / 2)
    xyz = truth.obsm["spatial_3d"]
    within = (xyz[:, 2] >= run.depth_range[0]) & (xyz[:, 2] <= run.depth_range[1])
    distance = np.linalg.norm(xyz[within] - centre, axis=1)
    ratios = {"predicted": [], ESTIMATE_2D: []}
    for gene in genes_of(about, "spherical", "linear", least_rate=2.0):  # of rarer ones the slope is too noisy
        values = np.log1p(truth[within, gene].to_df()[gene].to_numpy())
        bins = pd.DataFrame({"distance_um": distance, "mean": values, "n": 1}).groupby((distance / 6).astype(int))
        true = slope(bins.mean().assign(n=bins.size()), 0, 0.8 * radius)
        table = profile_around(run, [gene], Focus("spherical", centre), 6.0, (ESTIMATE_2D,))
        for source, found in ratios.items():
            found.append(slope(table[table["source"] == source], 0, 0.8 * radius) / true)
    assert np.mean(ratios["predicted"]) == pytest.approx(1, abs=0.1)  # of one small phantom
    assert np.mean(ratios[ESTIMATE_2D]) < 0.92


def test_2d_distances_are_those_of_one_plane(ball):
    run = ball[0]
    rows, distance = Focus("spherical", (5.0, 0.0, 100.0)).distance_2d(run)
    assert set(rows) == set(run.sections.rows("S03"))  # at 120 um
    assert distance == pytest.approx(np.hypot(*(run.measured_xyz[rows, :2] - [5, 0]).T))
    rows, distance = Focus("radial", (0, 0, 100.0), (1, 0, 2)).distance_2d(run)
    assert distance == pytest.approx(np.hypot(*(run.measured_xyz[rows, :2] - [10, 0]).T))  # it crosses 10 um aside
    rows, distance = Focus("radial", (0, 0, 100.0), (1, 0, 0.2)).distance_2d(run)
    assert distance == pytest.approx(np.abs(run.measured_xyz[rows, 1]))
    rows, distance = Focus("depth", CENTRE, radius_um=50.0).distance_2d(run)
    assert set(distance) <= set(run.sections.depths) and (np.abs(run.measured_xyz[rows, 2] - distance) < 1e-6).all()
    assert (np.hypot(*run.measured_xyz[rows, :2].T) <= 50).all()


@pytest.mark.parametrize("axis", [(0, 0, 1), (1, 0, 0), (1, 2, -3)])
def test_radial_distance_about_any_axis(axis):
    xyz = np.random.default_rng(0).normal(size=(50, 3)) * 100
    found, _ = Focus("radial", (1, 2, 3), axis).distance(xyz)
    expected = np.linalg.norm(np.cross(xyz - [1, 2, 3], axis), axis=1) / np.linalg.norm(axis)
    assert found == pytest.approx(expected)


def sphere(radius=40.0, spacing=4.0):
    at = np.stack(np.meshgrid(*[np.arange(-100, 101, spacing)] * 3, indexing="ij"), -1)
    away = np.linalg.norm(at, axis=-1)
    return border_of(away <= radius, at[..., 0] > -30, spacing, (-100.0,) * 3)


def test_distance_to_a_surface_is_signed_and_ends_at_it():
    surface = sphere()
    points = np.random.default_rng(1).uniform(-60, 60, (400, 3))
    points = points[(points[:, 0] > -20)]
    away = np.linalg.norm(points, axis=1)
    deep = away > 12  # about the centre, distances to voxels and to the sphere differ most
    assert np.abs(surface.at(points) - (away - 40))[deep].max() < 4
    assert np.abs(surface.at(points) - (away - 40))[deep].mean() < 1.5


def test_the_border_of_the_tissue_is_no_surface():
    assert sphere().at([[-28.0, 0, 0]])[0] == pytest.approx(-28, abs=4)  # the ring on the cut, not 2 um to the cut


def test_in_a_plane_the_outline_is_nearer_or_farther_than_the_surface():
    surface = sphere()
    xy = np.array([[50.0, 0.0], [30.0, 0.0]])
    assert surface.in_plane(xy, 0.0) == pytest.approx([10, -10], abs=4)
    assert surface.in_plane(xy, 32.0) == pytest.approx([26, 6], abs=4)  # there the outline has a radius of 24
    assert np.isnan(surface.in_plane(xy, 60.0)).all()


def test_profile_of_distance_to_an_isosurface(ball):
    run, about, _ = ball
    gene = genes_of(about, "spherical", "linear")[0]
    level = float(np.nanmedian(make_volume(run, [gene]).values))
    focus = Focus("surface", isosurface_border(run, gene, level))
    table = profile_around(run, [gene], focus, 20.0, (ESTIMATE_2D, SHUFFLED))
    assert set(table["source"]) == {"predicted", "measured", ESTIMATE_2D, SHUFFLED}
    for source in ("predicted", "measured"):
        part = table[table["source"] == source]
        assert (part.loc[part["distance_um"] < -10, "mean"] > level).all()
        assert (part.loc[part["distance_um"] > 10, "mean"] < level).all()


def test_a_surface_that_holds_everything_or_nothing_is_refused(ball):
    for level, held in ((-1.0, "all"), (99.0, "none")):
        with pytest.raises(InputError, match=f"has {held} of the tissue inside it"):
            isosurface_border(ball[0], ball[0].genes[0], level)


def test_the_shuffled_band_holds_flat_genes_and_not_gradients(ball):
    run, about, _ = ball
    def outside(gene):
        table = profile_around(run, [gene], Focus("spherical", CENTRE), 20.0, (SHUFFLED,))
        band, found = (table[table["source"] == s].set_index("distance_um") for s in (SHUFFLED, "measured"))
        assert (band["n"] == found["n"]).all()
        return ((found["mean"] < band["low"]) | (found["mean"] > band["high"])).mean()

    assert outside(genes_of(about, "flat")[0]) < 0.3 < 0.6 < outside(genes_of(about, "spherical", "linear")[0])


def test_planted_gradients_come_first(between):
    run, about, _ = between
    centre = (0, 0, sum(run.depth_range) / 2)
    table = rank_genes(run, Focus("spherical", centre)).set_index("gene")
    linear = genes_of(about, "spherical", "linear")
    assert set(table.index[: len(linear)]) <= set(genes_of(about, "spherical"))
    assert (table.loc[linear, "q"] < 0.05).all() and (table.loc[genes_of(about, "flat"), "q"] > 0.05).all()
    found = table["q"] < 0.05
    assert found.is_monotonic_decreasing
    assert all(table.loc[part, "correlation"].abs().is_monotonic_decreasing for part in (found, ~found))


@pytest.mark.parametrize("focus", [("spherical", CENTRE), ("spherical", (60.0, 0.0, 90.0), None, 100.0),
                                   ("radial", CENTRE, (1, 1, 0)), ("depth", CENTRE)])
def test_smooth_genes_without_a_gradient_are_not_discovered(measured, focus):
    focus = Focus(*focus)
    table = rank_genes(measured, focus)
    assert (table["q"] < 0.05).mean() <= 0.02 and (table["p"] < 0.05).mean() <= 0.1
    n = focus.distance(measured.measured_xyz)[1].sum()
    r = table["correlation"]
    naive = 2 * student.sf(np.abs(r) * np.sqrt((n - 2) / (1 - r**2)), n - 2)
    assert (naive < 0.05).mean() > 0.3  # what a test that takes cells for independent would say


def test_a_gene_that_does_not_vary_is_no_gradient(measured):
    cells = measured.sections.cells.copy()
    cells.X[:, 3] = 1.0
    flat = SimpleNamespace(sections=Sections.from_log1p(cells), genes=measured.genes,
                           measured_xyz=measured.measured_xyz)
    row = rank_genes(flat, Focus("spherical", CENTRE)).iloc[-1]
    assert row["gene"] == measured.genes[3] and row["q"] == 1 and row["correlation"] == 0


def test_hot_spots_are_peaks_within_tissue(ball):
    run, about, _ = ball
    falling = next(g for g in json.loads(about)["genes"] if g["type"] == "spherical" and g["centre"] < 0.2
                   and g["form"] == "bump")["name"]
    spots = find_hot_spots(run, falling)
    assert np.linalg.norm(spots.loc[0, ["x", "y", "depth"]] - CENTRE) < 40  # it peaks near the centre and falls steeply
    assert spots["value"].is_monotonic_decreasing and spots.loc[0, "percentile"] > 99
    assert spots["known_share"].between(0, 1).all() and spots.loc[0, "radius_um"] > 20
    pd.testing.assert_frame_equal(spots, find_hot_spots(run, falling))
    assert len(find_hot_spots(run, falling, most=1)) == 1


def annotated(ball):
    """The same run with two clumps of cells named 'left' and 'right', and the others nothing or 'rest'."""
    cells = ball[0].sections.cells.copy()
    x = cells.obsm["spatial"][:, 0]
    cells.obs["side"] = pd.Categorical(np.select([x < -60, x > 60], ["left", "right"], "rest"))
    cells.obs["clump"] = np.where(np.abs(x) > 60, "out", "in")
    return SimpleNamespace(sections=Sections.from_log1p(cells), measured_xyz=ball[0].measured_xyz,
                           cell_spacing_um=ball[0].cell_spacing_um)


def test_clumps_of_an_annotation(ball):
    run = annotated(ball)
    assert annotations(run) == {"side": ["left", "rest", "right"], "clump": ["in", "out"]}
    left = annotation_foci(run, "side", "left")
    assert len(left) == 1 and left.loc[0, "x"] < -60 and left.loc[0, "depth"] == pytest.approx(120, abs=20)
    out = annotation_foci(run, "clump", "out")
    assert len(out) == 2 and set(np.sign(out["x"])) == {-1, 1}
    with pytest.raises(InputError, match="side: left, rest, right"):
        annotation_foci(run, "side", "top")


def test_near_and_far_foci_differ_where_the_gene_does(ball):
    run, about, _ = ball
    foci = pd.DataFrame([(x, 0.0, z) for x in (-100, -20, 20, 100) for z in (90.0, 120.0, 150.0)],
                        columns=["x", "y", "depth"])
    parted = near_and_far(foci, CENTRE)
    assert len(parted["near"]) == len(parted["far"]) == 6 and (parted["near"]["x"].abs() == 20).all()
    falling = next(g for g in json.loads(about)["genes"] if g["type"] == "spherical" and g["form"] == "linear"
                   and g["width"] < 0)["name"]
    profiles, slopes = compare_foci(run, falling, parted, 40.0, 20.0)
    first = profiles[profiles["distance_um"] == 10].set_index(["group", "source"])["mean"]
    for source in ("predicted", "measured"):
        assert first["near", source] > first["far", source]
    assert (profiles["low"] <= profiles["mean"]).all() and list(slopes["source"]) == ["predicted", "measured"]
    with pytest.raises(InputError, match="no focus"):
        compare_foci(run, falling, {"a": foci[:0], "b": foci}, 40.0, 20.0)
