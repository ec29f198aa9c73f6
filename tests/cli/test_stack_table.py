"""The order, depth and unit that a command uses are printed before it uses them, and its JSON holds them."""

import json
from typing import Any

import numpy as np
import pytest

from isost_core.cli.main import main
from isost_core.readers import ReadOptions, read_sections, scan
from tests.readers.test_readers import N, stack


@pytest.fixture
def cells() -> Any:
    made: Any = stack(3)
    made.obs["section"] = np.repeat(["Bregma 0.06", "Bregma -0.24", "Bregma -0.04"], N)
    del made.obs["z_um"]
    return made


def called(capsys, cells, tmp_path, *options, command="qc"):
    """Status, last JSON line and stderr of a command."""
    path, out = tmp_path / "s.h5ad", tmp_path / ("a.h5ad" if command == "align" else "out")
    cells.write_h5ad(path)
    status = main([command, str(path), *options, "--out", str(out), "--json"])
    said = capsys.readouterr()
    return status, json.loads(said.out.splitlines()[-1]) if said.out else None, said.err


@pytest.mark.parametrize("command", ["qc", "align", "validate", "fit"])
def test_the_order_is_printed_first_and_in_the_json(capsys, cells, tmp_path, command):
    more = ["--preset", "fast"] if command in ("fit", "validate") else []
    status, result, said = called(capsys, cells, tmp_path, "--um-per-unit", "2", "--depths=-240,-40,60", *more,
                                  command=command)
    assert status == 0 and result is not None
    assert [(r["order"], r["name"], r["depth_um"], r["um_per_unit"]) for r in result["stack"]] == [
        (1, "Bregma -0.24", -240, 2), (2, "Bregma -0.04", -40, 2), (3, "Bregma 0.06", 60, 2)]
    assert result["order_from"] == "names" and {r["depth_from"] for r in result["stack"]} == {"option"}
    lines = said.splitlines()
    assert lines[0] == "Sections in the order that is used, by the names of the sections:"
    assert "Bregma -0.24" in lines[2] and "-240" in lines[2] and "Bregma 0.06" in lines[4]


def test_depths_and_units_by_name(capsys, cells, tmp_path):
    units = "Bregma 0.06=1,Bregma -0.24=0.5,Bregma -0.04=1"
    status, result, _ = called(capsys, cells, tmp_path, "--um-per-unit", units, "--depths",
                               "Bregma 0.06=60,Bregma -0.24=-240,Bregma -0.04=-40")
    assert status == 0 and result is not None
    assert [(r["depth_um"], r["um_per_unit"]) for r in result["stack"]] == [(-240, 0.5), (-40, 1), (60, 1)]


@pytest.mark.parametrize("options, said", [
    (["--depths", "A=1,2"], "'2' has no name and number"), (["--depths", "A=1,A=2"], "'A' is given twice"),
    (["--um-per-unit", "1,2"], "one for each section by name"), (["--um-per-unit", "A=x"], "'x' is not a number"),
])
def test_numbers_by_name_that_cannot_be_read(capsys, cells, tmp_path, options, said):
    status, _, error = called(capsys, cells, tmp_path, *options)
    assert status == 2 and said in error


def test_an_order_of_names_with_commas(capsys, cells, tmp_path):
    cells.obs["section"] = np.repeat(["1,000", "500", "1,500"], N)
    status, _, said = called(capsys, cells, tmp_path, "--um-per-unit", "1", "--gap", "10")
    assert status == 2 and '--order "1,000;1,500;500" or another' in said
    status, result, _ = called(capsys, cells, tmp_path, "--um-per-unit", "1", "--gap", "10", "--order",
                               "500;1,000;1,500")
    assert status == 0 and result is not None and [r["name"] for r in result["stack"]] == ["500", "1,000", "1,500"]


def test_the_third_column_has_the_unit_of_the_other_two(cells, tmp_path):
    cells.obsm["spatial_3d_aligned"] = np.column_stack([cells.obsm["spatial"], np.repeat([0, 50, 100], N)]) / 0.345
    cells.write_h5ad(tmp_path / "s.h5ad")
    key: Any = {"spatial_key": "spatial_3d_aligned", "depth_key": "spatial_3d_aligned"}
    sections = read_sections(tmp_path / "s.h5ad", ReadOptions(um_per_unit=0.345, **key))
    np.testing.assert_allclose(sections.depths, [0, 50, 100])
    assert any("in the unit of x and y, 0.345 µm" in note for note in sections.notes)
    row = scan(tmp_path / "s.h5ad", ReadOptions(**key)).sections[1]
    assert row.depth_um is None and row.depth_in_units == pytest.approx(50 / 0.345)


def aligned(cells: Any, scale: float) -> Any:
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    cells.obs["z_um"] = np.repeat([0.0, 50, 100], N)
    cells.obsm["spatial_aligned"] = cells.obsm["spatial"] @ turn * scale + 100
    return cells


def test_aligned_positions_of_another_scale_are_asked_for(capsys, cells, tmp_path):
    status, _, said = called(capsys, aligned(cells, 3.0), tmp_path)
    assert status == 2 and "3 times as wide as in 'spatial'" in said and "0.333 µm" in said
    assert "--spatial-key spatial" in said and "--um-per-unit" in said
    assert called(capsys, cells, tmp_path, "--um-per-unit", "0.3333")[0] == 0
    assert called(capsys, cells, tmp_path, "--spatial-key", "spatial")[0] == 0


def test_aligned_positions_of_the_same_scale_are_taken_and_named(capsys, cells, tmp_path):
    status, result, said = called(capsys, aligned(cells, 1.0), tmp_path)
    assert status == 0 and "Positions were read from 'spatial_aligned', not from 'spatial'." in said
    assert result is not None and {r["um_per_unit"] for r in result["stack"]} == {1.0}
