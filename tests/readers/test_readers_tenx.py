"""Visium, Visium HD and Xenium folders give the positions in µm and the counts that were written."""

import json
import shutil

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections, scan
from isost_core.readers.recognise import headers_of
from tests.readers import visium_files as vendor


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
    assert any("1 spot outside the tissue was left out" in note for note in hd.notes)
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
    sections = read_sections(paths, ReadOptions(gap=20.0))
    assert [len(sections.rows(name)) for name in sections.names] == [63, 64]
    assert any("1 spot has no place" in note and "section 'S0'" in note for note in sections.notes)


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
    with pytest.raises(InputError, match="not built like a 10x matrix"):
        headers_of(folder, ReadOptions())


@pytest.mark.parametrize("gz", [True, False])
def test_a_folder_of_mtx_is_the_same_as_the_h5(tmp_path, gz):
    whole = read_sections([vendor.write_visium(tmp_path / f"H{k}", lattice(k)) for k in range(2)], ReadOptions(gap=9.0))
    folders = [vendor.write_visium(tmp_path / f"M{k}", lattice(k)) for k in range(2)]
    for folder in folders:
        vendor.as_mtx(folder / "filtered_feature_bc_matrix.h5", gz)
    made = read_sections(folders, ReadOptions(gap=9.0))
    assert made.genes == whole.genes and (made.cells.X != whole.cells.X).nnz == 0
    assert np.array_equal(made.cells.obsm["spatial"], whole.cells.obsm["spatial"])


@pytest.mark.parametrize("name, damage", [
    ("matrix.mtx", lambda data: data[:len(data) // 2]), ("matrix.mtx", lambda data: b"%%Matrix\n" + data),
    ("matrix.mtx", lambda data: data.replace(b"5 64", b"99999999999 99999999999", 1)),
    ("matrix.mtx", lambda data: data.rsplit(b"\n", 2)[0] + b"\n77 1 1\n"),
    ("features.tsv", lambda data: data[:9]), ("barcodes.tsv", lambda data: data + b"MORE\n")])
def test_a_damaged_folder_of_mtx_is_refused_with_the_file(tmp_path, name, damage):
    folder = vendor.write_visium(tmp_path / "V", lattice())
    inner = vendor.as_mtx(folder / "filtered_feature_bc_matrix.h5", gz=False)
    (inner / name).write_bytes(damage((inner / name).read_bytes()))
    with pytest.raises(InputError, match=name.split(".")[0]):
        header = headers_of(folder, ReadOptions())[0]
        header.load()


def test_a_cut_matrix_is_named(tmp_path):
    folder = vendor.write_visium(tmp_path / "V", lattice())
    file = folder / "filtered_feature_bc_matrix.h5"
    file.write_bytes(file.read_bytes()[:3000])
    with pytest.raises(InputError, match="filtered_feature_bc_matrix.h5 cannot be opened as a 10x matrix"):
        headers_of(folder, ReadOptions())


def test_without_scale_factors_the_lattice_gives_the_scale_or_it_is_asked_for(tmp_path):
    folder = vendor.write_visium(tmp_path / "V", lattice())
    (folder / "spatial" / "scalefactors_json.json").unlink()
    header = headers_of(folder, ReadOptions())[0]
    assert header.um_per_unit == 1 and header.coordinates["spatial"].min(0) == pytest.approx([300, 300], abs=0.5)
    places = folder / "spatial" / "tissue_positions.csv"
    table = pd.read_csv(places)
    rng = np.random.default_rng(0)
    table[["pxl_row_in_fullres", "pxl_col_in_fullres"]] = rng.uniform(0, 2000, (len(table), 2))
    table.to_csv(places, index=False)
    header = headers_of(folder, ReadOptions())[0]
    assert header.um_per_unit is None and "you have to give" in header.notes[0]


def test_bins_of_16_um_alone_and_names_with_a_sample_in_front(tmp_path):
    hd = vendor.write_visium_hd(tmp_path / "hd", lattice())
    bins = hd / "binned_outputs"
    (bins / "square_016um").rmdir() if (bins / "square_016um").is_dir() else None
    (bins / "square_008um").rename(bins / "square_016um")
    assert headers_of(hd, ReadOptions())[0].kind == "Visium HD folder"
    folder = vendor.write_visium(tmp_path / "GSM1", lattice(), old=True)
    for file in [*folder.glob("*.h5"), *(folder / "spatial").iterdir()]:
        file.rename(file.with_name(f"GSM1_S1_{file.name}"))
    assert headers_of(folder, ReadOptions())[0].um_per_unit == 1
    (folder / "spatial" / "GSM2_tissue_positions_list.csv").write_text("of another section")
    assert headers_of(folder, ReadOptions())[0].path == folder


def test_a_xenium_matrix_that_is_still_packed_is_read(tmp_path):
    import tarfile

    for k in range(2):
        folder = vendor.write_xenium(tmp_path / "x" / f"S{k}", lattice(k))
        unpacked = vendor.as_mtx(folder / "cell_feature_matrix.h5")
        with tarfile.open(folder / "cell_feature_matrix.tar.gz", "w:gz") as archive:
            archive.add(unpacked, unpacked.name)
        shutil.rmtree(unpacked)
    read = read_sections(tmp_path / "x", ReadOptions(gap=10.0))
    assert read.names == ("S0", "S1")
    assert np.allclose(read.X[read.rows("S1")].sum(), np.log1p(lattice(1).X).sum())


def test_a_xenium_folder_of_zarr_alone_says_what_to_add(tmp_path):
    (tmp_path / "S0").mkdir()
    (tmp_path / "S0" / "experiment.xenium").write_text("{}")
    (tmp_path / "S0" / "cells.zarr.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"without cells.parquet .*cell_feature_matrix.h5"):
        read_sections(tmp_path / "S0", ReadOptions(gap=10.0))
