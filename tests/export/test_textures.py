"""The bytes that the explorer draws: what a graphics processor makes of them is the field."""

import json
import struct

import numpy as np
import pytest

from isost_core.export import textures
from isost_core.reconstruction.interpolation import sample
from tests.ui.test_pages import RUN_ID, finished  # noqa: F401


@pytest.fixture
def run(finished):  # noqa: F811
    from isost_core.runs.store import load_run

    return load_run(finished / "runs" / RUN_ID)


def unpacked(data):
    size = struct.unpack("<I", data[:4])[0]
    head = json.loads(data[4:4 + size])
    kinds = {"u1": np.uint8, "f4": np.float32}
    return head, {name: np.frombuffer(data, kinds[kind], n, 4 + size + at)
                  for name, (at, n, kind) in head["parts"].items()}


def test_trilinear_texels_are_the_field(run):
    from scipy.ndimage import map_coordinates

    gene, grid = run.genes[1], textures.grid_of(run.lattice)
    head, parts = unpacked(textures.gene_texture(run, gene, "k"))
    rng = np.random.default_rng(0)
    points = rng.uniform(*run.extent_um, (500, 3))
    at = ((points - grid["origin"]) / grid["step"]).T
    field = parts["values"].reshape(grid["dims"][::-1]).T.astype(float)
    value = head["low"] + map_coordinates(field, at, order=1, mode="nearest") / 255 * (head["high"] - head["low"])
    mean, _, known, inside = sample(run, gene, points)
    step = (head["high"] - head["low"]) / 255
    assert inside.sum() > 50
    assert np.abs(np.maximum(value, 0) - mean)[inside].max() <= 0.51 * step
    shares = map_coordinates(parts["known"].reshape(grid["dims"][::-1]).T.astype(float), at, order=1) / 255
    assert np.abs(shares - known)[inside].max() < 0.003


def test_tissue_is_where_it_is(run):
    from scipy.ndimage import map_coordinates

    grid = textures.grid_of(run.lattice)
    _, parts = unpacked(textures.tissue_texture(run, "k"))
    points = np.random.default_rng(1).uniform(*run.extent_um, (2000, 3))
    at = ((points - grid["origin"]) / grid["step"]).T
    depth = map_coordinates(parts["tissue"].reshape(grid["dims"][::-1]).T.astype(float), at, order=1, mode="nearest")
    inside = sample(run, run.genes[0], points)[3]
    assert ((depth > 127.5) == inside).mean() > 0.98
    np.testing.assert_allclose(parts["xyz"].reshape(-1, 3), run.measured_xyz, atol=1e-3)
    assert set(parts["section"]) == set(range(len(run.sections.names)))


def test_a_ray_may_leap_where_it_is_told(run):
    _, parts = unpacked(textures.tissue_texture(run, "k"))
    far = parts["tissue"].reshape(run.lattice.inside.shape[::-1]).T == 0
    assert (run.lattice.inside[far] <= -textures.safe_um(run.lattice)).all()
