"""Files as people have them: packed ones beside what was unpacked, equal names in two folders, matrices as they are
offered for download, and columns and rows that are no genes."""

import gzip
import shutil
import tarfile
import zipfile

import pandas as pd
import pytest

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, annotation, read_sections, scan
from tests.readers import vendor_files, visium_files
from tests.readers.test_readers_vendors import GENES, read_pair, same, section
from tests.readers.vendor_files import counts_of

PARTS = section(1), section(2)


def table_of(cells, **more):
    table = pd.DataFrame(counts_of(cells), columns=list(cells.var_names)).assign(**more)
    return table.assign(x=cells.obsm["spatial"][:, 0], y=cells.obsm["spatial"][:, 1])


def packed(folder, archive, inside=""):
    """The files of a folder as .zip or .tar.gz, below a folder `inside` of it."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w") as out:
            for path in files:
                out.write(path, f"{inside}{path.relative_to(folder)}")
    else:
        with tarfile.open(archive, "w:gz") as out:
            for path in files:
                out.add(path, f"{inside}{path.relative_to(folder)}")
    return archive


def test_pucks_in_one_folder_keep_their_own_places(tmp_path):
    folder = tmp_path / "all"
    folder.mkdir()
    for k, cells in enumerate(PARTS):
        for path in vendor_files.write_slideseq(tmp_path / f"p{k}", cells).iterdir():
            shutil.copy(path, folder / path.name.replace("P1", f"Puck_{k}"))
    sections = read_pair(folder, um_per_unit=vendor_files.SLIDESEQ_UM)
    assert sections.names == ("Puck_0", "Puck_1")
    same(sections, PARTS)


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_an_archive_beside_its_own_folder_is_not_read_again(tmp_path, ending):
    for k, cells in enumerate(PARTS):
        packed(visium_files.write_visium(tmp_path / f"s{k}", cells), tmp_path / f"s{k}{ending}", f"s{k}/")
    sections = read_pair(tmp_path)
    assert sections.names == ("s0", "s1")
    same(sections, PARTS, atol=1e-6)
    said = f"{tmp_path.name}: not opened, because what is in it lies beside it: s0{ending}, s1{ending}."
    assert said in sections.notes


@pytest.mark.parametrize("ending", ["csv", "h5ad"])
def test_a_gz_beside_its_own_file_is_not_read_again(tmp_path, ending):
    for k, cells in enumerate(PARTS):
        path = tmp_path / f"s{k}.{ending}"
        cells.copy().write_h5ad(path) if ending == "h5ad" else table_of(cells).to_csv(path, index=False)
        (tmp_path / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    sections = read_pair(tmp_path, um_per_unit=1)
    assert sections.names == ("s0", "s1") and any("not opened" in note for note in sections.notes)
    same(sections, PARTS, atol=1e-6)


def test_archives_of_one_name_go_by_the_folders_they_lie_in(tmp_path):
    for k, cells in enumerate(PARTS):
        (tmp_path / f"Run{k}").mkdir()
        packed(vendor_files.write_merscope(tmp_path / f"w{k}" / "x", cells), tmp_path / f"Run{k}" / "region_0.zip")
        shutil.rmtree(tmp_path / f"w{k}")
    for given in (tmp_path, [tmp_path / f"Run{k}" / "region_0.zip" for k in (0, 1)]):
        sections = read_pair(given)
        assert sections.names == ("Run0 region_0", "Run1 region_0")
        assert len(set(sections.hashes.values())) == 2
        same(sections, PARTS)


def test_the_folders_outs_of_two_runs(tmp_path):
    paths = [visium_files.write_visium(tmp_path / f"Run{k}" / "outs", cells) for k, cells in enumerate(PARTS)]
    sections = read_pair(paths)
    assert sections.names == ("Run0", "Run1")
    assert "Run1: 1 spot outside the tissue was left out." in sections.notes
    same(sections, PARTS, atol=1e-6)


def test_files_of_one_name_in_two_folders(tmp_path):
    paths = [tmp_path / f"mouse{k}" / "cells.csv" for k in (1, 2)]
    for path, cells in zip(paths, PARTS, strict=True):
        path.parent.mkdir()
        table_of(cells).to_csv(path, index=False)
    sections = read_pair(paths, um_per_unit=1)
    assert sections.names == ("mouse1 cells", "mouse2 cells")
    assert set(sections.hashes) == {"mouse1/cells.csv", "mouse2/cells.csv"}
    same(sections, PARTS)
    with pytest.raises(InputError, match="cells.csv is given more than once"):
        scan([paths[0], tmp_path / "mouse2" / ".." / "mouse1" / "cells.csv"])


@pytest.mark.parametrize("prefix", ["", "V1_"])
def test_a_matrix_packed_as_it_is_offered_for_download(tmp_path, prefix):
    for k, cells in enumerate(PARTS):
        folder = visium_files.write_visium(tmp_path / f"s{k}", cells)
        matrix = visium_files.as_mtx(folder / "filtered_feature_bc_matrix.h5")
        raw = folder / "raw_feature_bc_matrix"
        raw.mkdir()
        for place in (matrix, folder / "spatial", raw):
            if place == raw:
                (raw / "matrix.mtx.gz").write_bytes(b"never read")
            packed(place, folder / f"{prefix}{place.name}.tar.gz", f"{place.name}/")
            shutil.rmtree(place)
    same(read_pair(tmp_path), PARTS, atol=1e-6)


def test_parts_of_visium_with_the_sample_behind_their_names(tmp_path):
    for k, cells in enumerate(PARTS):
        made = visium_files.write_visium(tmp_path / "w", cells, flat=True)
        for path in made.iterdir():
            stem, ending = path.name.split(".")
            (tmp_path / "all").mkdir(exist_ok=True)
            shutil.move(path, tmp_path / "all" / f"{stem}_A{k}.{ending}")
        made.rmdir()
    sections = read_pair(tmp_path / "all")
    assert sections.names == ("A0", "A1")
    assert all(section.has_image for section in scan(tmp_path / "all").sections)
    same(sections, PARTS, atol=1e-6)


def test_an_empty_folder_is_called_empty(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / ".DS_Store").write_bytes(b"x")
    with pytest.raises(InputError, match="a is empty: there are no files in it"):
        scan(tmp_path / "a")


@pytest.mark.parametrize("name", ["S.Score", "G2M.Score", "orig.ident", "n.genes", "log10_nCount", "library_size",
                                  "Cluster ID", "Nucleus Area", "Cell Area (um^2)", "Area µm²", "total_umi", "x_ccf",
                                  "ccf_z", "distance_to_border", "qc_score", "Num Detections", "selected"])
def test_more_columns_that_describe_cells(name):
    assert annotation.split([name, "Gad1"], ReadOptions()) == (["Gad1"], [name])


def test_names_of_genes_that_look_like_annotation_stay():
    genes = ["H2-K1", "mt-Nd1", "S100a1", "Ccl2", "Areg", "Clu", "Numb", "Num1", "PCNA", "RP11-206L10.9", "Mds1", "Rb1",
             "HLA-A", "Rbp4", "Stag1", "N", "S", "Sct", "Runx1", "CD45", "Id1"]
    assert annotation.split(genes, ReadOptions()) == (genes, [])


def test_controls_are_not_counted_among_genes_that_files_share(tmp_path):
    controls = {"NegProbe-WTX": 1, "negprobe1": 1, "NegativeControl_1": 1, "ERCC-00002": 1, "blank1": 1, "Blank-1": 1}
    paths = [tmp_path / "s1.csv", tmp_path / "s2.csv"]
    for path, cells in zip(paths, PARTS, strict=True):
        table_of(cells, **controls).to_csv(path, index=False)
    sections = read_pair(paths, um_per_unit=1)
    assert list(sections.genes) == list(GENES)
    assert not any("genes are in every file" in note for note in sections.notes)


def _h5ad(path, cells, names, **columns):
    cells = cells.copy()
    cells.var_names = list(names)
    for column, values in columns.items():
        cells.var[column] = list(values)
    cells.write_h5ad(path)
    return path


@pytest.mark.parametrize("columns", [("SYMBOL",), ("gene_ids", "feature_name"), ("Gene_Name",), ("mgi_symbol",)])
def test_genes_are_matched_by_whatever_column_has_their_other_name(tmp_path, columns):
    ids = [f"ENSMUSG{k:011d}" for k in range(len(GENES))]
    held = {c: ids if c == "gene_ids" else GENES for c in columns}
    sections = read_pair([_h5ad(tmp_path / "s1.h5ad", PARTS[0], GENES),
                          _h5ad(tmp_path / "s2.h5ad", PARTS[1], ids, **held)], um_per_unit=1)
    same(sections, PARTS)


def test_spaces_around_names_of_genes_are_taken_off(tmp_path):
    sections = read_pair([_h5ad(tmp_path / "s1.h5ad", PARTS[0], [f" {gene} " for gene in GENES]),
                          _h5ad(tmp_path / "s2.h5ad", PARTS[1], GENES)], um_per_unit=1)
    same(sections, PARTS)
    assert "s1.h5ad: spaces around the names of genes were taken off." in sections.notes


def test_a_table_with_one_row_per_gene_is_said_to_be_one(tmp_path):
    table_of(PARTS[0]).T.to_csv(tmp_path / "numbered.csv")
    named = pd.DataFrame(counts_of(PARTS[0]).T, index=list(GENES), columns=[f"cell_{k}" for k in range(40)])
    named.to_csv(tmp_path / "named.csv")
    for name in ("numbered", "named"):
        with pytest.raises(InputError, match="[Tt]urn it round, so that each cell is a row"):
            read_sections(tmp_path / f"{name}.csv", ReadOptions(gap=50, um_per_unit=1))
