"""What is understood of files: formats, names, order, depth, unit, values, hold-out."""

import hashlib

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections, scan, scan_files

N = 24  # cells of a section


def section(seed=0, genes=("a", "b", "c"), n=N, sparse=False, obs=None, spatial="spatial"):
    """AnnData of one section with no more than positions, plus the obs columns given."""
    rng = np.random.default_rng(seed)
    x = rng.poisson(2.0, (n, len(genes))).astype(np.float32)
    cells = anndata.AnnData(sp.csr_matrix(x) if sparse else x,
                            obs=pd.DataFrame(obs or {}, index=[f"c{seed}_{i}" for i in range(n)]))
    cells.var_names = list(genes)
    cells.obsm[spatial] = rng.uniform(0, 100, (n, 2))
    return cells


def stack(n_sections=3, gap=50.0, **keywords):
    """AnnData of several sections in the documented layout."""
    parts = [section(k, obs={"section": [f"s{k}"] * N, "z_um": k * gap}, **keywords) for k in range(n_sections)]
    cells = anndata.concat(parts)
    cells.obs["section"] = cells.obs["section"].astype("category")
    return cells


@pytest.fixture
def write(tmp_path):
    """Function that writes AnnData or DataFrame under a name and gives the path."""
    def to(cells, name):
        path = tmp_path / name
        if isinstance(cells, anndata.AnnData):
            cells.write_h5ad(path)
        elif path.suffix == ".parquet":
            cells.to_parquet(path)
        else:
            cells.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
        return path
    return to


def table(n_sections=2, genes=("a", "b"), **columns):
    rng = np.random.default_rng(1)
    n = N * n_sections
    return pd.DataFrame({"x": rng.uniform(0, 9, n), "y": rng.uniform(0, 9, n),
                         "section": np.repeat([f"s{k}" for k in range(n_sections)], N),
                         "z_um": np.repeat(np.arange(n_sections) * 40.0, N),
                         **{g: rng.poisson(2, n) for g in genes}, **columns})


def dense(x):
    return x.toarray() if sp.issparse(x) else x


# ---- what is right is read right

@pytest.mark.parametrize("sparse", [False, True])
def test_documented_layout_needs_nothing_else(write, sparse):
    cells = stack(sparse=sparse)
    path = write(cells, "stack.h5ad")
    sections = read_sections(path)
    assert sections.names == ("s0", "s1", "s2") and list(sections.depths) == [0, 50, 100]
    assert sections.frame == "spatial" and sections.normalize == "auto" and not sections.synthetic
    assert sp.issparse(sections.cells.X) == sparse and sections.cells.X.dtype == np.float32
    np.testing.assert_allclose(dense(sections.cells.X), np.log1p(dense(cells.X)), rtol=1e-6)
    np.testing.assert_array_equal(sections.cells.obsm["spatial"], cells.obsm["spatial"])
    assert sections.hashes == {"stack.h5ad": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_csc_integer_and_float64_values(write):
    for k, kind in enumerate((sp.csc_matrix, lambda x: x.astype(np.int32), lambda x: x.astype(np.float64))):
        cells = stack()
        expected = np.log1p(cells.X)
        cells.X = kind(cells.X)
        got = read_sections(write(cells, f"{k}.h5ad")).cells.X
        assert got.dtype == np.float32 and (not sp.issparse(got) or got.format == "csr")
        np.testing.assert_allclose(dense(got), expected, rtol=1e-6)


def test_one_file_per_section_in_natural_order(write):
    paths = [write(section(k), f"m_{k}_p.h5ad") for k in (14, 4, 9)]
    sections = read_sections(paths, ReadOptions(gap=30, um_per_unit=2))
    assert sections.names == ("m_4_p", "m_9_p", "m_14_p") and list(sections.depths) == [0, 30, 60]
    np.testing.assert_allclose(sections.cells.obsm["spatial"][:N], 2 * section(4).obsm["spatial"])


@pytest.mark.parametrize("names", [("m_9_p", "m_4_p"), ("m_9_p.h5ad", "0.04"), ("0.09", "m_4_p.h5ad")])
def test_order_gives_depths_their_section_by_any_of_its_names(write, names):
    paths = [write(section(k, obs={"slice_id": [f"0.0{k}"] * N}), f"m_{k}_p.h5ad") for k in (4, 9)]
    sections = read_sections(paths, ReadOptions(depths=(-10, 25), order=names, um_per_unit=1))
    assert sections.names == ("m_9_p", "m_4_p") and list(sections.depths) == [-10, 25]


def test_depths_need_not_be_in_increasing_order(write):
    paths = [write(section(k), f"m_{k}.h5ad") for k in (1, 2, 3)]
    sections = read_sections(paths, ReadOptions(depths=(100, 0, 50), um_per_unit=1))
    assert sections.names == ("m_2", "m_3", "m_1") and list(sections.depths) == [0, 50, 100]


@pytest.mark.parametrize("key", ["slice_id", "section_id", "brain_section_label", "library_id", "sample_id", "batch"])
def test_known_section_keys_are_found(write, key):
    cells = stack()
    cells.obs = cells.obs.rename(columns={"section": key})
    path = write(cells, "one.h5ad")
    assert scan(path).section_key == key
    assert read_sections(path, ReadOptions(um_per_unit=1)).names == ("s0", "s1", "s2")


def test_numbered_sections_keep_plain_names_in_numeric_order(write):
    cells = stack()
    cells.obs["slice"] = np.repeat([10.0, 9.0, 11.0], N)
    options = ReadOptions(section_key="slice", gap=5, um_per_unit=1)
    assert read_sections(write(cells, "one.h5ad"), options).names == ("9", "10", "11")


def test_each_cell_keeps_its_own_depth(write):
    cells = stack()
    cells.obs["z_um"] += np.tile(np.linspace(-3, 5, N), 3)
    sections = read_sections(write(cells, "s.h5ad"))
    np.testing.assert_allclose(sections.depths, [1, 51, 101])
    np.testing.assert_allclose(sections.cells.obs["depth"], cells.obs["z_um"])


def test_aligned_positions_come_first_and_are_named(write):
    cells = stack()
    cells.obsm["spatial_aligned"] = cells.obsm["spatial"] + 7
    path = write(cells, "s.h5ad")
    sections = read_sections(path)
    assert sections.frame == "spatial_aligned"
    np.testing.assert_allclose(sections.cells.obsm["spatial"], cells.obsm["spatial"] + 7)
    as_measured = read_sections(path, ReadOptions(spatial_key="spatial"))
    assert as_measured.frame == "spatial"
    np.testing.assert_allclose(as_measured.cells.obsm["spatial"], cells.obsm["spatial"])


@pytest.mark.parametrize("columns", [("x", "y"), ("center_x", "center_y")])
def test_positions_in_obs_columns(write, columns):
    cells = stack()
    cells.obs[list(columns)] = cells.obsm["spatial"]
    del cells.obsm["spatial"]
    sections = read_sections(write(cells, "s.h5ad"), ReadOptions(um_per_unit=0.5))
    assert sections.frame == ", ".join(columns)
    np.testing.assert_allclose(sections.cells.obsm["spatial"], 0.5 * cells.obs[list(columns)])


def test_third_coordinate_is_depth_only_when_asked_for(write):
    cells = stack()
    cells.obsm["spatial"] = np.column_stack([cells.obsm["spatial"], cells.obs["z_um"] + 3])
    path = write(cells, "s.h5ad")
    assert list(read_sections(path).depths) == [0, 50, 100]
    assert any("third column of 'spatial' was not used" in note for note in scan(path).notes)
    options = ReadOptions(depth_key="spatial", um_per_unit=1)
    assert list(read_sections(path, options).depths) == [3, 53, 103]
    assert scan(path, options).sections[0].depth_source == "third coordinate of 'spatial'"


def test_shared_genes_in_the_order_of_the_first_file(write):
    first, second = section(1, ("d", "b", "x1", "a")), section(2, ("a", "b", "c", "d"))
    sections = read_sections([write(first, "1.h5ad"), write(second, "2.h5ad")], ReadOptions(gap=9, um_per_unit=1))
    assert sections.genes == ["d", "b", "a"]
    np.testing.assert_allclose(sections.cells.X[:N], np.log1p(first[:, sections.genes].X), rtol=1e-6)
    np.testing.assert_allclose(sections.cells.X[N:], np.log1p(second[:, sections.genes].X), rtol=1e-6)
    assert any("2 genes are not in every file and were left out: x1, c" in note for note in sections.notes)


def test_annotations_are_kept_and_can_be_saved(write, tmp_path):
    a = section(1, obs={"kind": pd.Categorical(["n", "g"] * (N // 2)), "area": np.arange(N)})
    b = section(2, obs={"kind": ["n"] * N})
    sections = read_sections([write(a, "a.h5ad"), write(b, "b.h5ad")], ReadOptions(gap=9, um_per_unit=1))
    assert list(sections.cells.obs["kind"]) == ["n", "g"] * (N // 2) + ["n"] * N
    assert sections.cells.obs["area"].isna().sum() == N
    sections.save(tmp_path / "saved.h5ad")
    assert list(type(sections).load(tmp_path / "saved.h5ad").cells.obs["kind"]) == list(sections.cells.obs["kind"])


def test_sections_of_one_name_take_that_of_their_file(write):
    paths = [write(section(k, obs={"section": ["A"] * N, "z_um": 10.0 * k}), f"f{k}.h5ad") for k in (1, 2)]
    assert read_sections(paths).names == ("f1", "f2")


# ---- tables

@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.parquet", "T.CSV"])
def test_tables(write, name):
    frame = table(kind="neuron", z=5.0)
    sections = read_sections(write(frame, name), ReadOptions(um_per_unit=10))
    assert sections.names == ("s0", "s1") and list(sections.depths) == [0, 40] and sections.genes == ["a", "b"]
    np.testing.assert_allclose(sections.cells.X, np.log1p(frame[["a", "b"]]), rtol=1e-6)
    np.testing.assert_allclose(sections.cells.obsm["spatial"], 10 * frame[["x", "y"]])
    assert set(sections.cells.obs["kind"]) == {"neuron"}
    assert any("columns of text are kept as annotation and not read as genes: kind" in note for note in sections.notes)


def test_a_table_without_section_column_is_one_section(write):
    paths = [write(table(1).drop(columns=["section", "z_um"]), f"part{k}.csv") for k in (10, 2)]
    sections = read_sections(paths, ReadOptions(gap=20, um_per_unit=1))
    assert sections.names == ("part2", "part10")


def test_cell_names_of_a_table_are_no_gene(write):
    frame = table()
    frame.insert(0, "cell_id", np.arange(len(frame)) + 100)
    sections = read_sections(write(frame, "t.csv"), ReadOptions(um_per_unit=1))
    assert sections.genes == ["a", "b"] and sections.cells.obs_names[0] == "100"


def test_tables_and_anndata_together(write):
    paths = [write(table(1, genes="cab"), "p1.csv"), write(section(2, sparse=True), "p2.h5ad")]
    sections = read_sections(paths, ReadOptions(depths=(0, 10), um_per_unit={"s0": 3, "p2": 1}))
    assert sections.names == ("s0", "p2") and sections.genes == ["c", "a", "b"]
    assert sp.issparse(sections.cells.X)
    np.testing.assert_allclose(sections.cells.obsm["spatial"][N:], section(2).obsm["spatial"])


# ---- values

def test_values_as_stored_or_log1p(write):
    cells = stack()
    cells.X = np.log1p(cells.X)
    cells.uns["log1p"] = {"base": None}
    logged, plain = write(cells, "l.h5ad"), write(stack(), "p.h5ad")
    stored, logs = stack().X, cells.X
    for path, choice, expected in [(plain, "auto", logs), (logged, "auto", logs),
                                   (plain, "none", stored), (logged, "log1p", np.log1p(logs)),
                                   (plain, "log1p", logs), (logged, "none", logs)]:
        sections = read_sections(path, ReadOptions(normalize=choice))
        np.testing.assert_allclose(sections.cells.X, expected, rtol=1e-6)
        assert sections.normalize == choice


def test_files_of_both_kinds_are_treated_each_on_its_own(write):
    a, b = section(1), section(2, sparse=True)
    a.X = np.log1p(a.X)
    a.uns["log1p"] = {}
    sections = read_sections([write(a, "a.h5ad"), write(b, "b.h5ad")], ReadOptions(gap=5, um_per_unit=1))
    np.testing.assert_array_equal(dense(sections.cells.X)[:N], a.X)
    np.testing.assert_allclose(dense(sections.cells.X)[N:], np.log1p(dense(b.X)), rtol=1e-6)
    assert any("Values of a.h5ad were not changed" in note for note in sections.notes)
    assert "Values of b.h5ad were changed to log1p." in sections.notes


# ---- hold-out

def test_held_out_section_leaves_no_trace(write):
    cells = stack(4)
    cells.obs["kind"] = pd.Categorical(np.where(cells.obs["section"] == "s1", "only here", "other"))
    path = write(cells, "all.h5ad")
    bad = cells.copy()
    bad.X[N:2 * N] = np.nan
    bad.obsm["spatial"][N:2 * N] = np.nan
    for name, made in [("all", path), ("bad", write(bad, "bad.h5ad"))]:
        sections = read_sections(made, ReadOptions(hold_out=("s1",)))
        assert sections.names == ("s0", "s2", "s3") and list(sections.depths) == [0, 100, 150], name
        assert list(sections.cells.obs["kind"].cat.categories) == ["other"]
        np.testing.assert_array_equal(sections.cells.X, read_sections(path).without(["s1"]).cells.X)


def test_held_out_file_does_not_choose_genes_and_keeps_its_place(write):
    paths = [write(section(1, ("b", "a", "q")), "1.h5ad"), write(section(2, ("a", "b", "c")), "2.h5ad"),
             write(section(3, ("c", "b", "a")), "3.h5ad")]
    options = ReadOptions(gap=50, um_per_unit=1, hold_out=("1",))
    sections = read_sections(paths, options)
    assert sections.genes == ["a", "b", "c"] and list(sections.depths) == [50, 100]
    assert set(sections.hashes) == {"2.h5ad", "3.h5ad"}
    middle = read_sections(paths, ReadOptions(depths=(0, 7, 20), um_per_unit=1, hold_out=("2.h5ad",)))
    assert list(middle.depths) == [0, 20]


def test_unknown_held_out_section_lists_the_names(write):
    with pytest.raises(InputError, match="Held-out section 's9' is not .* The sections are: s0, s1, s2"):
        read_sections(write(stack(), "s.h5ad"), ReadOptions(hold_out=("s9",)))


def test_holding_out_all_but_one(write):
    with pytest.raises(InputError, match="at least two sections, found only 's2' after holding out s0, s1"):
        read_sections(write(stack(), "s.h5ad"), ReadOptions(hold_out=("s0", "s1")))


# ---- scan

def test_scan_says_what_is_known_and_what_is_not(write):
    known = scan(write(stack(), "s.h5ad"))
    assert [(r.name, r.n_cells, r.n_genes, r.unit, r.um_per_unit, r.depth_um, r.depth_source) for r in known.sections] \
        == [(f"s{k}", N, 3, "µm", 1.0, 50.0 * k, "column 'z_um'") for k in range(3)]
    assert known.coordinates_key == "spatial" and known.section_key == "section" and known.n_shared_genes == 3
    paths = [write(section(k, genes), f"{k}.h5ad") for k, genes in ((1, "abc"), (2, "bcd"))]
    unknown = scan(paths)
    assert [(r.name, r.unit, r.um_per_unit, r.depth_um) for r in unknown.sections] \
        == [("1", "unknown", None, None), ("2", "unknown", None, None)]
    assert unknown.n_shared_genes == 2 and unknown.dropped_genes == ("a", "d") and unknown.section_key is None
    given = scan(paths, ReadOptions(gap=10, um_per_unit={"2": 0.5}))
    assert [(r.um_per_unit, r.depth_um) for r in given.sections] == [(None, 0), (0.5, 10)]


def test_scan_files_ignores_what_is_said_of_the_stack(write):
    path = write(section(1, n=10), "few.h5ad")
    one = scan_files([path], ReadOptions(depths=(0, 50, 100), hold_out=("other",), order=("p", "q"))).alone[path]
    assert len(one.sections) == 1 and any("'few' has 10 cells; at least 20" in note for note in one.notes)


# ---- bad input: one clear line that names the file or section, and the way out

def refused(paths, said, **options):
    with pytest.raises(InputError, match=said) as caught:
        read_sections(paths, ReadOptions(**options))
    assert "\n" not in str(caught.value)
    return caught


@pytest.mark.parametrize("name", ["none.h5ad", "none.csv", "none.parquet"])
def test_empty_file(tmp_path, name):
    (tmp_path / name).touch()
    refused(tmp_path / name, rf"{name} is empty \(0 bytes\). Copy or export it again")
    assert "is empty" in scan_files([tmp_path / name]).refused[tmp_path / name]


def test_truncated_and_damaged_files(write, tmp_path):
    whole = write(stack(sparse=True), "s.h5ad").read_bytes()
    for share in (0.02, 0.3, 0.6, 0.95):
        (tmp_path / "cut.h5ad").write_bytes(whole[:int(share * len(whole))])
        refused(tmp_path / "cut.h5ad", "cut.h5ad cannot be .*(incomplete|damaged).*again")
    (tmp_path / "text.h5ad").write_text("x,y\n1,2\n")
    refused(tmp_path / "text.h5ad", "text.h5ad cannot be opened as an AnnData .*not HDF5")
    (tmp_path / "cut.parquet").write_bytes(write(table(), "t.parquet").read_bytes()[:-30])
    refused(tmp_path / "cut.parquet", "cut.parquet cannot be read as a parquet table")


def test_damage_anywhere_is_an_input_error_or_harmless(write, tmp_path):
    whole = write(stack(sparse=True), "s.h5ad").read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(25):
        broken = bytearray(whole)
        start = rng.integers(100, len(whole) - 400)
        broken[start:start + 300] = rng.bytes(300)
        (tmp_path / "b.h5ad").write_bytes(broken)
        try:
            read_sections(tmp_path / "b.h5ad")
        except InputError as error:
            assert "\n" not in str(error)


def test_no_coordinates(write):
    cells = stack()
    del cells.obsm["spatial"]
    refused(write(cells, "s.h5ad"), r"s.h5ad has no positions. Add obsm\['spatial'\].*obs has: section, z_um")
    refused(write(table().drop(columns="y"), "t.csv"), "t.csv has no columns x and y .*: x, section, z_um, a, b")


def test_columns_between_semicolons_are_named(tmp_path):
    table().rename(columns={"x": "horizontal"}).to_csv(tmp_path / "t.csv", sep=";", index=False)
    refused(tmp_path / "t.csv", "t.csv has no columns x and y with the positions. Columns found: .*horizontal, y")


def test_one_section_only(write):
    refused(write(section(1), "alone.h5ad"), "at least two sections, found only 'alone'. Add the neighbouring")
    refused(write(table(1), "t.csv"), "found only 's0'")


def test_two_sections_at_the_same_depth(write):
    paths = [write(section(k), f"{k}.h5ad") for k in (1, 2, 3)]
    refused(paths, "Sections '1' and '3' are both at depth 5 µm. Give each", depths=(5, 9, 5), um_per_unit=1)


def test_no_shared_genes(write):
    paths = [write(section(1, ("a", "b")), "1.h5ad"), write(section(2, ("ENSG1", "ENSG2")), "2.h5ad")]
    refused(paths, r"share no genes \(1.h5ad has a, b; 2.h5ad has ENSG1, ENSG2\). Use the same kind", gap=5)
    with pytest.raises(InputError, match="share no genes"):
        scan(paths)


@pytest.mark.parametrize("sparse", [False, True])
def test_nan_and_negative_values(write, sparse):
    for value, said in [(np.nan, "missing or infinite"), (np.inf, "missing or infinite"), (-2, "negative")]:
        cells = stack()
        cells.X[[N + 1, N + 5, N + 9], 1] = value
        cells.X = sp.csr_matrix(cells.X) if sparse else cells.X
        refused(write(cells, "v.h5ad"), f"v.h5ad, section 's1': 3 values are {said}.*in gene 'b'. (Replace|Give)")
    frame = table()
    frame.loc[3, "b"] = np.nan
    refused(write(frame, "t.csv"), "t.csv, section 's0': 1 value is missing.*gene 'b'", um_per_unit=1)


def test_text_among_numbers(write):
    frame = table().astype({"b": object, "x": object, "z_um": object})
    for column, text in [("b", "high"), ("x", "left"), ("z_um", "top")]:
        bad = frame.copy()
        bad.loc[5, column] = text
        refused(write(bad, "t.csv"), f"t.csv: column '{column}' must hold numbers, found '{text}' in row 6. Correct",
                um_per_unit=1)
    cells = stack()
    cells.obs["z_um"] = ["deep"] * cells.n_obs
    refused(write(cells, "s.h5ad"), "s.h5ad: column 'z_um' must hold numbers, found 'deep' in row 1")


def test_ten_cells(write):
    paths = [write(section(k, n=10), f"{k}.h5ad") for k in (1, 2)]
    refused(paths, "1.h5ad, section '1' has 10 cells, but a section needs at least 20.*Leave", gap=5, um_per_unit=1)


@pytest.mark.parametrize("name", ["a.abc", "a", "a.pt"])
def test_wrong_extension(tmp_path, name):
    (tmp_path / name).write_text("anything")
    refused(tmp_path / name, rf"{name} cannot be read, because its format is not known. Give .h5ad, .csv, .tsv "
            "or .parquet files")


def test_missing_file(tmp_path):
    refused(tmp_path / "gone.h5ad", "gone.h5ad was not found. Check the path")


def test_no_file_and_the_same_file_twice(write):
    refused([], "No file was given")
    path = write(section(1), "one.h5ad")
    refused([path, path], "one.h5ad is given more than once")


@pytest.mark.filterwarnings("ignore:Variable names are not unique")
def test_duplicate_gene_names(write, tmp_path):
    cells = stack()
    cells.var_names = ["a", "b", "a"]
    stack_read = read_sections(write(cells, "dup.h5ad"))
    assert list(stack_read.cells.var_names) == ["a", "b", "a-1"]
    assert any("dup.h5ad: 1 gene name occurs more than once (a)" in n for n in stack_read.notes)
    (tmp_path / "t.csv").write_text("x,y,g,g\n" + "1,2,3,4\n" * 30)
    refused(tmp_path / "t.csv", r"t.csv: 1 gene name occurs more than once \(g\)")


def test_ragged_rows_and_no_rows(tmp_path):
    (tmp_path / "r.csv").write_text("x,y,g\n1,2,3\n1,2\n")
    refused(tmp_path / "r.csv", "r.csv cannot be read as a csv table.*one value per column")
    (tmp_path / "h.csv").write_text("x,y,g\n")
    refused(tmp_path / "h.csv", "h.csv has no cells")


def test_a_table_without_genes(write):
    refused(write(table(genes=()), "t.csv"), "t.csv has no genes. Add one column of numbers")


def test_unknown_unit_is_never_guessed(write):
    cells = stack()
    other_layouts = {
        "key": (cells[:, :].copy(), {"section_key": "s"}), "depth": (cells.copy(), {"depth_key": "z"}),
        "spatial": (cells.copy(), {"spatial_key": "raw"}), "columns": (cells.copy(), {}),
        "no_depth": (cells.copy(), {"gap": 50}),
    }
    other_layouts["key"][0].obs = cells.obs.rename(columns={"section": "s"})
    other_layouts["depth"][0].obs = cells.obs.rename(columns={"z_um": "z"})
    other_layouts["spatial"][0].obsm["raw"] = cells.obsm["spatial"] / 100
    del other_layouts["columns"][0].obsm["spatial"]
    other_layouts["columns"][0].obs[["x", "y"]] = cells.obsm["spatial"]
    del other_layouts["no_depth"][0].obs["z_um"]
    for name, (made, options) in other_layouts.items():
        path = write(made, f"{name}.h5ad")
        refused(path, "unit of x and y is not known for: s0, s1, s2. Give the µm per unit", **options)
        assert {r.unit for r in scan(path, ReadOptions(**options)).sections} == {"unknown"}
        assert read_sections(path, ReadOptions(um_per_unit=1, **options)).names == ("s0", "s1", "s2")
    refused(write(table(), "t.csv"), "unit of x and y is not known for: s0, s1")


def test_no_depth_from_anywhere(write):
    paths = [write(section(k), f"{k}.h5ad") for k in (1, 2)]
    refused(paths, "1.h5ad, section '1' has no depth. Give the depth of each section in µm, one gap", um_per_unit=1)


@pytest.mark.parametrize("options, said", [
    ({"section_key": "slab"}, "s.h5ad has no column 'slab' .*Columns found: section, z_um"),
    ({"depth_key": "deep"}, "s.h5ad has no column 'deep' with the depth. Columns found: section, z_um"),
    ({"spatial_key": "raw"}, r"s.h5ad has no obsm\['raw'\]. Positions found: spatial"),
    ({"depths": (0, 1)}, r"2 depths are given for 3 sections \(s0, s1, s2\). Give one depth"),
    ({"gap": 5, "order": ("s0", "s1")}, "The order leaves out: s2. Name every section once"),
    ({"gap": 5, "order": ("s0", "s1", "s1", "s2")}, "names a section twice"),
    ({"gap": 5, "order": ("s0", "s1", "s7")}, "'s7' is not the name of a section. The sections are: s0, s1, s2"),
    ({"um_per_unit": {"s8": 2}}, "'s8' is not the name of a section"),
])
def test_options_that_do_not_fit_the_files(write, options, said):
    refused(write(stack(), "s.h5ad"), said, **options)


@pytest.mark.parametrize("options, said", [
    ({"gap": 0}, "gap .* above 0 µm, found 0"), ({"gap": float("nan")}, "gap"),
    ({"gap": 5, "depths": (1, 2)}, "Both depths and a gap are given"),
    ({"gap": 5, "depth_key": "z"}, "Both a gap and a depth column"),
    ({"depths": (0, float("inf"))}, "finite numbers in µm, found inf"),
    ({"um_per_unit": -1}, "µm per unit must be above 0, found -1"),
    ({"um_per_unit": {"a": 0}}, "µm per unit must be above 0, found 0"),
    ({"normalize": "scale"}, "'scale' is not known. Choose one of auto, log1p, median_log1p, none"),
])
def test_impossible_options(options, said):
    with pytest.raises(InputError, match=said):
        ReadOptions(**options)


def test_cells_without_section_position_or_depth(write):
    cells = stack()
    cells.obs["section"] = cells.obs["section"].where(np.arange(3 * N) != 4)
    refused(write(cells, "a.h5ad"), "a.h5ad: 1 cell has no value in column 'section', so its section.*Fill")
    cells = stack()
    cells.obsm["spatial"][N:N + 13] = np.nan
    refused(write(cells, "b.h5ad"), "b.h5ad, section 's1': 13 of 24 cells have no position.*Remove")
    cells = stack()
    cells.obs.loc[cells.obs_names[:13], "z_um"] = np.nan
    refused(write(cells, "c.h5ad"), "c.h5ad, section 's0': 13 of 24 cells have no depth in column 'z_um'. Fill")


def test_a_file_that_points_at_another_is_refused(write, tmp_path):
    import h5py

    path = write(stack(), "s.h5ad")
    write(stack(), "other.h5ad")
    with h5py.File(path, "a") as file:
        del file["X"]
        file["X"] = h5py.ExternalLink(str(tmp_path / "other.h5ad"), "X")
    refused(path, "s.h5ad stores 'X' in another file. Save it as one complete")


@pytest.mark.parametrize("part, index, value", [("indices", 5, 10 ** 6), ("indices", 0, -3), ("indptr", 4, 10 ** 7)])
def test_a_sparse_matrix_with_wrong_indices_is_refused(write, part, index, value):
    import h5py

    path = write(stack(sparse=True), "s.h5ad")
    with h5py.File(path, "a") as file:
        file["X"][part][index] = value
    refused(path, "s.h5ad cannot be read. Part of it is damaged")


@pytest.mark.parametrize("part", ["X", "obs", "var"])
def test_incomplete_anndata(write, part):
    import h5py

    path = write(stack(), "s.h5ad")
    with h5py.File(path, "a") as file:
        del file[part]
    refused(path, f"s.h5ad is not a complete AnnData file, because it has no {part}")


# ---- the real files

@pytest.mark.data
def test_published_merfish_files(data_dir):
    numbers = (4, 9, 14, 19, 24)
    paths = sorted((data_dir / "originals").glob("merfish_*_paste.h5ad"))
    options = ReadOptions(depths=(0, 50, 100, 150, 200), um_per_unit=1)
    sections = read_sections(paths, options)
    assert sections.names == tuple(f"merfish_{k}_paste" for k in numbers)
    assert list(sections.depths) == [0, 50, 100, 150, 200] and sections.cells.shape == (28317, 155)
    ready = read_sections(data_dir / "merfish_poa_5sections.h5ad", ReadOptions(normalize="log1p"))
    np.testing.assert_allclose(sections.cells.X, ready.cells.X.toarray(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(sections.cells.obsm["spatial"], ready.cells.obsm["spatial"], atol=1e-3)
    refused(paths, "unit of x and y is not known", depths=(0, 50, 100, 150, 200))


@pytest.mark.data
@pytest.mark.parametrize("name, n_sections, shape, sparse", [
    ("merfish_poa_5sections", 5, (28317, 155), True), ("bdtnp_drosophila_3d", 20, (3039, 84), False),
    ("st_breast_cancer_4layers", 4, (1031, 12806), True), ("her2st_A", 6, (2065, 12825), True),
    ("stereoseq_drosophila_e14_3sections", 3, (1629, 6817), True),
])
def test_real_stacks_need_nothing_else(data_dir, name, n_sections, shape, sparse):
    sections = read_sections(data_dir / f"{name}.h5ad")
    assert len(sections.names) == n_sections and sections.cells.shape == shape
    assert sp.issparse(sections.cells.X) == sparse and (np.diff(sections.depths) > 0).all()
    stored = anndata.read_h5ad(data_dir / f"{name}.h5ad")[sections.cells.obs_names]
    np.testing.assert_allclose(sections.cells.obs["depth"], stored.obs["z_um"], rtol=1e-6)
    np.testing.assert_allclose(sections.cells.X.sum(), np.log1p(stored.X).sum(), rtol=1e-4)


def test_positions_under_a_name_of_their_own_are_found(write):
    cells = stack()
    spatial = cells.obsm.pop("spatial")
    cells.obsm["X_umap"], cells.obsm["spatial_array"] = spatial + 1, spatial
    found = scan(write(cells, "a.h5ad"))
    assert found.coordinates_key == "spatial_array" and found.positions == ("spatial_array",)
    assert sum("spatial_array" in note for note in found.notes) == 1
    cells.obsm["spatial_pixel"] = 10 * spatial
    found = scan(write(cells, "b.h5ad"))
    assert found.coordinates_key == "spatial_array" and found.positions == ("spatial_array", "spatial_pixel")
    assert any("spatial_array and spatial_pixel. Choose the right one" in note for note in found.notes)
    assert scan(write(cells, "c.h5ad"), ReadOptions(spatial_key="spatial_pixel")).coordinates_key == "spatial_pixel"
