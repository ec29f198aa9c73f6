"""A drawn region in a link: its corners come back, and what is no region is none."""

import numpy as np
import pytest

from ui.explorer import region_text

GOOD = "2_1_0_0_0_0.6_-0.8_10_20_30_4.3_0_0_10"  # as in browser/tests/region.test.js


def test_the_corners_of_a_region_come_back():
    drawn = region_text.read(GOOD, 4)
    np.testing.assert_allclose(drawn.points, [[10, 20, 30], [14.3, 20, 30], [10, 26, 22]])
    assert drawn.section == 2 and region_text.read(GOOD.removeprefix("2"), 4).section is None
    np.testing.assert_allclose(drawn.normal, [0, 0.8, 0.6])


@pytest.mark.parametrize("text", [
    "", "x", "2", GOOD + "_5", GOOD.replace("2_", "9_", 1), GOOD.replace("4.3", "nan"), GOOD.replace("4.3", "1e300"),
    GOOD.replace("0.6", "0.9"), "2_1_0_0_0_0.6_-0.8_10_20_30_4.3_0", GOOD + "_1_1" * region_text.MOST_CORNERS,
    "<script>_1_2_3"])
def test_what_is_no_region_is_none(text):
    assert region_text.read(text, 4) is None
