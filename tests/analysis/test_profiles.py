"""Profiles against the known gradients of a phantom."""

import json

import numpy as np
import pytest

from isost_core.analysis.profiles import profile
from isost_core.errors import InputError

CENTRE = (0.0, 0.0, 120.0)


def gene_of(about, kind, form):
    return next(g["name"] for g in json.loads(about)["genes"] if (g["type"], g["form"]) == (kind, form))


def true_profile(truth, gene, distance, edges):
    """Mean log1p count of the true cells in bins of distance."""
    values = np.log1p(truth[:, gene].to_df()[gene].to_numpy())
    label = np.digitize(distance, edges)
    return np.array([values[label == k].mean() for k in range(1, len(edges))])


@pytest.mark.parametrize("form", ["linear", "bump"])
def test_the_spherical_profile_is_the_true_one(form, ball):
    run, about, truth = ball
    gene = gene_of(about, "spherical", form)
    table = profile(run, [gene], "spherical", CENTRE, radius_um=120.0, bin_um=20.0)
    predicted = table[table["source"] == "predicted"]
    xyz = truth.obsm["spatial_3d"]
    distance = np.linalg.norm(xyz - np.array(CENTRE), axis=1)
    expected = true_profile(truth, gene, distance, np.arange(0, 121, 20.0))[1:]
    got = predicted["mean"].to_numpy()[-len(expected):]
    assert np.abs(got - expected).max() < 0.15 * np.ptp(expected) + 0.05
    low, high = (predicted[name].to_numpy()[-len(expected):] for name in ("low", "high"))
    assert ((low <= expected) & (expected <= high)).mean() >= 0.6


def test_depth_profile_of_measured_cells_is_their_mean_per_section(ball):
    run, _, _ = ball
    table = profile(run, run.genes[:1], "depth", CENTRE)
    measured = table[table["source"] == "measured"]
    assert measured["distance_um"].to_numpy() == pytest.approx(run.sections.depths)
    X = run.sections.cells.X
    expected = [np.asarray(X[run.sections.rows(n)])[:, 0].mean() for n in run.sections.names]
    assert measured["mean"].to_numpy() == pytest.approx(expected, rel=1e-5)
    assert measured["n"].tolist() == [len(run.sections.rows(n)) for n in run.sections.names]


def test_the_radius_and_the_axis_choose_the_cells(ball):
    run, _, _ = ball
    table = profile(run, run.genes[:1], "radial", CENTRE, axis=(1, 0, 0), radius_um=80.0, bin_um=10.0)
    assert table["distance_um"].max() <= 80
    to = run.measured_xyz - np.array(CENTRE)
    inside = (np.linalg.norm(to[:, 1:], axis=1) <= 80).sum()
    assert table.loc[table["source"] == "measured", "n"].sum() == inside


def test_fewer_cells_give_wider_intervals(ball):
    run, _, _ = ball
    wide, narrow = (profile(run, run.genes[:1], "spherical", CENTRE, radius_um=100.0, bin_um=b) for b in (50.0, 5.0))
    def width(table):
        return (table["high"] - table["mean"])[table["source"] == "measured"].median()

    assert width(narrow) > 1.5 * width(wide)


@pytest.mark.parametrize("change, message", [
    ({"kind": "cubic"}, "depth, radial, spherical"), ({"bin_um": 0.0}, "above 0"), ({"radius_um": -3.0}, "above 0"),
    ({"axis": (0, 0, 0)}, "not all 0"), ({"centre": (9e5, 0, 0), "radius_um": 5.0}, "No cell lies within"),
    ({"genes": ["Radiall1"]}, "not in this run"),
])
def test_bad_requests_say_what_to_do(ball, change, message):
    asked = {"genes": ball[0].genes[:1], "kind": "spherical", "centre": CENTRE, **change}
    with pytest.raises(InputError, match=message):
        profile(ball[0], **asked)
