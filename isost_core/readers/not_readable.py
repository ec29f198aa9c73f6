"""Files that people have beside their sections and that hold no matrix of cells: what they are, and what to give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from isost_core.errors import InputError
from isost_core.readers import annotation
from isost_core.readers.options import ReadOptions

if TYPE_CHECKING:
    import pyarrow as pa

_R = ("an R object, which can't be opened here. In R, write it as .h5ad with zellkonverter::writeH5AD(), with x and y "
      "among its colData")
_PICTURE = ("a picture, which has no counts of genes. Give the counts with the positions of the spots or cells. The "
            "picture can stay in the vendor's folder")
_READS = "a file of sequencing reads. Give the output folder that Space Ranger or another pipeline made of them"
_OUTLINES = "outlines of cells, which has no counts. Give the table of counts and the positions of the cells"
_ARRAYS = "a file of arrays without names. Write the cells as .h5ad, or as a table with one row per cell"
_PACKED = "packed in a way that can't be opened here. Unpack it and give the files, or pack them as .zip"
_SHEET = "a workbook. Save its sheet as text (in Excel: 'CSV UTF-8') with one row per cell"
_WRITTEN = "a document. Give the files with the counts and the positions"

_ENDINGS = {
    (".gef", ".cgef", ".bgef"): "a GEF file of Stereo-seq. In stereopy, read it with st.io.read_gef() and write it "
                                "with st.io.stereo_to_anndata(data, output='name.h5ad'), or give the GEM table",
    (".rds", ".rdata", ".rda", ".robj", ".qs", ".qs2"): _R,
    (".h5seurat",): "a Seurat file, which can't be opened here. In R, SeuratDisk::Convert('name.h5seurat', dest = "
                    "'h5ad') writes it as .h5ad",
    (".loom",): "a Loom file, which can't be opened here. In Python, anndata.io.read_loom('name.loom').write_h5ad("
                "'name.h5ad') writes it as .h5ad. It needs x and y of each cell",
    (".h5mu",): "a MuData file. In Python, mudata.read('name.h5mu').mod['rna'].write_h5ad('name.h5ad') writes its "
                "genes as .h5ad",
    (".cloupe", ".vloupe"): "a file for Loupe Browser only. Give the folder 'outs' of Space Ranger that it came with",
    (".vzg", ".vzg2"): "a file for the MERSCOPE Visualizer only. Give cell_by_gene.csv and cell_metadata.csv",
    (".xenium",): "a list of the files of a Xenium run. Give the whole folder that it lies in",
    (".bam", ".sam", ".cram", ".bai", ".fastq", ".fq", ".fasta", ".fa", ".bcl", ".sra"): _READS,
    (".gtf", ".gff", ".gff3", ".bed", ".gmt"): "a list of genes or genome regions without counts. Give the counts",
    (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers"): _SHEET,
    (".pdf", ".doc", ".docx", ".ppt", ".pptx", ".html", ".htm", ".md", ".rtf", ".r", ".rmd", ".py", ".ipynb", ".log",
     ".yaml", ".yml", ".xml"): _WRITTEN,
    (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".btf", ".bmp", ".gif", ".svg", ".svs", ".ndpi", ".scn", ".mrxs", ".czi",
     ".lif", ".nd2", ".vsi", ".qptiff", ".ims", ".dcm", ".jp2", ".mha", ".nrrd", ".nii"): _PICTURE,
    (".geojson", ".shp", ".gpkg", ".kml", ".wkt", ".roi"): f"a file of {_OUTLINES}",
    (".pkl", ".pickle", ".joblib", ".dill"): "a Python object, which is never opened, since it could run code. Write "
                                             "the cells as .h5ad",
    (".npy", ".npz", ".mat", ".m", ".dat", ".bin"): _ARRAYS,
    (".mtx",): "a matrix without positions. Give its whole folder with the table of the spots or cells",
    (".feather", ".arrow", ".ipc"): "an Arrow file. In Python, pandas.read_feather('name.feather').to_parquet("
                                    "'name.parquet') writes it as .parquet",
    (".json",): "a part of a vendor's folder. Give the whole folder",
    (".7z", ".rar", ".bz2", ".xz", ".zst", ".tbz2", ".txz", ".lz4", ".z"): _PACKED,
}
HINTS = {ending: words for endings, words in _ENDINGS.items() for ending in endings}

_GENE = ("gene", "genename", "geneid", "genesymbol", "featurename", "feature", "target", "symbol", "ensemblid",
         "geneids", "genes")
_PLACE = ({"x", "y"}, {"globalx", "globaly"}, {"xlocation", "ylocation"}, {"xglobalpx", "yglobalpx"},
          {"xlocalpx", "ylocalpx"}, {"xum", "yum"}, {"xmicron", "ymicron"}, {"xcoord", "ycoord"})
_MOLECULE = ("transcriptid", "transcript", "qv", "barcodeid", "moleculeid", "overlapsnucleus", "cellcomp", "codeword",
             "codewordindex", "molecule", "umi")
_COUNT = ("count", "counts", "midcount", "midcounts", "umicount", "umicounts", "n", "value", "expression", "nreads")


_PARTS = {  # words in the names of files that need another beside them, and that one
    r"tissue_?positions": "filtered_feature_bc_matrix.h5", r"cell_by_gene": "cell_metadata.csv",
    r"cell_metadata": "cell_by_gene.csv", r"exprmat_file": "metadata_file.csv", r"metadata_file": "exprMat_file.csv",
    r"digital_expression|mappeddge": "the table of bead locations", r"bead_?locations": "the table digital_expression",
    r"^cells\.(parquet|csv)": "cell_feature_matrix.h5"}


def part(path: Path) -> str | None:
    """What must lie beside a file of this name in one folder, or None."""
    return next((other for rule, other in _PARTS.items() if re.search(rule, path.name, re.IGNORECASE)), None)


def hint(path: Path) -> str | None:
    """What a file is and what to give instead, or None where nothing is known of it."""
    lower = path.name.lower().removesuffix(".gz")
    ending = max((e for e in HINTS if lower.endswith(e)), key=len, default=None)
    if ending is not None:
        return HINTS[ending]
    other = part(path)
    if other is not None:
        return f"a part of a section. Give it in one folder with {other}"
    return _hint_of_hdf5(path) if lower.endswith((".h5", ".hdf5")) else None


def is_weak(words: str) -> bool:
    """Whether a hint is on a file that lies beside sections of many kinds, and tells little of a folder."""
    return words in (_PICTURE, _WRITTEN, HINTS[".json"], _PACKED)


def _hint_of_hdf5(path: Path) -> str | None:
    from isost_core.readers import tenx_h5

    if tenx_h5.is_matrix(path):
        return ("a 10x matrix without positions. Give its whole folder, with the folder 'spatial' of Visium or the "
                "table 'cells' of Xenium")
    if "molecule_info" in path.name.lower():
        return "a list of molecules. Give the folder with filtered_feature_bc_matrix.h5 and 'spatial'"
    return "an HDF5 file of a kind that is not known. Write the cells as .h5ad"


def check_columns(path: Path, kinds: pa.Schema) -> None:
    """Refuse a table whose columns are those of molecules or of outlines."""
    found = what_table(kinds, path.name)
    if found is not None:
        raise InputError(f"{path.name} is {found}.")


def what_table(kinds: pa.Schema, file: str = "") -> str | None:
    """What a table with these columns is, where it is none of cells or spots."""
    import pyarrow.types as types

    names = kinds.names
    folded = {_folded(name) for name in names}
    text = {_folded(c.name) for c in kinds if any(is_kind(c.type) for is_kind in (
        types.is_string, types.is_large_string, types.is_dictionary, types.is_binary, types.is_large_binary))}
    placed = any(pair <= folded for pair in _PLACE)
    if {"vertexx", "vertexy"} <= folded or ("geometry" in folded and not placed):
        return f"a table of {_OUTLINES}"
    if placed and text.intersection(_GENE):
        marked = folded.intersection(_MOLECULE)
        others = annotation.split([c.name for c in kinds if _folded(c.name) not in text | set().union(*_PLACE)],
                                  ReadOptions())[0]
        if len(others) <= 3 and folded.intersection(_COUNT) and not marked:
            return ("a table with one row per gene and place. Turn it into one row per cell or spot, with one column "
                    "per gene, or give a GEM table (geneID, x, y, MIDCount)")
        if marked or len(others) <= 3:
            return f"a table with one row per molecule. {_instead(folded, file)}"
    if not placed and len(names) > 3 and sum(map(_is_number, names)) >= len(names) - 2:
        return _without_names(len(names), any(_folded(name) in text and not _is_number(name) for name in names))
    return None


def _without_names(n: int, text: bool) -> str:
    if text and n < 8:
        return ("a table with one row per molecule and without names of columns. Give the counts of each cell with its "
                "x and y")
    if text:
        return ("a table whose first line has numbers, not names of columns. If each row is a gene, turn it round, so "
                "that each cell is a row with its x and y. If each row is a cell, add a line with the names of the "
                "columns")
    return ("a table whose first line has values, not names of columns. Add a line with the names, such as x, y and "
            "the genes")


def _instead(folded: set[str], file: str) -> str:
    """What to give instead of a table of molecules, by the vendor whose it is."""
    if {"globalx", "barcodeid"} & folded or "detected_transcripts" in file:
        return "Give cell_by_gene.csv and cell_metadata.csv"
    if {"xlocation", "overlapsnucleus", "featurename"} & folded:
        return "Give the whole Xenium folder with cells.parquet and cell_feature_matrix.h5"
    if {"xglobalpx", "xlocalpx", "cellcomp"} & folded or "tx_file" in file:
        return "Give exprMat_file.csv and metadata_file.csv"
    return "Give a table with one row per cell, with its x and y and one column per gene"


def no_positions(path: Path, kinds: pa.Schema) -> InputError:
    """The InputError for a table without columns x and y, which says what it seems to be."""
    names, other = kinds.names, part(path)
    named = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return InputError(f"{path.name} has no columns x and y with the positions. Columns found: {named}."
                      f"{_seems(kinds) if other is None else f' Give it in one folder with {other}.'}")


def _seems(kinds: pa.Schema) -> str:
    import pyarrow.types as types

    names = kinds.names
    numeric = [c.name for c in kinds if types.is_floating(c.type) or types.is_integer(c.type)]
    barcodes = sum(bool(_BARCODE.fullmatch(name)) for name in names)
    if barcodes > len(names) / 2 or (_folded(names[0]) in _GENE and len(numeric) >= len(names) - 2 > 0):
        return (" It seems to have one row per gene and one column per cell. Turn it round, so that each cell is a "
                "row, and add its x and y.")
    if not numeric and any(_folded(name) in _GENE for name in names):
        return " It seems to be a list of genes. Give the counts of each cell with its x and y."
    if 1 < len(names) <= 3 and any(re.search("cluster|leiden|louvain|type|label|group", name, re.IGNORECASE)
                                   for name in names):
        return " It seems to give a group to each cell. Give the counts with x and y. Groups can be more columns."
    if len(numeric) > 3:
        return " If the positions are in another file, put them beside the counts as columns x and y."
    return ""


def no_genes(path: Path, about: Sequence[str]) -> InputError:
    """The InputError for a table of cells that counts no gene."""
    other = part(path)
    if other is not None:
        return InputError(f"{path.name} has no genes. Give it in one folder with {other}.")
    if not about:
        return InputError(f"{path.name} has no genes. Add one column of numbers for each gene.")
    named = ", ".join(about[:8]) + (", ..." if len(about) > 8 else "")
    return InputError(f"{path.name} has no genes: its columns of numbers describe the cells ({named}). Give the "
                      "vendor's whole folder, or a table with one column per gene. If one of these columns is a "
                      "gene, name it under 'How the files are read' (--as-genes).")


_BARCODE = re.compile(r"(cell|spot|bead|bin|barcode|c)[_.-]?\d+|"
                      r"(\w+[_-])?[ACGT]{10,}([-.]\d+)?(_\w+)?|\d{1,3}x\d{1,3}|[sb]_\d+um_\d+_\d+-\d")


def _folded(column: str) -> str:
    return re.sub(r"[\W_]", "", column).casefold()


def _is_number(text: str) -> bool:
    try:
        return bool(text) and float(text) is not None
    except ValueError:
        return False
