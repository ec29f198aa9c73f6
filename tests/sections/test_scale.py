"""Sizes that cannot be in µm: named with the likely factor, severe in Quality, refused where nothing is computed."""

from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from isost_core.errors import InputError
from isost_core.quality.units import unit_findings
from isost_core.sections.scale import check_scale, scale_doubts
from isost_core.sections.stack import Sections


def made(gap=50.0, scale=1.0, k=5, odd=1.0, offset=0.0):
    rng, n = np.random.default_rng(0), 200
    xy = rng.uniform(0, 1000, (k * n, 2))
    xy[2 * n:3 * n] *= odd
    obs = pd.DataFrame({"section": np.repeat([f"s{i}" for i in range(k)], n), "z_um": np.repeat(np.arange(k), n) * gap},
                       index=pd.Index([str(i) for i in range(k * n)]))
    obsm: Any = {"spatial": xy * scale + offset}
    cells = ad.AnnData(rng.poisson(2, (k * n, 4)).astype(np.float32), obs=obs, obsm=obsm)
    return Sections.from_anndata(cells)


@pytest.mark.parametrize("gap", [5.0, 16.0, 50.0, 500.0])
def test_a_sound_stack_has_no_doubt(gap):
    assert not scale_doubts(made(gap))


@pytest.mark.parametrize("options, said", [
    ({"odd": 1 / 0.108}, "0.108 µm"), ({"odd": 1 / 0.2125}, "0.2125 µm"), ({"odd": 1e-3}, "mm"),
    ({"gap": 0.05}, "in mm, multiply them by 1,000"), ({"gap": 5e4}, "in nm, divide them by 1,000"),
    ({"gap": 5e-2, "k": 2}, "multiply them by 1,000"), ({"gap": 5e7}, "divide them by 1,000,000"),
    ({"gap": 1.0}, "numbers of the sections"), ({"scale": 1e-3}, "x and y are in mm, give 1,000"),
    ({"scale": 1e-3, "gap": 0.05}, "depths, x and y are all in mm"), ({"scale": 1e3}, "x and y are in nm, give 0.001"),
])
def test_the_likely_factor_is_named_and_severe(options, said):
    first = unit_findings(made(**options))[0]
    assert first.severity == "severe" and said in f"{first.title}. {first.detail}"
    assert "e+" not in first.detail + first.title


def test_the_odd_section_is_named():
    doubt = scale_doubts(made(odd=9.26))[0]
    assert doubt.names == ("s2",) and "9.1 times as wide" in doubt.title


@pytest.mark.parametrize("depths, pair", [([0, 10, 10_000], ("s1", "s2")), ([0, 9_990, 10_000], ("s0", "s1")),
                                          ([0, 10, 20, 10_000, 10_010], ("s2", "s3"))])
def test_one_gap_far_too_wide_is_named_with_its_own_size(depths, pair):
    sections = made(k=len(depths))
    cells = sections.cells.copy()
    cells.obs["z_um"] = np.repeat(np.array(depths, float), 200)
    doubt = scale_doubts(Sections.from_anndata(cells))[0]
    assert doubt.names == pair and "Other gaps are 10 µm" in doubt.detail and "in nm" not in doubt.detail


@pytest.mark.parametrize("flat", [["s1"], ["s0", "s1", "s2", "s3", "s4"]])
def test_cells_on_one_line_are_called_so_and_not_mm(flat):
    sections = made()
    cells = sections.cells.copy()
    xy = np.array(cells.obsm["spatial"])
    xy[cells.obs["section"].isin(flat).to_numpy(), 1] = 7.0
    cells.obsm["spatial"] = xy
    (doubt,) = scale_doubts(Sections.from_anndata(cells))
    assert doubt.severe and doubt.names == tuple(flat) and "lie on one line" in doubt.title


def test_cells_too_far_apart_for_um_are_a_warning():
    doubt = scale_doubts(made(gap=1e4, scale=1e2))
    assert [(d.what, d.severe) for d in doubt] == [("unit", False)] and "not look like µm" in doubt[0].title


@pytest.mark.parametrize("options", [{"gap": 5e7}, {"gap": 1e12}, {"gap": 0.002}, {"offset": 1e12}, {"odd": 1e5},
                                     {"scale": 1e-9}, {"scale": 1e9},
                                     {"scale": 1e9, "gap": 5e10}, {"scale": 1e-7, "gap": 0.01}, {"gap": 8e4}])
def test_what_cannot_be_computed_is_one_line(options):
    with pytest.raises(InputError) as error:
        check_scale(made(**options))
    assert "\n" not in str(error.value)


def test_depths_that_are_too_close_are_not_called_the_same():
    with pytest.raises(InputError, match="only 0.00005 µm apart in depth.*depths in m by 1,000,000"):
        made(gap=5e-5)


def test_sizes_are_said_as_they_are_and_as_they_would_be():
    from isost_core.sections.scale import sizes_in_words, sizes_of

    right, wrong = made(), made(scale=1e5)
    assert sizes_in_words(sizes_of(right), "spot").startswith("Your sections are ")
    said = sizes_in_words(sizes_of(wrong), "cell")
    assert "would be" in said and " m wide" in said and "deep" in said
