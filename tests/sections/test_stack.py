import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from isost_core.errors import InputError
from isost_core.sections.stack import Sections


def stack(depths, n=25, sparse=False, seed=0):
    """AnnData of counts with one section per depth, cells of the sections interleaved."""
    rng = np.random.default_rng(seed)
    labels = np.tile([f"s{k}" for k in range(len(depths))], n)
    x = rng.poisson(2.0, (len(labels), 4)).astype(np.float32)
    obs = pd.DataFrame({"section": labels, "z_um": np.tile(np.asarray(depths, float), n), "kind": "neuron"},
                       index=[f"c{i}" for i in range(len(labels))])
    cells = anndata.AnnData(sp.csr_matrix(x) if sparse else x, obs=obs,
                            obsm={"spatial": rng.uniform(0, 100, (len(labels), 2))})
    cells.var_names = ["a", "b", "c", "d"]
    return cells


def dense(x):
    return x.toarray() if sp.issparse(x) else x


@pytest.mark.parametrize("sparse", [False, True])
def test_cells_are_grouped_by_section_in_increasing_depth(sparse):
    cells = stack([60.0, -10.0, 20.0], sparse=sparse)
    before = dense(cells.X).copy()
    sections = Sections.from_anndata(cells)
    assert sections.names == ("s1", "s2", "s0")
    assert list(sections.depths) == [-10.0, 20.0, 60.0]
    assert sp.issparse(sections.cells.X) == sparse and sections.cells.X.dtype == np.float32
    for name in sections.names:
        mine = sections.cells[sections.rows(name)]
        theirs = cells[mine.obs_names]
        assert set(mine.obs["section"].astype(str)) == {name} and mine.n_obs == 25
        np.testing.assert_allclose(dense(mine.X), np.log1p(dense(theirs.X)), rtol=1e-6)
        np.testing.assert_array_equal(mine.obsm["spatial"], theirs.obsm["spatial"])
    np.testing.assert_array_equal(dense(cells.X), before)
    assert list(cells.obs["section"][:3]) == ["s0", "s1", "s2"]


def test_each_cell_keeps_its_own_depth_and_the_section_has_the_mean():
    cells = stack([0.0, 50.0])
    cells.obs["z_um"] += np.linspace(-4, 4, cells.n_obs)
    sections = Sections.from_anndata(cells)
    np.testing.assert_allclose(sections.cells.obs["depth"], cells.obs["z_um"][sections.cells.obs_names])
    expected = cells.obs.groupby("section")["z_um"].mean()
    np.testing.assert_allclose(sections.depths, [expected["s0"], expected["s1"]])


def test_values_said_to_be_log1p_are_kept():
    cells = stack([0.0, 50.0])
    cells.X = np.log1p(cells.X)
    assert Sections.from_anndata(cells, normalize="none").cells.X.max() == cells.X.max()
    cells.uns["log1p"] = {}
    assert Sections.from_anndata(cells).cells.X.max() == cells.X.max()
    assert Sections.from_anndata(cells, normalize="log1p").cells.X.max() == np.log1p(cells.X.max())


def test_without_leaves_the_others_untouched():
    sections = Sections.from_anndata(stack([0.0, 50.0, 100.0], sparse=True))
    fewer = sections.without(["s1"])
    assert fewer.names == ("s0", "s2") and fewer.n_cells == 50
    np.testing.assert_array_equal(dense(fewer.cells.X[fewer.rows("s2")]),
                                  dense(sections.cells.X[sections.rows("s2")]))
    assert list(fewer.cells.obs["section"].cat.categories) == ["s0", "s2"]


@pytest.mark.parametrize("sparse", [False, True])
def test_save_and_load_give_the_same_back(tmp_path, sparse):
    cells = stack([0.0, 50.0, 100.0], sparse=sparse)
    cells.uns["phantom"] = "{}"
    sections = Sections.from_anndata(cells, frame="spatial_aligned")
    sections = Sections.from_log1p(sections.cells, "auto", "spatial_aligned", {"a.h5ad": "00"}, ["a note"])
    sections.save(tmp_path / "s.h5ad")
    back = Sections.load(tmp_path / "s.h5ad")
    for what in ("names", "frame", "normalize", "hashes", "notes", "genes", "synthetic"):
        assert getattr(back, what) == getattr(sections, what), what
    assert back.frame == "spatial_aligned" and back.synthetic and back.notes == ("a note",)
    np.testing.assert_array_equal(dense(back.cells.X), dense(sections.cells.X))
    np.testing.assert_array_equal(back.cells.obsm["spatial"], sections.cells.obsm["spatial"])
    assert sp.issparse(back.cells.X) == sparse


def test_load_refuses_a_file_of_another_kind(tmp_path):
    stack([0.0, 50.0]).write_h5ad(tmp_path / "x.h5ad")
    with pytest.raises(InputError, match="x.h5ad was not written by isoST Studio. Read it with read_sections"):
        Sections.load(tmp_path / "x.h5ad")


def test_cell_names_that_repeat_get_their_section_in_front():
    cells = stack([0.0, 50.0])
    cells.obs_names = np.repeat([f"c{i}" for i in range(25)], 2)
    names = Sections.from_anndata(cells).cells.obs_names
    assert names.is_unique and names[0] == "s0_c0" and names[25] == "s1_c0"


def test_only_one_section():
    with pytest.raises(InputError, match="at least two sections, found only 's0'"):
        Sections.from_anndata(stack([0.0], n=40))
    with pytest.raises(InputError, match="found only 's1'"):
        Sections.from_anndata(stack([0.0, 50.0])).without(["s0"])


def test_two_sections_at_one_depth_are_both_named():
    with pytest.raises(InputError, match="Sections 's0' and 's2' are both at depth 10 µm. Give each"):
        Sections.from_anndata(stack([10.0, 50.0, 10.0]))


def test_ten_cells_are_too_few():
    with pytest.raises(InputError, match="Section 's0' has 10 cells; at least 20 are needed. Leave"):
        Sections.from_anndata(stack([0.0, 50.0], n=10))


def test_cells_without_position_or_depth_name_the_section():
    cells = stack([0.0, 50.0])
    cells.obsm["spatial"][3, 1] = np.nan
    with pytest.raises(InputError, match="Section 's1': 1 of 25 cells have no position.*Remove these cells"):
        Sections.from_anndata(cells)
    cells = stack([0.0, 50.0])
    cells.obs.loc["c2", "z_um"] = np.inf
    with pytest.raises(InputError, match="Section 's0': 1 of 25 cells have no depth. Give the depth"):
        Sections.from_anndata(cells)


def test_bad_values_name_section_gene_and_number():
    for sparse in (False, True):
        cells = stack([0.0, 50.0], sparse=False)
        cells.X[[1, 3], 2] = -1.0
        cells.X = sp.csr_matrix(cells.X) if sparse else cells.X
        with pytest.raises(InputError, match="Section 's1': 2 values are negative, the first in gene 'c'. Give"):
            Sections.from_anndata(cells)
        cells = stack([0.0, 50.0])
        cells.X[0, 1] = np.nan
        cells.X = sp.csr_matrix(cells.X) if sparse else cells.X
        with pytest.raises(InputError, match=r"Section 's0': 1 value is missing.*gene 'b'. Replace them"):
            Sections.from_anndata(cells)


def test_unknown_section_lists_the_known_ones():
    sections = Sections.from_anndata(stack([0.0, 50.0]))
    with pytest.raises(InputError, match="Section 'S0' was not found. The sections are s0, s1"):
        sections.rows("S0")


@pytest.mark.parametrize("gone, said", [("section", r"no obs\['section'\]. It has: z_um, kind"),
                                        ("z_um", r"no depth. Add obs\['z_um'\] in µm")])
def test_missing_column_is_named(gone, said):
    cells = stack([0.0, 50.0])
    del cells.obs[gone]
    with pytest.raises(InputError, match=said):
        Sections.from_anndata(cells)


def test_missing_positions_are_named():
    cells = stack([0.0, 50.0])
    del cells.obsm["spatial"]
    with pytest.raises(InputError, match=r"no positions. Add obsm\['spatial'\]"):
        Sections.from_anndata(cells)


def test_cells_that_all_lie_at_a_few_places_are_refused():
    cells = stack([0.0, 50.0])
    for n, words in ((1, "1 place;"), (2, "2 places;")):
        cells.obsm["spatial"] = np.arange(2 * n).reshape(n, 2)[np.arange(cells.n_obs) // 2 % n].astype(float)
        with pytest.raises(InputError, match=f"Section 's0': its .* cells lie at only {words} at least 10"):
            Sections.from_anndata(cells)
