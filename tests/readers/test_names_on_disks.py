"""Vendors' files under the names that they have on disks: prefixes, .gz, archives, dots, what systems leave behind."""

import gzip
import io
import os
import shutil
import tarfile
import zipfile

import numpy as np
import pandas as pd
import pytest

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections, scan
from isost_core.readers.names import is_rubbish, name_of
from tests.readers import vendor_files
from tests.readers import visium_files as files
from tests.readers.test_readers_vendors import N, read_pair, same, section

GZ = (".csv", ".json", ".png", ".parquet", ".h5", ".mtx", ".tsv")


def lattice(seed=0):
    cells = section(seed)
    row, column = np.divmod(np.arange(N), 6)
    cells.obsm["spatial"] = np.column_stack([column * 100.0 + row % 2 * 50, row * 86.6025])
    return cells


def visium(path, seed=0, prefix="", gz=False, **keywords):
    """A Visium folder, each file behind the prefix and perhaps packed."""
    cells = lattice(seed)
    folder = files.write_visium(path, cells, **keywords)
    for file in [p for p in folder.rglob("*") if p.is_file()]:
        name = f"{prefix}{file.name}"
        if gz and file.suffix in GZ:
            (file.parent / f"{name}.gz").write_bytes(gzip.compress(file.read_bytes()))
            file.unlink()
        else:
            file.rename(file.with_name(name))
    return folder, cells


def into(folder, *others):
    """All files of other folders put into one."""
    folder.mkdir(exist_ok=True)
    for other in others:
        for file in [p for p in other.rglob("*") if p.is_file()]:
            shutil.move(file, folder / file.name)
        shutil.rmtree(other)
    return folder


# ---- names

@pytest.mark.parametrize("name, said", [
    ("section_03.csv.gz", "section_03"), ("a.gem.gz", "a"), ("a.tar.gz", "a"), ("a.h5ad.gz", "a"), ("A.H5AD", "A"),
    ("Bregma_-0.24", "Bregma_-0.24"), ("sec_1.5mm", "sec_1.5mm"), ("s_0.5.csv", "s_0.5"), ("x.zarr", "x"),
    ("x.zarr.zip", "x"), ("x.ome.zarr", "x"), (".csv", ".csv"), ("v1.0", "v1.0"), ("Größe #3 50%.tsv", "Größe #3 50%")])
def test_only_known_endings_are_taken_off(name, said):
    assert name_of(name) == said


@pytest.mark.parametrize("name, rubbish", [("._a.csv", True), (".DS_Store", True), ("Thumbs.db", True),
                                           ("~$a.csv", True), (".ipynb_checkpoints", True), ("a.csv~", True),
                                           ("a.csv", False)])
def test_what_a_system_left_is_told(name, rubbish):
    assert is_rubbish(name) == rubbish


def test_folders_with_dots_keep_their_whole_names(tmp_path):
    for k, name in enumerate(("Bregma_-0.24", "Bregma_-0.04", "sec_1.5mm")):
        visium(tmp_path / "all" / name, k)
    assert {s.name for s in scan(tmp_path / "all").sections} == {"Bregma_-0.24", "Bregma_-0.04", "sec_1.5mm"}


def test_packed_tables_are_named_without_both_endings(tmp_path):
    for k in (3, 4):
        table = section(k).to_df().assign(x=np.arange(N), y=np.arange(N) % 5)
        table.to_csv(tmp_path / f"section_0{k}.csv.gz", index=False)
    paths = sorted(tmp_path.iterdir())
    assert read_pair(paths, um_per_unit=1).names == ("section_03", "section_04")


# ---- 10x

@pytest.mark.parametrize("gz", [False, True])
@pytest.mark.parametrize("keywords", [{}, {"old": True}, {"flat": True, "old": True}])
def test_visium_behind_a_prefix(tmp_path, gz, keywords):
    made = [visium(tmp_path / f"v{k}", k, f"GSM10{k}_S{k}_", gz, **keywords) for k in (1, 2)]
    sections = read_pair([m[0] for m in made])
    same(sections, [m[1] for m in made], atol=1e-6)
    assert sections.names == ("v1", "v2") and all(s.has_image for s in scan(made[0][0]).sections)


@pytest.mark.parametrize("gz", [False, True])
def test_all_samples_of_a_series_in_one_folder(tmp_path, gz):
    made = [visium(tmp_path / f"v{k}", k, f"GSM10{k}_S{k}_", gz, old=True) for k in (1, 2)]
    series = into(tmp_path / "GSE1", *[m[0] for m in made])
    sections = read_pair(series)
    same(sections, [m[1] for m in made], atol=1e-6)
    assert sections.names == ("GSM101_S1", "GSM102_S2") and len(set(sections.hashes.values())) == 2
    assert "GSE1 has files of 2 sections. They are told apart by their names: GSM101_S1, GSM102_S2." in sections.notes
    next(series.glob("GSM102*positions*")).unlink()
    found = scan(series)
    assert [s.name for s in found.sections] == ["GSM101_S1"]
    assert "GSE1: GSM102_S2 was left out, because its table of spots is missing." in found.notes


@pytest.mark.parametrize("gz", [False, True])
def test_three_files_of_a_matrix_behind_a_prefix(tmp_path, gz):
    made = []
    for k in (1, 2):
        folder, cells = visium(tmp_path / f"v{k}", k)
        trio = files.as_mtx(folder / "filtered_feature_bc_matrix.h5", gz)
        for file in [*trio.iterdir(), *(folder / "spatial").iterdir()]:
            shutil.move(file, folder / f"GSM{k}_{file.name}")
        trio.rmdir()
        made.append((folder, cells))
    same(read_pair([m[0] for m in made]), [m[1] for m in made], atol=1e-6)
    same(read_pair(into(tmp_path / "GSE1", *[m[0] for m in made])), [m[1] for m in made], atol=1e-6)


def tar_of(path, folder, top="spatial"):
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as packed:
        packed.add(folder, top)
    return path


@pytest.mark.parametrize("name, top", [("spatial.tar.gz", "spatial"), ("{}_spatial.tar.gz", "."),
                                       ("{}_spatial.tar", "a/spatial")])
def test_an_archive_of_spatial_beside_the_matrix(tmp_path, name, top):
    made = []
    for k in (1, 2):
        folder, cells = visium(tmp_path / f"v{k}", k)
        tar_of(folder / name.format(f"S{k}"), folder / "spatial", top)
        shutil.rmtree(folder / "spatial")
        (folder / "filtered_feature_bc_matrix.h5").rename(folder / f"S{k}_filtered_feature_bc_matrix.h5")
        made.append((folder, cells))
    sections = read_pair([m[0] for m in made])
    same(sections, [m[1] for m in made], atol=1e-6)
    assert sections.names == ("v1", "v2") and scan(made[0][0]).sections[0].has_image
    if "{}" in name:
        same(read_pair(into(tmp_path / "GSE1", *[m[0] for m in made])), [m[1] for m in made], atol=1e-6)


@pytest.mark.parametrize("how", ["files", "tar of each", "zip of outs"])
def test_the_archive_of_a_whole_series(tmp_path, how):
    made = [visium(tmp_path / f"S{k}", k, f"GSM10{k}_" if how == "files" else "") for k in (1, 2)]
    with tarfile.open(tmp_path / "GSE1_RAW.tar", "w") as series:
        for folder, _ in made:
            if how == "files":
                for file in [p for p in folder.rglob("*") if p.is_file()]:
                    series.add(file, file.name)
            elif how == "tar of each":
                series.add(tar_of(tmp_path / f"GSM_{folder.name}.tar.gz", folder, folder.name),
                           f"GSM_{folder.name}.tar.gz")
            else:
                body = io.BytesIO()
                with zipfile.ZipFile(body, "w") as packed:
                    for file in [p for p in folder.rglob("*") if p.is_file()]:
                        packed.write(file, f"outs/{file.relative_to(folder)}")
                member = tarfile.TarInfo(f"GSM_{folder.name}.zip")
                member.size = body.tell()
                body.seek(0)
                series.addfile(member, body)
    sections = read_pair(tmp_path / "GSE1_RAW.tar")
    same(sections, [m[1] for m in made], atol=1e-6)
    assert [name.split("_")[-1][-1] for name in sections.names] == ["1", "2"]


def test_files_that_a_mac_left_are_passed_over(tmp_path):
    made = [visium(tmp_path / f"v{k}", k) for k in (1, 2)]
    made.append((files.write_xenium(tmp_path / "x", lattice(3)), lattice(3)))
    made.append((vendor_files.write_merscope(tmp_path / "m", lattice(4)), lattice(4)))
    for folder, _ in made:
        for file in [p for p in folder.rglob("*") if p.is_file()]:
            file.with_name(f"._{file.name}").write_bytes(b"\x00\x05\x16\x07 of a Mac")
        for name in (".DS_Store", "Thumbs.db", "~$notes.csv"):
            (folder / name).write_bytes(b"x")
        (folder / ".ipynb_checkpoints").mkdir()
        shutil.copy(next(p for p in folder.iterdir() if p.is_file() and not is_rubbish(p.name)),
                    folder / ".ipynb_checkpoints")
    same(read_pair([m[0] for m in made]), [m[1] for m in sorted(made, key=lambda m: m[0].name)], atol=1e-6)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("header", [False, True])
def test_tables_of_spots_with_and_without_names_under_either_name(tmp_path, old, header):
    made = [visium(tmp_path / f"v{k}", k, old=old) for k in (1, 2)]
    for folder, cells in made:
        places = next((folder / "spatial").glob("*positions*"))
        table = files.places_of(cells).rename(columns={"in_tissue": "In_Tissue", "barcode": "Barcode"})
        table.to_csv(places, index=False, header=header)
    same(read_pair([m[0] for m in made]), [m[1] for m in made], atol=1e-6)


def test_two_tables_of_spots(tmp_path):
    made = [visium(tmp_path / f"v{k}", k) for k in (1, 2)]
    spatial = made[0][0] / "spatial"
    table = files.places_of(made[0][1])
    table.to_csv(spatial / "tissue_positions_list.csv", index=False, header=False)
    same(read_pair([m[0] for m in made]), [m[1] for m in made], atol=1e-6)
    assert any("tissue_positions.csv was read. tissue_positions_list.csv has the same spots" in n
               for n in scan(made[0][0]).notes)
    table.assign(pxl_row_in_fullres=5.0).to_csv(spatial / "tissue_positions_list.csv", index=False, header=False)
    with pytest.raises(InputError, match="spatial has 2 tables of spots that do not agree"):
        scan(made[0][0])


def test_xenium_of_a_series_and_as_a_zip(tmp_path):
    made = [(files.write_xenium(tmp_path / f"x{k}", lattice(k)), lattice(k)) for k in (1, 2)]
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as packed:
        for file in made[0][0].iterdir():
            packed.write(file, f"output-XETG/{file.name}")
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as zarr, pytest.warns(UserWarning):
            zarr.writestr(".zgroup", "{}")
            zarr.writestr(".zgroup", "{ }")
        packed.writestr("output-XETG/cells.zarr.zip", inner.getvalue())
        packed.writestr("output-XETG/analysis.tar.gz", b"anything")
    assert scan(tmp_path / "bundle.zip").sections[0].kind == "Xenium folder"
    for k, (folder, _) in enumerate(made):
        (folder / "experiment.xenium").unlink()
        pd.read_parquet(folder / "cells.parquet").to_csv(folder / "cells.csv.gz", index=False)
        (folder / "cells.parquet").unlink()
        for file in list(folder.iterdir()):
            file.rename(folder / f"GSM{k}_{file.name}")
    same(read_pair(into(tmp_path / "GSE", *[m[0] for m in made])), [m[1] for m in made], atol=1e-6)


# ---- other vendors

@pytest.mark.parametrize("name", ["GSM{k}_{file}", "Slice{k}_Replicate1_{file}", "suffix"])
def test_merscope_of_a_series(tmp_path, name):
    made = [(vendor_files.write_merscope(tmp_path / f"m{k}", section(k), gz=True), section(k)) for k in (1, 2)]
    for k, (folder, _) in enumerate(made):
        for file in list(folder.iterdir()):
            new = file.name.replace(".csv", f"_S{k}R1.csv") if name == "suffix" else name.format(k=k, file=file.name)
            file.rename(folder / new)
    sections = read_pair(into(tmp_path / "all", *[m[0] for m in made]))
    same(sections, [m[1] for m in made])
    assert len(set(sections.names)) == 2


def test_cosmx_slides_in_one_folder(tmp_path):
    made = [(vendor_files.write_cosmx(tmp_path / f"c{k}", section(k), gz=True), section(k)) for k in (1, 2)]
    for k, (folder, _) in enumerate(made):
        for file in list(folder.iterdir()):
            file.rename(folder / f"GSM{k}_Slide{k}_{file.name[3:]}")
    sections = read_pair(into(tmp_path / "all", *[m[0] for m in made]), um_per_unit=vendor_files.COSMX_UM)
    same(sections, [m[1] for m in made])
    assert sections.names == ("GSM0_Slide0", "GSM1_Slide1")


def test_pucks_in_one_folder(tmp_path):
    made = []
    for k in (1, 2):
        cells = section(k)
        folder = vendor_files.write_slideseq(tmp_path / f"p{k}", cells, gz=True)
        for file in list(folder.iterdir()):  # each puck has barcodes of its own
            with (gzip.open if file.suffix == ".gz" else open)(file, "rt") as opened:
                text = opened.read().replace("ACGT", f"A{'CG'[k - 1]}T")
            (folder / f"Puck_{k}{file.name[2:].removesuffix('.gz')}").write_text(text)
            file.unlink()
        made.append((folder, cells))
    sections = read_pair(into(tmp_path / "all", *[m[0] for m in made]), um_per_unit=vendor_files.SLIDESEQ_UM)
    same(sections, [m[1] for m in made])
    assert sections.names == ("Puck_1", "Puck_2")


def test_endings_in_capitals_and_names_with_signs(tmp_path):
    folder = vendor_files.write_merscope(tmp_path / "Größe #3 50% (a, b)", section(1))
    for file in list(folder.iterdir()):
        file.rename(folder / file.name.replace("cell_", "Cell_").replace(".csv", ".CSV"))
    section(2).write_h5ad(tmp_path / "b c.H5AD")
    sections = read_pair([folder, tmp_path / "b c.H5AD"], um_per_unit=1)
    assert set(sections.names) == {"Größe #3 50% (a, b)", "b c"}


def test_links_to_folders_and_files_are_followed(tmp_path):
    made = [visium(tmp_path / "real" / f"v{k}", k) for k in (1, 2)]
    (tmp_path / "stack").mkdir()
    for k in (1, 2):
        os.symlink(tmp_path / "real" / f"v{k}", tmp_path / "stack" / f"link {k}")
    sections = read_pair(tmp_path / "stack")
    same(sections, [m[1] for m in made], atol=1e-6)
    assert sections.names == ("link 1", "link 2")


def test_h5ad_packed_as_gz(tmp_path):
    paths = []
    for k in (1, 2):
        section(k).write_h5ad(tmp_path / "s.h5ad")
        paths.append(tmp_path / f"GSM{k}_s.h5ad.gz")
        paths[-1].write_bytes(gzip.compress((tmp_path / "s.h5ad").read_bytes()))
        (tmp_path / "s.h5ad").unlink()
    for given in (paths, tmp_path):
        sections = read_pair(given, um_per_unit=1)
        assert sections.names == ("GSM1_s", "GSM2_s")
        same(sections, [section(1), section(2)])
    paths[0].write_bytes(paths[0].read_bytes()[:-50])
    with pytest.raises(InputError, match="GSM1_s.h5ad.gz cannot be unpacked: it is incomplete"):
        scan(paths[0])


def test_a_file_that_a_system_left_is_refused(tmp_path):
    (tmp_path / "._a.csv").write_bytes(b"x")
    with pytest.raises(InputError, match="was made by the system"):
        scan(tmp_path / "._a.csv")


# ---- Stereo-seq

def gem(path, cells, edit, sep="\t"):
    made, at = vendor_files.write_gem(path, cells)
    lines = [line for line in made.read_text().splitlines() if line.startswith("#")]
    table = edit(pd.read_csv(made, sep="\t", comment="#"))
    made.write_text("\n".join(lines) + "\n" + table.to_csv(sep=sep, index=False))
    return made, at


@pytest.mark.parametrize("sep", ["\t", ",", " ", ";"])
@pytest.mark.parametrize("names", [{}, {"geneID": "geneName", "MIDCount": "MIDCounts"},
                                   {"geneID": "gene", "MIDCount": "UMICount", "x": "X", "y": "Y", "CellID": "cell"},
                                   {"geneID": "GeneID", "MIDCount": "mid_counts", "CellID": "cell_label"}])
def test_gem_with_other_separators_and_spellings(tmp_path, sep, names):
    parts = [section(1), section(2)]
    made = [gem(tmp_path / f"{k}.gem", c, lambda t: t.rename(columns=names), sep) for k, c in enumerate(parts)]
    same(read_pair([m[0] for m in made]), parts, [m[1] for m in made], times=2)


def test_gem_with_ids_and_names(tmp_path):
    def both(table):
        ids = {g: f"ENSMUSG{k:05d}" for k, g in enumerate(sorted(table["geneID"].unique()))}
        return table.rename(columns={"geneID": "geneName"}).assign(geneID=table["geneID"].map(ids))

    parts = [section(1), section(2)]
    made = [gem(tmp_path / f"{k}.gem", c, both) for k, c in enumerate(parts)]
    sections = read_pair([m[0] for m in made])
    same(sections, parts, [m[1] for m in made], times=2)
    assert all(name.startswith("ENSMUSG") for name in sections.cells.var["other_name"])


def test_gem_with_one_name_for_two_ids(tmp_path):
    def both(table):
        return table.assign(geneName="Same").rename(columns={})

    made = [gem(tmp_path / f"{k}.gem", section(k), both) for k in (1, 2)]
    assert read_pair([m[0] for m in made]).genes[0].startswith("Same (")


def test_options_are_kept_for_scans_of_series(tmp_path):
    folder = visium(tmp_path / "v", 1)[0]
    assert scan(folder, ReadOptions()).sections[0].name == "v"
    with pytest.raises(InputError, match="at least two sections"):
        read_sections(folder, ReadOptions(gap=1))
