"""AnnData as a zarr store, beside what anndata itself reads."""

import zipfile

import anndata
import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.fuzz_seeds import cells_of
from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections, scan
from isost_core.readers.recognise import headers_of
from tests.readers.vendor_files import write_spatialdata


@pytest.fixture(params=[2, 3])
def version(request, monkeypatch):
    before = anndata.settings.zarr_write_format
    anndata.settings.zarr_write_format = request.param
    yield request.param
    anndata.settings.zarr_write_format = before


def store(path, k=0, kind=sp.csr_matrix):
    cells = cells_of(k, name=path.stem, z=40.0 * k)
    cells.X = kind(cells.X.toarray())
    cells.var["gene_ids"] = [f"ENSG{n}" for n in range(cells.n_vars)]
    cells.layers["twice"] = cells.X * 2
    cells.write_zarr(path)
    return path


@pytest.mark.parametrize("kind", [sp.csr_matrix, sp.csc_matrix, np.asarray])
def test_values_are_those_of_anndata(tmp_path, version, kind):
    path = store(tmp_path / "A.zarr", kind=kind)
    read, (header,) = anndata.read_zarr(path), headers_of(path, ReadOptions())
    x = header.load()
    assert header.genes == list(read.var_names) and list(header.obs.index) == list(read.obs_names)
    assert (np.asarray(x.todense() if sp.issparse(x) else x) == read.to_df().to_numpy()).all()
    assert (header.coordinates["spatial"] == read.obsm["spatial"]).all()
    assert header.other_names["Gad1"] == "ENSG0" and header.kind == "AnnData"
    assert list(header.obs["kind"]) == list(read.obs["kind"])


def test_two_stores_are_a_stack(tmp_path, version):
    stack = read_sections([store(tmp_path / "A.zarr"), store(tmp_path / "B.zarr", 1)])
    assert stack.cells.shape == (48, 4) and sorted(set(stack.cells.obs["depth"])) == [0.0, 40.0]


def test_a_layer_can_be_chosen(tmp_path, version):
    path = store(tmp_path / "A.zarr")
    plain, twice = (headers_of(path, ReadOptions(layer=layer))[0].load() for layer in (None, "twice"))
    assert (twice.toarray() == 2 * plain.toarray()).all()
    with pytest.raises(InputError, match="A.zarr has no layer 'none'. It has: X, twice"):
        headers_of(path, ReadOptions(layer="none"))


@pytest.mark.parametrize("around", [False, True])
def test_a_zip_of_a_store(tmp_path, version, around):
    path = store(tmp_path / "A.zarr")
    with zipfile.ZipFile(tmp_path / "A.zarr.zip", "w") as packed:
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            packed.write(file, file.relative_to(tmp_path if around else path))
    (section,) = scan([tmp_path / "A.zarr.zip"]).sections
    assert (section.n_cells, section.n_genes, section.depth_um) == (24, 4, 0.0)


def test_a_spatialdata_store_stays_one(tmp_path):
    (header,) = headers_of(write_spatialdata(tmp_path / "A.zarr", cells_of(0)), ReadOptions())
    assert header.kind == "SpatialData store" and header.um_per_unit == 0.5


def test_a_store_without_cells_is_refused(tmp_path, version):
    cells_of(0)[:0].copy().write_zarr(tmp_path / "A.zarr")
    with pytest.raises(InputError, match="A.zarr has no cells"):
        headers_of(tmp_path / "A.zarr", ReadOptions())
