"""Published files of the example data sets, brought to the documented layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core import keys
from isost_core.datasets.rdata import tables_of

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

SLAB_UM = 20.0  # nuclei of the embryo within this depth make one section
BULBS = ("MOB1", "MOB2", "MOB3", "MOB4")
BULB_SPOTS_UM = 141.0  # between neighbouring spots of the array with 1,934 spots
SYNOVIA = tuple(f"RA2_{k}" for k in range(1, 8))
SYNOVIUM_SPOTS_UM = 200.0  # between neighbouring spots of the array with 1,007 spots
GAP_UM = 20.0  # assumed, where the depth of the sections was not published


def bdtnp_to_anndata(dge: str | Path, geometry: str | Path) -> AnnData:
    """The embryo: x of the published geometry is depth, y and z the section's plane.

    Rows of `geometry` beyond those of `dge` are the mirrored half of the embryo, which was not measured.
    """
    import anndata
    import pandas as pd

    values = pd.read_csv(dge, sep="\t")
    place = pd.read_csv(geometry, sep=r"\s+").to_numpy(dtype=np.float64)[:len(values)]
    slab = np.floor((place[:, 0] - place[:, 0].min()) / SLAB_UM).astype(int)
    index = pd.Index([f"nuc{i}" for i in range(len(values))])
    obs = pd.DataFrame({keys.Z_UM: place[:, 0], keys.SECTION: pd.Categorical([f"AP{k:02d}" for k in slab])}, index)
    var = pd.DataFrame(index=pd.Index(values.columns.astype(str)))
    obsm: Any = {keys.SPATIAL: place[:, 1:].copy(), keys.SPATIAL_3D: place[:, [1, 2, 0]]}
    return anndata.AnnData(values.to_numpy(dtype=np.float32), obs=obs, var=var, obsm=obsm)


def embryo(files: Mapping[str, Path]) -> AnnData:
    """The embryo from its published files, {name: path}."""
    return bdtnp_to_anndata(files["dge.txt"], files["geometry.txt"])


def bulb(files: Mapping[str, Path]) -> AnnData:
    """Sections of the olfactory bulb with their pictures, from the published files, {name: path}.

    Spots under tissue only. Their pixels are those of the published pictures, unscaled, so obsm['spatial'] is pixels
    times the µm between neighbouring spots over the pixels between them.
    """
    import anndata
    import pandas as pd

    parts = [_bulb_section(files, name) for name in BULBS]
    made: Any = anndata.concat(parts, join="inner")
    known = pd.read_csv(files["mouse_genes.tsv.gz"], sep="\t").drop_duplicates("gene_id")
    symbols = pd.Series(known["gene_name"].to_numpy(), index=_without_version(known["gene_id"]))
    ids = _without_version(made.var_names)
    made.var["gene_ids"] = ids
    made.var_names = pd.Index(symbols.reindex(ids).fillna(pd.Series(ids, index=ids)).astype(str))
    made.var_names_make_unique()
    made.uns["spatial"] = {name: _picture(files[f"{name}.jpg"]) for name in BULBS}
    return made


def _without_version(ids: Iterable[str]) -> list[str]:
    """Ensembl ids without what follows the dot."""
    return [name.partition(".")[0] for name in ids]


def _bulb_section(files: Mapping[str, Path], name: str) -> AnnData:
    import anndata
    import pandas as pd
    from scipy.sparse import csr_matrix

    from isost_core.sections.spacing import neighbour_distances

    counts = pd.read_csv(files[f"{name}.tsv"], sep="\t", index_col=0)
    spots: Any = pd.read_csv(files[f"alignment_table_{name}.tsv"], sep="\t")
    spots.index = pd.Index(spots["x"].astype(str) + "x" + spots["y"].astype(str))
    spots = spots[(spots["selected"] == 1) & spots.index.isin(counts.index)]
    pixels = spots[["pixel_x", "pixel_y"]].to_numpy(dtype=np.float64)
    um = BULB_SPOTS_UM / float(np.median(neighbour_distances(pixels)))
    obsm: Any = {keys.SPATIAL: pixels * um, "spatial_pixel": pixels}
    return anndata.AnnData(csr_matrix(counts.loc[spots.index].to_numpy(dtype=np.float32)),
                           obs=_obs(name, BULBS, spots.index), var=pd.DataFrame(index=counts.columns), obsm=obsm)


def _picture(path: Path) -> dict[str, Any]:
    """An image as scanpy keeps it, in the pixels of obsm['spatial_pixel']."""
    from PIL import Image

    with Image.open(path) as image:
        return {"images": {"hires": np.asarray(image.convert("RGB"))}, "scalefactors": {"tissue_hires_scalef": 1.0}}


def synovium(files: Mapping[str, Path]) -> AnnData:
    """Sections of the synovium from the published files, {name: path}: obsm['spatial'] is the array as printed.

    The published values are log2 of normalised counts; X is their log1p.
    """
    import anndata

    made = anndata.concat([_synovium_section(files, name) for name in SYNOVIA], join="inner")
    made.uns["log1p"] = {"base": None}
    return made


def _synovium_section(files: Mapping[str, Path], name: str) -> AnnData:
    import anndata
    import pandas as pd
    from scipy.sparse import csr_matrix

    (values,) = tables_of(files[f"RA2_norm.exp.values.{name[-1]}"]).values()
    at = [spot.partition("_")[2] for spot in values.columns]  # X1_21_8: section 1, column 21, row 8
    array = np.array([spot.split("_") for spot in at], dtype=np.float64)
    kinds = pd.read_csv(files[f"{name}_annotations.txt"], sep="\t").drop_duplicates("x_y").set_index("x_y")["value"]
    obs = _obs(name, SYNOVIA, pd.Index(at)).assign(annotation=kinds.reindex(at).fillna("none").to_numpy(str))
    obsm: Any = {keys.SPATIAL: array * SYNOVIUM_SPOTS_UM}
    return anndata.AnnData(csr_matrix(values.to_numpy(dtype=np.float32).T * np.float32(np.log(2.0))), obs=obs,
                           var=pd.DataFrame(index=values.index), obsm=obsm)


def _obs(name: str, names: tuple[str, ...], spots: pd.Index) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({keys.SECTION: name, keys.Z_UM: GAP_UM * names.index(name)},
                        index=pd.Index([f"{name}_{spot}" for spot in spots]))
