"""Colours: distinct for everyone, stable for a gene, and ranges that never blank a gene."""

import itertools
import re
import subprocess
import sys

import numpy as np
import pytest

from isost_core.errors import InputError
from isost_core.figures import colours

RGB = re.compile(r"^rgb\(\d{1,3}, \d{1,3}, \d{1,3}\)$")


@pytest.mark.parametrize("name", colours.COLOUR_MAPS)
def test_every_map_is_given_as_rgb_strings(name):
    stops = colours.colour_map(name)
    assert len(stops) > 20
    assert all(RGB.match(stop) for stop in stops)
    assert colours.plotly_scale(name)[0][0] == 0
    assert colours.plotly_scale(name)[-1][0] == 1


def test_magma_starts_black_and_rdbu_is_white_in_the_middle():
    assert colours.colour_map("magma")[0] == "rgb(0, 0, 4)"
    table = colours.map_table("RdBu", 255)
    assert table.shape == (255, 3)
    assert table[127].min() > 235
    assert table[0][2] > table[0][0]
    assert table[-1][0] > table[-1][2]


def test_unknown_map_names_the_choices():
    with pytest.raises(InputError, match="viridis"):
        colours.colour_map("jet")


def _lab_of_linear(linear):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    f = np.cbrt(np.clip(xyz / np.array([0.9505, 1, 1.089]), 1e-9, None))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


SIGHT = {  # Machado 2009, full severity, linear RGB
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
}


@pytest.mark.parametrize("sight", SIGHT)
def test_categorical_colours_are_told_apart(sight):
    labs = []
    for colour in colours.CATEGORICAL:
        rgb = np.array(colours.channels(colour)) / 255
        linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
        labs.append(_lab_of_linear(np.clip(np.array(SIGHT[sight]) @ linear, 0, 1)))
    nearest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(labs, 2))
    assert nearest > 20


def test_gene_colour_is_the_same_in_another_process():
    code = "from isost_core.figures.colours import gene_colour as g; print(g('Gad1'), g('Slc17a6'), sep=';')"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert out == f"{colours.gene_colour('Gad1')};{colours.gene_colour('Slc17a6')}"
    assert colours.gene_colour("gad1") == colours.gene_colour("GAD1")


def test_genes_shown_together_differ():
    names = [f"g{i}" for i in range(8)]
    together = colours.gene_colours(names)
    assert len(set(together.values())) == 8
    assert together["g0"] == colours.gene_colour("g0")
    assert len(colours.gene_colours([f"g{i}" for i in range(20)])) == 20


def test_range_is_1_to_99_percent_of_non_zero_values():
    values = np.concatenate([np.zeros(5000), np.linspace(1, 2, 1001), [np.nan, np.inf]])
    low, high = colours.colour_range(values)
    assert (low, high) == pytest.approx((1.01, 1.99))


@pytest.mark.parametrize("values, expected", [
    (np.r_[np.zeros(1000), 3.0], (0, 3)),                                   # one expressing cell
    (np.r_[np.zeros(1000), np.full(900, 0.69), np.full(100, 1.1)], (0, 1.1)),  # most at one count
    (np.zeros(10), (0, 1)), (np.full(200, 2.0), (0, 2)), (np.full(5, -2.0), (-2, 0)),
    ([], (0, 1)), ([np.nan], (0, 1)),
])
def test_range_never_blanks_a_gene(values, expected):
    assert colours.colour_range(values) == pytest.approx(expected)


def test_niches_have_the_palette_first_and_then_its_shades():
    assert [colours.niche_colour(k) for k in range(8)] == list(colours.CATEGORICAL)
    many = [colours.channels(colours.niche_colour(k)) for k in range(24)]
    assert min(np.abs(np.subtract(a, b)).max() for a, b in itertools.combinations(many, 2)) > 15
    assert colours.niche_colour(24) == colours.niche_colour(0)


def test_paint_follows_the_map_and_the_limits():
    painted = colours.paint([[0.0, 2.0], [np.nan, 9.0]], (0, 2), "magma")
    assert painted.dtype == np.uint8
    assert painted.shape == (2, 2, 3)
    assert tuple(painted[0, 0]) == tuple(painted[1, 0]) == (0, 0, 4)
    assert tuple(painted[0, 1]) == tuple(painted[1, 1]) == colours.channels(colours.colour_map("magma")[-1])
