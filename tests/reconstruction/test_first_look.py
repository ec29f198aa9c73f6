"""The place to look at first: within the tissue at the middle of the stack, where there is something to see."""

import numpy as np
import pytest

from isost_core.reconstruction.interpolation import sample


@pytest.mark.parametrize("shape", ["ball", "tube"])
def test_it_is_in_the_tissue_of_the_middle_plane_where_the_clearest_gene_is_high(shape, request):
    run = request.getfixturevalue(shape)[0]
    place = np.array(run.telling_um)
    low, high = run.extent_um
    mean, _, _, inside = sample(run, run.clearest_gene, [place])
    assert inside[0] and place[2] == pytest.approx((low[2] + high[2]) / 2)
    x, y = np.meshgrid(*[np.linspace(low[d], high[d], 60) for d in range(2)])
    plane = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, place[2])])
    values, _, _, tissue = sample(run, run.clearest_gene, plane)
    assert mean[0] > np.quantile(values[tissue], 0.9)
    around = sample(run, run.clearest_gene, place + run.lattice.spacing_um * np.array(
        [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]]))[3]
    assert around.all(), "not on the border"


def test_it_is_the_same_each_time(ball):
    run = ball[0]
    first = run.telling_um
    del run.__dict__["telling_um"]
    assert run.telling_um == first
