"""Writers of vendors' layouts: `cells` is an AnnData of one section, obsm['spatial'] in µm, whole counts in X."""

import gzip

import numpy as np
import pandas as pd

COSMX_UM, SLIDESEQ_UM, SPOT_UM = 0.12, 0.65, 0.5


def counts_of(cells):
    x = cells.X.toarray() if hasattr(cells.X, "toarray") else np.asarray(cells.X)
    return x.astype(int)


def write_merscope(folder, cells, gz=False):
    """cell_by_gene.csv and cell_metadata.csv in different orders, with Blank columns and a cell without counts."""
    folder.mkdir(parents=True)
    ids = np.array([str(1101000010000000001 + k) for k in range(cells.n_obs)], dtype=object)
    counts = pd.DataFrame(counts_of(cells), columns=cells.var_names)
    counts.insert(0, "cell", ids)
    counts["Blank-1"], counts["Blank-2"] = 3, 0
    xy = cells.obsm["spatial"]
    about = pd.DataFrame({"EntityID": ids, "fov": np.arange(cells.n_obs) // 10, "volume": 500.5,
                          "center_x": xy[:, 0], "center_y": xy[:, 1], "min_x": xy[:, 0] - 5})
    about.loc[len(about)] = ["99", 0, 1.0, 0.0, 0.0, 0.0]
    end = ".csv.gz" if gz else ".csv"
    counts.to_csv(folder / f"cell_by_gene{end}", index=False)
    about[::-1].to_csv(folder / f"cell_metadata{end}", index=False)
    return folder


def write_cosmx(folder, cells, gz=False):
    """exprMat and metadata of two fields of view, with negative probes and rows of counts outside cells."""
    folder.mkdir(parents=True)
    n = cells.n_obs
    fov, cell = np.arange(n) % 2 + 1, np.arange(n) // 2 + 1
    counts = pd.DataFrame(counts_of(cells), columns=cells.var_names)
    counts.insert(0, "cell_ID", cell)
    counts.insert(0, "fov", fov)
    counts["NegPrb1"], counts["SystemControl2"], counts["Negative3"] = 1, 2, 3
    outside = counts.iloc[:2].assign(fov=[1, 2], cell_ID=0)
    px = cells.obsm["spatial"] / COSMX_UM
    about = pd.DataFrame({"fov": fov, "cell_ID": cell, "Area": 9, "CenterX_local_px": 0.0, "CenterY_local_px": 0.0,
                          "CenterX_global_px": px[:, 0], "CenterY_global_px": px[:, 1]})
    end = ".csv.gz" if gz else ".csv"
    pd.concat([outside, counts]).to_csv(folder / f"S1_exprMat_file{end}", index=False)
    about[::-1].to_csv(folder / f"S1_metadata_file{end}", index=False)
    return folder


def write_slideseq(folder, cells, gz=False):
    """Bead places, and counts with one gene per row, beads in another order."""
    folder.mkdir(parents=True)
    barcodes = np.array([f"ACGT{k:04d}-1" for k in range(cells.n_obs)], dtype=object)
    px = cells.obsm["spatial"] / SLIDESEQ_UM
    places = pd.DataFrame({"barcodes": barcodes, "xcoord": px[:, 0], "ycoord": px[:, 1]})
    places.loc[len(places)] = ["EMPTY-1", 1.0, 2.0]
    places[::-1].to_csv(folder / "P1_bead_locations.csv", index=False)
    table = pd.DataFrame(counts_of(cells).T, columns=barcodes, index=pd.Index(cells.var_names, name="GENE"))
    table.to_csv(folder / f"P1.digital_expression.txt{'.gz' if gz else ''}", sep="\t")
    return folder


def write_gem(path, cells, labelled=True, header=True):
    """GEM table of single transcripts: those of a cell lie around it so that their mean is the cell's position.

    Unlabelled, all transcripts of a cell lie on the spot nearest to it. Returns the path and the positions (n, 2) µm.
    """
    spots = np.round(cells.obsm["spatial"] / SPOT_UM).astype(int)
    row, column = np.nonzero(counts_of(cells))
    table = pd.DataFrame({"geneID": cells.var_names[column], "x": spots[row, 0], "y": spots[row, 1],
                          "MIDCount": counts_of(cells)[row, column], "ExonCount": 0})
    if labelled:
        table["CellID"] = row + 1
        table = pd.concat([table.assign(x=table["x"] - 2), table.assign(x=table["x"] + 2)])
        outside = table.iloc[:5].assign(CellID=0, x=1)
        table = pd.concat([outside, table])
    table = table.sort_values("geneID", kind="stable")
    lines = "#FileFormat=GEMv0.1\n#BinSize=1\n#Stereo-seqChip=SS200000135TL_D1\n#OffsetX=0\n" if header else ""
    text = lines + table.to_csv(sep="\t", index=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt") as file:
        file.write(text)
    return path, spots * SPOT_UM


def write_spatialdata(folder, cells, unit="micrometer", scale=(0.5, 0.5), kind="scale"):
    """A store with a large table whose region lies in a frame in µm, and a smaller one."""
    import zarr
    from anndata.io import write_elem

    store = zarr.open_group(str(folder), mode="w", zarr_format=2)
    tables = store.create_group("tables")
    table = cells.copy()
    table.obsm["spatial"] = cells.obsm["spatial"] / scale[0]
    write_elem(tables, "cells", table)
    tables["cells"].attrs.update({"region": "outlines", "region_key": "region", "instance_key": "id",
                                  "spatialdata-encoding-type": "ngff:regions_table"})
    write_elem(tables, "few", table[:3].copy())
    axes = [{"name": a, "type": "space", "unit": unit} for a in "xy"]
    shapes = store.create_group("shapes").create_group("outlines")
    shapes.attrs["coordinateTransformations"] = [{"type": kind, "scale": list(scale), "input": {"axes": axes},
                                                  "output": {"name": "global", "axes": axes}}]
    return folder


def write_isost(folder, parts, log_base=None):
    """Tensors of sections (name -> AnnData, obs['z']) in the published layout; gives folder and the log expression."""
    import torch

    folder = folder / "PC_minmax"
    folder.mkdir(parents=True)
    xyz = {k: np.column_stack([c.obsm["spatial"], np.broadcast_to(c.obs["z"], c.n_obs)]) for k, c in parts.items()}
    logged = {k: np.log1p(counts_of(c)).astype(float) for k, c in parts.items()}
    values = np.vstack(list(logged.values())) / (np.log(log_base) if log_base else 1.0)
    mean = values.mean(0)
    components = np.linalg.svd(values - mean, full_matrices=False)[2]
    pcs = (values - mean) @ components.T
    names = [f"PC_{i + 1}" for i in range(pcs.shape[1])]
    low, width = pcs.min(0), np.ptp(pcs, axis=0)
    corner = np.vstack(list(xyz.values())).min(0)
    side = np.ptp(np.vstack(list(xyz.values()))[:, :2], axis=0).max()
    minimum = dict(zip(["x", "y", "z", *names], [*corner, *low], strict=True))
    pd.DataFrame([minimum]).to_csv(folder / "min_dic.csv", index=False)
    pd.DataFrame([{"xy": side, **dict(zip(names, width, strict=True))}]).to_csv(folder / "scale_dic.csv", index=False)
    genes = next(iter(parts.values())).var_names
    pd.DataFrame({"gene_symbol": genes}).to_csv(folder.parent / "gene.csv")
    base = {"log_base": log_base} if log_base else {}
    np.savez(folder.parent / "pca.npz", components=components, mean=mean, **base)
    start = 0
    for name, at in xyz.items():
        rows = (pcs[start:start + len(at)] - low) / width
        start += len(at)
        tensor = np.column_stack([(at[:, :2] - corner[:2]) / side, at[:, 2], rows])
        torch.save(torch.tensor(tensor), folder / f"shuffled_{name}.pt")
    return folder.parent, logged
