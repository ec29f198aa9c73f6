import anndata
import numpy as np
import pandas as pd
import pytest

from isost_core.readers import ReadOptions, read_sections, scan
from isost_core.sections.noun import called, of_all, said_noun, told_by
from isost_core.sections.stack import Sections


def grid(pitch, jitter=0.0, hexagonal=False, side=20):
    rng = np.random.default_rng(0)
    i, j = (a.ravel().astype(float) for a in np.meshgrid(range(side), range(side)))
    xy = np.column_stack([i + 0.5 * (j % 2) * hexagonal, j * (3**0.5 / 2 if hexagonal else 1)]) * pitch
    return xy + rng.normal(0, jitter, xy.shape)


@pytest.mark.parametrize(("xy", "um_per_unit", "noun"), [
    (grid(100, hexagonal=True), 1.0, "spot"), (grid(200, jitter=6), 1.0, "spot"), (grid(1), 200.0, "spot"),
    (grid(1), None, "spot"), (grid(8), 1.0, "bin"), (grid(100), 0.5, "spot"), (grid(100), 0.1, "bin"),
    (np.random.default_rng(0).uniform(0, 200, (400, 2)), 1.0, "cell"),
    (np.random.default_rng(0).uniform(0, 20000, (400, 2)), 1.0, "cell"), (grid(10, jitter=2), 1.0, "cell"),
    (np.zeros((30, 2)), 1.0, "cell")])
def test_how_places_lie_tells_what_they_are(xy, um_per_unit, noun):
    assert told_by(xy, um_per_unit) == noun


def test_what_a_file_says_counts_first():
    visium = {"spatial": {"A": {"scalefactors": {"spot_diameter_fullres": 89.4, "tissue_hires_scalef": 0.1}}}}
    hd = {"spatial": {"A": {"scalefactors": {"spot_diameter_fullres": 29.0, "bin_size_um": 8.0}}}}
    squidpy_of_cosmx = {"spatial": {"1": {"scalefactors": {"spot_diameter_fullres": 1, "tissue_hires_scalef": 1}}}}
    assert [said_noun(uns) for uns in (visium, hd, squidpy_of_cosmx, {}, {"spatial": {}}, {"noun": "bead"},
                                       {"noun": "nonsense"})] == ["spot", "bin", "", "", "", "bead", ""]
    assert of_all(["spot", "spot"]) == "spot" and of_all(["spot", "cell"]) == "cell"


def spots(path):
    xy = np.tile(grid(100, hexagonal=True), (2, 1))
    names = np.repeat(["S1", "S2"], len(xy) // 2)
    made = anndata.AnnData(np.random.default_rng(0).poisson(2.0, (len(xy), 3)).astype(np.float32),
                           obs=pd.DataFrame({"section": names, "z_um": np.repeat([0.0, 50.0], len(xy) // 2)},
                                            index=[f"s{i}" for i in range(len(xy))]), obsm={"spatial": xy})
    made.write_h5ad(path)
    return made


def test_the_noun_goes_with_the_sections(tmp_path):
    made = spots(tmp_path / "a.h5ad")
    assert scan([tmp_path / "a.h5ad"], ReadOptions()).noun == "spot"
    sections = read_sections([tmp_path / "a.h5ad"])
    assert sections.noun == Sections.from_anndata(made).noun == "spot"
    sections.save(tmp_path / "kept.h5ad")
    assert Sections.load(tmp_path / "kept.h5ad").noun == "spot"


def test_real_spots_cells_and_bins(data_dir):
    names = {"her2st_A.h5ad": "spot", "st_breast_cancer_4layers.h5ad": "spot", "merfish_poa_5sections.h5ad": "cell",
             "stereoseq_drosophila_e14_3sections.h5ad": "bin", "bdtnp_drosophila_3d.h5ad": "cell"}
    assert {name: scan([data_dir / name], ReadOptions()).noun for name in names} == names


def test_texts_on_cells_are_on_what_was_measured():
    text = "Cells of 'cell': 1 cell of cell_by_gene.csv and cell-metadata.csv lies far from all other cells. Cell"
    assert called(text, "spot") == ("Spots of 'cell': 1 spot of cell_by_gene.csv and cell-metadata.csv lies far from "
                                    "all other spots. Spot")
    assert called(text, "cell") == text
