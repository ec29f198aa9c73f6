"""Niches: known ones are found again, and their sizes are right."""

import json
from types import SimpleNamespace

import anndata
import numpy as np
import pandas as pd
import pytest

from isost_core.analysis import niche_contents, niche_places
from isost_core.analysis.neighbourhoods import composition, least_reach, neighbourhoods, usual_reach
from isost_core.analysis.niches import Niches, find_niches, label_columns
from isost_core.errors import InputError
from isost_core.workflows.find_niches import create_niches, execute_niches, found_niches
from tests.ui.test_pages import RUN_ID, finished  # noqa: F401


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """A run of a ball whose cells are labelled: the left third mostly a, the middle mixed, the right third mostly c."""
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.runs.store import create_run, load_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.reconstruct import execute

    cells = make_phantom("ball", 5, 60.0, n_cells=900, n_genes=8)[0]
    x = cells.obsm["spatial"][:, 0]
    third = np.digitize(x, np.quantile(x, [1 / 3, 2 / 3]))
    share = np.array([[0.9, 0.1, 0.0], [0.3, 0.4, 0.3], [0.0, 0.1, 0.9]])[third]
    rng = np.random.default_rng(0)
    kind = (rng.random((len(x), 1)) > share.cumsum(1)).sum(1)
    cells.obs["kind"] = pd.Categorical(np.array(["a", "b", "c"], object)[np.minimum(kind, 2)])
    cells.obs["third"] = third
    folder = tmp_path_factory.mktemp("runs")
    return load_run(execute(create_run(folder / "run", Sections.from_anndata(cells), Config.of_preset("fast"))))


def test_planted_niches_are_found_in_3d(labelled):
    from sklearn.metrics import adjusted_rand_score

    assert "kind" in label_columns(labelled)
    niches = find_niches(labelled, "kind", 3)
    third = labelled.sections.cells.obs["third"].to_numpy()
    assert adjusted_rand_score(third, niches.measured) > 0.75
    left = [n for n in range(3) if niches.names[n].endswith("a")]
    right = [n for n in range(3) if niches.names[n].endswith("c")]
    x = labelled.tissue_cells.xyz[:, 0]
    assert len(left) == len(right) == 1
    assert x[niches.tissue == left[0]].max() < x[niches.tissue == right[0]].min()
    again = find_niches(labelled, "kind", 3)
    assert (again.tissue == niches.tissue).all() and again.names == niches.names


def test_they_are_kept_whole(labelled, tmp_path):
    niches = find_niches(labelled, None)
    assert len(niches.names) in niches.stability and niches.column is None
    niches.save(tmp_path / "niches")
    held = Niches.load(tmp_path / "niches")
    assert held.names == niches.names and held.stability == niches.stability and held.reach_um == niches.reach_um
    (tmp_path / "niches" / "niches.json").write_text(json.dumps(  # niches of earlier versions brought their colours
        json.loads((tmp_path / "niches" / "niches.json").read_text()) | {"colours": ["rgb(1, 2, 3)"]}))
    assert Niches.load(tmp_path / "niches").names == niches.names
    assert (held.membership == niches.membership).all() and (held.tissue == niches.tissue).all()
    assert niches.membership.sum(0).max() <= 1.001
    sizes = niche_places.size_table(labelled, niches)
    assert sizes["measured_cells"].sum() == labelled.sections.n_cells
    assert sizes["share_of_tissue"].sum() == pytest.approx(1)


def test_volume_and_surface_of_a_ball():
    n, step, radius = 60, 5.0, 100.0
    axis = step * np.arange(n) - step * (n - 1) / 2
    away = np.sqrt((np.stack(np.meshgrid(axis, axis, axis, indexing="ij"))**2).sum(0))
    lattice = SimpleNamespace(spacing_um=step, layer_um=step, step_um=np.full(3, step), inside=np.full((n,) * 3, 50.0),
                              origin_um=np.full(3, axis[0]))
    lattice.inside = lattice.inside.astype(np.float32)
    run = SimpleNamespace(lattice=lattice, extent_um=((axis[0],) * 3, (axis[-1],) * 3))
    membership = np.clip(0.5 + (radius - away) / (4 * step), 0, 1)[None].astype(np.float16)
    none = np.zeros(1, np.int8)
    niches = Niches(("ball",), None, 50.0, none, none, membership, {})
    size = niche_places.size_table(run, niches).iloc[0]
    assert size["volume_um3"] == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.02)
    assert size["surface_um2"] == pytest.approx(4 * np.pi * radius**2, rel=0.03)


def test_profiles_from_the_border_of_a_niche(labelled):
    from isost_core.analysis.focus import Focus
    from isost_core.analysis.profiles import profile_around

    niches = find_niches(labelled, "kind", 3)
    left = next(n for n in range(3) if niches.names[n].endswith("a"))
    border = niche_places.niche_border(labelled, niches, left)
    distance = border.at(labelled.measured_xyz)
    mine = niches.measured == left
    assert (distance[mine] < 0).mean() > 0.9 and (distance[~mine] > 0).mean() > 0.9
    table = profile_around(labelled, labelled.genes[:1], Focus("surface", border), 20.0, ())
    assert (table["distance_um"] < 0).any() and (table["distance_um"] > 0).any()


def test_composition_counts_the_cells_within_reach():
    xyz = np.random.default_rng(0).uniform(0, 100, (4000, 3))
    codes = (xyz[:, 2] > 50).astype(int)
    places = np.array([[50, 50, 10.0], [50, 50, 90.0], [50, 50, 50.0], [50, 50, 45.0], [300, 0, 100.0]])
    made = composition(xyz, codes, 2, 20.0, 400)(places)
    np.testing.assert_allclose((made**2).sum(1), 1, atol=1e-5)
    away = np.linalg.norm(xyz - places[3], axis=1) <= 20
    assert made[3, 1]**2 == pytest.approx(codes[away].mean(), abs=1e-5)  # the ball, whole
    assert made[[0, 1, 4], [0, 1, 1]] == pytest.approx(1) and 0.4 < made[2, 0]**2 < 0.6
    assert made[4, 0] == 0  # no cell within reach: the nearest one


def test_a_neighbourhood_reaches_as_far_in_depth_as_in_the_plane(labelled):
    reach = usual_reach(labelled)
    around = neighbourhoods(labelled, "kind", reach)
    low, high = np.array(labelled.extent_um)
    middle = (low + high) / 2
    shares = around(np.array([middle + [x, 0, 0] for x in (-0.9 * reach, 0, 0.9 * reach)]))**2
    assert shares[0, 0] > shares[1, 0] > shares[2, 0]
    with pytest.raises(InputError, match="has too few cells"):
        neighbourhoods(labelled, "kind", 0.5 * least_reach(labelled))


def test_they_are_found_by_a_job_and_kept_by_what_was_asked(labelled):
    first = create_niches(labelled.path, "kind", 3, 60.0)
    assert first.status().state == "queued"
    with pytest.raises(InputError, match="already being found"):
        create_niches(labelled.path, "kind", 4, 60.0)
    execute_niches(first.folder)
    second = create_niches(labelled.path, None, 2, 60.0)
    (second.folder / "cancel").touch()
    from isost_core.jobs.job import Kind
    from isost_core.workflows.run_job import work

    assert not work(Kind.FIND_NICHES, second.folder) and second.status().state == "cancelled"
    assert found_niches(labelled.path) == [first.folder] and create_niches(labelled.path, None, 2, 60.0) == second
    execute_niches(second.folder)
    assert found_niches(labelled.path) == [second.folder, first.folder]
    assert Niches.load(first.folder).column == "kind" and len(Niches.load(second.folder).names) == 2


def test_names_say_what_sets_a_niche_apart():
    from isost_core.analysis.niches import _label_name

    overall = np.array([0.5, 0.3, 0.2])
    assert _label_name(np.array([0.7, 0.2, 0.1]), overall, list("abc")) == "a"
    assert _label_name(np.array([0.1, 0.5, 0.4]), overall, list("abc")) == "c + b"
    assert _label_name(overall, overall, list("abc")) == ""


def test_niches_with_the_same_first_label_are_told_apart_by_the_next():
    from isost_core.analysis.niches import _label_names

    shares = np.array([[0.9, 0.08, 0.02], [0.9, 0.02, 0.08], [0.1, 0.8, 0.1]])
    assert _label_names(shares, np.full(3, 1 / 3), list("abc")) == ["a + b", "a + c", "b"]


def test_cells_are_written_with_their_niche(labelled, tmp_path):
    from isost_core.export.cells import write_cells
    from isost_core.reconstruction.virtual_cells import virtual_section

    niches = find_niches(labelled, "kind", 3)
    cells = niche_places.with_niches(virtual_section(labelled, 100.0), labelled, niches)
    for ending in (".h5ad", ".csv"):
        write_cells(cells, tmp_path / f"cells{ending}")
    held, table = anndata.read_h5ad(tmp_path / "cells.h5ad"), pd.read_csv(tmp_path / "cells.csv")
    assert list(held.obs["niche"].astype(str)) == list(table["niche"]) and set(table["niche"]) <= set(niches.names)
    assert held.uns["niches"]["found_by"] == "kind"
    left = next(name for name in niches.names if name.endswith("a"))
    right = next(name for name in niches.names if name.endswith("c"))
    x = table.groupby("niche")["x_um"].mean()
    assert x[left] < x[right]


def test_uncertain_places_are_darker_or_left_out(labelled):
    from isost_core.figures.niches import niche_slice

    niches = find_niches(labelled, None, 6)
    pixels = {how: np.asarray(niche_slice(labelled, niches, 100.0, range(6), uncertainty=how).data[0].z)
              for how in ("off", "show", "hide")}
    changed = (pixels["off"] != pixels["show"]).any(-1)
    assert 0 < changed.sum() == (pixels["off"] != pixels["hide"]).any(-1).sum() < 0.5 * changed.size
    assert pixels["hide"][changed].sum() < pixels["show"][changed].sum() < pixels["off"][changed].sum()


def test_markers_and_composition(labelled):
    niches = find_niches(labelled, "kind", 3)
    table = niche_contents.composition_table(labelled, "kind", niches.measured, 3)
    np.testing.assert_allclose(table.sum(axis=1), 1)
    markers = niche_contents.marker_table(labelled, niches.measured, 3)
    assert set(markers["niche"]) == {0, 1, 2} and markers["q"].between(0, 1).all()
    first = markers[markers["niche"] == 0].iloc[0]
    x = labelled.sections.cells.X[:, labelled.genes.index(first["gene"])]
    x = x.toarray().ravel() if hasattr(x, "toarray") else x
    mine = niches.measured == 0
    assert first["difference"] == pytest.approx(float(x[mine].mean() - x[~mine].mean()), abs=1e-4)


def test_the_number_that_halves_agree_on_is_the_number_of_clumps():
    from isost_core.analysis.niches import stability_of, suggested

    rng = np.random.default_rng(0)
    clumps = rng.normal(0, 5, (6, 4))[rng.integers(0, 6, 3000)] + rng.normal(0, 0.4, (3000, 4))
    found = stability_of(clumps.astype(np.float32), range(4, 10), rng)
    assert suggested(found) == 6 and found[6] > 0.95


def test_what_cannot_be_done_is_said(labelled):
    with pytest.raises(InputError, match="no column 'colour'"):
        find_niches(labelled, "colour")
    with pytest.raises(InputError, match="must be 2 to"):
        find_niches(labelled, "kind", 1)
