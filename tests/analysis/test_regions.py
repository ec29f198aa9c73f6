"""Regions drawn on a plane: what is counted in them."""

import json

import numpy as np
import pandas as pd
import pytest

from isost_core.analysis.regions import Region, inside_polygon
from isost_core.errors import InputError
from isost_core.reconstruction.interpolation import sample
from tests.ui.test_pages import RUN_ID, finished  # noqa: F401

ACROSS = [1.0, 0, 0], [0, 1.0, 0]


@pytest.fixture
def run(finished):  # noqa: F811
    from isost_core.runs.store import load_run

    return load_run(finished / "runs" / RUN_ID)


def square(centre, half):
    x, y, z = centre
    return [[x - half, y - half, z], [x + half, y - half, z], [x + half, y + half, z], [x - half, y + half, z]]


def test_inside_a_polygon_that_is_not_convex():
    corners = np.array([[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]], float)
    points = np.array([[2, 0.5], [2, 2], [0.3, 2], [3.9, 3], [5, 1], [-1, 1]])
    assert inside_polygon(points, corners).tolist() == [True, False, True, True, False, False]


def test_predicted_and_measured_in_a_region(run):
    middle = (np.array(run.extent_um[0]) + run.extent_um[1]) / 2
    depth, name = float(run.sections.depths[1]), run.sections.names[1]
    region = Region(run, square((*middle[:2], depth), 20), *ACROSS, section=1)
    assert region.area_um2 == pytest.approx(1600, rel=0.01)
    table = region.statistics(run.genes[:2]).set_index(["gene", "source"])
    xy = run.sections.cells.obsm["spatial"]
    rows = [r for r in run.sections.rows(name) if np.abs(xy[r] - middle[:2]).max() < 20]
    measured, predicted = (table.loc[(run.genes[0], source)] for source in ("measured", "predicted"))
    assert pd.isna(measured["area_um2"]) and predicted["area_um2"] == pytest.approx(region.area_um2)
    assert pd.isna(predicted["n"]), "places of a grid are no sample"
    assert measured["n"] == len(rows) > 0
    x = run.sections.cells.X[rows][:, 0]
    assert measured["mean"] == pytest.approx(float(np.mean(x.toarray() if hasattr(x, "toarray") else x)), abs=1e-5)
    points = np.array([[a, b, depth] for a in np.linspace(-19, 19, 40) for b in np.linspace(-19, 19, 40)])
    points[:, :2] += middle[:2]
    expected = sample(run, run.genes[0], points)[0].mean()
    assert table.loc[(run.genes[0], "predicted"), "mean"] == pytest.approx(float(expected), rel=0.02, abs=1e-3)
    cells = region.cell_table(run.genes[:1])
    assert len(cells) == len(rows) and cells.columns[0] == run.noun == "cell"
    run.about["noun"] = "spot"
    assert list(region.cell_table(run.genes[:1]).columns[:2]) == ["spot", "section"], "called as what was measured"


def test_a_tilted_region_takes_cells_near_its_plane_alone(run):
    middle = (np.array(run.extent_um[0]) + run.extent_um[1]) / 2
    corners = np.array(square((0, 0, 0), 1000))[:, [0, 2, 1]] + middle
    region = Region(run, corners, [1.0, 0, 0], [0, 0, 1.0])
    first, last = region.depths_um
    assert min(z for *_, z in corners) <= first < last <= max(z for *_, z in corners)
    rows = region.cells()
    assert 0 < len(rows) < len(run.measured_xyz)
    assert np.abs(run.measured_xyz[rows, 1] - middle[1]).max() <= 30.0


def test_geojson_and_what_is_no_region(run):
    middle = (np.array(run.extent_um[0]) + run.extent_um[1]) / 2
    found = json.loads(Region(run, square(middle, 30), *ACROSS).geojson(run.genes[:1]))
    ring = found["features"][0]["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1] and len(ring) == 5 and found["features"][0]["properties"]["unit"] == "micrometer"
    said = found["features"][0]["properties"]["statistics"]
    assert [set(row) - set(said[0]) for row in said] == [set(), {"n"}] and "n" not in said[0]
    with pytest.raises(InputError, match="three corners"):
        Region(run, [[0, 0, 0], [1, 1, 1]], *ACROSS)
