"""The angles of a plane: the shortest rotation from a flat one, then a turn in the plane."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from isost_core.reconstruction.slices import plane_axes, square_size


@pytest.mark.parametrize("azimuth", [0, 30, 210, 301])
def test_a_flat_plane_is_upright_whatever_its_azimuth(azimuth):
    np.testing.assert_allclose(plane_axes(azimuth, 0), np.eye(3), atol=1e-12)


@pytest.mark.parametrize(("azimuth", "tilt", "turn"), [(0, 90, 0), (30, 60, 0), (210, 90, 40), (301, 143, 250)])
def test_axes_are_x_and_y_rotated_by_the_shortest_way_to_the_normal_and_then_in_the_plane(azimuth, tilt, turn):
    a = np.radians(azimuth)
    leant = Rotation.from_rotvec(np.radians(tilt) * np.array([-np.sin(a), np.cos(a), 0]))  # about the line in both
    normal = leant.apply([0, 0, 1])
    turned = Rotation.from_rotvec(np.radians(turn) * normal) * leant
    np.testing.assert_allclose(plane_axes(azimuth, tilt, turn), turned.apply(np.eye(3)), atol=1e-12)


def test_a_small_tilt_moves_the_picture_little_whatever_the_azimuth():
    for azimuth in range(0, 360, 15):
        assert np.abs(np.array(plane_axes(azimuth, 1)) - np.eye(3)).max() < 0.02


def test_a_square_holds_the_box_at_any_turn():
    box = ((0.0, 0.0, 0.0), (400.0, 300.0, 100.0))
    u, v, _ = plane_axes(20, 50, 33)
    corners = np.array([[x, y, z] for x in (-200, 200) for y in (-150, 150) for z in (-50, 50)])
    assert square_size(box, 20, 50, 33) / 2 > np.abs(corners @ np.array([u, v]).T).max()
