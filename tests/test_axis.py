"""The axis of a stack, as it is written."""

from isost_core.axis import DEPTH, Axis


def test_depth_is_written_with_its_unit():
    assert (DEPTH.label, DEPTH.title, DEPTH.at(1075.4)) == ("depth (µm)", "Depth (µm)", "depth 1,075 µm")
    assert DEPTH.column == "depth_um"


def test_another_axis_has_its_own_name_and_unit():
    time = Axis("time", "h")
    assert (time.label, time.at(6)) == ("time (h)", "time 6 h")
    assert time.column == "time_h"
