"""Tables as spreadsheets and R write them, and tables that hold no cells."""

import gzip

import numpy as np
import pandas as pd
import pytest

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, delimited, read_sections, scan
from isost_core.readers.recognise import headers_of
from tests.readers.test_readers_vendors import GENES, N, section

MORE = ["total_counts", "n_genes_by_counts", "nCount_RNA", "nFeature_Spatial", "percent.mt", "pct_counts_mt", "leiden",
        "louvain_0.5", "seurat_clusters", "cluster", "SCT_snn_res.0.8", "area", "Cell_Area", "volume", "nucleus_area",
        "fov", "perimeter", "solidity", "eccentricity", "in_tissue", "array_row", "array_col", "pxl_row_in_fullres",
        "umap_1", "UMAP1", "PC_1", "PC1", "X_pca1", "doublet_score", "size_factor", "transcript_counts",
        "control_probe_counts", "min_x", "max_y", "Mean.DAPI", "DAPI_raw", "log1p_total_counts", "n_counts", "n_genes",
        "donor", "barcode_id", "cell_size", "nucleus_count", "CenterX_local_px", "Max.PanCK", "dpt_pseudotime",
        "unassigned_codeword_counts", "sum", "cells", "row", "col"]
REAL = ["run", "bin", "row", "Id1", "ID3", "Areg", "Fos", "PCNA", "Dapk1", "CD45", "hb", "D", "Numb", "Clu", "Sum1",
        "Tsc1", "eve", "Nfia", "Mt1", "S100b", "Xist", "Cell1", "Age1", "Tile1", "PC", "Dim1", "Total1", "B2m", "GAPDH",
        "Timeless"]


def frame(n=2 * N, seed=0):
    rng = np.random.default_rng(seed)
    columns = {g: rng.poisson(1.5, n) for g in GENES}
    return pd.DataFrame({"cell": [f"c{k}" for k in range(n)], "x": rng.uniform(0, 99, n).round(3),
                         "y": rng.uniform(0, 99, n).round(3) - 50, "section": np.repeat(["a", "b"], n // 2), **columns})


def read(path, **options):
    return read_sections(path, ReadOptions(um_per_unit=1, gap=5, **options))


def same(path, table, **options):
    sections = read(path, **options)
    assert sections.names == ("a", "b") and sections.genes == list(GENES)
    np.testing.assert_allclose(sections.cells.obsm["spatial"], table[["x", "y"]], atol=1e-9)
    np.testing.assert_allclose(sections.cells.X, np.log1p(table[list(GENES)]), rtol=1e-6)
    return sections


def semicolons(table):
    return table.to_csv(index=False, sep=";", decimal=",")


WAYS = {
    "european": semicolons,
    "european, quoted": lambda t: t.to_csv(index=False, sep=";", decimal=",", quoting=2),
    "tabs and decimal commas": lambda t: t.to_csv(index=False, sep="\t", decimal=","),
    "commas and quoted decimal commas": lambda t: t.to_csv(index=False, decimal=","),
    "line of Excel": lambda t: "sep=;\n" + semicolons(t),
    "lines of Windows": lambda t: semicolons(t).replace("\n", "\r\n"),
    "separators at the ends": lambda t: t.to_csv(index=False).replace("\n", ",\n"),
    "separators at the ends of values": lambda t: t.to_csv(index=False).replace("\n", ",\n").replace(",\n", "\n", 1),
    "index without a name": lambda t: t.drop(columns="cell").to_csv(),
    "write.table": lambda t: t.set_index("cell").rename_axis(None).to_csv(sep=" ", quoting=2).replace('"" ', "", 1),
    "write.table with tabs": lambda t: t.set_index("cell").to_csv(sep="\t").replace("cell\t", "", 1),
    "pipes": lambda t: t.to_csv(index=False, sep="|"),
    "names with spaces around": lambda t: t.to_csv(index=False).replace(",", ", ", t.shape[1] - 1),
    "empty lines": lambda t: "\n" + t.to_csv(index=False).replace("\n", "\n\n", 3),
    "comments": lambda t: "# one\n# two\n" + semicolons(t),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "T.TXT", "t.csv.gz"])
@pytest.mark.parametrize("way", WAYS)
def test_tables_as_they_are_written(tmp_path, way, name, encoding):
    table = frame()
    raw = WAYS[way](table).encode(encoding)
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    sections = same(tmp_path / name, table)
    said = any("read as decimal commas" in note for note in sections.notes)
    assert said == ("decimal=" in way or "ommas" in way or "uropean" in way or way in ("line of Excel", "comments",
                                                                                     "lines of Windows"))


@pytest.mark.parametrize("value", ["1,234.5", "1.234,5", "1,234,567", "1'234.5", "1 234,5"])
def test_marks_between_thousands_are_refused(tmp_path, value):
    table = frame().astype({"x": object})
    table.loc[2, "x"] = value
    table.to_csv(tmp_path / "t.csv", sep=";", index=False)
    with pytest.raises(InputError, match="t.csv has marks between thousands, as in '1.*plain numbers"):
        read(tmp_path / "t.csv")


def test_a_workbook_with_the_wrong_ending_is_named(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"PK\x03\x04\xff\xfe\x00\x9c" * 20)
    with pytest.raises(InputError, match="t.csv is a workbook or a zip archive, not text. Save it as CSV"):
        scan(tmp_path / "t.csv")


# ---- columns that are no genes

@pytest.mark.parametrize("end", [".csv", ".parquet"])
def test_columns_that_describe_cells_are_no_genes(tmp_path, end):
    table = frame().assign(**{c: np.arange(2 * N) % 7 * 1.5 for c in MORE} | {"in_tissue": 1})
    path = tmp_path / f"t{end}"
    table.to_parquet(path) if end == ".parquet" else table.to_csv(path, index=False)
    sections = same(path, table)
    assert not set(MORE) - {"row", "col", "array_row", "array_col"} - set(sections.cells.obs)
    note = next(n for n in sections.notes if "describe the cells" in n)
    assert note.startswith("t") and "total_counts" in note and "--as-genes" in note
    assert "area" in scan(path).not_genes
    assert read(path, as_genes=("area", "fov")).genes == [*GENES, "area", "fov"]
    assert read(path, as_genes=["area"]).genes == [*GENES, "area"]


def test_genes_with_names_like_words_stay_genes(tmp_path):
    table = frame().assign(**dict.fromkeys(REAL, 1))
    table.to_csv(tmp_path / "t.csv", index=False)
    assert read(tmp_path / "t.csv").genes == [*GENES, *REAL]


def test_numbered_sections_of_a_table_are_told_apart(tmp_path):
    table = frame().drop(columns="section").assign(slice_id=np.repeat([1, 2], N))
    table.to_csv(tmp_path / "t.csv", index=False)
    assert read(tmp_path / "t.csv").names == ("1", "2")


def test_groups_with_some_text_are_annotation(tmp_path):
    table = frame().assign(cluster=["7", "none"] * N)
    table.to_csv(tmp_path / "t.csv", index=False)
    assert set(same(tmp_path / "t.csv", table).cells.obs["cluster"]) == {"7", "none"}


def test_as_genes_on_the_command_line(tmp_path, capsys):
    from isost_core.cli.main import main

    table = frame().assign(area=1.0, volume=2.0)
    table.to_csv(tmp_path / "t.csv", index=False)
    args = ["align", str(tmp_path / "t.csv"), "--um-per-unit", "1", "--gap", "5", "--out", str(tmp_path / "o.h5ad")]
    main([*args, "--as-genes", "area"])
    assert "column 'volume' describes the cells, so it was not read as a gene." in capsys.readouterr().err


# ---- no cells

def molecules(**columns):
    rng = np.random.default_rng(1)
    n = 50
    return pd.DataFrame({k: v if isinstance(v, list) else rng.uniform(0, 9, n) for k, v in columns.items()}
                        | {k: (v * n)[:n] for k, v in columns.items() if isinstance(v, list)})


MERSCOPE = molecules(barcode_id=1, global_x=1, global_y=1, global_z=1, x=1, y=1, fov=1, gene=["Sox2", "Fos"],
                     transcript_id=["ENSMUST1"], cell_id=[-1, 5])
XENIUM = molecules(transcript_id=[1, 2], cell_id=["a", "UNASSIGNED"], overlaps_nucleus=[0, 1], feature_name=["A", "B"],
                   x_location=1, y_location=1, z_location=1, qv=1, fov_name=["F1"], nucleus_distance=1)
COSMX = molecules(fov=[1], cell_ID=[1], x_local_px=1, y_local_px=1, x_global_px=1, y_global_px=1, z=[1],
                  target=["A", "B"], CellComp=["Nuclear"])


@pytest.mark.parametrize("name, table, give", [
    ("detected_transcripts.csv", MERSCOPE, "Give cell_by_gene.csv and cell_metadata.csv"),
    ("t.csv.gz", MERSCOPE, "Give cell_by_gene.csv and cell_metadata.csv"),
    ("transcripts.parquet", XENIUM, "Give the whole Xenium folder with cells.parquet and cell_feature_matrix.h5"),
    ("transcripts.csv.gz", XENIUM, "Give the whole Xenium folder"),
    ("Slide1_tx_file.csv.gz", COSMX, "Give exprMat_file.csv and metadata_file.csv"),
    ("spots.csv", molecules(x=1, y=1, z=1, gene=["A"]), "Give a table with one row per cell"),
    ("spots.tsv", molecules(Gene=["A"], X=1, Y=1), "Give a table with one row per cell"),
    ("decoded.csv", molecules(spot_id=[1, 2], target=["A"], x=1, y=1, quality=1), "Give a table with one row per")])
def test_tables_of_molecules_are_refused(tmp_path, name, table, give):
    (tmp_path / "run").mkdir()
    path = tmp_path / "run" / name
    if name.endswith("parquet"):
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False, sep="\t" if ".tsv" in name else ",")
    with pytest.raises(InputError, match=f"^{name} is a table with one row per molecule. {give}"):
        scan(path)
    with pytest.raises(InputError, match=f"run is a folder without a section. {name} in it is a table with one row per "
                                         f"molecule. {give}"):
        scan(tmp_path / "run")


def test_molecules_without_names_of_columns(tmp_path):
    table = molecules(x=[5, 7], y=[8], z=[30], gene=["Gad1", "Mbp"])
    table.to_csv(tmp_path / "A1-1_results.txt", sep="\t", index=False, header=False)
    with pytest.raises(InputError, match="A1-1_results.txt is a table with one row per molecule and without names"):
        scan(tmp_path / "A1-1_results.txt")


@pytest.mark.parametrize("name, table, said", [
    ("cell_boundaries.csv.gz", molecules(cell_id=["a"], vertex_x=1, vertex_y=1), "is a table of outlines of cells"),
    ("pairs.csv", molecules(gene=["A"], x=1, y=1, count=[2]), "one row per gene and place"),
    ("clusters.csv", pd.DataFrame({"Barcode": ["AAAC-1"], "Cluster": [3]}), "seems to give a group to each cell"),
    ("genes.tsv", pd.DataFrame({"gene_id": ["ENS1"], "gene_name": ["A"]}), "seems to be a list of genes"),
    ("round.csv", pd.DataFrame(np.ones((3, 30)), columns=[f"AAACAAGTATCT{'ACGT'[k % 4] * 3}-{k}" for k in range(30)]),
     "one row per gene and one column per cell. Turn it round"),
    ("counts.csv", pd.DataFrame({"gene": ["A", "B"], "s1": [1, 2], "s2": [0, 2], "s3": [0, 2]}), "Turn it round"),
    ("cells.csv", molecules(cell_id=["a"], x=1, y=1, transcript_counts=1), "in one folder with cell_feature_matrix.h5"),
    ("about.csv", molecules(cell_id=["a"], x=1, y=1, transcript_counts=1, cell_area=1),
     r"about.csv has no genes: its columns of numbers describe the cells \(transcript_counts, cell_area\)"),
    ("bare.csv", pd.DataFrame([[1, 2, 3, 4, 5]] * 3, columns=["1.5", "7", "8", "9", "30"]),
     "first line has values, not names of columns")])
def test_other_tables_without_cells_are_named(tmp_path, name, table, said):
    table.to_csv(tmp_path / name, index=False, sep="\t" if ".tsv" in name else ",")
    with pytest.raises(InputError, match=said) as caught:
        scan(tmp_path / name)
    assert "\n" not in str(caught.value) and str(caught.value).startswith(name)


@pytest.mark.parametrize("name, said", [
    ("a.gef", "GEF file of Stereo-seq. In stereopy"), ("a.cellbin.gef", "GEF file"), ("a.rds", "R object"),
    ("a.RData", "R object"), ("a.cloupe", "Loupe Browser only. Give the folder 'outs'"), ("a.bam", "sequencing reads"),
    ("a_R1_001.fastq.gz", "sequencing reads"), ("a.h5seurat", "SeuratDisk::Convert"), ("a.loom", "read_loom"),
    ("a.xlsx", "workbook.*CSV UTF-8"), ("a.png", "a picture"), ("a.czi", "a picture"), ("a.ome.tif", "a picture"),
    ("a.SVS", "a picture"), ("run.xenium", "Give the whole folder"), ("a.vzg2", "cell_by_gene.csv"),
    ("a.h5mu", "mudata"), ("a.pkl", "never opened"), ("a.geojson", "outlines"), ("matrix.mtx.gz", "whole folder"),
    ("a.7z", "Unpack it"), ("a.h5", "HDF5 file of a kind that is not known"),
    ("scalefactors_json.json", "whole folder"), ("a.pdf", "document"), ("a.npy", "arrays")])
def test_files_of_other_kinds_say_what_to_do(tmp_path, name, said):
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / name).write_bytes(b"whatever")
    for path in (tmp_path / "f" / name, tmp_path / "f"):
        with pytest.raises(InputError, match=said) as caught:
            scan(path)
        assert name in str(caught.value) and str(caught.value).isprintable()


def test_a_matrix_without_positions_asks_for_its_folder(tmp_path):
    from tests.readers.visium_files import write_tenx_h5

    path = write_tenx_h5(tmp_path / "filtered_feature_bc_matrix.h5", section())
    with pytest.raises(InputError, match="is a 10x matrix without positions. Give its whole folder, with"):
        headers_of(path, ReadOptions())


# ---- folders and parts

def test_a_folder_of_tables_is_a_stack(tmp_path):
    from tests.readers.vendor_files import write_gem

    for k, end in enumerate((".csv", ".tsv.gz", ".parquet")):
        table = frame(N, k).drop(columns="section")
        path = tmp_path / "stack" / "deep" / f"s{k}{end}"
        path.parent.mkdir(parents=True, exist_ok=True)
        sep = "\t" if "tsv" in end else ","
        table.to_parquet(path) if end == ".parquet" else table.to_csv(path, index=False, sep=sep)
    write_gem(tmp_path / "stack" / "s3.gem", section())
    (tmp_path / "stack" / "README.txt").write_text("what this is\n")
    found = read(tmp_path / "stack")
    assert found.names == ("s0", "s1", "s2", "s3") and set(found.genes) == set(GENES)
    assert "stack: not read, because there are no cells with positions and genes in it: README.txt." in found.notes


@pytest.mark.parametrize("writer, left, missing", [
    ("write_merscope", "cell_by_gene.csv", "cell_metadata.csv"),
    ("write_merscope", "cell_metadata.csv", "cell_by_gene.csv"),
    ("write_cosmx", "S1_exprMat_file.csv", "metadata_file.csv"),
    ("write_cosmx", "S1_metadata_file.csv", "exprMat_file"),
    ("write_slideseq", "P1_bead_locations.csv", "the table digital_expression"),
    ("write_slideseq", "P1.digital_expression.txt", "the table of bead locations")])
def test_a_part_of_a_section_says_what_it_needs(tmp_path, writer, left, missing):
    from tests.readers import vendor_files

    folder = getattr(vendor_files, writer)(tmp_path / "f", section())
    for file in list(folder.iterdir()):
        if file.name != left:
            file.unlink()
    for path in (folder, folder / left):
        with pytest.raises(InputError, match=f"{left}.* in one folder with {missing}"):
            scan(path)


def test_anndata_with_another_ending(tmp_path):
    section().write_h5ad(tmp_path / "a.h5ad")
    (tmp_path / "a.h5ad").rename(tmp_path / "a.h5")
    assert scan(tmp_path / "a.h5").sections[0].kind == "AnnData"


def test_a_table_of_empty_lines_is_empty(tmp_path):
    (tmp_path / "t.csv").write_text("\n\n\n")
    with pytest.raises(InputError, match="t.csv is empty: it has no line with text"):
        scan(tmp_path / "t.csv")


def test_an_odd_separator_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("sep=µ\n" + frame().to_csv(index=False))
    with pytest.raises(InputError, match="t.csv"):
        scan(tmp_path / "t.csv")


def test_a_column_that_the_table_lacks_is_refused(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("a\tb\n1\t2\n")
    with pytest.raises(InputError, match="t.tsv cannot be read"):
        delimited.read_columns(path, ["c"])
