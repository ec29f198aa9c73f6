"""Counts in one file and positions in another, as studies publish them."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.fuzz_seeds import cells_of
from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections, scan
from isost_core.readers.recognise import headers_of
from tests.readers import paired_files as files
from tests.readers.vendor_files import counts_of

CELLS = cells_of(3)


def one(path):
    (header,) = headers_of(path, ReadOptions())
    return header


def check(header, positions, cells=CELLS):
    """Genes, counts and places as they were written, in whatever order."""
    x = header.load().toarray()
    at = header.coordinates["spatial"][:, :2]
    order, wanted = np.lexsort(at.T), np.lexsort(np.asarray(positions).T)
    assert header.genes == list(cells.var_names)
    assert at[order] == pytest.approx(np.asarray(positions)[wanted])
    assert (x[order] == counts_of(cells)[wanted]).all()


@pytest.mark.parametrize("writer", [files.write_curio, files.write_paste, files.write_portal, files.write_bmk,
                                    files.write_seurat])
def test_counts_and_positions_of_one_section(tmp_path, writer):
    header = one(writer(tmp_path / "A", CELLS))
    check(header, CELLS.obsm["spatial"])
    assert header.um_per_unit is None and header.path.name == "A" and len(header.sources) in (2, 4)


@pytest.mark.parametrize(("selection", "genes_first"), [(True, False), (False, False), (False, True), (True, True)])
def test_spots_of_an_array_are_named_by_their_place(tmp_path, selection, genes_first):
    header = one(files.write_st(tmp_path / "A", CELLS, selection=selection, genes_first=genes_first))
    check(header, files.spots_of(CELLS))
    assert any("200 µm apart" in n for n in header.notes)


def test_an_array_as_a_single_file(tmp_path):
    folder = files.write_st(tmp_path, CELLS, selection=False)
    header = one(next(folder.iterdir()))
    check(header, files.spots_of(CELLS))
    assert header.kind == "ST array"


def test_several_sections_in_one_folder(tmp_path):
    for k in (1, 2, 10):
        files.write_paste(tmp_path, cells_of(k), f"slice{k}")
    found = scan([tmp_path])
    assert [(s.name, s.n_cells) for s in found.sections] == [("slice1", 24), ("slice2", 24), ("slice10", 24)]


def test_pairs_given_file_by_file(tmp_path):
    for k in (1, 2):
        files.write_paste(tmp_path, cells_of(k), f"slice{k}")
    paths = sorted(tmp_path.iterdir())
    stack = read_sections(paths, ReadOptions(um_per_unit=100.0, gap=20.0))
    assert list(stack.names) == ["slice1", "slice2"]


def test_raw_counts_are_preferred_and_the_line_of_types_is_no_cell(tmp_path):
    header = one(files.write_portal(tmp_path / "A", CELLS, gz=True))
    assert header.load().max() == counts_of(CELLS).max() and len(header.obs) == CELLS.n_obs
    assert any("counts come from well05raw_expression_pd.csv.gz" in n for n in header.notes)


def test_files_of_two_sections_are_refused(tmp_path):
    files.write_portal(tmp_path / "A", CELLS)
    places = pd.read_csv(tmp_path / "A" / "well05_spatial.csv")
    places["NAME"] = [places["NAME"][0], *(f"other{k}" for k in range(len(places) - 1))]
    places.to_csv(tmp_path / "A" / "well05_spatial.csv", index=False)
    with pytest.raises(InputError, match="no cells in common.*Give the two files of the same section"):
        one(tmp_path / "A")


def test_positions_without_names_must_be_as_many_as_the_cells(tmp_path):
    folder = files.write_paste(tmp_path / "A", CELLS)
    np.savetxt(folder / "slice1_coor.csv", CELLS.obsm["spatial"][:-3], delimiter=",")
    with pytest.raises(InputError, match="24 rows and 4 columns of values, but there are 21 positions"):
        one(folder)


def test_a_folder_of_tables_is_one_section_each(tmp_path):
    for k in (2, 10, 1):
        cells = cells_of(k)
        table = cells.to_df().astype(int)
        table[["x", "y"]] = cells.obsm["spatial"]
        table.to_csv(tmp_path / f"s{k}.csv.gz", index=False)
    assert [s.name for s in scan([tmp_path]).sections] == ["s1", "s2", "s10"]


def test_spots_of_several_sections_in_one_table(tmp_path):
    at = files.spots_of(CELLS)
    table = pd.concat([pd.DataFrame(counts_of(CELLS), columns=CELLS.var_names, index=[f"{k}x{x}x{y}" for x, y in at])
                       for k in (1, 2)])
    table.to_csv(tmp_path / "layers.tsv", sep="\t")
    assert [(s.name, s.n_cells) for s in scan([tmp_path / "layers.tsv"]).sections] == [("1", 24), ("2", 24)]


@pytest.mark.parametrize("genes_first", [True, False])
def test_a_table_with_thousands_of_columns(tmp_path, genes_first):
    rng = np.random.default_rng(0)
    x = rng.poisson(0.5, (1200, 1100)).astype(float)
    x[3, 5] = np.nan
    cells = [f"C{k}" for k in range(1200)]
    table = pd.DataFrame(x, index=cells, columns=[f"G{k}" for k in range(1100)])
    (table.T if genes_first else table).to_csv(tmp_path / "counts.csv.gz")
    pd.DataFrame({"x": np.arange(1200.0), "y": 0.0}, index=cells)[7:].to_csv(tmp_path / "positions.csv")
    header = one(tmp_path)
    assert header.load().toarray() == pytest.approx(x[7:], nan_ok=True) and header.load().shape == (1193, 1100)
    lines = ",two".join((table.T if genes_first else table).to_csv().rsplit(",2.0", 1))
    (tmp_path / "counts.csv.gz").unlink()
    (tmp_path / "counts.csv").write_text(lines)
    with pytest.raises(InputError, match="counts.csv must hold numbers, found 'two' in row"):
        one(tmp_path).load()
