"""The plan of a stack: order, depth and unit of each section, and where each of these comes from."""

import pytest

from isost_core.readers import ReadOptions, Source, read_sections, scan, stack_plan
from tests.readers.test_readers import N, section, stack, write  # noqa: F401 (a fixture)


def rows(found):
    return [(r.order, r.name, r.depth_um, r.depth_from, r.um_per_unit, r.unit_from) for r in found.sections]


def test_what_the_file_says_is_declared(write):  # noqa: F811
    found = scan(write(stack(), "s.h5ad"))
    assert found.order_from is Source.DECLARED
    assert rows(found) == [(k + 1, f"s{k}", 50.0 * k, "declared", 1.0, "declared") for k in range(3)]


def test_what_nobody_says_is_asked_for(write):  # noqa: F811
    paths = [write(section(k), f"m_{k}.h5ad") for k in (10, 9)]
    assert rows(scan(paths)) == [(1, "m_9", None, "asked", None, "asked"), (2, "m_10", None, "asked", None, "asked")]


def test_what_is_given_is_an_option(write):  # noqa: F811
    paths = [write(section(k), f"m_{k}.h5ad") for k in (1, 2)]
    found = scan(paths, ReadOptions(gap=30, um_per_unit={"m_2": 0.5}, order=("m_2", "m_1")))
    assert found.order_from is Source.OPTION
    assert rows(found) == [(1, "m_2", 0.0, "option", 0.5, "option"), (2, "m_1", 30.0, "option", None, "asked")]


def test_a_depth_that_most_cells_lack_is_asked_for(write):  # noqa: F811
    cells = stack()
    cells.obs.iloc[:15, cells.obs.columns.get_loc("z_um")] = float("nan")
    assert [r.depth_from for r in scan(write(cells, "s.h5ad")).sections] == ["asked", "declared", "declared"]


def test_the_unit_of_a_section_that_is_held_out_may_be_given(write):  # noqa: F811
    path = write(stack(4), "s.h5ad")
    options = ReadOptions(hold_out=("s1",), um_per_unit=dict.fromkeys(("s0", "s1", "s2", "s3"), 2.0))
    sections = read_sections(path, options)
    assert sections.names == ("s0", "s2", "s3") and sections.n_cells == 3 * N


@pytest.mark.parametrize("look", [scan, read_sections])
def test_the_plan_is_made_once(write, monkeypatch, look):  # noqa: F811
    calls = []
    for name in ("find_pieces", "coordinates_key", "with_units"):
        real = getattr(stack_plan, name)
        monkeypatch.setattr(stack_plan, name, lambda *a, name=name, real=real: calls.append(name) or real(*a))
    look(write(stack(), "s.h5ad"))
    assert calls == ["find_pieces", "coordinates_key", "with_units"]
