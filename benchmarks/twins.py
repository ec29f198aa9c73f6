"""Open data read in other ways, so that no choice fits one kind of data: labels, thin slabs, a registered stack."""

import anndata as ad
import numpy as np
import pandas as pd

from isost_core.sections.stack import MIN_CELLS, Sections

SYNOVIUM_UM, SYNOVIUM_GAP_UM = 200.0, 20.0  # pitch of the printed spots, which lie on a grid; the gap is not stated


def labels(path):
    """MERFISH cells by their class: each class a gene that is 1 in its cells and 0 elsewhere."""
    cells = ad.read_h5ad(path)
    classes = pd.get_dummies(cells.obs["cell_class"].astype(str), dtype=np.float32)
    made = ad.AnnData(classes.to_numpy(), obs=cells.obs[["section", "z_um"]].copy(),
                      var=pd.DataFrame(index=classes.columns))
    made.obsm["spatial"] = np.asarray(cells.obsm["spatial"], dtype=float)
    return Sections.from_anndata(made, normalize="none")


def slabs(path, thickness_um):
    """The embryo's nuclei, whose places are known in 3D, in thin slabs along depth."""
    cells = ad.read_h5ad(path)
    xyz = np.asarray(cells.obsm["spatial_3d"], dtype=float)
    slab = np.floor((xyz[:, 2] - xyz[:, 2].min()) / thickness_um).astype(int)
    kept = np.bincount(slab)[slab] >= MIN_CELLS
    made = ad.AnnData(cells.X[kept], var=cells.var[[]].copy(), obs=pd.DataFrame(
        {"section": [f"S{n:03d}" for n in slab[kept]], "depth": xyz[kept, 2]}, index=cells.obs_names[kept]))
    made.obsm["spatial"] = xyz[kept, :2]
    return Sections.from_anndata(made, normalize="log1p")


def synovium(path):
    """The synovium as its spots were printed, registered by `align`."""
    from isost_core.readers import ReadOptions, read_sections
    from isost_core.registration.stackwise import align, apply_alignment

    options = ReadOptions(normalize="none", spatial_key="spatial_array", um_per_unit=SYNOVIUM_UM,
                          gap=SYNOVIUM_GAP_UM)
    sections = read_sections(path, options)
    return apply_alignment(sections, align(sections))
