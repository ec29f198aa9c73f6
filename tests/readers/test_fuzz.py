"""A few damaged files of every format: read or refused in one printable line, never anything else."""

import h5py
import numpy as np
import pytest

from benchmarks.fuzz import Worker, read_all
from benchmarks.fuzz_seeds import cells_of, copy_of, write_seeds
from isost_core.errors import InputError

CASES = 8
FORMATS = ("h5ad, sparse", "h5ad, dense", "table .csv", "table .tsv.gz", "table .parquet", "table, European",
           "MERSCOPE", "CosMx", "Slide-seq", "SpatialData", "AnnData zarr 2", "AnnData zarr 3", "Curio Seeker", "PASTE",
           "Single Cell Portal", "ST arrays", "BMKMANU", "Seurat", "Stereo-seq", "isoST tensors", "Visium",
           "Visium, older", "Visium, series", "Visium HD", "Visium HD cells", "Xenium", "archive .zip",
           "archive .tar", "archive .tgz")


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    cells_of(99, name="whole", z=80.0).write_h5ad(folder / "whole.h5ad")
    return write_seeds(folder / "seeds"), folder / "whole.h5ad"


@pytest.fixture(scope="module")
def worker():
    made = Worker()
    yield made
    made.stop()


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files_are_read_or_refused(seeds, worker, name):
    paths, whole = seeds
    found = [worker.run((name, paths[name], whole, number)) for number in range(CASES)]
    faults = [f for f in found if f[0] not in ("read", "refused")]
    assert not faults, faults[0]
    if name != "AnnData zarr 3":  # many of its small files hold only what is not read
        assert {"refused"} <= {outcome for outcome, _, _ in found}


@pytest.mark.parametrize("name", FORMATS)
def test_whole_files_are_read(seeds, tmp_path, name):
    paths, whole = seeds
    read_all(copy_of(paths[name], tmp_path), whole)


def test_a_gene_name_with_a_nul_is_refused(seeds, tmp_path):
    paths, whole = seeds
    path = copy_of(paths["Stereo-seq"], tmp_path)
    before, _, after = path.read_bytes().rpartition(b"Mbp\t")
    path.write_bytes(before + b"Mbp\x00\x00\t" + after)
    with pytest.raises(InputError, match="chip.gem: a gene's name has characters"):
        read_all(path, whole)


def test_a_chunk_that_is_cut_short_is_refused(seeds, tmp_path):
    paths, whole = seeds
    path = copy_of(paths["SpatialData"], tmp_path)
    chunk = path / "tables" / "cells" / "X" / "indices" / "0"
    chunk.write_bytes(chunk.read_bytes()[:20])
    with pytest.raises(InputError, match="the file tables/cells/X/indices/0 is incomplete"):
        read_all(path, whole)


def test_a_column_of_records_is_refused(seeds, tmp_path):
    paths, whole = seeds
    path = copy_of(paths["h5ad, sparse"], tmp_path)
    with h5py.File(path, "a") as file:
        about = dict(file["obs/area"].attrs)
        del file["obs/area"]
        file["obs/area"] = np.zeros(48, dtype=[("a", "i4"), ("b", "S4")])
        file["obs/area"].attrs.update(about | {"encoding-type": "rec-array"})
    with pytest.raises(InputError, match="column 'area' has records"):
        read_all(path, whole)


def test_a_worker_that_dies_is_a_crash_and_is_replaced(seeds, worker):
    paths, whole = seeds
    before = worker.process.pid
    worker.process.kill()
    worker.process.join()
    assert worker.run(("table .csv", paths["table .csv"], whole, 1))[0] == "crash" and worker.process.pid != before
    assert worker.run(("table .csv", paths["table .csv"], whole, 1))[0] in ("read", "refused")
