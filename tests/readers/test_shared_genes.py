"""Genes that sections share though their files write them in different ways."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.fuzz_seeds import cells_of
from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections, scan, shared_genes
from isost_core.readers.recognise import headers_of

IDS = ["ENSG00000128683", "ENSG00000197971", "ENSG00000091664", "ENSG00000171885"]


def write(path, names, k=0, **var):
    cells = cells_of(k, name=path.stem, z=40.0 * k)
    cells.var_names = names
    for column, values in var.items():
        cells.var[column] = values
    cells.write_h5ad(path)
    return path


def two(tmp_path, first, second, first_var=None, second_var=None):
    return [write(tmp_path / "A.h5ad", first, 0, **first_var or {}), write(tmp_path / "B.h5ad", second, 1,
                                                                           **second_var or {})]


SYMBOLS = ["GAD1", "MBP", "SLC17A6", "AQP4"]


@pytest.mark.parametrize(("first", "second", "first_var", "second_var", "said"), [
    (SYMBOLS, IDS, {}, {"gene_symbols": SYMBOLS}, "by their other name"),
    (SYMBOLS, IDS, {"gene_ids": IDS}, {}, "by their other name"),
    (SYMBOLS, [f"{i}.4" for i in IDS], {"gene_ids": [f"{i}.9" for i in IDS]}, {}, "by their other name"),
    ([f"{i}.5" for i in IDS], [f"{i}.7" for i in IDS], {}, {}, "without its version"),
    (["HLA-A", "MBP", "7SK", "A_B"], ["HLA.A", "MBP", "X7SK", "A.B"], {}, {}, "as R writes names"),
    (SYMBOLS, [f"GRCh38_{g}" for g in SYMBOLS], {}, {}, "'GRCh38' in front"),
    (SYMBOLS, [f"mm10___{g}" for g in SYMBOLS], {}, {}, "'mm10' in front")])
def test_genes_are_matched(tmp_path, first, second, first_var, second_var, said):
    paths = two(tmp_path, first, second, first_var, second_var)
    stack = read_sections(paths)
    assert list(stack.cells.var_names) == first and any(said in n for n in stack.notes)
    ours = np.asarray(stack.cells.X[24:].todense() if hasattr(stack.cells.X, "todense") else stack.cells.X[24:])
    assert ours == pytest.approx(np.log1p(cells_of(1).X.toarray()))


def test_what_fits_more_than_one_gene_is_not_matched(tmp_path):
    found = scan(two(tmp_path, ["A-B", "A_B", "MBP", "AQP4"], ["A.B", "MBP", "AQP4", "GAD1"]))
    assert found.n_shared_genes == 2 and "A.B" in found.dropped_genes


def test_two_species_are_refused(tmp_path):
    with pytest.raises(InputError, match="look like two species, since 4 names of genes differ only in upper"):
        scan(two(tmp_path, SYMBOLS, ["Gad1", "Mbp", "Slc17a6", "Aqp4"]))


def test_single_genes_in_another_case_are_said(tmp_path):
    found = scan(two(tmp_path, SYMBOLS, ["GAD1", "MBP", "SLC17A6", "Aqp4"]))
    assert found.n_shared_genes == 3 and any("only in upper and lower case, such as Aqp4 and AQP4" in n
                                             for n in found.notes)


def test_dates_are_said(tmp_path):
    found = scan(two(tmp_path, ["GAD1", "MBP", "MARCH1", "AQP4"], ["GAD1", "MBP", "1-Mar", "AQP4"]))
    assert any("turned names of genes into dates (1-Mar)" in n for n in found.notes)


@pytest.mark.parametrize("control", ["NegControlProbe_00042", "Blank-3", "BLANK_0011", "NegPrb01",
                                     "antisense_PROKR2", "DeprecatedCodeword_0321", "UnassignedCodeword_0007"])
def test_control_probes_are_left_out(tmp_path, control):
    stack = read_sections(two(tmp_path, [*SYMBOLS[:3], control], [*SYMBOLS[:3], control]))
    assert list(stack.cells.var_names) == SYMBOLS[:3]
    assert any(f"1 control probe is no gene and was left out: {control}." in n for n in stack.notes)


def test_few_shared_genes_are_said(tmp_path):
    found = scan(two(tmp_path, SYMBOLS, ["GAD1", "B", "C", "D"]))
    assert any("Only 1 gene is in every file" in n for n in found.notes)


@pytest.mark.parametrize(("var", "names"), [
    ({}, ["GAD1", "MBP", "MBP-1", "AQP4"]),
    ({"gene_ids": IDS}, ["GAD1", f"MBP ({IDS[1]})", f"MBP ({IDS[2]})", "AQP4"])])
def test_repeated_genes_get_names_of_their_own(tmp_path, var, names):
    twice = ["GAD1", "MBP", "MBP", "AQP4"]
    stack = read_sections(two(tmp_path, twice, twice, var, var))
    assert list(stack.cells.var_names) == names
    assert any("1 gene name occurs more than once (MBP)" in n for n in stack.notes)


def test_numbered_genes_are_named_by_their_symbols(tmp_path):
    numbers = ["0", "1", "2", "3"]
    stack = read_sections(two(tmp_path, numbers, numbers, {"gene_name": SYMBOLS}, {"gene_name": SYMBOLS}))
    assert list(stack.cells.var_names) == SYMBOLS
    assert any("genes are only numbered, so their names come from var['gene_name']" in n for n in stack.notes)


def test_a_file_without_any_genes_is_refused(tmp_path):
    paths = two(tmp_path, SYMBOLS, SYMBOLS)
    headers = [replace(header, genes=[]) for path in paths for header in headers_of(path, ReadOptions())]
    with pytest.raises(InputError, match="share no genes"):
        shared_genes.find(shared_genes.renamed(headers))
