"""Surfaces of volumes whose shape is known, and the lit scene in its own process."""

import dataclasses
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from isost_core.figures import lit_scene
from isost_core.figures.surfaces import ColouredSurface
from isost_core.reconstruction import isosurfaces
from isost_core.reconstruction.lattice import Lattice


def make_run(shape, spacing, value, depth, origin=None):
    """A finished run of one gene from functions of x, y, z in µm, centred on zero unless an origin is given; `depth`
    is how far a point lies inside the tissue, µm."""
    origin = -(np.array(shape) - 1) * spacing / 2 if origin is None else np.array(origin, float)
    axes = [origin[k] + spacing * np.arange(shape[k]) for k in range(3)]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    fields = np.stack([np.broadcast_to(f, shape).astype(np.float32) for f in (depth(x, y, z), value(x, y, z), 0.1)])
    lattice = Lattice(spacing, spacing, origin, fields[0], None, None, None)
    return SimpleNamespace(genes=["A"], lattice=lattice, gene_fields=lambda _: fields, extent_um=lattice.extent_um)


def everywhere(x, y, z):
    return x * 0 + 1e3


@pytest.fixture(scope="module")
def ball():
    """Value 1 - r/1000 inside a ball of tissue of radius 500 µm."""
    return make_run((60, 60, 60), 20.0, lambda x, y, z: 1 - np.sqrt(x**2 + y**2 + z**2) / 1000,
                    lambda x, y, z: 500 - np.sqrt(x**2 + y**2 + z**2))


def _radius(vertices):
    r = np.linalg.norm(vertices, axis=1)
    return r.mean(), r.std()


def _surface(vertices, faces):
    import pyvista as pv

    return pv.PolyData.from_regular_faces(vertices, faces)


def _open_edges(vertices, faces):
    return _surface(vertices, faces).n_open_edges


def test_isosurface_of_a_ball_has_its_radius_and_is_closed(ball):
    vertices, faces = isosurfaces.isosurface(ball, "A", 0.7)
    mean, spread = _radius(vertices)
    assert mean == pytest.approx(300, rel=0.02)
    assert spread < 3
    assert (vertices.dtype, faces.dtype) == (np.float32, np.int32)
    assert _open_edges(vertices, faces) == 0


def test_isosurface_closes_along_the_border_of_the_tissue(ball):
    vertices, faces = isosurfaces.isosurface(ball, "A", 0.1)  # below every value: the surface is the border
    assert _radius(vertices)[0] == pytest.approx(500, rel=0.02)
    assert _open_edges(vertices, faces) == 0


def test_a_closed_surface_where_the_tissue_touches_the_edge_of_the_box():
    slab = make_run((12, 30, 4), 50.0, lambda x, y, z: x * 0 + 1, everywhere)
    for vertices, faces in (isosurfaces.isosurface(slab, "A", 0.5), isosurfaces.tissue_surface(slab)):
        assert _open_edges(vertices, faces) == 0
        size = np.ptp(vertices, axis=0)
        assert size == pytest.approx([550, 1450, 150], abs=15)


@pytest.mark.parametrize("shape", [(9, 9, 1), (9, 1, 9)])
def test_tissue_one_voxel_thin_keeps_its_surface(shape):
    thin = make_run(shape, 10.0, lambda x, y, z: x * 0 + 1, everywhere)
    assert len(isosurfaces.isosurface(thin, "A", 0.5)[1]) > 0
    assert len(isosurfaces.tissue_surface(thin)[1]) > 0


def test_meshes_stay_small(ball):
    vertices, faces = isosurfaces.isosurface(ball, "A", 0.7, most=3000)
    assert 1500 < len(faces) <= 3000
    assert _radius(vertices)[0] == pytest.approx(300, rel=0.02)
    assert _open_edges(vertices, faces) == 0
    vertices, faces = isosurfaces.isosurface(ball, "A", 0.7)
    assert len(faces) <= isosurfaces.MOST_TRIANGLES
    assert len(isosurfaces.tissue_surface(ball)[1]) <= 8_000


def _far(points, surface):
    """Distance (µm) of points from a surface, 95th percentile."""
    import pyvista as pv

    return np.percentile(np.abs(pv.PolyData(points).compute_implicit_distance(surface)["implicit_distance"]), 95)


@pytest.mark.parametrize("waves", [2, 4])
def test_a_surface_stays_within_a_voxel_of_the_full_resolution_and_small_on_its_way(waves):
    """95 % of its points, both ways, against the surface on a grid of 256 voxels along a side."""
    from isost_core.figures.tissue import tissue_3d

    def value(x, y, z):
        return np.sin(waves * x / 160) * np.sin(waves * y / 160) * np.sin(waves * z / 160)

    run = make_run((64, 64, 40), 16.0, value, lambda x, y, z: 480 - np.sqrt(x**2 + y**2 + z**2))
    voxel = 63 * 16.0 / 255
    tissue, mean, _ = run.gene_fields(0)
    full = isosurfaces.contour(run, [(tissue, 0.0), (mean, 0.1)], voxel)
    vertices, faces = isosurfaces.isosurface(run, "A", 0.1)
    assert len(faces) < full.n_cells / 3
    sent = _surface(vertices, faces)
    assert _far(vertices, full) < voxel and _far(full.points[::5], sent) < voxel
    figure = tissue_3d([ColouredSurface("A", vertices, faces, level=0.1)])
    assert len(figure.to_json()) < 1.5e6


def test_too_many_triangles_are_merged_not_left_out():
    waves = make_run((60, 60, 60), 20.0, lambda x, y, z: np.sin(x / 50) * np.sin(y / 50) * np.sin(z / 50), everywhere)
    vertices, faces = isosurfaces.isosurface(waves, "A", 0.1)
    assert 0.9 * isosurfaces.MOST_TRIANGLES < len(faces) <= isosurfaces.MOST_TRIANGLES
    assert np.ptp(vertices, axis=0) == pytest.approx([1180] * 3, abs=10)


def test_surfaces_lie_in_the_runs_own_frame():
    def value(x, y, z):
        return 1 - np.sqrt((x - 600)**2 + (y + 380)**2 + (z - 140)**2) / 100

    off = make_run((20, 24, 28), 10.0, value, everywhere, origin=(500, -500, 0))
    vertices, _ = isosurfaces.isosurface(off, "A", 0.4)
    assert (vertices.max(axis=0) + vertices.min(axis=0)) / 2 == pytest.approx([600, -380, 140], abs=1)


def test_a_level_that_nothing_reaches_gives_an_empty_surface(ball):
    vertices, faces = isosurfaces.isosurface(ball, "A", 2.0)
    assert vertices.shape == faces.shape == (0, 3)


def test_level_of_percentile_counts_tissue_only():
    mask = np.arange(60).reshape(3, 4, 5) % 3 > 0
    values = np.where(mask, np.arange(60.0).reshape(3, 4, 5), np.nan)
    volume = SimpleNamespace(genes=("A",), values=values[None], mask=mask)
    assert isosurfaces.level_of_percentile(volume, "A", 90) == pytest.approx(np.percentile(values[mask], 90))
    level = isosurfaces.level_of_percentile(volume, "A", (10, 50))
    assert level == pytest.approx(np.percentile(values[mask], (10, 50)))


def _small_scene():
    tetra = np.array([[0, 0, 0], [100, 0, 0], [0, 100, 0], [0, 0, 100]], np.float32)
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)
    return lit_scene.LitScene((ColouredSurface("Gad1", tetra, faces, 1.2, colour="rgb(204, 137, 53)", opacity=0.8),),
                          ColouredSurface("tissue", tetra * 2, faces, opacity=0.1),
                          points=tetra, point_colours=np.full((4, 3), 200, np.uint8), depth_scale=2.0)


def test_a_scene_survives_its_journey_to_the_child(tmp_path):
    lit_scene._save(_small_scene(), tmp_path / "s.npz")
    back = lit_scene._load(tmp_path / "s.npz")
    assert back.depth_scale == 2.0
    assert back.surfaces[0].level == 1.2
    assert back.tissue.opacity == 0.1
    np.testing.assert_array_equal(back.points, _small_scene().points)


def test_a_lit_scene_carries_a_bounded_number_of_points(tmp_path):
    many = np.arange(90_000, dtype=np.float32).reshape(-1, 3)
    lit_scene._save(lit_scene.LitScene(points=many, point_colours=many.astype(np.uint8)), tmp_path / "s.npz")
    back = lit_scene._load(tmp_path / "s.npz")
    assert len(back.points) == len(back.point_colours) == lit_scene.MOST_POINTS
    np.testing.assert_array_equal(back.points.astype(np.uint8), back.point_colours)


@pytest.mark.parametrize("low, high, ticks", [(-971, 970, [-1000, -500, 0, 500, 1000]), (0, 500, [0, 200, 400, 600]),
                                              (0, 40, [0, 10, 20, 30, 40])])
def test_ticks_of_a_picture_are_round_and_span_it(low, high, ticks):
    assert lit_scene.round_ticks(low, high) == ticks


def test_labels_of_two_axes_do_not_meet_in_a_corner():
    labels = lit_scene._labels([-500.0, 0.0, 500.0])
    assert [labels.GetValue(k) for k in range(3)] == ["", "0", ""]


def test_what_is_drawn_is_said_in_the_picture_itself():
    said = []
    plotter = SimpleNamespace(add_text=lambda words, **look: said.append(words))
    scene = dataclasses.replace(_small_scene(), noun="spot")
    lit_scene._add_legend(plotter, scene)
    assert said == [words for _, words in scene.legend()] and said[-1] == "points: measured spots"


def test_lit_scene_is_exported_in_a_child_process():
    try:
        lit_scene.check_rendering(timeout_s=60)
    except lit_scene.SceneError as reason:
        pytest.skip(str(reason))
    page = lit_scene.export_html(_small_scene(), timeout_s=60)
    assert "<html" in page.lower()
    assert len(page) < 4_000_000


def test_a_picture_is_drawn_in_a_child_process():
    import io

    from PIL import Image

    try:
        lit_scene.check_rendering(timeout_s=60)
    except lit_scene.SceneError as reason:
        pytest.skip(str(reason))
    small = dataclasses.replace(_small_scene(), window=(160, 120))
    drawn = {camera: np.asarray(Image.open(io.BytesIO(
                 lit_scene.export_picture(dataclasses.replace(small, camera=camera)))))
             for camera in ("oblique", "top")}
    assert all(picture.shape[:2] == (240, 320) for picture in drawn.values())
    told = Image.open(io.BytesIO(lit_scene.export_picture(small)))
    assert told.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert len(np.unique(drawn["oblique"].reshape(-1, drawn["oblique"].shape[2]), axis=0)) > 20
    assert (drawn["oblique"] != drawn["top"]).any(-1).mean() > 0.05


@pytest.mark.parametrize("code, words", [
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "libegl1"),
    ("raise SystemExit('no trame here')", "no trame here"),
    ("import time; time.sleep(30)", "within 1 s"),
])
def test_a_child_that_fails_says_so_and_is_never_waited_for(monkeypatch, tmp_path, code, words):
    child = tmp_path / "child.sh"
    child.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}"\n')
    child.chmod(0o755)
    monkeypatch.setattr(lit_scene.sys, "executable", str(child))
    with pytest.raises(lit_scene.SceneError, match=words):
        lit_scene.export_html(_small_scene(), timeout_s=1)
