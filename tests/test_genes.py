import pytest

from isost_core.errors import InputError
from isost_core.genes import find_genes

GENES = ["Gad1", "Gad2", "Slc17a6", "gad1", "Mbp"]


def test_exact_name_wins_over_case():
    assert find_genes(["gad1", "Gad1"], GENES) == [3, 0]


def test_case_and_blanks_do_not_matter():
    assert find_genes("MBP, slc17A6", GENES) == [4, 2]


def test_unknown_gene_names_the_nearest():
    with pytest.raises(InputError, match=r"Gene 'Slc17a7' is not in this run. Did you mean: Slc17a6"):
        find_genes(["Slc17a7"], GENES)


def test_nothing_near_lists_some_genes():
    with pytest.raises(InputError, match="5 genes, among them Gad1"):
        find_genes("@@@@", GENES)


@pytest.mark.parametrize("nothing", ["", " , ", []])
def test_no_name_is_an_error(nothing):
    with pytest.raises(InputError, match="No gene was given"):
        find_genes(nothing, GENES)
