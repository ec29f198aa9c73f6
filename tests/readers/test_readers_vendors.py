"""Vendors' files, written to their layouts, are read back exactly; broken ones are refused in plain words."""

import gzip
import pickle

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections, scan
from tests.readers import vendor_files as files

N, GENES = 40, ("Gad1", "Slc17a6", "H2-K1.1", "Mbp")


def section(seed=0, n=N):
    """AnnData of one section: whole counts, positions in µm, no gene or cell without a count."""
    rng = np.random.default_rng(seed)
    x = rng.poisson(1.5, (n, len(GENES))).astype(np.float32)
    x[:, 0] += 1
    cells = anndata.AnnData(sp.csr_matrix(x), obs=pd.DataFrame(index=[f"c{k}" for k in range(n)]))
    cells.var_names = list(GENES)
    cells.obsm["spatial"] = rng.uniform(10, 900, (n, 2))
    return cells


def read_pair(paths, **options):
    return read_sections(paths, ReadOptions(gap=50, **options))


def same(sections, parts, positions=None, times=1, atol=1e-9):
    """Every cell lies where it was written, with its counts; the order of cells is free."""
    for name, part, k in zip(sections.names, parts, range(len(parts)), strict=True):
        rows = sections.rows(name)
        at = part.obsm["spatial"] if positions is None else positions[k]
        got = sections.cells.obsm["spatial"][rows]
        order, expected = np.lexsort(got.round(6).T), np.lexsort(np.asarray(at).round(6).T)
        np.testing.assert_allclose(got[order], np.asarray(at)[expected], atol=atol)
        genes = [sections.genes.index(g) for g in GENES]
        values = sections.cells.X[rows][:, genes]
        values = values.toarray() if sp.issparse(values) else values
        np.testing.assert_allclose(np.expm1(values[order]), times * part.X.toarray()[expected], rtol=1e-5, atol=1e-5)
    assert sorted(sections.genes) == sorted(GENES)


def notes_of(path):
    return " ".join(scan(path).notes)


def refused(path, said, **options):
    with pytest.raises(InputError, match=said) as caught:
        read_pair(path, **options)
    assert "\n" not in str(caught.value)


# ---- folders of two tables

@pytest.mark.parametrize("gz", [False, True])
def test_merscope(tmp_path, gz):
    parts = [section(1), section(2)]
    paths = [files.write_merscope(tmp_path / f"m{k}", c, gz) for k, c in enumerate(parts)]
    sections = read_pair(paths)
    same(sections, parts)
    assert sections.names == ("m0", "m1") and set(sections.cells.obs["fov"]) == {0, 1, 2, 3}
    assert "2 control columns (Blank-*) were left out" in notes_of(paths[0])
    assert "1 cell that only one of cell_by_gene" in notes_of(paths[0])
    assert scan(paths[0]).sections[0].unit == "µm" and len(sections.hashes["m0"]) == 64


@pytest.mark.parametrize("gz", [False, True])
def test_cosmx(tmp_path, gz):
    parts = [section(1), section(2)]
    paths = [files.write_cosmx(tmp_path / f"c{k}", c, gz) for k, c in enumerate(parts)]
    refused(paths, "unit of x and y is not known for: c0, c1")
    sections = read_pair(paths, um_per_unit=files.COSMX_UM)
    same(sections, parts)
    assert set(sections.cells.obs["fov"]) == {1, 2} and sections.cells.obs["cell_ID"].max() == N // 2
    for said in ("usually about 0.12 µm", "3 control columns", "2 rows of counts outside cells"):
        assert said in notes_of(paths[0])


def test_slideseq_with_a_second_table_of_places(tmp_path):
    folder = files.write_slideseq(tmp_path / "p", section(1))
    beads = next(folder.glob("*locations*"))
    (folder / "BeadLocationsForRUncropped.csv").write_text("barcodes,xcoord,ycoord\nNOBEAD,1,2\n")
    notes = notes_of(folder)
    assert f"BeadLocationsForRUncropped.csv was not read, because {beads.name}" in notes


@pytest.mark.parametrize("gz", [False, True])
def test_slideseq(tmp_path, gz):
    parts = [section(1), section(2)]
    paths = [files.write_slideseq(tmp_path / f"p{k}", c, gz) for k, c in enumerate(parts)]
    refused(paths, "unit of x and y is not known")
    same(read_pair(paths, um_per_unit=files.SLIDESEQ_UM), parts)
    assert "about 0.65 µm" in notes_of(paths[0]) and "1 bead that only one of" in notes_of(paths[0])


def test_cells_twice_or_none_in_common_are_refused(tmp_path):
    folder = files.write_merscope(tmp_path / "m", section())
    table = pd.read_csv(folder / "cell_metadata.csv", dtype=str)
    pd.concat([table, table[:1]]).to_csv(folder / "cell_metadata.csv", index=False)
    refused(folder, "cell_metadata.csv has cell '99' in more than one row")
    table.assign(EntityID=np.arange(len(table))).to_csv(folder / "cell_metadata.csv", index=False)
    refused(folder, "have no cells in common")
    table.drop(columns="center_x").to_csv(folder / "cell_metadata.csv", index=False)
    refused(folder, "cell_metadata.csv has no column 'center_x'. Columns found: EntityID")
    (folder / "cell_by_gene.tsv").write_text("cell\ta\n1\t2\n")
    refused(folder, r"m has 2 tables named like '\*cell_by_gene\*'.*one folder per section")


def test_text_among_counts_names_column_and_row(tmp_path):
    folder = files.write_cosmx(tmp_path / "c", section())
    path = folder / "S1_exprMat_file.csv"
    table = pd.read_csv(path, dtype=str)
    table.loc[6, "Mbp"] = "many"
    table.to_csv(path, index=False)
    refused([folder, files.write_cosmx(tmp_path / "d", section())],
            "S1_exprMat_file.csv: column 'Mbp' must hold numbers, found 'many' in row 7", um_per_unit=1)


# ---- Stereo-seq

@pytest.mark.parametrize("name", ["s{}.gem", "s{}.gem.gz", "s{}.txt", "s{}.tsv.gz"])
def test_stereoseq_by_cell(tmp_path, name):
    parts = [section(1), section(2)]
    made = [files.write_gem(tmp_path / name.format(k), c) for k, c in enumerate(parts)]
    sections = read_pair([m[0] for m in made])
    same(sections, parts, [m[1] for m in made], times=2)
    assert "spots are added up by 'CellID'" in notes_of(made[0][0])


def test_stereoseq_in_many_batches_gives_the_same(tmp_path, monkeypatch):
    from isost_core.readers import delimited, stereoseq

    parts = [section(1), section(2)]
    made = [files.write_gem(tmp_path / f"{k}.gem", c) for k, c in enumerate(parts)]
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 300)
    monkeypatch.setattr(stereoseq, "RANGES", 20)
    same(read_pair([m[0] for m in made]), parts, [m[1] for m in made], times=2)


def test_stereoseq_without_cells_is_binned(tmp_path):
    cells = section()
    cells.obsm["spatial"] = np.column_stack([np.arange(N) * 25.0 + 3, np.arange(N) % 7 * 25.0 + 3])
    paths = [files.write_gem(tmp_path / f"{k}.gem", cells, labelled=False, header=False)[0] for k in "ab"]
    refused(paths, "unit of x and y is not known")
    middle = (np.floor(cells.obsm["spatial"] / 25) * 50 + 24.5) * 0.5
    same(read_pair(paths, um_per_unit=0.5), [cells, cells], [middle, middle])
    assert "square bins of 50 x 50 spots; spots are usually 0.5 µm apart" in notes_of(paths[0])


def test_stereoseq_with_quoted_names_of_columns(tmp_path):
    parts = [section(1), section(2)]
    made = [files.write_gem(tmp_path / f"{k}.gem", c) for k, c in enumerate(parts)]
    for path, _ in made:
        path.write_text(path.read_text().replace("geneID\tx\ty\tMIDCount", '"geneID"\t"x"\t"y"\t"MIDCount"', 1))
    same(read_pair([m[0] for m in made]), parts, [m[1] for m in made], times=2)


def test_stereoseq_broken(tmp_path):
    path, _ = files.write_gem(tmp_path / "s.gem", section())
    text = path.read_text()
    path.write_text(text.replace("Gad1\t", "Gad1\tx", 1))
    refused(path, "s.gem: column 'x' must hold numbers, found 'x")
    path.write_text("\n".join(text.splitlines()[:5]) + "\n")
    refused(path, "s.gem has no cells")
    (tmp_path / "t.gem.gz").write_bytes(gzip.compress(text.encode())[:-40])
    refused(tmp_path / "t.gem.gz", "t.gem.gz cannot be")


# ---- SpatialData

def test_spatialdata(tmp_path):
    parts = [section(1), section(2)]
    paths = [files.write_spatialdata(tmp_path / f"z{k}.zarr", c) for k, c in enumerate(parts)]
    sections = read_pair(paths)
    same(sections, parts)
    assert "z0.zarr, table 'cells': only the largest table was read, 'few' left out" in notes_of(paths[0])


@pytest.mark.parametrize("wrong", [{"unit": "unit"}, {"kind": "affine"}, {"scale": (0.5, 0.7)}])
def test_spatialdata_asks_for_the_unit_that_is_not_sure(tmp_path, wrong):
    paths = [files.write_spatialdata(tmp_path / f"z{k}.zarr", section(k), **wrong) for k in (1, 2)]
    refused(paths, "unit of x and y is not known for: z1, z2")
    same(read_pair(paths, um_per_unit=0.5), [section(1), section(2)])


def test_spatialdata_broken(tmp_path):
    path = files.write_spatialdata(tmp_path / "z.zarr", section())
    (path / "tables" / "cells" / "X" / "indices" / "0").write_bytes(b"nothing")
    refused([path, files.write_spatialdata(tmp_path / "y.zarr", section())], "cells/X/indices/0 is incomplete")
    meta = path / "tables" / "cells" / "X" / "data" / ".zarray"
    meta.write_text(meta.read_text().replace('"shape": [', '"shape": [90000000000, '))
    refused(path, "z.zarr")


# ---- the published isoST code's files

@pytest.mark.parametrize("log_base", [None, 2])
def test_isost_tensors(tmp_path, log_base):
    parts = {"a1": section(1), "a2": section(2)}
    for k, part in enumerate(parts.values()):
        part.obs["z"] = 1.5 + 0.2 * k
        part.obsm["spatial"] /= 1000
    folder, logged = files.write_isost(tmp_path / "ref", parts, log_base)
    sections = read_sections(folder, ReadOptions(um_per_unit=1000))
    assert sections.names == ("a1", "a2") and sections.genes == list(GENES)
    np.testing.assert_allclose(sections.depths, [1500, 1700])
    np.testing.assert_allclose(sections.cells.X, np.vstack(list(logged.values())), atol=1e-5)
    at = np.vstack([p.obsm["spatial"] for p in parts.values()]) * 1000
    np.testing.assert_allclose(sections.cells.obsm["spatial"], at, rtol=1e-9)
    refused(folder, "unit of x and y is not known")


def test_isost_tensor_of_several_sections(tmp_path):
    cells = anndata.concat([section(1), section(2)], index_unique="-")
    cells.obs["z"] = np.repeat([0.5, 9.5], N)
    folder, _ = files.write_isost(tmp_path / "ref", {"all": cells})
    sections = read_sections(folder, ReadOptions(um_per_unit=1))
    assert sections.names == ("0.5", "9.5") and list(sections.depths) == [0.5, 9.5]


def test_isost_without_its_tables_or_with_pickles(tmp_path):
    import torch

    cells = section()
    cells.obs["z"] = 1.0
    folder, _ = files.write_isost(tmp_path / "ref", {"a": cells})
    tensor = folder / "PC_minmax" / "shuffled_a.pt"
    refused(tensor, "shuffled_a.pt needs gene.csv next to it")
    (folder / "pca.npz").unlink()
    refused(folder, r"needs the PCA as an .npz file next to it, .* not loaded.*numpy.savez")
    np.savez(folder / "pca.npz", components=np.ones((1, 2)), mean=np.ones(2))
    refused(folder, r"pca.npz must hold components of shape \(4, 4\)")
    np.savez(folder / "pca.npz", components=np.array([{"a": 1}], dtype=object))
    refused(folder, "pca.npz cannot be read as an .npz file of numbers")
    for held in ({"a": torch.ones(3)}, torch.ones(5), torch.ones(4, 6, dtype=torch.int64), np.ones((3, 3))):
        torch.save(held, tensor)
        refused(folder, "shuffled_a.pt (cannot be read as a tensor|is not a tensor|must hold a tensor)")
    torch.save(torch.ones(1).expand(10 ** 6, 7), tensor)
    refused(folder, "should have more values than it has")
    (tmp_path / "p.pt").write_bytes(pickle.dumps([1]))
    refused(tmp_path / "p.pt", "p.pt cannot be read, because its format is not known")


# ---- large and packed tables

def frame(n=60):
    rng = np.random.default_rng(0)
    columns = {g: rng.poisson(1.5, n) for g in GENES}
    return pd.DataFrame({"cell_id": np.arange(n), "x": rng.uniform(0, 9, n), "y": rng.uniform(0, 9, n),
                         "section": np.repeat(["a", "b"], n // 2), "z_um": np.repeat([0.0, 40.0], n // 2), **columns})


@pytest.mark.parametrize("name, sep", [("t.csv.gz", ","), ("t.tsv.gz", "\t"), ("t.txt", "\t"), ("u.txt", ","),
                                       ("t.txt.gz", "\t"), ("t.CSV", ",")])
def test_packed_tables_in_small_batches(tmp_path, monkeypatch, name, sep):
    from isost_core.readers import delimited

    table = frame()
    table.to_csv(tmp_path / name, sep=sep, index=False)
    if name.endswith(".gz"):
        (tmp_path / name).write_bytes(gzip.compress(table.to_csv(sep=sep, index=False).encode()))
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 400)
    sections = read_sections(tmp_path / name, ReadOptions(um_per_unit=1))
    assert sections.names == ("a", "b") and sections.genes == list(GENES)
    np.testing.assert_allclose(sections.cells.X, np.log1p(table[list(GENES)]), rtol=1e-6)


def test_text_far_down_a_table_is_named(tmp_path, monkeypatch):
    from isost_core.readers import delimited

    table = frame().astype({"Mbp": object})
    table.loc[50, "Mbp"] = "high"
    table.to_csv(tmp_path / "t.csv", index=False)
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 400)
    refused(tmp_path / "t.csv", "t.csv: column 'Mbp' must hold numbers, found 'high' in row 51", um_per_unit=1)


def test_a_truncated_gzip_table_is_refused(tmp_path):
    packed = gzip.compress(frame().to_csv(index=False).encode())
    (tmp_path / "t.csv.gz").write_bytes(packed[:-60])
    refused(tmp_path / "t.csv.gz", "t.csv.gz cannot be (read|unpacked)", um_per_unit=1)
    (tmp_path / "u.csv.gz").write_bytes(b"x,y,g\n1,2,3\n")
    refused(tmp_path / "u.csv.gz", "u.csv.gz cannot be unpacked", um_per_unit=1)


@pytest.mark.parametrize("old", [b"section", b"a,0.0"])
def test_letters_that_are_not_utf8_are_refused(tmp_path, old):
    raw = frame().to_csv(index=False).encode()
    (tmp_path / "t.csv").write_bytes(raw.replace(old, b"\xe4" + old, 1))
    refused(tmp_path / "t.csv", "t.csv has letters that are not UTF-8. Save it again", um_per_unit=1)


def test_bytes_in_cell_names_are_refused(tmp_path):
    folder = files.write_merscope(tmp_path / "m", section())
    path = folder / "cell_by_gene.csv"
    path.write_bytes(path.read_bytes().replace(b"1101000010000000005", b"11010\xff0010000000005"))
    refused(folder, "cell_by_gene.csv has letters that are not UTF-8")


# ---- AnnData

@pytest.mark.parametrize("key", ["spatial", "spatial3d", "X_spatial"])
def test_anndata_positions_by_any_of_their_names(tmp_path, key):
    parts, paths = [section(1), section(2)], []
    for k, part in enumerate(parts):
        made = part.copy()
        at = made.obsm.pop("spatial") / 2
        made.obsm[key] = np.column_stack([at, np.full(N, 7.0 + k)]) if key == "spatial3d" else at
        paths.append(tmp_path / f"s{k}.h5ad")
        made.write_h5ad(paths[-1])
    same(read_pair(paths, um_per_unit=2), parts)
    if key == "spatial3d":
        assert list(read_sections(paths, ReadOptions(depth_key=key, um_per_unit=2)).depths) == [14, 16]


def test_shards_packed_with_blosc_are_refused(tmp_path):
    import zarr

    from isost_core.readers.zarr_store import _refuse_cut

    store = zarr.open_group(str(tmp_path / "v3.zarr"), mode="w", zarr_format=3)
    array = store.create_array("X", shape=(64, 8), shards=(64, 8), chunks=(8, 8), dtype="float32",
                               compressors=zarr.codecs.BloscCodec())
    array[...] = 1.0
    with pytest.raises(InputError, match="without shards"):
        _refuse_cut(store, tmp_path / "v3.zarr")


def test_ids_that_lost_their_digits_are_named(tmp_path):
    folder = files.write_merscope(tmp_path / "S1", section())
    for name in ("cell_by_gene.csv", "cell_metadata.csv"):
        table = pd.read_csv(folder / name, dtype=str)
        table.iloc[:, 0] = "2.667026e+18"
        table.to_csv(folder / name, index=False)
    refused(folder, "lost their last digits")


def test_regions_of_a_spatialdata_table_are_its_sections(tmp_path):
    import zarr

    both = anndata.concat([section(0), section(1)], index_unique="_")
    both.obs["where"] = pd.Categorical(np.repeat(["left", "right"], N))
    store = files.write_spatialdata(tmp_path / "s.zarr", both)
    held = zarr.open_group(str(store), mode="a")
    held["tables/cells"].attrs.update({"region": ["left", "right"], "region_key": "where"})
    read = read_sections(store, ReadOptions(gap=10.0, um_per_unit=0.5))
    assert read.names == ("left", "right")
    np.testing.assert_allclose(read.xy[read.rows("right")], section(1).obsm["spatial"])
    axes = dict(held["shapes/outlines"].attrs)
    for name in ("left", "right"):
        held["shapes"].create_group(name).attrs.update(axes)
    assert read_sections(store, ReadOptions(gap=10.0)).xy == pytest.approx(read.xy)


def test_a_file_of_anndata_before_0_7_is_named(tmp_path):
    import h5py

    section().write_h5ad(tmp_path / "old.h5ad")
    with h5py.File(tmp_path / "old.h5ad", "a") as file:
        del file["obs"]
        file["obs"] = np.array([(b"a", 1.0)] * N, dtype=[("index", "S5"), ("x", "f8")])
    refused(tmp_path / "old.h5ad", "older than 0.7")


@pytest.mark.parametrize(("columns", "um"), [
    (("FOV", "x_global_px", "y_global_px", "x_global_mm", "y_global_mm"), 0.1203), (("fov", "X_mm", "Y_mm"), 0.1203),
    (("fov", "x_global_px", "y_global_px"), None)])
def test_cosmx_scale_comes_from_the_fields_of_view(tmp_path, columns, um):
    folder = files.write_cosmx(tmp_path / "A", section(1))
    at = pd.DataFrame({"fov": [1, 2], "px": [100.0, 4356.0], "py": [50.0, 8500.0]})
    about = pd.read_csv(folder / "S1_metadata_file.csv")
    for axis, column in (("X", "px"), ("Y", "py")):
        begin = about["fov"].map(at.set_index("fov")[column])
        about[f"Center{axis}_local_px"] = about[f"Center{axis}_global_px"] - begin
    about.to_csv(folder / "S1_metadata_file.csv", index=False)
    held = [at["fov"], *(at["px" if c.lower().startswith("x") else "py"]
                         * (0.1203e-3 if c.lower().endswith("mm") else 1) for c in columns[1:])]
    pd.DataFrame(dict(zip(columns, held, strict=True))).to_csv(folder / "S1_fov_positions_file.csv", index=False)
    from isost_core.readers.recognise import headers_of

    (header,) = headers_of(folder, ReadOptions())
    assert header.um_per_unit == (None if um is None else pytest.approx(um))
    assert any("as S1_fov_positions_file.csv says" in n for n in header.notes) == (um is not None)


@pytest.mark.parametrize("place", ["attribute", "column"])
def test_text_that_became_a_sequence_of_numbers_is_refused(tmp_path, place):
    """Reading the values of such a type ends the process inside the HDF5 library."""
    import h5py

    section().write_h5ad(tmp_path / "s.h5ad")
    with h5py.File(tmp_path / "s.h5ad", "a") as file:
        if place == "attribute":
            held = np.empty(1, dtype=object)
            held[0] = np.array([1, 2], dtype="i4")
            file["obs"].attrs.create("encoding-type", held, dtype=h5py.vlen_dtype("i4"))
        else:
            file["obs"].create_dataset("odd", (N,), dtype=h5py.vlen_dtype("i4"))
    refused(tmp_path / "s.h5ad", "'obs.*' in it is damaged")


def test_a_sparse_matrix_whose_indices_are_no_whole_numbers_is_refused(tmp_path):
    import h5py

    for name in ("good", "bad"):
        part = section()
        part.X = sp.csr_matrix(part.X)
        part.write_h5ad(tmp_path / f"{name}.h5ad")
    with h5py.File(tmp_path / "bad.h5ad", "a") as file:
        n = len(file["X/indices"])
        del file["X/indices"]
        file["X/indices"] = np.full(n, np.nan)
    with pytest.raises(InputError, match="bad.h5ad cannot be read"):
        read_sections([tmp_path / "good.h5ad", tmp_path / "bad.h5ad"],
                      ReadOptions(gap=10.0, um_per_unit=1.0, order=("good", "bad")))
