"""Numbers in words: no exponents, no 100 % that is not all, no 0 % that is not none."""

import numpy as np
import pytest

from isost_core import words


@pytest.mark.parametrize("share, text", [
    (0, "0 %"), (1, "100 %"), (0.995, "99.5 %"), (0.99999, "99.9 %"), (0.84, "84 %"), (0.096, "9.6 %"),
    (0.000096, "less than 0.01 %"), (0.001, "0.1 %"), (1.28, "128 %"), (None, "–"), (float("nan"), "–")])
def test_percent(share, text):
    assert words.percent(share) == text


@pytest.mark.parametrize("ratio, text", [
    (1.61, "1.6 times"), (26.2, "about 26 times"), (999.6, "about 1,000 times"), (259666229248.0,
                                                                                  "more than 1,000 times"),
    (float("inf"), "more than 1,000 times")])
def test_times(ratio, text):
    assert words.times(ratio) == text


@pytest.mark.parametrize("length, text", [
    (0, "0 µm"), (50, "50 µm"), (12.54, "12.5 µm"), (1200, "1.2 mm"), (1e6, "1 m"), (2.5e-5, "less than 0.001 µm"),
    (0.004, "0.004 µm")])
def test_lengths(length, text):
    assert words.um(length) == text


@pytest.mark.parametrize("value, text", [
    (0.00042, "0.00042"), (1e6, "1,000,000"), (-12.5, "-12.5"), (28317.4, "28,300"), (0, "0"), (100, "100"),
    (float("inf"), "infinite"), (None, "–")])
def test_plain_numbers(value, text):
    assert words.plain(value) == text


def test_areas_counts_and_lists():
    assert words.mm2(3.188) == "3.19 mm²" and words.mm2(0.00085) == "850 µm²"
    assert words.count(1, "section") == "1 section" and words.count(28317, "cell") == "28,317 cells"
    assert words.listed("abcdef") == "a, b, c, d and 2 more" and words.both(["A", "B", "C"]) == "A, B and C"
    assert words.number(-0.001) == "0.00" and words.number(None) == "–" and words.number(-0.5) == "-0.50"


@pytest.mark.parametrize("write", [words.percent, words.times, words.um, words.mm2, words.plain, words.number])
def test_no_size_gives_an_exponent(write):
    for value in 10.0 ** np.arange(-30, 31):
        assert "e+" not in write(float(value)) and "e-" not in write(float(value)), write(float(value))


def test_a_long_name_is_cut_with_an_ellipsis():
    assert words.shortened("Ependymal", 20) == "Ependymal"
    assert words.shortened("Glutamatergic neuron of layer five", 20) == "Glutamatergic neuro…"


def test_a_number_is_not_parted_from_its_name_or_unit():
    assert words.unbroken("r = 0.55 over 10.9 µm, 80 % of it") == "r\xa0=\xa00.55 over 10.9\xa0µm, 80\xa0% of it"
    assert words.unbroken("best in 3 of 5") == "best in 3 of 5"
