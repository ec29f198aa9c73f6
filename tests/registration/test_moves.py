"""What an alignment did to a section: several moves by hand add up to one, told from where the section came."""

import numpy as np
import pytest

from isost_core.registration.alignment import Alignment
from isost_core.registration.moves import move_of

MIDDLE = np.array([100.0, -40.0])


def alignment():
    return Alignment(("A", "B"), np.tile(np.eye(3), (2, 1, 1)))


def test_a_section_that_was_left_alone_did_not_move():
    move = move_of(alignment(), "B", MIDDLE)
    assert (move.far_um, move.angle, move.mirrored, move.scale, move.bent) == (0, 0, False, 1, False)


def test_moves_by_hand_add_up():
    once = alignment().with_correction("B", MIDDLE, (30, 40), 10, mirror=False)
    twice = once.with_correction("B", MIDDLE + [30, 40], (-30, 0), 15, mirror=False)
    move = move_of(twice, "B", MIDDLE)
    assert (move.dx, move.dy, move.angle) == pytest.approx((0, 40, 25)) and move.far_um == pytest.approx(40)
    assert move_of(twice, "A", MIDDLE).far_um == 0


def test_a_mirrored_section_is_told_from_a_turned_one():
    once = alignment().with_correction("B", MIDDLE, (0, 0), 20, mirror=True)
    move = move_of(once, "B", MIDDLE)
    assert move.mirrored and move.angle == pytest.approx(20) and move.far_um == pytest.approx(0, abs=1e-9)
    again = move_of(once.with_correction("B", MIDDLE, (0, 0), 5, mirror=True), "B", MIDDLE)
    assert not again.mirrored and again.angle == pytest.approx(-15), "turning back and forth about the mirror"


def test_a_section_that_grew_is_told_by_how_much():
    matrices = np.tile(np.eye(3), (2, 1, 1))
    matrices[1, :2, :2] *= 1.1
    move = move_of(Alignment(("A", "B"), matrices), "B", np.zeros(2))
    assert move.scale == pytest.approx(1.1) and move.angle == 0 and not move.mirrored
