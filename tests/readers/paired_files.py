"""Writers of counts and positions in two files, as studies publish them: `cells` is an AnnData of one section."""

import gzip

import numpy as np
import pandas as pd
import scipy.io
import scipy.sparse as sp

from tests.readers.vendor_files import counts_of


def _table(cells, names):
    return pd.DataFrame(counts_of(cells), index=pd.Index(names), columns=cells.var_names)


def barcodes_of(cells):
    return [f"ACGT{k:04d}-1" for k in range(cells.n_obs)]


def write_curio(folder, cells, sample="S1"):
    """The output of Curio's pipeline: matrix of genes by beads, and places with an empty first name."""
    folder.mkdir(parents=True, exist_ok=True)
    names, xy = barcodes_of(cells), cells.obsm["spatial"]
    scipy.io.mmwrite(folder / f"{sample}_MoleculesPerMatchedBead.mtx", sp.coo_matrix(counts_of(cells).T))
    (folder / f"{sample}_barcodes.tsv").write_text("\n".join(names) + "\n")
    (folder / f"{sample}_genes.tsv").write_text("\n".join(cells.var_names) + "\n")
    places = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1]}, index=names)
    places.loc["NOCOUNTS-1"] = [0.0, 0.0]
    places[::-1].to_csv(folder / f"{sample}_MatchedBeadLocation.csv")
    (folder / f"{sample}_Metrics.csv").write_text("metric,value\nreads,7\n")
    return folder


def write_paste(folder, cells, name="slice1"):
    """Counts with spots as rows, and places without names in the same order."""
    folder.mkdir(parents=True, exist_ok=True)
    _table(cells, [f"spot{k}" for k in range(cells.n_obs)]).to_csv(folder / f"{name}.csv")
    np.savetxt(folder / f"{name}_coor.csv", cells.obsm["spatial"], delimiter=",")
    return folder


def write_portal(folder, cells, name="well05", gz=False):
    """Genes as rows, and places with a second line of types, as STARmap PLUS is published."""
    folder.mkdir(parents=True, exist_ok=True)
    names, xy = [f"{name}_{k}" for k in range(cells.n_obs)], cells.obsm["spatial"]
    end = ".csv.gz" if gz else ".csv"
    for kind, factor in (("raw", 1), ("processed", 0.5)):
        table = (_table(cells, names).T * factor).rename_axis("GENE")
        table.to_csv(folder / f"{name}{kind}_expression_pd{end}")
    places = pd.DataFrame({"NAME": names, "X": xy[:, 0], "Y": xy[:, 1], "Z": 3.0, "region": "CTX"}).astype(str)
    types = pd.DataFrame([["TYPE", "numeric", "numeric", "numeric", "group"]], columns=places.columns)
    pd.concat([types, places[::-1]]).to_csv(folder / f"{name}_spatial{end}", index=False)
    return folder


def spots_of(cells):
    """Whole places on an array, one for each cell."""
    return np.column_stack(np.divmod(np.arange(cells.n_obs), 6)) + 2


def write_st(folder, cells, name="P2_ST_rep1", selection=True, genes_first=False):
    """A table of an ST array, gzipped, and the spots under the tissue."""
    folder.mkdir(parents=True, exist_ok=True)
    at = spots_of(cells)
    table = _table(cells, [f"{x}x{y}" for x, y in at])
    table = table.T if genes_first else table
    table.to_csv(folder / f"GSM1_{name}_stdata.tsv.gz", sep="\t")
    if selection:
        places = pd.DataFrame({"x": at[:, 0], "y": at[:, 1], "new_x": at[:, 0] + 0.02, "new_y": at[:, 1] - 0.03,
                               "pixel_x": at[:, 0] * 194.0, "pixel_y": at[:, 1] * 194.0, "selected": 1})
        places[::-1].to_csv(folder / f"GSM1_spot_data-selection-{name}.tsv.gz", sep="\t", index=False)
    return folder


def write_bmk(folder, cells):
    """Matrix of genes by spots as 10x has it, and places without names of columns."""
    folder.mkdir(parents=True, exist_ok=True)
    names, xy = barcodes_of(cells), cells.obsm["spatial"]
    with gzip.open(folder / "matrix.mtx.gz", "wb") as file:
        scipy.io.mmwrite(file, sp.coo_matrix(counts_of(cells).T))
    lines = {"barcodes": names, "features": [f"ENSG{k:011d}\t{g}\tGene Expression" for k, g in
                                             enumerate(cells.var_names)],
             "barcodes_pos": [f"{n}\t{x}\t{y}" for n, (x, y) in zip(names, xy, strict=True)]}
    for name, text in lines.items():
        with gzip.open(folder / f"{name}.tsv.gz", "wt") as file:
            file.write("\n".join(text) + "\n")
    return folder


def write_seurat(folder, cells):
    """What R writes: names with dots for signs, quoted; barcodes and genes with their row numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    names, xy = barcodes_of(cells), cells.obsm["spatial"]
    scipy.io.mmwrite(folder / "counts.mtx", sp.coo_matrix(counts_of(cells).T))
    for file, held in (("genes.csv", list(cells.var_names)), ("barcodes.csv", [n.replace("-", ".") for n in names])):
        pd.DataFrame({"x": held}, index=range(1, len(held) + 1)).to_csv(folder / file, quoting=2)
    pd.DataFrame({"imagerow": xy[:, 1], "imagecol": xy[:, 0]}, index=names).to_csv(folder / "coordinates.csv",
                                                                                quoting=2)
    return folder
