"""The scripts in examples/ run, say one line, and write what they say."""

import runpy
import sys

import anndata
import pandas as pd
import pytest

from tests.conftest import ROOT


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run one script with a folder to write to; returns the folder and the line that the script prints."""
    def go(name):
        monkeypatch.setattr(sys, "argv", [name, str(tmp_path)])
        runpy.run_path(str(ROOT / "examples" / name), run_name="__main__")
        (line,) = capsys.readouterr().out.splitlines()
        assert str(tmp_path) in line
        return tmp_path, line
    return go


def test_every_script_is_run_here_and_is_short():
    scripts = sorted((ROOT / "examples").glob("*.py"))
    assert [path.name[:2] for path in scripts] == ["01", "02", "03", "04", "05"]
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        assert f"def test_{path.stem[3:]}" in (ROOT / "tests" / "test_example_scripts.py").read_text(encoding="utf-8")
        assert text.startswith('"""') and f"python examples/{path.name} [FOLDER]" in text and text.count("\n") <= 40


def test_reconstruct_writes_a_virtual_section(run):
    folder, line = run("01_reconstruct.py")
    made = anndata.read_h5ad(folder / "section_at_75_um.h5ad")
    assert line.startswith(f"{made.n_obs} virtual cells") and (made.obs["depth"] == 75).all()


def test_volume_and_slice_writes_both(run):
    import pyvista as pv

    folder, _ = run("02_volume_and_slice.py")
    grid = pv.read(folder / "white_matter.vti")
    assert {"Mbp", "Gad1", "Mbp_sd"} <= set(grid.point_data) and grid.spacing == (20, 20, 20)
    assert (folder / "white_matter_cut.png").read_bytes().startswith(b"\x89PNG")


def test_gradients_ranks_the_genes_of_the_centre_first(run):
    folder, line = run("03_gradients.py")
    ranking, profile = (pd.read_csv(folder / f"{name}.csv") for name in ("ranking", "profile"))
    assert len(ranking) == 12 and ranking["gene"][0].startswith("Spherical") and ranking["gene"][0] in line
    assert len(profile) > 3


def test_niches_agree_with_the_true_parts(run):
    folder, line = run("04_niches.py")
    cells = anndata.read_h5ad(folder / "cells_with_niches.h5ad")
    assert cells.obs["niche"].nunique() == 6 and "region" in cells.obs
    assert float(line.split(" by ")[1].split()[0]) > 0.3


def test_validate_writes_the_report(run):
    folder, line = run("05_validate.py")
    assert (folder / "report" / "report.html").is_file() and (folder / "report" / "report.json").is_file()
    assert line.startswith("Correlation in bins of") and "nan" not in line
