"""A registered stack on disk."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from isost_core import __version__, keys
from isost_core.sections.expression import LOG1P_MARK
from isost_core.sections.images import stored, to_text
from isost_core.sections.stack import Sections


def write_aligned(sections: Sections, path: str | Path) -> None:
    """Write sections that `apply_alignment` gave, in the documented layout.

    obsm['spatial'] as they came, obsm['spatial_aligned'] registered, both µm; X log1p; images in the folder `images`
    beside it, with uns['images'] from their pixels to µm; uns['isost'] with transformations, agreement and residuals as
    JSON.
    """
    import anndata

    cells: Any = sections.cells
    obs = cells.obs.assign(**{keys.Z_UM: cells.obs[keys.DEPTH].to_numpy()})
    alignment = json.loads(cells.uns[keys.ALIGNMENT])
    obs["placed_last"] = obs[keys.SECTION].astype(str).isin(alignment["placed_last"]).to_numpy()
    obsm: Any = {keys.SPATIAL: cells.obsm[keys.ORIGINAL], keys.ALIGNED: cells.obsm[keys.SPATIAL]}
    made = anndata.AnnData(cells.X, obs=obs, var=cells.var, obsm=obsm)
    made.uns[keys.LOG1P] = dict(LOG1P_MARK)
    if keys.PHANTOM in cells.uns:
        made.uns[keys.PHANTOM] = cells.uns[keys.PHANTOM]
    made.uns[keys.UNS] = {"version": __version__, keys.ALIGNMENT: json.dumps(alignment)}
    if sections.images:
        kept = stored(sections.images, path)
        made.uns[keys.IMAGES] = to_text({n: dataclasses.replace(i, path=i.path.name) for n, i in kept.items()})
    made.write_h5ad(path, compression="lzf")
