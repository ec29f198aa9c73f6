"""What the values of a file are: counts, logarithms of a base, scaled; and which matrix of the file is read."""

import anndata
import numpy as np
import pytest
import scipy.sparse as sp

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections
from isost_core.sections.stack import Sections
from isost_core.sections.value_scale import look, scale_of
from tests.readers.test_readers import dense, stack, table, write  # noqa: F401

GENES = tuple(f"g{k}" for k in range(30))


def counts(**more):
    return stack(genes=GENES, **more)


def normalised(cells):
    x = dense(cells.X)
    return x / x.sum(1, keepdims=True) * 1e4


def with_values(cells, x, **uns):
    cells.X = sp.csr_matrix(x) if sp.issparse(cells.X) else x.astype(np.float32)
    cells.uns.update(uns)
    return cells


def read(path, **options):
    return read_sections(path, ReadOptions(**options))


@pytest.mark.parametrize("sparse", [False, True])
def test_whole_numbers_are_no_logarithms_whatever_the_file_says(write, sparse):  # noqa: F811
    cells = counts(sparse=sparse)
    cells.uns["log1p"] = {"base": None}
    sections = read(write(cells, "a.h5ad"))
    np.testing.assert_allclose(dense(sections.X), np.log1p(dense(cells.X)), rtol=1e-6)
    said = f"a.h5ad says that its values are logarithms, but they are whole numbers up to {dense(cells.X).max():g}"
    assert any(said in note and "--normalize none" in note for note in sections.notes)


@pytest.mark.parametrize("base", [2, 10])
def test_logarithms_of_another_base_become_natural_ones(write, base):  # noqa: F811
    cells = counts()
    logs = np.log1p(cells.X)
    path = write(with_values(cells, logs / np.log(base), log1p={"base": base}), "a.h5ad")
    sections = read(path)
    np.testing.assert_allclose(sections.X, logs, rtol=1e-5)
    assert any(f"from log{base}(1 + value) to log1p" in note for note in sections.notes)
    np.testing.assert_allclose(Sections.from_anndata(anndata.read_h5ad(path)).X, logs, rtol=1e-5)


@pytest.mark.parametrize("kind", ["dense", "sparse", "csv", "parquet"])
@pytest.mark.parametrize("base", [np.e, 2.0])
def test_logarithms_that_nobody_declared_are_known_by_their_values(write, kind, base):  # noqa: F811
    cells = counts(sparse=kind == "sparse")
    logs = np.log1p(normalised(cells))
    if kind in ("dense", "sparse"):
        path = write(with_values(cells, logs / np.log(base)), "a.h5ad")
        expected, options = logs, {}
    else:
        held = table(genes=GENES)
        x = held[list(GENES)].to_numpy(float)
        expected = np.log1p(x / x.sum(1, keepdims=True) * 1e4)
        held[list(GENES)] = expected / np.log(base)
        path, options = write(held, f"a.{kind}"), {"um_per_unit": 1}
    sections = read(path, **options)
    np.testing.assert_allclose(dense(sections.X), expected, rtol=1e-4)
    assert any("log1p already" in n or "log2(1 + value) already" in n for n in sections.notes)
    again = read(path, normalize="log1p", **options)
    np.testing.assert_allclose(dense(again.X), np.log1p(expected / np.log(base)), rtol=1e-4)


def test_what_may_be_logarithms_is_said_with_the_other_reading(write):  # noqa: F811
    cells = counts()
    x = np.round(np.log2(1 + normalised(cells) / 2000), 2)
    path = write(with_values(cells, x), "a.h5ad")
    sections = read(path)
    np.testing.assert_allclose(sections.X, np.log1p(x), rtol=1e-5)
    assert any("may be logarithms already" in n and "--normalize log2" in n for n in sections.notes)
    sections = read(path, normalize="log2")
    np.testing.assert_allclose(sections.X, x * np.log(2), rtol=1e-5)


@pytest.mark.parametrize("base", [np.e, 2.0])
def test_logarithms_with_two_decimals_are_known_where_rounding_leaves_no_doubt(write, base):  # noqa: F811
    cells = counts()
    x = np.round(np.log1p(normalised(cells) / 20) / np.log(base), 2)
    sections = read(write(with_values(cells, x), "a.h5ad"))
    np.testing.assert_allclose(sections.X, x * np.log(base), rtol=1e-5)
    assert any("log1p already" in n or "log2(1 + value) already" in n for n in sections.notes)


def test_rounded_plain_values_are_not_taken_for_logarithms():
    rng = np.random.default_rng(0)
    for size in (0.05, 0.5, 3.0):
        assert scale_of(np.round(rng.gamma(2.0, size, (200, 80)), 2)).base is None
        assert scale_of(np.round(normalised(counts()) * size / 1e3, 2)).base is None


def test_plain_values_get_no_doubt(write):  # noqa: F811
    cells = counts()
    for x in (dense(cells.X), normalised(cells), dense(cells.X) * np.linspace(0.01, 0.3, len(cells))[:, None]):
        sections = read(write(with_values(counts(), x), "a.h5ad"))
        np.testing.assert_allclose(sections.X, np.log1p(x), rtol=1e-5)
        why = "they are counts" if (x == np.round(x)).all() else "nothing shows that it was taken before"
        assert sections.notes == (f"log(1 + value) of the stored values was taken, because {why}.",)


def test_relative_intensities_are_plain_and_a_flag_on_normalised_counts_is_not_believed():
    rng = np.random.default_rng(0)
    assert scale_of(rng.gamma(2.0, 0.2, (200, 80)).astype(np.float32)).base is None
    assert scale_of(normalised(counts()), flag=np.e).base is None
    assert look(np.zeros((30, 5))).top == 0


def test_each_section_of_a_joined_file_is_read_by_its_own_values(write):  # noqa: F811
    cells = counts()
    x = dense(cells.X)
    logs = np.log1p(normalised(cells))
    mixed = np.where((cells.obs["section"] == "s1").to_numpy()[:, None], logs, x)
    for sparse in (False, True):
        sections = read(write(with_values(counts(sparse=sparse), mixed), "a.h5ad"))
        expected = np.where((cells.obs["section"] == "s1").to_numpy()[:, None], logs, np.log1p(x))
        np.testing.assert_allclose(dense(sections.X), expected, rtol=1e-5)
        assert any("section 's1' were not changed" in note for note in sections.notes)


def test_files_of_different_scale_are_each_read_right(write):  # noqa: F811
    cells = counts()
    logs = np.log1p(normalised(cells))
    paths = []
    for k, x in enumerate((dense(cells.X), logs, logs / np.log(2))):
        one = counts()[(cells.obs["section"] == f"s{k}").to_numpy()].copy()
        one.X = x[(cells.obs["section"] == f"s{k}").to_numpy()].astype(np.float32)
        paths.append(write(one, f"s{k}.h5ad"))
    sections = read(paths)
    expected = np.where((cells.obs["section"] == "s0").to_numpy()[:, None], np.log1p(dense(cells.X)), logs)
    np.testing.assert_allclose(sections.X, expected, rtol=1e-4)
    for said in ("s0.h5ad were changed to log1p", "s1.h5ad were not changed", "s2.h5ad were changed from log2"):
        assert any(said in note for note in sections.notes), said


def layered():
    """Zeros in X, z-scores, counts and logarithms in layers, more genes in raw."""
    cells = counts()
    cells.raw = stack(genes=(*GENES, "more"))
    cells.layers["counts"], cells.layers["data"] = cells.X.copy(), np.log1p(normalised(cells))
    cells.layers["scaled"] = (cells.X - cells.X.mean(0)) / cells.X.std(0)
    cells.layers["empty"] = np.zeros_like(cells.X)
    cells.X = np.zeros_like(cells.X)
    return cells


def test_only_zeros_or_scaled_values_are_refused_with_what_would_do(write):  # noqa: F811
    cells = layered()
    with pytest.raises(InputError, match=r"a.h5ad: X holds only zeros. Layers with values: raw, counts, data. .*raw"):
        read(write(cells, "a.h5ad"))
    cells.X = cells.layers["scaled"]
    with pytest.raises(InputError, match=r"negative.*Layers with values: raw, counts, data\."):
        read(write(cells, "a.h5ad"))
    with pytest.raises(InputError, match="layer 'scaled'.*Layers|negative.*Layers with values: raw, counts, data"):
        read(write(cells, "a.h5ad"), layer="scaled")
    with pytest.raises(InputError, match=r"has no layer 'none'. It has: X, raw, counts, data, empty, scaled|It has: X"):
        read(write(cells, "a.h5ad"), layer="none")
    with pytest.raises(InputError, match="only zeros"):
        Sections.from_anndata(with_values(counts(), np.zeros((72, 30))))


@pytest.mark.parametrize("sparse", [False, True])
def test_a_layer_or_raw_is_read_in_place_of_x(write, sparse):  # noqa: F811
    cells, plain = layered(), counts()
    if sparse:
        cells.layers["counts"] = sp.csr_matrix(cells.layers["counts"])
    path = write(cells, "a.h5ad")
    np.testing.assert_allclose(dense(read(path, layer="counts").X), np.log1p(plain.X), rtol=1e-6)
    np.testing.assert_allclose(read(path, layer="data").X, np.log1p(normalised(plain)), rtol=1e-5)
    raw = read(path, layer="raw")
    assert raw.genes[-1] == "more" and len(raw.genes) == 31
    np.testing.assert_allclose(raw.X, np.log1p(stack(genes=(*GENES, "more")).X), rtol=1e-6)


def test_a_file_without_x_names_its_layers(write):  # noqa: F811
    import h5py

    path = write(layered(), "a.h5ad")
    with h5py.File(path, "a") as file:
        del file["X"]
    with pytest.raises(InputError, match="it has no X. It has: raw, counts, data.*--layer raw"):
        read(path)
    assert read(path, layer="counts").n_cells == 72


def test_a_table_has_no_layers(write):  # noqa: F811
    with pytest.raises(InputError, match=r"a.csv has no layer 'counts'"):
        read(write(table(), "a.csv"), layer="counts", um_per_unit=1)


def test_what_sections_write_says_that_it_is_log1p(write, tmp_path):  # noqa: F811
    rng = np.random.default_rng(0)
    first = read(write(with_values(counts(), rng.gamma(2.0, 9.0, (72, 30))), "a.h5ad"))
    assert first.cells.uns["log1p"]["base"] == np.e
    first.save(tmp_path / "saved.h5ad")
    first.cells.write_h5ad(tmp_path / "measured.h5ad")
    old = first.cells.copy()
    del old.uns["log1p"]
    old.write_h5ad(tmp_path / "earlier.h5ad")
    for name in ("saved", "measured", "earlier"):
        again = read(tmp_path / f"{name}.h5ad", depth_key="depth", um_per_unit=1)
        np.testing.assert_array_equal(again.X, first.X, name)


def test_a_layer_for_each_file(write):  # noqa: F811
    cells = layered()
    paths = [write(cells[(cells.obs["section"] == f"s{k}").to_numpy()].copy(), f"s{k}.h5ad") for k in range(3)]
    sections = read(paths, layer={"s0.h5ad": "counts", "s1.h5ad": "data", "s2.h5ad": "raw"})
    expected = np.log1p(np.where((cells.obs["section"] == "s1").to_numpy()[:, None], normalised(counts()), counts().X))
    assert sections.genes == list(GENES)
    raw = np.log1p(stack(genes=(*GENES, "more")).X)[2 * len(cells) // 3:, :len(GENES)]
    np.testing.assert_allclose(sections.X, np.vstack([expected[:2 * len(cells) // 3], raw]), rtol=1e-5)


def of_unequal_depth(sparse):
    """Counts of which each cell is thinned by a factor of its own, a section as a whole too; one cell has none."""
    cells = counts(sparse=sparse)
    rng = np.random.default_rng(3)
    thin = rng.uniform(1, 8, len(cells)) * np.where(cells.obs["section"] == "s1", 5.0, 1.0)
    x = rng.poisson(dense(cells.X) * thin[:, None]).astype(np.float32)
    x[7] = 0
    return with_values(cells, sp.csr_matrix(x) if sparse else x), x


def as_scanpy(x):
    """normalize_total(target_sum=None) of scanpy, then log1p."""
    totals = x.sum(1).astype(np.float64)
    goal = np.median(totals[totals > 0])
    return np.log1p(x / np.where(totals > 0, totals / goal, 1)[:, None]), goal


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("files", [1, 3])
def test_counts_scaled_to_the_median_are_those_of_scanpy(write, sparse, files):  # noqa: F811
    cells, x = of_unequal_depth(sparse)
    expected, goal = as_scanpy(x)
    if files == 1:
        paths = [write(cells, "a.h5ad")]
    else:
        paths = [write(cells[cells.obs["section"] == s].copy(), f"{s}.h5ad") for s in cells.obs["section"].unique()]
    sections = read_sections(paths, ReadOptions(normalize="median_log1p", keep_all_cells=True))
    names = list(sections.cells.obs_names)
    order = [list(cells.obs_names).index(n) for n in names]
    np.testing.assert_allclose(dense(sections.X), expected[order], rtol=2e-5, atol=1e-6)
    assert sections.normalize == "median_log1p" and sp.issparse(sections.X) == sparse
    assert any(f"scaled to the median total, {goal:,.4g}" in n and "you said so" in n for n in sections.notes)
    other = Sections.from_anndata(cells, normalize="median_log1p")
    np.testing.assert_allclose(dense(other.X), expected[order], rtol=2e-5, atol=1e-6)
    assert other.normalize == "median_log1p"


def test_unequal_totals_are_a_hint_and_change_nothing(write):  # noqa: F811
    cells, x = of_unequal_depth(False)
    cells = cells[np.arange(len(cells)) != 7].copy()
    sections = read(write(cells, "a.h5ad"))
    np.testing.assert_allclose(sections.X.max(), np.log1p(x.max()), rtol=1e-6)
    hint = next(n for n in sections.notes if "unequal totals" in n)
    assert "counts in s1" in hint and "--normalize median_log1p" in hint
    even = read(write(counts(), "b.h5ad"))
    assert not any("unequal" in n for n in even.notes)


def test_scaling_what_is_no_counts_says_so(write):  # noqa: F811
    cells = counts()
    logs = np.log1p(normalised(cells))
    sections = read(write(with_values(cells, logs), "a.h5ad"), normalize="median_log1p")
    assert any("a.h5ad are no counts" in n for n in sections.notes)
