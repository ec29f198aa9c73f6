"""Small whole files of every format, written to the vendors' layouts: what the fuzz damages."""

import gzip
import io
import shutil
import tarfile
import zipfile

import numpy as np

GENES = ("Gad1", "Mbp", "Slc17a6", "Aqp4")


def cells_of(seed, n=24, name="s1", z=0.0):
    """AnnData of one section: whole counts, positions in µm, its section and depth."""
    import anndata
    import pandas as pd
    import scipy.sparse as sp

    rng = np.random.default_rng(seed)
    x = rng.poisson(2.0, (n, len(GENES))).astype(np.float32)
    x[:, 0] += 1
    kind = pd.Categorical(["a", "b"] * (n // 2))
    obs = pd.DataFrame({"section": pd.Categorical([name] * n), "z_um": z, "z": z, "kind": kind,
                        "area": rng.uniform(size=n)}, index=[f"{name}_{k}" for k in range(n)])
    cells = anndata.AnnData(sp.csr_matrix(x), obs=obs)
    cells.var_names = list(GENES)
    cells.obsm["spatial"] = rng.uniform(0, 500, (n, 2))
    return cells


def write_seeds(folder):
    """{format: path of the file or folder to damage}; a format whose writer is not there is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    made = _anndata(folder) | _zarr(folder) | _tables(folder) | _vendors(folder) | _pairs(folder)
    return made | _tenx(folder) | _archives(folder)


def _anndata(folder):
    import anndata
    import pandas as pd

    stack = anndata.concat([cells_of(k, name=f"s{k}", z=40.0 * k) for k in range(2)])
    stack.write_h5ad(folder / "sparse.h5ad", compression="gzip")
    dense = stack.copy()
    dense.X = dense.X.toarray()
    dense.uns["log1p"] = {"base": None}
    dense.obsm["spatial_aligned"] = np.column_stack([dense.obsm["spatial"], dense.obs["z"]])
    dense.obsm["X_spatial"] = pd.DataFrame(dense.obsm["spatial"], dense.obs_names, ["imagerow", "imagecol"])
    dense.obs["x_mm"], dense.obs["y_mm"] = dense.obsm["spatial"].T / 1000
    dense.write_h5ad(folder / "dense.h5ad")
    return {"h5ad, sparse": folder / "sparse.h5ad", "h5ad, dense": folder / "dense.h5ad"}


def _zarr(folder):
    import anndata

    made, before = {}, anndata.settings.zarr_write_format
    for version, dense in ((2, False), (3, True)):
        cells = cells_of(40 + version)
        cells.X = cells.X.toarray() if dense else cells.X
        anndata.settings.zarr_write_format = version
        path = made.setdefault(f"AnnData zarr {version}", folder / f"anndata{version}.zarr")
        cells.write_zarr(path)
    anndata.settings.zarr_write_format = before
    return made


def _pairs(folder):
    from tests.readers import paired_files as files

    return {"Curio Seeker": files.write_curio(folder / "curio", cells_of(50)),
            "PASTE": files.write_paste(folder / "paste", cells_of(51)),
            "Single Cell Portal": files.write_portal(folder / "portal", cells_of(52)),
            "ST arrays": files.write_st(folder / "st", cells_of(53)),
            "BMKMANU": files.write_bmk(folder / "bmk", cells_of(54)),
            "Seurat": files.write_seurat(folder / "seurat", cells_of(55))}


def _tables(folder):
    cells = cells_of(3)
    table = cells.to_df().astype(int)
    table[["x", "y"]] = cells.obsm["spatial"]
    table = table.join(cells.obs[["section", "z_um", "kind"]])
    table.to_csv(folder / "table.csv", index=False)
    table.to_csv(folder / "table.tsv.gz", index=False, sep="\t")
    table.astype({"section": str, "kind": str}).to_parquet(folder / "table.parquet")
    european = table.to_csv(sep=";", decimal=",").replace("\n", "\r\n")
    (folder / "european.csv").write_text(f"sep=;\n{european}", encoding="utf-16")
    return {"table .csv": folder / "table.csv", "table .tsv.gz": folder / "table.tsv.gz",
            "table .parquet": folder / "table.parquet", "table, European": folder / "european.csv"}


def _vendors(folder):
    from tests.readers import vendor_files as files

    made = {"MERSCOPE": files.write_merscope(folder / "merscope", cells_of(4)),
            "CosMx": files.write_cosmx(folder / "cosmx", cells_of(5)),
            "Slide-seq": files.write_slideseq(folder / "slideseq", cells_of(6), gz=True),
            "SpatialData": files.write_spatialdata(folder / "store.zarr", cells_of(7)),
            "Stereo-seq": files.write_gem(folder / "chip.gem", cells_of(8))[0],
            "isoST tensors": files.write_isost(folder / "isost", {"a": cells_of(9), "b": cells_of(10, z=40.0)})[0]}
    return made


def _tenx(folder):
    try:
        from tests.readers import visium_files as files
    except ImportError:
        return {}
    writers = {"Visium": "write_visium", "Visium HD": "write_visium_hd", "Xenium": "write_xenium"}
    made = {}
    for k, (name, writer) in enumerate(writers.items()):
        if hasattr(files, writer):
            path = folder / writer.removeprefix("write_")
            getattr(files, writer)(path, cells_of(20 + k))
            made[name] = path
    if made:
        made["Visium, .mtx"] = files.write_visium(folder / "visium_mtx", cells_of(31))
        files.as_mtx(folder / "visium_mtx" / "filtered_feature_bc_matrix.h5", gz=False)
        cells = cells_of(34)
        cells.obs_names = [f"cellid_{k + 1:09d}-1" for k in range(cells.n_obs)]
        made["Visium HD cells"] = files.write_visium_cells(folder / "visium_cells", cells)
        made["Visium, series"] = _series(folder / "series", files)
        made["Visium, older"] = files.write_visium(folder / "visium_older", cells_of(30), old=True, flat=True)
    return made


def _series(folder, files):
    """Two sections in one folder as GEO has them: a prefix, .gz of every part, and an archive of `spatial`."""
    folder.mkdir()
    for name, seed in (("GSM1_S1", 32), ("GSM2_S2", 33)):
        made = files.write_visium(folder / "made", cells_of(seed), old=True)
        for path in [p for p in made.rglob("*") if p.is_file()]:
            if name == "GSM1_S1":
                (folder / f"{name}_{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            elif path.suffix == ".h5":
                shutil.copyfile(path, folder / f"{name}_{path.name}")
        if name == "GSM2_S2":
            with tarfile.open(folder / f"{name}_spatial.tar.gz", "w:gz") as packed:
                packed.add(made / "spatial", "spatial")
        shutil.rmtree(made)
    return folder


def _archives(folder):
    source = folder / "merscope"
    with zipfile.ZipFile(folder / "packed.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(source.iterdir()):
            packed.write(path, path.name)
    for name, mode in (("packed.tar", "w"), ("packed.tgz", "w:gz")):
        with tarfile.open(folder / name, mode) as packed:
            for path in sorted(source.iterdir()):
                member = tarfile.TarInfo(path.name)
                member.size = path.stat().st_size
                packed.addfile(member, io.BytesIO(path.read_bytes()))
    return {"archive .zip": folder / "packed.zip", "archive .tar": folder / "packed.tar",
            "archive .tgz": folder / "packed.tgz"}


def copy_of(path, room):
    """A copy of the file or folder below `room`."""
    target = room / path.name
    (shutil.copytree if path.is_dir() else shutil.copyfile)(path, target)
    return target
