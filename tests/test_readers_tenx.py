"""Visium, Visium HD and Xenium folders give the positions in µm and the counts that were written."""

import json

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections, scan
from isost_core.readers.recognise import headers_of
from tests import vendor_files as vendor


def lattice(seed=0, n=8):
    """Spots 100 µm apart on a triangular lattice."""
    rng = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(n * n), n)
    xy = np.column_stack([100.0 * column + 50 * (row % 2), 100 * np.sqrt(3) / 2 * row]) + 300
    made = anndata.AnnData(rng.poisson(2, (n * n, 5)).astype(np.float32), obsm={"spatial": xy})
    made.obs_names = [f"CELL{seed}{k:03d}-1" for k in range(n * n)]
    made.var_names = ["Sox2", "Pax6", "Actb", "Dup", "Tbr1"]
    return made


WRITERS = {
    "visium": vendor.write_visium,
    "visium old": lambda folder, cells: vendor.write_visium(folder, cells, old=True),
    "visium flat": lambda folder, cells: vendor.write_visium(folder, cells, flat=True),
    "visium outs": lambda folder, cells: vendor.write_visium(folder / "outs", cells).parent,
    "visium hd": vendor.write_visium_hd,
    "xenium": vendor.write_xenium,
}


@pytest.mark.parametrize("layout", WRITERS)
def test_positions_and_counts_are_those_written(tmp_path, layout):
    stack = [lattice(seed) for seed in (1, 2)]
    paths = [WRITERS[layout](tmp_path / f"S{k}", cells) for k, cells in enumerate(stack)]
    sections = read_sections(paths, ReadOptions(gap=20.0))
    assert sections.names == ("S0", "S1") and sections.genes == list(stack[0].var_names)
    for name, cells in zip(sections.names, stack, strict=True):
        made = sections.cells[sections.rows(name)]
        made = made[np.argsort(made.obs_names)]
        cells = cells[np.argsort(cells.obs_names)]
        assert list(made.obs_names) == list(cells.obs_names)
        assert np.asarray(made.obsm["spatial"]) == pytest.approx(cells.obsm["spatial"], abs=1e-3)
        assert np.expm1(made.X.toarray()) == pytest.approx(cells.X, abs=1e-3)


def test_what_is_left_out_is_said(tmp_path):
    hd = headers_of(vendor.write_visium_hd(tmp_path / "hd", lattice()), ReadOptions())[0]
    xenium = headers_of(vendor.write_xenium(tmp_path / "x", lattice()), ReadOptions())[0]
    assert any("1 spots outside" in note for note in hd.notes)
    assert any("square_016um" in note for note in hd.notes) and hd.kind == "Visium HD folder"
    assert any("2 control features" in note for note in xenium.notes)


def test_the_image_comes_with_its_scale(tmp_path):
    header = headers_of(vendor.write_visium(tmp_path / "v", lattice()), ReadOptions())[0]
    image = header.images[None]
    assert image.path.name == "tissue_hires_image.png" and image.inner == ""
    um = header.coordinates["spatial"]
    assert image.pixels * vendor.PIXEL_UM / vendor.HIRES == pytest.approx(um, abs=1e-6)


def test_the_lattice_counts_where_the_spot_diameter_disagrees(tmp_path):
    folder = vendor.write_visium(tmp_path / "v", lattice())
    scales = folder / "spatial" / "scalefactors_json.json"
    scales.write_text(json.dumps(json.loads(scales.read_text()) | {"spot_diameter_fullres": 150}))
    header = headers_of(folder, ReadOptions())[0]
    assert header.coordinates["spatial"].min(0) == pytest.approx([300, 300], abs=0.5)
    assert any("distance between spots" in note for note in header.notes)


def test_a_folder_of_folders_is_several_sections(tmp_path):
    for k in range(3):
        vendor.write_xenium(tmp_path / "all" / f"X{k}", lattice(k))
    found = scan([tmp_path / "all"], ReadOptions(gap=10.0))
    assert [info.name for info in found.sections] == ["X0", "X1", "X2"]
    assert {info.unit for info in found.sections} == {"µm"}


def test_genes_of_one_name_are_told_apart(tmp_path):
    cells = lattice()
    cells.var_names = ["A", "B", "B", "C", "D"]
    header = headers_of(vendor.write_visium(tmp_path / "v", cells), ReadOptions())[0]
    assert header.genes == ["A", "B (ENS00001)", "B (ENS00002)", "C", "D"]


@pytest.mark.parametrize("file", ["filtered_feature_bc_matrix.h5", "spatial/tissue_positions.csv",
                                  "spatial/scalefactors_json.json"])
def test_damaged_files_are_an_input_error(tmp_path, file):
    folder = vendor.write_visium(tmp_path / "v", lattice())
    whole = (folder / file).read_bytes()
    (folder / file).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError):
        for header in headers_of(folder, ReadOptions()):
            header.load()


def test_a_spot_without_a_place_is_said(tmp_path):
    lost = lattice(1)
    lost.obsm["spatial"][3] = np.nan
    paths = [vendor.write_visium(tmp_path / "S0", lost), vendor.write_visium(tmp_path / "S1", lattice(2))]
    with pytest.raises(InputError, match="section 'S0': 1 of 64 cells have no position"):
        read_sections(paths, ReadOptions(gap=20.0))


def test_barcodes_that_are_the_index_of_the_parquet_table(tmp_path):
    folder = vendor.write_visium_hd(tmp_path / "hd", lattice())
    table = next(folder.rglob("tissue_positions.parquet"))
    pd.read_parquet(table).set_index("barcode").to_parquet(table)
    assert len(headers_of(folder, ReadOptions())[0].obs) == 64


def test_a_shape_that_is_infinite_is_refused(tmp_path):
    folder = vendor.write_visium(tmp_path / "v", lattice())
    with h5py.File(folder / "filtered_feature_bc_matrix.h5", "a") as file:
        del file["matrix/shape"]
        file["matrix/shape"] = np.array([np.inf, 64.0])
    with pytest.raises(InputError, match="not laid out as a 10x matrix"):
        headers_of(folder, ReadOptions())
