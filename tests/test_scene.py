"""Surfaces of volumes whose shape is known, and the lit scene in its own process."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from isost_core import meshes, scene


def make_volume(shape, spacing, value, tissue, origin=None):
    """Volume of one gene from functions of x, y, z in µm, centred on zero unless an origin is given."""
    origin = -(np.array(shape) - 1) * spacing / 2 if origin is None else np.array(origin, float)
    axes = [origin[k] + spacing * np.arange(shape[k]) for k in range(3)]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    mask = tissue(x, y, z)
    values = np.where(mask, value(x, y, z), np.nan).astype(np.float32)[None]
    return SimpleNamespace(genes=("A",), values=values, sd=values * 0 + 0.1, known=None, mask=mask, spacing_um=spacing,
                           origin_um=origin)


@pytest.fixture(scope="module")
def ball():
    """Value 1 - r/1000 inside a ball of tissue of radius 500 µm."""
    return make_volume((60, 60, 60), 20.0, lambda x, y, z: 1 - np.sqrt(x**2 + y**2 + z**2) / 1000,
                       lambda x, y, z: x**2 + y**2 + z**2 < 500**2)


def _radius(vertices):
    r = np.linalg.norm(vertices, axis=1)
    return r.mean(), r.std()


def _open_edges(vertices, faces):
    import pyvista as pv

    return pv.PolyData.from_regular_faces(vertices, faces).n_open_edges


def test_isosurface_of_a_ball_has_its_radius_and_is_closed(ball):
    vertices, faces = meshes.isosurface(ball, "A", 0.7)
    mean, spread = _radius(vertices)
    assert mean == pytest.approx(300, rel=0.02)
    assert spread < 3
    assert (vertices.dtype, faces.dtype) == (np.float32, np.int32)
    assert _open_edges(vertices, faces) == 0


def test_isosurface_closes_along_the_border_of_the_tissue(ball):
    vertices, faces = meshes.isosurface(ball, "A", 0.1)  # below every value: the surface is the border
    assert _radius(vertices)[0] == pytest.approx(500, rel=0.02)
    assert _open_edges(vertices, faces) == 0


def test_a_closed_surface_where_the_tissue_touches_the_edge_of_the_volume():
    slab = make_volume((12, 30, 4), 50.0, lambda x, y, z: x * 0 + 1, lambda x, y, z: x < 1e9)
    for vertices, faces in (meshes.isosurface(slab, "A", 0.5), meshes.tissue_surface(slab)):
        assert _open_edges(vertices, faces) == 0
        size = np.ptp(vertices, axis=0)
        assert size == pytest.approx([600, 1500, 200], abs=60)


@pytest.mark.parametrize("shape", [(9, 9, 1), (9, 1, 9)])
def test_tissue_one_voxel_thin_keeps_its_surface(shape):
    thin = make_volume(shape, 10.0, lambda x, y, z: x * 0 + 1, lambda x, y, z: x < 1e9)
    assert len(meshes.isosurface(thin, "A", 0.5)[1]) > 0
    assert len(meshes.tissue_surface(thin)[1]) > 0


def test_meshes_stay_small(ball):
    vertices, faces = meshes.isosurface(ball, "A", 0.7, max_triangles=3000)
    assert len(faces) <= 3000
    assert _radius(vertices)[0] == pytest.approx(300, rel=0.02)
    assert _open_edges(vertices, faces) == 0
    vertices, faces = meshes.isosurface(ball, "A", 0.7)
    assert len(faces) <= 24_000
    assert vertices.nbytes + faces.nbytes < 500_000
    assert len(meshes.tissue_surface(ball)[1]) <= 8_000


def test_a_large_volume_is_contoured_coarser_at_the_right_place(ball, monkeypatch):
    monkeypatch.setattr(meshes, "MOST_VOXELS", 30_000)
    vertices, faces = meshes.isosurface(ball, "A", 0.7)
    assert vertices.mean(axis=0) == pytest.approx([0, 0, 0], abs=3)
    assert _radius(vertices)[0] == pytest.approx(300, rel=0.02)


def test_surfaces_lie_in_the_volumes_own_frame():
    def value(x, y, z):
        return 1 - np.sqrt((x - 600)**2 + (y + 380)**2 + (z - 140)**2) / 100

    off = make_volume((20, 24, 28), 10.0, value, lambda x, y, z: x < 1e9, origin=(500, -500, 0))
    vertices, _ = meshes.isosurface(off, "A", 0.4)
    assert (vertices.max(axis=0) + vertices.min(axis=0)) / 2 == pytest.approx([600, -380, 140], abs=1)


def test_a_level_that_nothing_reaches_gives_an_empty_surface(ball):
    vertices, faces = meshes.isosurface(ball, "A", 2.0)
    assert vertices.shape == faces.shape == (0, 3)


def test_level_of_percentile_counts_tissue_only(ball):
    inside = ball.values[0][ball.mask]
    assert meshes.level_of_percentile(ball, "A", 90) == pytest.approx(np.percentile(inside, 90))


def _small_scene():
    tetra = np.array([[0, 0, 0], [100, 0, 0], [0, 100, 0], [0, 0, 100]], np.float32)
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)
    return scene.LitScene((scene.Surface("Gad1", tetra, faces, "rgb(204, 137, 53)", 0.8, 1.2),),
                          scene.Surface("tissue", tetra * 2, faces, opacity=0.1),
                          points=tetra, point_colours=np.full((4, 3), 200, np.uint8), depth_scale=2.0)


def test_a_scene_survives_its_journey_to_the_child(tmp_path):
    scene._save(_small_scene(), tmp_path / "s.npz")
    back = scene._load(tmp_path / "s.npz")
    assert back.depth_scale == 2.0
    assert back.surfaces[0].level == 1.2
    assert back.tissue.opacity == 0.1
    np.testing.assert_array_equal(back.points, _small_scene().points)


def test_a_lit_scene_carries_a_bounded_number_of_points(tmp_path):
    many = np.arange(90_000, dtype=np.float32).reshape(-1, 3)
    scene._save(scene.LitScene(points=many, point_colours=many.astype(np.uint8)), tmp_path / "s.npz")
    back = scene._load(tmp_path / "s.npz")
    assert len(back.points) == len(back.point_colours) == scene.MOST_POINTS
    np.testing.assert_array_equal(back.points.astype(np.uint8), back.point_colours)


def test_lit_scene_is_exported_in_a_child_process():
    try:
        scene.check_rendering(timeout_s=60)
    except scene.SceneError as reason:
        pytest.skip(str(reason))
    page = scene.export_html(_small_scene(), timeout_s=60)
    assert "<html" in page.lower()
    assert len(page) < 4_000_000


@pytest.mark.parametrize("code, words", [
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "libegl1"),
    ("raise SystemExit('no trame here')", "no trame here"),
    ("import time; time.sleep(30)", "within 1 s"),
])
def test_a_child_that_fails_says_so_and_is_never_waited_for(monkeypatch, tmp_path, code, words):
    child = tmp_path / "child.sh"
    child.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}"\n')
    child.chmod(0o755)
    monkeypatch.setattr(scene.sys, "executable", str(child))
    with pytest.raises(scene.SceneError, match=words):
        scene.export_html(_small_scene(), timeout_s=1)
