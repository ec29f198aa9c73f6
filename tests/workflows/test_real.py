"""The real sections: a held-out MERFISH section, and the files of five sections as they were published."""

import json

import anndata as ad
import numpy as np
import pytest

from isost_core.cli.main import main

pytestmark = pytest.mark.data


def grid_pcc(truth_xy, truth, xy, mean, width_um):
    """Median over genes of the Pearson r between bin means, over bins with cells in both."""
    low = truth_xy.min(0)

    def bins(points):
        return np.floor((points - low) / width_um).astype(int) @ np.array([1, 100_000])

    both = np.intersect1d(bins(truth_xy), bins(xy))

    def means(points, values):
        label = bins(points)
        rows = np.isin(label, both)
        index = np.searchsorted(both, label[rows])
        sums = np.stack([np.bincount(index, values[rows, g]) for g in range(values.shape[1])], 1)
        return sums / np.bincount(index)[:, None]

    a, b = means(truth_xy, truth), means(xy, mean)
    return np.median([np.corrcoef(a[:, g], b[:, g])[0, 1] for g in range(a.shape[1]) if a[:, g].std() > 0])


def test_a_held_out_merfish_section_is_predicted(data_dir, tmp_path):
    stack = data_dir / "merfish_poa_5sections.h5ad"
    assert main(["fit", str(stack), "--hold-out", "Bregma-0.14", "--normalize", "log1p", "--out", str(tmp_path / "run"),
                 "--preset", "fast"]) == 0
    cells = ad.read_h5ad(stack)
    held = cells[cells.obs["section"].astype(str) == "Bregma-0.14"]
    depth = float(held.obs["z_um"].mean())
    assert main(["section", str(tmp_path / "run"), f"--depth={depth}", "--out", str(tmp_path / "s.h5ad")]) == 0
    made = ad.read_h5ad(tmp_path / "s.h5ad")
    X = np.asarray(held.X.toarray() if hasattr(held.X, "toarray") else held.X)
    assert np.abs(made.obsm["spatial"][:, 2] - depth).max() <= 1e-3
    assert 0.9 < made.n_obs / held.n_obs < 1.1
    pcc = grid_pcc(held.obsm["spatial"], np.log1p(X), made.obsm["spatial"][:, :2], made.layers["mean"], 100.0)
    assert pcc >= 0.48


def test_the_five_published_files_become_one_tissue(data_dir, tmp_path, capsys):
    names = [f"merfish_{n}_paste" for n in (4, 9, 14, 19, 24)]
    files = [str(data_dir / "originals" / f"{name}.h5ad") for name in names]
    assert main(["fit", *files, "--depths", "0,50,100,150,200", "--order", ",".join(names), "--um-per-unit", "1",
                 "--preset", "fast", "--out", str(tmp_path / "run"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["sections"], result["cells"], result["genes"]) == (5, 28317, 155)
    assert result["depth_um"] == [0, 50, 100, 150, 200]


def test_sections_of_cells_with_depths_of_their_own(data_dir, tmp_path):
    hold_out = "AP03,AP09"
    stack = data_dir / "bdtnp_drosophila_3d.h5ad"
    assert main(["fit", str(stack), "--hold-out", hold_out, "--out", str(tmp_path / "run"), "--preset", "fast"]) == 0
    cells = ad.read_h5ad(stack)
    held = cells[cells.obs["section"].astype(str) == "AP09"]
    depth = float(held.obs["z_um"].mean())
    assert main(["section", str(tmp_path / "run"), f"--depth={depth}", "--out", str(tmp_path / "s.h5ad")]) == 0
    made = ad.read_h5ad(tmp_path / "s.h5ad")
    X = np.log1p(np.asarray(held.X.toarray() if hasattr(held.X, "toarray") else held.X))
    assert grid_pcc(held.obsm["spatial"], X, made.obsm["spatial"][:, :2], made.layers["mean"], 20.0) > 0.8
