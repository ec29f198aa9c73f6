"""Published files become sections in the documented layout, with the values and places that they hold."""

import gzip

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from isost_core.datasets import examples, published
from isost_core.datasets.examples import EXAMPLES, fetch_example
from isost_core.datasets.rdata import tables_of
from isost_core.errors import InputError
from isost_core.files import sha256
from isost_core.readers import read_sections
from tests.datasets.r_files import saved_by_r

VALUES = np.array([[0.0, 1.0, 2.5], [3.0, 0.0, 1.0]])


def test_a_matrix_saved_by_r_comes_with_its_names(tmp_path):
    (tmp_path / "saved").write_bytes(saved_by_r("m1", (VALUES, ["CD3E", "MS4A1"], ["X1_2_3", "X1_2_4", "X1_3_3"])))
    (made,) = tables_of(tmp_path / "saved").items()
    assert made[0] == "m1" and made[1].index.tolist() == ["CD3E", "MS4A1"]
    assert made[1].columns.tolist() == ["X1_2_3", "X1_2_4", "X1_3_3"] and np.array_equal(made[1], VALUES)


def test_a_data_frame_saved_by_r_comes_with_its_names(tmp_path):
    (tmp_path / "saved").write_bytes(saved_by_r("s1", ({"V1": [0.5, 1.0], "V2": [2.0, 0.0]}, ["X1_2_3", "X1_2_4"])))
    made = tables_of(tmp_path / "saved")["s1"]
    assert made.to_dict("list") == {"V1": [0.5, 1.0], "V2": [2.0, 0.0]} and made.index.tolist() == ["X1_2_3", "X1_2_4"]


@pytest.mark.parametrize("damage", [lambda b: b"plain text", lambda b: b[:60], lambda b: gzip.compress(b"RDX2\nX\n"),
                                    lambda b: gzip.compress(gzip.decompress(b)[:70])])
def test_a_damaged_file_of_r_is_refused_by_name(tmp_path, damage):
    whole = saved_by_r("m1", (VALUES, ["CD3E", "MS4A1"], ["X1_2_3", "X1_2_4", "X1_3_3"]))
    (tmp_path / "saved").write_bytes(damage(whole))
    with pytest.raises(InputError, match="saved cannot be read as a table saved by R"):
        tables_of(tmp_path / "saved")


@pytest.fixture
def synovium(tmp_path):
    """{name: path} of small files as the synovium's authors published theirs."""
    files = {}
    for k, name in enumerate(published.SYNOVIA, 1):
        spots = [f"X{k}_{x}_{y}" for x in (2, 3) for y in range(3, 6)]
        values = np.arange(12.0).reshape(2, 6) + k
        made = {f"RA2_norm.exp.values.{k}": saved_by_r(f"m{k}", (values, ["CD3E", "MS4A1"], spots)),
                f"{name}_annotations.txt": f"image\tx_y\tx\ty\tvalue\n{name}\t2_3\t2\t3\tInfiltrate\n".encode()}
        for file, content in made.items():
            (tmp_path / file).write_bytes(content)
            files[file] = tmp_path / file
    return files


def test_the_synovium_has_log1p_values_at_the_places_of_its_array(synovium):
    made = published.synovium(synovium)
    assert made.shape == (42, 2) and list(made.obs["z_um"].unique()) == [0, 20, 40, 60, 80, 100, 120]
    np.testing.assert_allclose(made.obsm["spatial"][1], [400, 800])
    np.testing.assert_allclose(np.expm1(made.X[0].toarray()), [[2**1 - 1, 2**7 - 1]], rtol=1e-5)
    assert made.obs.loc["RA2_3_2_3", "annotation"] == "Infiltrate" and made.obs.loc["RA2_3_3_3", "annotation"] == "none"
    assert "log1p" in made.uns


@pytest.fixture
def bulb(tmp_path):
    """{name: path} of small files as the olfactory bulb's authors published theirs: a grid in pixels, one spot off."""
    files = {"mouse_genes.tsv.gz": tmp_path / "mouse_genes.tsv.gz"}
    files["mouse_genes.tsv.gz"].write_bytes(gzip.compress(
        b"gene_id\tgene_type\tgene_name\nENSMUSG00000000001.4\tcoding\tGnai3\nENSMUSG00000000003.15\tcoding\tPbsn\n"))
    side = np.arange(6)
    spots = pd.DataFrame({"x": np.repeat(side, 6), "y": np.tile(side, 6)})
    spots = spots.assign(new_x=spots.x, new_y=spots.y, pixel_x=20.0 + 10 * spots.x, pixel_y=5.0 + 10 * spots.y,
                         selected=(np.arange(36) > 0).astype(int))
    for name in published.BULBS:
        counts = pd.DataFrame(np.arange(72).reshape(36, 2), spots.x.astype(str) + "x" + spots.y.astype(str),
                              ["ENSMUSG00000000001.1", "ENSMUSG00000000002.1"])
        for file in (f"{name}.tsv", f"alignment_table_{name}.tsv", f"{name}.jpg"):
            files[file] = tmp_path / file
        counts.to_csv(files[f"{name}.tsv"], sep="\t")
        spots.to_csv(files[f"alignment_table_{name}.tsv"], sep="\t", index=False)
        Image.new("RGB", (100, 80), (200, 180, 220)).save(files[f"{name}.jpg"])
    return files


def test_the_bulb_has_spots_under_tissue_and_pictures_at_their_place(bulb, tmp_path):
    made = published.bulb(bulb)
    assert made.n_obs == 4 * 35 and "MOB1_0x0" not in made.obs_names
    assert list(made.var_names) == ["Gnai3", "ENSMUSG00000000002"]
    assert list(made.var["gene_ids"]) == ["ENSMUSG00000000001", "ENSMUSG00000000002"]
    assert np.array_equal(made["MOB2_1x0"].X.toarray(), [[12, 13]])
    made.write_h5ad(tmp_path / "bulb.h5ad")
    read = read_sections([tmp_path / "bulb.h5ad"], EXAMPLES["bulb"].options)
    assert list(read.images) == list(published.BULBS) and list(read.depths) == [0, 20, 40, 60]
    image = read.images["MOB3"]
    assert image.size() == (100, 80) and np.isclose(image.um_per_pixel, 14.1)
    spot = list(read.cells.obs_names).index("MOB3_2x5")
    np.testing.assert_allclose(image.um(np.array([[40.0, 55.0]])), read.cells.obsm["spatial"][[spot]], atol=1e-3)


@pytest.mark.data
@pytest.mark.parametrize("name,file,key", [("bulb", "mouse_olfactory_bulb_4sections", "spatial_pixel"),
                                           ("synovium", "ra_synovium_RA2_7sections", "spatial_array")])
def test_published_files_become_the_known_sections(name, file, key, data_dir, tmp_path, monkeypatch):
    here = data_dir / "originals"
    if not all((here / path.rpartition("/")[2]).is_file() for path in EXAMPLES[name].files):
        pytest.skip(f"the published files of '{name}' are not in {here}")
    monkeypatch.setattr(examples, "_cache", lambda: tmp_path)
    (path,) = fetch_example(name, here)
    made, known = ad.read_h5ad(path), ad.read_h5ad(data_dir / f"{file}.h5ad")
    assert list(made.obs["section"].astype(str)) == list(known.obs["section"].astype(str))
    if name == "bulb":
        assert np.array_equal(made.obsm[key], known.obsm[key])
        assert list(made.var["gene_ids"]) == list(known.var_names) and (made.X != known.X).nnz == 0
    else:
        np.testing.assert_allclose(made.obsm["spatial"], known.obsm[key] * published.SYNOVIUM_SPOTS_UM)
        np.testing.assert_allclose(made[:, known.var_names].X.toarray() / np.log(2), known.X.toarray(), atol=0.006)


@pytest.mark.data
def test_the_pictures_at_hand_are_those_that_were_published(data_dir):
    for name in published.BULBS:
        assert sha256(data_dir / f"mouse_olfactory_bulb_{name}_he.jpg") == EXAMPLES["bulb"].files[f"counts/{name}.jpg"]
