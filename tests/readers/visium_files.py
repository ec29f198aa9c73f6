"""Writers of 10x layouts: `cells` is an AnnData of one section, obsm['spatial'] in µm, whole counts in X."""

import gzip
import io
import json

import h5py
import numpy as np
import pandas as pd
import scipy.io
import scipy.sparse as sp

PIXEL_UM, HIRES = 0.5, 0.1  # µm per full-resolution pixel; hires pixels per full-resolution pixel


def write_tenx_h5(path, cells, controls=()):
    """A 10x count matrix; control features have one count in every cell."""
    counts = sp.csr_matrix(cells.X).astype(np.int32)
    counts = sp.hstack([counts, np.ones((cells.n_obs, len(controls)), np.int32)], format="csr")
    names = [*cells.var_names, *controls]
    kinds = ["Gene Expression"] * cells.n_vars + ["Negative Control Probe"] * len(controls)
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        group["barcodes"] = np.array(list(cells.obs_names), dtype="S")
        group["data"], group["indices"], group["indptr"] = counts.data, counts.indices, counts.indptr
        group["shape"] = np.array(counts.shape[::-1], np.int32)
        group["features/id"] = np.array([f"ENS{n:05d}" for n in range(len(names))], dtype="S")
        group["features/name"] = np.array(names, dtype="S")
        group["features/feature_type"] = np.array(kinds, dtype="S")
    return path


def places_of(cells):
    """The table of spots, in another order, with one spot outside the tissue."""
    px = cells.obsm["spatial"] / PIXEL_UM
    table = pd.DataFrame({"barcode": list(cells.obs_names), "in_tissue": 1, "array_row": np.arange(cells.n_obs),
                          "array_col": 0, "pxl_row_in_fullres": px[:, 1], "pxl_col_in_fullres": px[:, 0]})
    table.loc[len(table)] = ["OUTSIDE-1", 0, 0, 0, 1.0, 2.0]
    return table[::-1]


def write_visium(folder, cells, old=False, flat=False):
    """Space Ranger's folder; `old` has no names of columns, `flat` has all files side by side."""
    from PIL import Image

    spatial = folder if flat else folder / "spatial"
    spatial.mkdir(parents=True)
    write_tenx_h5(folder / "filtered_feature_bc_matrix.h5", cells)
    places_of(cells).to_csv(spatial / ("tissue_positions_list.csv" if old else "tissue_positions.csv"), index=False,
                            header=not old)
    (spatial / "scalefactors_json.json").write_text(json.dumps(
        {"spot_diameter_fullres": 55 / PIXEL_UM, "tissue_hires_scalef": HIRES, "tissue_lowres_scalef": HIRES / 4}))
    Image.new("RGB", (40, 30), (200, 120, 160)).save(spatial / "tissue_hires_image.png")
    return folder


def write_visium_hd(folder, cells):
    """Bins of 8 µm and, empty but for its name, a folder of bins of 16 µm."""
    base = folder / "binned_outputs" / "square_008um"
    (base / "spatial").mkdir(parents=True)
    (folder / "binned_outputs" / "square_016um").mkdir()
    write_tenx_h5(base / "filtered_feature_bc_matrix.h5", cells)
    places_of(cells).to_parquet(base / "spatial" / "tissue_positions.parquet", index=False)
    (base / "spatial" / "scalefactors_json.json").write_text(json.dumps(
        {"microns_per_pixel": PIXEL_UM, "bin_size_um": 8.0, "tissue_hires_scalef": HIRES}))
    return folder


def write_xenium(folder, cells):
    """cells.parquet and the matrix with two control probes."""
    folder.mkdir(parents=True)
    write_tenx_h5(folder / "cell_feature_matrix.h5", cells, ("NegControlProbe_1", "NegControlProbe_2"))
    xy = cells.obsm["spatial"]
    pd.DataFrame({"cell_id": list(cells.obs_names), "x_centroid": xy[:, 0], "y_centroid": xy[:, 1],
                  "transcript_counts": 5})[::-1].to_parquet(folder / "cells.parquet", index=False)
    (folder / "experiment.xenium").write_text("{}")
    return folder


def as_mtx(matrix, gz=True):
    """The folder of .mtx that says the same as a 10x .h5, which is removed."""
    with h5py.File(matrix, "r") as file:
        group = file["matrix"]
        x = sp.csr_matrix((group["data"][...], group["indices"][...], group["indptr"][...]),
                          shape=tuple(group["shape"][...])[::-1])
        rows = zip(*(group[f"features/{n}"].asstr()[...] for n in ("id", "name", "feature_type")), strict=True)
        features = "".join("\t".join(row) + "\n" for row in rows)
        barcodes = "".join(b + "\n" for b in group["barcodes"].asstr()[...])
    folder = matrix.with_suffix("")
    folder.mkdir()
    body = io.BytesIO()
    scipy.io.mmwrite(body, x.T.tocoo())
    for name, data in (("matrix.mtx", body.getvalue()), ("features.tsv", features.encode()),
                       ("barcodes.tsv", barcodes.encode())):
        (folder / (name + ".gz" * gz)).write_bytes(gzip.compress(data) if gz else data)
    matrix.unlink()
    return folder


def outline(x, y, cell, kind="Polygon"):
    ring = [[x - 4, y - 4], [x, y - 4], [x + 4, y - 4], [x + 4, y + 4], [x - 4, y + 4], [x - 4, y - 4]]
    rings = [ring] if kind == "Polygon" else [[ring]]
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": rings}, "properties": {"cell_id": cell}}


def write_visium_cells(folder, made, kind="Polygon"):
    """Cells of Visium HD: `made` has the names cellid_000000001-1, ... and positions in µm."""
    base = folder / "segmented_outputs"
    (base / "spatial").mkdir(parents=True)
    write_tenx_h5(base / "filtered_feature_cell_matrix.h5", made)
    outlines = [outline(x, y, k + 1, kind) for k, (x, y) in enumerate(made.obsm["spatial"] / PIXEL_UM)]
    (base / "cell_segmentations.geojson").write_text(json.dumps({"type": "FeatureCollection",
                                                                 "features": outlines[::-1]}))
    (base / "spatial" / "scalefactors_json.json").write_text(json.dumps({"microns_per_pixel": PIXEL_UM}))
    return folder
