"""`python -m isost_core` as a script would call it."""

import json
import os
import subprocess
import sys

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from isost_core.cli.main import main
from tests.conftest import ROOT

FAST = ["--preset", "fast"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def run(folder):
    phantom = folder / "tube.h5ad"
    assert main(["phantom", "--kind", "tube", "--sections", "4", "--gap", "40", "--out", str(phantom), "--cells", "150",
                 "--genes", "8", "--truth", str(folder / "truth.h5ad")]) == 0
    assert main(["fit", str(phantom), "--out", str(folder / "run"), *FAST]) == 0
    return folder / "run"


def said(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_as_a_process_logs_go_to_stderr_and_the_result_to_stdout(run, folder):
    done = subprocess.run([sys.executable, "-m", "isost_core", "section", str(run), "--depth", "57.5", "--out",
                           str(folder / "s.h5ad"), "--json"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    made = ad.read_h5ad(folder / "s.h5ad")
    assert result["cells"] == made.n_obs
    assert (made.obs["depth"] == 57.5).all()


def test_volume_slice_and_profile_write_what_they_say(run, folder, capsys):
    gene = ad.read_h5ad(folder / "tube.h5ad").var_names[0]
    assert main(["volume", str(run), "--gene", gene, "--spacing", "20", "--out", str(folder / "v.npz"), "--json"]) == 0
    shape = said(capsys)["shape"]
    with np.load(folder / "v.npz") as volume:
        assert list(volume["mask"].shape) == shape
        assert volume["values"].shape == (1, *shape)
        assert float(volume["spacing_um"]) == 20
    assert main(["volume", str(run), "--gene", gene, "--spacing", "20", "--out", str(folder / "v.vti")]) == 0
    assert main(["slice", str(run), "--gene", gene, "--centre", "-10,20,30", "--azimuth", "-30", "--tilt", "45",
                 "--size", "300", "--pixels", "64", "--out", str(folder / "s.npz")]) == 0
    with np.load(folder / "s.npz") as made:
        assert made["values"].shape == (64, 64)
        assert np.isnan(made["values"][~made["mask"]]).all()
    assert main(["slice", str(run), "--gene", gene, "--centre=-10,20,30", "--azimuth=0", "--tilt=0", "--size=300",
                 "--out", str(folder / "s.png")]) == 0
    assert (folder / "s.png").read_bytes()[:4] == b"\x89PNG"
    for kind in ("depth", "radial", "spherical"):
        assert main(["profile", str(run), "--gene", gene, "--kind", kind, "--centre", "0,0,60", "--radius", "200",
                     "--out", str(folder / "p.csv")]) == 0
        table = pd.read_csv(folder / "p.csv")
        assert list(table.columns) == ["gene", "source", "distance_um", "mean", "low", "high", "known_share", "n"]
        assert set(table["source"]) == {"predicted", "measured"}
        assert (table["low"] <= table["mean"]).all() and (table["mean"] <= table["high"]).all()
    asked = ["profile", str(run), "--gene", gene, "--kind", "surface", "--out", str(folder / "p.csv")]
    assert main([*asked, "--level", str(table["mean"].median())]) == 0
    assert pd.read_csv(folder / "p.csv")["distance_um"].min() < 0
    assert main(asked) == 2 and "needs --level" in capsys.readouterr().err


def test_niches_are_written_with_the_cells_and_kept_with_the_run(run, folder, capsys):
    from isost_core.workflows.find_niches import found_niches

    assert main(["niches", str(run), "--number", "3", "--out", str(folder / "n.h5ad"), "--json"]) == 0
    result, made = said(capsys), ad.read_h5ad(folder / "n.h5ad")
    sizes = {niche["niche"]: niche["measured_cells"] for niche in result["niches"]}
    assert made.obs["niche"].value_counts().to_dict() == sizes and len(sizes) == 3
    assert made.obsm["spatial"].shape == (made.n_obs, 3) and len(found_niches(run)) == 1


def test_hold_out_leaves_a_section_out_of_everything(folder, run, capsys):
    phantom = str(folder / "tube.h5ad")
    cells = ad.read_h5ad(phantom)
    name = cells.obs["section"].astype(str).unique()[1]
    spoilt = cells.copy()
    spoilt.X = np.where((cells.obs["section"] == name).to_numpy()[:, None], 50.0, np.asarray(cells.X))
    spoilt.write_h5ad(folder / "spoilt.h5ad")
    means = []
    for n, file in enumerate((phantom, str(folder / "spoilt.h5ad"))):
        out = ["--out", str(folder / f"h{n}"), "--seed", "3", "--json"]
        assert main(["fit", file, "--hold-out", name, *FAST, *out]) == 0
        assert said(capsys)["sections"] == 3
        assert main(["section", str(folder / f"h{n}"), "--depth", "40", "--out", str(folder / "h.h5ad")]) == 0
        means.append(ad.read_h5ad(folder / "h.h5ad").layers["mean"])
    assert np.array_equal(*means)


@pytest.mark.parametrize("words, message", [
    (["volume", "RUN", "--gene", "Radial1x", "--spacing", "20", "--out", "v.npz"], "Did you mean"),
    (["volume", "RUN", "--gene", "G", "--spacing", "20", "--out", "v.tif"], "must end in .vti or"),
    (["section", "RUN", "--depth", "500", "--out", "s.h5ad"], "outside the measured range 0 to 120"),
    (["section", "nowhere", "--depth", "5", "--out", "s.h5ad"], "not a run"),
    (["section", "RUN", "--depth", "five", "--out", "s.h5ad"], "'five' is not a number"),
    (["slice", "RUN", "--gene", "G", "--centre", "1,2", "--azimuth", "0", "--tilt", "0", "--size", "9",
      "--out", "s.npz"], "three numbers"),
    (["niches", "RUN", "--by", "colour", "--out", "n.csv"], "no column 'colour'"),
    (["niches", "RUN", "--reach", "0.1", "--out", "n.csv"], "has too few cells"),
    (["fit", "PHANTOM", "--out", "RUN"], "--overwrite"),
    (["fit", "nothing.h5ad", "--out", "new"], "nothing.h5ad"),
    (["fit", "PHANTOM", "--out", "new", "--hold-out", "S99"], "S99"),
    (["fit", "PHANTOM", "--out", "new", "--config", "CONFIG"], "Did you mean 'step_um'"),
    (["fit", "PHANTOM", "--out", "new", "--device", "cuda"], "CUDA"),
])
def test_bad_input_exits_2_with_one_clear_line(words, message, run, folder, capsys, monkeypatch):
    import torch

    if "cuda" in words and torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    monkeypatch.chdir(folder)
    (folder / "config.json").write_text('{"stepum": 3}')
    names = {"RUN": str(run), "PHANTOM": str(folder / "tube.h5ad"), "CONFIG": str(folder / "config.json")}
    before = sorted(os.listdir(run))
    assert main([names.get(word, word) for word in words]) == 2
    captured = capsys.readouterr()
    lines = [line for line in captured.err.splitlines() if line.startswith("error:")]
    assert len(lines) == 1
    assert message in lines[0]
    assert "Traceback" not in captured.err
    assert sorted(os.listdir(run)) == before


def test_jobs_are_done_by_a_command_that_nobody_sees(run, capsys):
    from isost_core.workflows.spatial_genes import create_spatial_genes, ranked_genes

    job = create_spatial_genes(run)
    assert main(["_job", "spatial_genes", str(job.folder), "--json"]) == 0
    assert said(capsys) == {"folder": str(job.folder), "finished": True} and ranked_genes(run).is_file()
    for asked in (["--help"], ["fit", "--help"]):
        with pytest.raises(SystemExit):
            main(asked)
    assert main(["nonsense"]) == 2
    captured = capsys.readouterr()
    assert "fit" in captured.out and "choose from" in captured.err
    assert "_job" not in captured.out + captured.err and "validate" in captured.out
    assert main(["_job", "nonsense", str(run)]) == 2


def test_importing_the_core_is_cheap_and_free_of_the_interface():
    code = ("import sys, isost_core; heavy = {'torch', 'pyvista', 'anndata', 'streamlit', 'plotly', 'scipy'};"
            "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)")
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
