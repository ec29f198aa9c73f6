"""Niches laid over cells, as surfaces and borders in the tissue, and how large they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from isost_core import keys
from isost_core.reconstruction.border_distance import Border, border_of
from isost_core.reconstruction.interpolation import resample
from isost_core.reconstruction.isosurfaces import contour, fitted

if TYPE_CHECKING:
    import pandas as pd
    import pyvista as pv
    from anndata import AnnData

    from isost_core.analysis.niches import Niches
    from isost_core.reconstruction.reconstruction import Reconstruction


def with_niches(cells: AnnData, run: Reconstruction, niches: Niches) -> AnnData:
    """Cells (AnnData, obsm['spatial'] um, obs['depth']) with obs['niche'], that of the run's nearest virtual cell, and
    what the niches were found by in uns['niches']."""
    from scipy.spatial import KDTree

    xyz = np.column_stack([np.asarray(cells.obsm[keys.SPATIAL])[:, :2], cells.obs[keys.DEPTH].to_numpy(float)])
    nearest = KDTree(run.tissue_cells.xyz).query(xyz, workers=-1)[1]
    return _labelled(cells, niches, niches.tissue[nearest])


def measured_with_niches(run: Reconstruction, niches: Niches) -> AnnData:
    """The measured cells of a run (AnnData, obsm['spatial'] (n, 3) um) with obs['niche'] as `with_niches` has it."""
    cells = run.sections.cells.copy()
    cells.obsm[keys.SPATIAL] = run.measured_xyz
    return _labelled(cells, niches, niches.measured)


def _labelled(cells: AnnData, niches: Niches, numbers: np.ndarray) -> AnnData:
    import pandas as pd

    cells.obs["niche"] = pd.Categorical.from_codes(numbers, list(niches.names))
    cells.uns["niches"] = {"found_by": niches.column or "expression", "reach_um": niches.reach_um}
    return cells


def niche_surface(run: Reconstruction, niches: Niches, niche: int, most: int | None = None) -> pv.PolyData:
    """Closed surface of a niche within the tissue, where more than half of the nearest virtual cells are in it: pyvista
    PolyData in um. `most`: triangles that it may have, for a picture."""
    bounds = [(run.lattice.inside, 0.0), (niches.membership[niche].astype(np.float32), 0.5)]
    return cast("pv.PolyData", contour(run, bounds, run.lattice.spacing_um / 1.5) if most is None else
                fitted(run, bounds, most))


def niche_border(run: Reconstruction, niches: Niches, niche: int) -> Border:
    """Border of a niche, for profiles against the distance from it."""
    lattice, spacing = run.lattice, run.lattice.spacing_um
    low, high = (np.array(corner) for corner in run.extent_um)
    axes = [np.arange(a, b + 1e-6 * spacing, spacing) for a, b in zip(low, high, strict=True)]
    tissue, share = (resample(lattice, field, axes) for field in (lattice.inside,
                                                                 niches.membership[niche].astype(np.float32)))
    return border_of((share >= 0.5) & (tissue > 0), tissue > 0, spacing, low, niches.names[niche])


def size_table(run: Reconstruction, niches: Niches) -> pd.DataFrame:
    """DataFrame per niche: name, measured cells, share of the tissue, volume_um3 and surface_um2 of its surface."""
    import pandas as pd

    rows = []
    inside = run.lattice.inside > 0
    whole = max(int(inside.sum()), 1)
    largest = niches.membership.argmax(0)
    for niche, name in enumerate(niches.names):
        mesh = niche_surface(run, niches, niche)
        rows.append({"niche": name, "measured_cells": int((niches.measured == niche).sum()),
                     "share_of_tissue": float(((largest == niche) & inside).sum() / whole),
                     "volume_um3": float(abs(mesh.volume)) if mesh.n_cells else 0.0,
                     "surface_um2": float(mesh.area) if mesh.n_cells else 0.0})
    return pd.DataFrame(rows)
