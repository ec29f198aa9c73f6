"""Foci found in the data: hot spots of a gene, and clumps of cells with an annotation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.reconstruction.reconstruction import Reconstruction
from isost_core.reconstruction.volume import make_volume

if TYPE_CHECKING:
    import pandas as pd

    from isost_core.reconstruction.reconstruction import Reconstruction


APART = 4.0  # cell spacings between two hot spots at least
LINK = 3.0  # cell spacings within which cells of an annotation hang together
STEP = 0.7  # share of the link that one section up or down takes
LEAST_CELLS = 5  # of a clump
MOST_VALUES = 60  # of a column that counts as an annotation


def find_hot_spots(run: "Reconstruction", gene: str, most: int = 8) -> "pd.DataFrame":
    """Local maxima of a gene's predicted mean within tissue, highest first.

    Returns
    -------
    DataFrame: x, y, depth (um); value (log1p); percentile (share of the tissue's voxels below it, 0 to 100); radius_um
    (distance at which the mean over a sphere's shell comes down half way to the tissue's median; NaN where it never
    does); known_share (of the gene's pattern there; NaN where not known)
    """
    import pandas as pd

    volume = make_volume(run, [gene])
    values = volume.values[0]
    inside = np.sort(values[volume.mask])
    middle = float(np.median(inside))
    at = _peaks(np.where(volume.mask, values, -np.inf), middle, APART * run.cell_spacing_um / volume.spacing_um)[:most]
    xyz = volume.origin_um + volume.spacing_um * at
    height = values[tuple(at.T)]
    known = np.full(len(at), np.nan) if volume.known is None else volume.known[0][tuple(at.T)]
    place = volume.origin_um + volume.spacing_um * np.argwhere(volume.mask)
    radius = [_half_radius(np.linalg.norm(place - p, axis=1), values[volume.mask], (v + middle) / 2, volume.spacing_um)
              for p, v in zip(xyz, height, strict=True)]
    percentile = 100 * np.searchsorted(inside, height) / len(inside)
    return pd.DataFrame({"x": xyz[:, 0], "y": xyz[:, 1], "depth": xyz[:, 2], "value": height, "percentile": percentile,
                         "radius_um": radius, "known_share": known}).astype(float)


def _peaks(values: np.ndarray, above: float, reach: float) -> np.ndarray:
    """Voxels (n, 3) highest within `reach` voxels and above a value; highest first, by place where equal."""
    from scipy.ndimage import maximum_filter

    offset = np.arange(-int(reach), int(reach) + 1)
    ball = (np.stack(np.meshgrid(offset, offset, offset, indexing="ij")) ** 2).sum(0) <= reach**2
    at = np.argwhere((values == maximum_filter(values, footprint=ball, mode="nearest")) & (values > above))
    at = at[np.lexsort((*at.T[::-1], -values[tuple(at.T)]))]
    kept = []
    for place in at:  # of a plateau, and of peaks that touch, the first
        if all(np.linalg.norm(place - other) > reach for other in kept):
            kept.append(place)
    return np.array(kept, int).reshape(-1, 3)


def _half_radius(distance: np.ndarray, values: np.ndarray, half: float, step: float) -> float:
    """Middle of the first shell whose mean lies below `half`."""
    shell = (distance / step).astype(int)
    count = np.bincount(shell)
    below = np.flatnonzero(np.bincount(shell, weights=values) < half * count)
    return (below[0] + 0.5) * step if len(below) else np.nan


def annotations(run: "Reconstruction") -> dict[str, list[str]]:
    """Annotations of the measured cells: {column of obs: its values}, of text, with 2 to 60 values that tell cells of
    a section apart."""
    obs = cast("pd.DataFrame", run.sections.cells.obs)
    columns = [c for c in obs.columns if c != keys.SECTION and obs[c].dtype.kind not in "biufcmM"]
    within = obs[columns].groupby(obs[keys.SECTION], observed=True).nunique().max()
    found = {c: sorted(obs[c].dropna().astype(str).unique()) for c in columns if within[c] > 1}
    return {c: values for c, values in found.items() if 2 <= len(values) <= MOST_VALUES}


def annotation_foci(run: "Reconstruction", column: str, value: str, most: int = 50) -> "pd.DataFrame":
    """3D centroids of the clumps that the measured cells of an annotation form, most cells first.

    Cells hang together within 3 cell spacings in a section, and with those of the next section a little less far off.

    Returns
    -------
    DataFrame: x, y, depth (um, mean of the cells), cells, radius_um (root mean square distance from the centroid)
    """
    import pandas as pd
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    known = annotations(run)
    if column not in known or value not in known[column]:
        raise InputError(f"No cell is annotated {column} = '{value}'. Annotations: {', '.join(known) or 'none'}"
                         + (f"; {column}: {', '.join(known[column])}." if column in known else "."))
    obs = run.sections.cells.obs
    rows = np.flatnonzero((obs[column].astype(str) == value).to_numpy())
    xyz = run.measured_xyz[rows]
    number = obs[keys.SECTION].cat.codes.to_numpy()[rows]
    link = np.column_stack([xyz[:, :2] / (LINK * run.cell_spacing_um), STEP * number])
    pairs = KDTree(link).query_pairs(1.0, output_type="ndarray")
    label = connected_components(coo_matrix((np.ones(len(pairs)), pairs.T), (len(rows),) * 2), directed=False)[1]
    cells = pd.DataFrame(xyz, columns=pd.Index(["x", "y", "depth"])).assign(label=label)
    clumps = cells.groupby("label")
    found = clumps.mean().assign(cells=clumps.size(), radius_um=np.sqrt(clumps.var(ddof=0).sum(axis=1)))
    found = found.sort_values("cells", ascending=False, kind="stable")
    return found.loc[found["cells"] >= LEAST_CELLS].head(most).reset_index(drop=True)


def near_and_far(foci: "pd.DataFrame", point: Sequence[float] | np.ndarray) -> dict[str, "pd.DataFrame"]:
    """Foci (DataFrame with x, y, depth) parted at the median distance from a point, (x, y, z) um: 'near' and 'far'."""
    away = np.linalg.norm(foci[["x", "y", "depth"]].to_numpy() - np.asarray(point, float), axis=1)
    near = away <= np.median(away)
    return {"near": foci.loc[near], "far": foci.loc[~near]}
