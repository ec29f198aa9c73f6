"""The view that a run opens with: flat, upright, in the middle, and a thin stack stretched until it can be seen."""

from types import SimpleNamespace

import pytest

from ui.explorer import view


def run_of(wide, high, deep, y_down=False):
    low, top = (0.0, 0.0, 0.0), (wide, high, deep)
    return SimpleNamespace(extent_um=(low, top), telling_um=tuple(c / 2 for c in top), y_down=y_down)


def test_it_opens_on_a_flat_upright_slice_in_the_middle():
    opened = view.opening(run_of(800.0, 600.0, 400.0))
    assert (opened["azimuth"], opened["tilt"], opened["spin"], opened["flip"]) == (0, 0, 0, False)
    assert (opened["cx"], opened["cy"], opened["cdepth"]) == (400, 300, 200)
    assert not opened["y_down"] and opened["stretch"] == 1
    assert view.opening(run_of(800.0, 600.0, 400.0, y_down=True))["y_down"], "as the images have it"


@pytest.mark.parametrize(("size", "times"), [((800, 600, 400), 1), ((800, 600, 200), 1), ((1900, 1950, 200), 2.5),
                                             ((5000, 9000, 30), 10), ((800, 600, 0), 10)])
def test_a_thin_stack_opens_a_quarter_as_deep_as_wide_within_the_bounds(size, times):
    assert view.stretch(run_of(*map(float, size))) == times
