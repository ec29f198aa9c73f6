"""The formats that can be read. Pages, README, documentation and command line take their words from this one list."""

from dataclasses import dataclass

from isost_core.readers.unpack import ENDINGS


@dataclass(frozen=True)
class Format:
    """One format, in the words of a person who has such files.

    name : of the format or instrument
    give : what to give, as Markdown
    asked : what is asked for, since such files do not say it
    endings : of the files that belong to it, without the dot
    module : of isost_core.readers that reads it
    is_folder : whether it comes as an output folder
    """

    name: str
    give: str
    asked: str
    endings: tuple[str, ...]
    module: str
    is_folder: bool = True


_TENX = ("h5", "mtx", "tsv", "csv", "parquet", "gz")
_VISIUM = "h5", "mtx", "tsv", "csv", "parquet", "gz", "json", "png", "jpg", "tif"
_TEXT = ("csv", "tsv", "txt", "gz")

SAID = ("gef", "rds", "h5seurat", "loom", "cloupe", "xlsx", "xls")  # can't be read: a page says what to do with one

FORMATS = (  # the more particular ones first: the first that fits reads the file
    Format("AnnData", "one `.h5ad` file with a column that names the sections, or one file per section",
           "depth and µm per unit, unless it has the columns `section` and `z_um`", ("h5ad",), "h5ad", is_folder=False),
    Format("AnnData zarr", "the `.zarr` folder of `write_zarr`, one per section or with several",
           "depth and µm per unit, unless it has the columns `section` and `z_um`", (), "anndata_zarr"),
    Format("Visium", "the output folder of Space Ranger, one per section", "depth", _VISIUM, "visium"),
    Format("Visium HD", "the output folder of Space Ranger; bins of 8 µm are read", "depth", _VISIUM, "visium"),
    Format("Visium HD cells", "the output folder of Space Ranger 4 with `segmented_outputs` and no bins", "depth",
           (*_VISIUM, "geojson"), "visium_cells"),
    Format("Xenium", "the output folder, one per section", "depth", (*_TENX, "xenium"), "xenium"),
    Format("MERSCOPE", "the folder with `cell_by_gene.csv` and `cell_metadata.csv`", "depth", _TEXT, "merscope"),
    Format("CosMx", "the folder with the tables `exprMat_file` and `metadata_file`", "depth, µm per pixel", _TEXT,
           "cosmx"),
    Format("Slide-seq", "the folder with the bead locations and the counts", "depth, µm per pixel", _TEXT,
           "slideseq"),
    Format("Stereo-seq", "one GEM table per section (`.gem`, `.tsv`, `.txt`, also as `.gz`)",
           "depth; µm per unit if the table does not say it", ("gem", "tsv", "txt", "gz"), "stereoseq",
           is_folder=False),
    Format("SpatialData", "the `.zarr` folder", "depth; µm per unit if the store does not say it", (),
           "spatialdata_zarr"),
    Format("Curio Seeker", "the folder with `MoleculesPerMatchedBead.mtx` and `MatchedBeadLocation.csv`",
           "depth, µm per unit", _TENX, "counts_and_positions"),
    Format("ST arrays", "tables of counts whose spots are named `10x13`, alone or with their selected spots",
           "depth, µm between spots", _TEXT, "counts_and_positions"),
    Format("Counts and positions",
           "two files per section: a table or matrix (`.mtx`) of counts, and a table of positions; so STARmap PLUS, "
           "Single Cell Portal, PASTE, BMKMANU, exports of Seurat", "depth, µm per unit", _TENX,
           "counts_and_positions"),
    Format("isoST tensors", "files of the published isoST code: `.pt`, its tables, the PCA as `.npz`", "µm per unit",
           ("pt", "npz", "csv"), "isost_reference"),
    Format("Plain tables", "`.csv`, `.tsv`, `.txt` or `.parquet`: one row per cell",
           "µm per unit; depth, unless it has the column `z_um`", (*_TEXT, "parquet"), "table", is_folder=False),
)


def modules() -> tuple[str, ...]:
    """Modules of isost_core.readers in the order in which they are tried."""
    return tuple(dict.fromkeys(f.module for f in FORMATS))


def upload_endings() -> list[str]:
    """Endings, without the dot, of all files that belong to a format, of archives of them, and of files of which a page
    says what to do with them."""
    packed = [ending.rpartition(".")[2] for ending in ENDINGS]
    return list(dict.fromkeys([e for f in FORMATS for e in f.endings] + packed + list(SAID)))


def folders_in_words() -> str:
    """The formats that come as folders: 'Visium, Visium HD, ... or isoST tensors'."""
    return _either([f.name for f in FORMATS if f.is_folder])


def all_in_words() -> str:
    """All formats: 'AnnData, Visium, ... or plain tables'."""
    return _either([f.name.replace("Plain", "plain") for f in FORMATS])


def input_in_words() -> str:
    """What may be given as input, in one line of plain text."""
    return ("AnnData (.h5ad), plain tables (.csv, .tsv, .txt, .parquet), GEM tables of Stereo-seq, the output folder "
            f"of {folders_in_words()}, or archives of them ({', '.join(ENDINGS)})")


def markdown_table() -> str:
    """All formats as a table in Markdown: name, what to give, what is asked for."""
    rows = [f"| {f.name} | {f.give} | {f.asked} |" for f in FORMATS]
    return "\n".join(["| format | you give | you are asked for |", "|---|---|---|", *rows])


def _either(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
