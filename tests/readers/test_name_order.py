"""The order of sections by their names, and the question where names can be read in two ways."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, Source, read_sections, scan
from isost_core.readers.name_order import order_of
from tests.readers.test_readers import N, section, stack, write  # noqa: F401 (a fixture)


@pytest.mark.parametrize("names", [
    ["Bregma -0.24", "Bregma -0.04", "Bregma 0.06", "Bregma 0.26"], ["Bregma−0.24", "bregma_-0.04", "Bregma 0.1"],
    ["Bregma-0.24", "Bregma-0.04"], ["-10", "-9", "0", "+3"], ["minus0.24", "neg 0.1", "plus0.05"], ["z=-10", "z=5"],
    ["slice 9", "slice 10", "slice11"], ["Slice_9", "slice-10", "SLICE 11"], ["sample-9", "sample-10"],
    ["-0,1", "0,04", "0,24"], ["0.25", "0.5", "1.0"], ["1.25", "1.5", "2.0"], ["50um", "200 µm", "1.5mm"],
    ["1e-3", "5", "2e2"], ["9", "10", "100"], ["slice.9", "slice.10"], ["2020-04-01", "2021-03-05", "2021-04-01"],
    ["I", "II", "IV", "V", "IX", "X"], ["sliceI", "sliceII", "sliceIV"], ["A", "B", "Z", "AA"],
    ["head", "trunk", "tail"], ["anterior", "mid", "posterior"], ["first", "second", "third"],
    ["ID-0.29", "ID-0.04", "ID0.01", "ID0.06"], ["r-0,5_a", "r0,5_a"], ["C57BL6J-1.063", "C57BL6J-1.064"],
    ["C57BL6J-638850.36", "C57BL6J-638850.40"], ["Zhuang-ABCA-1.010", "Zhuang-ABCA-1.100"],
    ["bregma_m24", "bregma_m04", "bregma_p26"], ["bregma_m24", "bregma_m04"], ["plate_m2", "plate_m10"],
    ["Br1_ant", "Br1_mid", "Br1_post"], ["x_sup", "x_mid", "x_inf"],
    ["1_head", "2_eye", "10_arm"], ["m1_s1", "m1_s2", "m2_s1"], ["GSM7_s2_x", "GSM8_s3_x"], ["KO_1", "WT_2", "WT_3"],
])
def test_names_go_by_their_value(names):
    found = order_of(names[::-1])
    assert [names[::-1][k] for k in found.order] == names and not found.others and not found.twins


@pytest.mark.parametrize("names", [
    ["mouse2_slice1", "mouse1_slice2"], ["1.2", "1.10", "1.9"], ["05-02-2021", "04-03-2021"], ["day-1", "day0", "day1"],
    ["z-240", "z-40"], ["layer-0.5", "layer-0.25"], ["1,000", "500", "1,500"], ["GSM10_s2", "GSM11_s1"],
    ["m0p24", "m0p04", "p0p06"], ["ctrl_3", "ctrl_1", "treat_2"],
])
def test_names_that_can_be_read_in_two_ways(names):
    assert order_of(names).others


@pytest.mark.parametrize("names", [["T-1", "T0", "T1"], ["D-2", "D-1", "D0"], ["slice-1", "slice2", "slice-3"]])
def test_the_likelier_order_leads_the_question(names):
    found = order_of(names)
    assert found.order == (0, 1, 2) and found.others


def test_names_that_say_the_same():
    assert order_of(["s01", "s1", "s2"]).twins == (0, 1)


@pytest.mark.parametrize("names, said", [
    (["heart", "brain"], "order of the alphabet"), (["I", "II"], "Roman"), (["A", "AA"], "AA comes after Z"),
])
def test_what_was_decided_is_said(names, said):
    assert said in order_of(names).notes[0]


def named(names: list[str]) -> Any:
    cells: Any = stack(len(names))
    cells.obs["section"] = np.repeat(names, N)
    del cells.obs["z_um"]
    return cells


def test_depths_go_to_signed_names_in_their_order(write):  # noqa: F811
    names = ["Bregma 0.06", "Bregma 0.26", "Bregma -0.04", "Bregma -0.24"]
    sections = read_sections(write(named(names), "s.h5ad"), ReadOptions(depths=(-240, -40, 60, 260), um_per_unit=1))
    assert dict(zip(sections.names, sections.depths, strict=True)) == {
        "Bregma -0.24": -240, "Bregma -0.04": -40, "Bregma 0.06": 60, "Bregma 0.26": 260}


def test_the_question_shows_both_orders_and_order_answers_it(write):  # noqa: F811
    path = write(named(["m2_s1", "m1_s2"]), "s.h5ad")
    found = scan(path, ReadOptions(gap=10))
    assert "m1_s2, m2_s1; or m2_s1, m1_s2" in found.order_doubt
    with pytest.raises(InputError, match='two orders: m1_s2, m2_s1; or m2_s1, m1_s2.*--order "m1_s2,m2_s1"'):
        read_sections(path, ReadOptions(gap=10, um_per_unit=1))
    options = ReadOptions(gap=10, um_per_unit=1, order=("m2_s1", "m1_s2"))
    assert read_sections(path, options).names == ("m2_s1", "m1_s2")


def test_depths_by_name_need_no_order(write):  # noqa: F811
    path = write(named(["m2_s1", "m1_s2"]), "s.h5ad")
    sections = read_sections(path, ReadOptions(depths={"m1_s2": 30, "m2_s1": 10}, um_per_unit=1))
    assert sections.names == ("m2_s1", "m1_s2") and list(sections.depths) == [10, 30]
    with pytest.raises(InputError, match="No depth is given for: m1_s2"):
        read_sections(path, ReadOptions(depths={"m2_s1": 10}, um_per_unit=1))


def test_declared_depths_settle_the_order(write):  # noqa: F811
    cells = named(["m2_s1", "m1_s2"])
    cells.obs["z_um"] = np.repeat([10.0, 0.0], N)
    path = write(cells, "s.h5ad")
    found = scan(path)
    assert [r.name for r in found.sections] == ["m1_s2", "m2_s1"]
    assert (found.order_from, found.order_doubt) == (Source.DECLARED, "")
    assert read_sections(path).names == ("m1_s2", "m2_s1")
    notes = read_sections(path, ReadOptions(order=("m2_s1", "m1_s2"))).notes
    assert any("order that you gave was not used" in note for note in notes)


def test_ordered_categories_are_the_order_and_it_is_said(write):  # noqa: F811
    cells = named(["s1", "s2", "s3"])
    cells.obs["section"] = pd.Categorical(cells.obs["section"], ["s3", "s1", "s2"], ordered=True)
    path = write(cells, "s.h5ad")
    sections = read_sections(path, ReadOptions(gap=10, um_per_unit=1))
    assert sections.names == ("s3", "s1", "s2") and "order of the categories of column 'section'" in sections.notes[0]


def test_categories_without_an_order_do_not_count(write):  # noqa: F811
    cells = named(["s1", "s2", "s3"])
    cells.obs["section"] = pd.Categorical(cells.obs["section"], ["s3", "s1", "s2"])
    assert read_sections(write(cells, "s.h5ad"), ReadOptions(gap=10, um_per_unit=1)).names == ("s1", "s2", "s3")


def test_files_and_sections_that_go_in_different_orders_are_asked_for(write):  # noqa: F811
    paths = []
    for file, names in (("day1.h5ad", ["s3", "s4"]), ("day2.h5ad", ["s1", "s2"])):
        paths.append(write(named(names), file))
    with pytest.raises(InputError, match="s3, s4, s1, s2; or s1, s2, s3, s4"):
        read_sections(paths, ReadOptions(gap=10, um_per_unit=1))


def test_sections_of_files_without_an_order_go_by_their_names(write):  # noqa: F811
    paths = [write(named(names), file) for file, names in (("left.h5ad", ["s1", "s3"]), ("other.h5ad", ["s2", "s4"]))]
    assert read_sections(paths, ReadOptions(gap=10, um_per_unit=1)).names == ("s1", "s2", "s3", "s4")


def test_files_in_natural_order_whatever_separates_their_numbers(write):  # noqa: F811
    paths = [write(section(k), f"{name}.h5ad") for k, name in enumerate(["slice11", "slice 9", "Slice_10"])]
    sections = read_sections(paths, ReadOptions(gap=10, um_per_unit=1))
    assert sections.names == ("slice 9", "Slice_10", "slice11")
