"""Cells of Visium HD as Space Ranger 4 writes them: read at the middle of their outlines; damage is one clear line."""


import anndata as ad
import numpy as np
import pytest

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections
from tests.readers.visium_files import write_visium_cells, write_visium_hd


def cells(seed=0, n=60):
    rng = np.random.default_rng(seed)
    made = ad.AnnData(rng.poisson(2, (n, 5)).astype(np.float32))
    made.var_names = list("ABCDE")
    made.obs_names = [f"cellid_{k + 1:09d}-1" for k in range(n)]
    made.obsm["spatial"] = rng.uniform(50, 300, (n, 2))
    return made


@pytest.mark.parametrize("kind", ["Polygon", "MultiPolygon"])
def test_cells_lie_in_the_middle_of_their_outlines(tmp_path, kind):
    for k in range(2):
        write_visium_cells(tmp_path / "hd" / f"S{k}" / "outs", cells(k), kind)
    read = read_sections(tmp_path / "hd", ReadOptions(gap=10.0))
    assert read.names == ("S0", "S1")
    assert np.allclose(read.xy[read.rows("S1")], cells(1).obsm["spatial"], atol=1e-6)
    assert np.allclose(read.X[read.rows("S1")].toarray(), np.log1p(cells(1).X))


def test_bins_say_that_the_cells_were_left_out(tmp_path):
    for k in range(2):
        bins = cells(k)
        bins.obs_names = [f"s_008um_{i:05d}_00000-1" for i in range(60)]
        write_visium_cells(write_visium_hd(tmp_path / "hd" / f"S{k}", bins), cells(k))
    notes = read_sections(tmp_path / "hd", ReadOptions(gap=10.0)).notes
    assert any("Left out: square_016um, segmented_outputs." in n for n in notes)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"features": [1]}', '{"features": [{"geometry": null}]}',
                                  '{"features": [{"geometry": {"coordinates": []}, "properties": {"cell_id": 1}}]}',
                                  '{"features": [{"geometry": {"coordinates": [[[1, "a"]]]}, "properties": {}}]}',
                                  '{"features": [{"geometry": {"coordinates": 5}, "properties": {"cell_id": "x"}}]}',
                                  '{"features": []}'])
def test_broken_outlines_are_one_line(tmp_path, text):
    folder = write_visium_cells(tmp_path / "S0", cells())
    (folder / "segmented_outputs" / "cell_segmentations.geojson").write_text(text)
    with pytest.raises(InputError, match="cell_segmentations"):
        read_sections(folder, ReadOptions(gap=10.0))
