"""Readers beside spatialdata-io, on the same files: see tests/requirements-oracle.txt.

Left out: CosMx, Xenium and Visium HD as wholes, whose oracle wants images and stores of cells that only the vendors'
software writes (the 10x matrices are compared with scanpy); Stereo-seq, whose oracle reads .gef, ours the GEM table;
Slide-seq, which it does not read.
"""

import numpy as np
import pandas as pd
import pytest

from isost_core.readers import ReadOptions
from isost_core.readers.recognise import headers_of
from tests.readers import vendor_files as files
from tests.readers import visium_files as tenx
from tests.readers.test_readers_tenx import lattice

oracle = pytest.importorskip("spatialdata_io", reason="see tests/requirements-oracle.txt")


def same(header, table, positions):
    """The cells, genes, counts and places (µm) of ours and the oracle's, whatever their order."""
    ours, names = header.load(), list(header.obs.index.astype(str))
    ours = pd.DataFrame(np.asarray(ours.todense() if hasattr(ours, "todense") else ours), names, header.genes)
    theirs = table.to_df()
    assert set(ours.index) == set(theirs.index.astype(str))
    theirs.index = theirs.index.astype(str)
    shared = [g for g in theirs.columns if g in ours.columns]
    assert shared == list(ours.columns), "what the oracle has beside our genes is controls"
    assert (ours.loc[theirs.index, shared].to_numpy() == theirs[shared].to_numpy()).all()
    xy = pd.DataFrame(header.coordinates["spatial"] * (header.um_per_unit or 1), names)
    assert xy.loc[theirs.index].to_numpy() == pytest.approx(np.asarray(positions)[:, :2], abs=1e-3)


def test_visium(tmp_path):
    cells = lattice()
    folder = tenx.write_visium(tmp_path / "V", cells)
    for name in ("hires", "lowres"):
        (folder / "spatial" / f"tissue_{name}_image.png").write_bytes(
            (folder / "spatial" / "tissue_hires_image.png").read_bytes())
    read = oracle.visium(folder, dataset_id="V", counts_file="filtered_feature_bc_matrix.h5")
    table = read.tables["table"]
    same(headers_of(folder, ReadOptions())[0], table, table.obsm["spatial"] * tenx.PIXEL_UM)


@pytest.mark.parametrize("as_folder", [False, True])
def test_matrices_of_10x(tmp_path, as_folder):
    import scanpy

    cells = lattice()
    folder = tenx.write_xenium(tmp_path / "X", cells)
    matrix = folder / "cell_feature_matrix.h5"
    matrix = tenx.as_mtx(matrix) if as_folder else matrix
    read = scanpy.read_10x_mtx(matrix, gex_only=False) if as_folder else scanpy.read_10x_h5(matrix, gex_only=False)
    xy = pd.read_parquet(folder / "cells.parquet").set_index("cell_id").loc[read.obs_names]
    same(headers_of(folder, ReadOptions())[0], read, xy[["x_centroid", "y_centroid"]].to_numpy())


def test_merscope(tmp_path):
    geopandas = pytest.importorskip("geopandas")
    from shapely.geometry import MultiPolygon, Point

    cells = lattice()
    folder = files.write_merscope(tmp_path / "region_0", cells)
    about = pd.read_csv(folder / "cell_metadata.csv").set_index("EntityID").drop(99).sort_index()
    about.to_csv(folder / "cell_metadata.csv")
    outlines = [MultiPolygon([Point(x, y).buffer(5)]) for x, y in about[["center_x", "center_y"]].to_numpy()]
    geopandas.GeoDataFrame({"EntityID": about.index, "ZIndex": 0, "Geometry": outlines}, geometry="Geometry"
                           ).to_parquet(folder / "cell_boundaries.parquet")
    (folder / "images").mkdir()
    (folder / "images" / "micron_to_mosaic_pixel_transform.csv").write_text("1 0 0\n0 1 0\n0 0 1\n")
    read = oracle.merscope(folder, transcripts=False, mosaic_images=False, z_layers=[])
    table = next(iter(read.tables.values()))
    same(headers_of(folder, ReadOptions())[0], table, table.obsm["spatial"])


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_spatialdata_store(tmp_path, scale):
    import anndata
    import spatialdata as sd
    from spatialdata.models import ShapesModel, TableModel
    from spatialdata.transformations import Identity, Scale

    cells = lattice()
    units = cells.obsm["spatial"] / scale
    made = anndata.AnnData(cells.X, obs=pd.DataFrame({"region": pd.Categorical(["spots"] * cells.n_obs),
                                                      "id": np.arange(cells.n_obs)}, index=cells.obs_names))
    made.var_names, made.obsm["spatial"] = cells.var_names, units
    how = {"global": Scale([scale, scale], axes=("x", "y")) if scale != 1 else Identity()}
    spots = ShapesModel.parse(units, geometry=0, radius=5.0, transformations=how)
    table = TableModel.parse(made, region="spots", region_key="region", instance_key="id")
    sd.SpatialData(shapes={"spots": spots}, tables={"table": table}).write(tmp_path / "store.zarr")
    again = sd.read_zarr(tmp_path / "store.zarr")
    held = sd.transform(again.shapes["spots"], to_coordinate_system="global")
    header = headers_of(tmp_path / "store.zarr", ReadOptions())[0]
    header = header if header.um_per_unit else _in_um(header, scale)
    same(header, again.tables["table"], np.column_stack([held.geometry.x, held.geometry.y]))


def _in_um(header, scale):
    """The header with the scale that a user gives where the store names no unit."""
    from dataclasses import replace

    return replace(header, um_per_unit=scale)


def test_virtual_cells_are_read_by_scanpy_and_squidpy(tmp_path):
    import anndata
    import scanpy
    import squidpy

    from isost_core.export.cells import write_cells

    made = anndata.AnnData(np.random.default_rng(0).poisson(1.0, (60, 4)).astype(np.float32),
                           obs=pd.DataFrame({"depth": np.arange(60.0), "virtual": True},
                                            index=[f"v{k}" for k in range(60)]))
    made.obsm["spatial"] = np.random.default_rng(1).uniform(0, 99, (60, 3))
    write_cells(made, tmp_path / "cells.h5ad")
    held = scanpy.read_h5ad(tmp_path / "cells.h5ad")
    assert held.obsm["spatial"].shape == (60, 3)
    scanpy.pp.neighbors(held, use_rep="spatial", n_neighbors=6)
    assert held.obsp["distances"].nnz > 0
    squidpy.gr.spatial_neighbors(held, coord_type="generic", n_neighs=6)
    graph = held.obsp["spatial_distances"]
    row = int(graph[0].indices[0])
    assert graph[0, row] == pytest.approx(np.linalg.norm(made.obsm["spatial"][0] - made.obsm["spatial"][row]))  # in 3D
    squidpy.gr.spatial_autocorr(held, mode="moran")
    assert held.uns["moranI"]["I"].notna().all()
