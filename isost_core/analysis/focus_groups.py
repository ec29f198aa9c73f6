"""Groups of foci compared: the mean profile of each group, with an interval over its foci."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from isost_core.analysis.bins import ProfileBins
from isost_core.analysis.focus import Focus
from isost_core.analysis.profiles import bin_numbers, mean_at, measured_values
from isost_core.errors import InputError
from isost_core.genes import find_genes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from isost_core.reconstruction.reconstruction import Reconstruction

MOST_CELLS = 60_000
MOST_FOCI = 200  # of a group


def compare_foci(run: Reconstruction, gene: str, groups: Mapping[str, ArrayLike], radius_um: float,
                 bin_um: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Spherical profiles of a gene averaged over the foci of each group.

    Parameters
    ----------
    groups : {name: (k, 3) places in um}, each of at least one focus
    radius_um, bin_um : reach and bins of each profile

    Returns
    -------
    profiles : DataFrame of group, source ('predicted', the expected expression, or 'measured'), distance_um (middle of
        the bin), mean, low, high (95 % interval of the mean over foci, Student's t; NaN for a single focus), n (foci
        with cells in the bin)
    slopes : DataFrame of source, the slope (log1p per 100 um) of each group, and p of Welch's t test that those of the
        first two are equal; foci count as independent, which those closer than the reach are not
    """
    import pandas as pd

    column = find_genes([gene], run.genes)[0]
    foci = {name: np.asarray(places, float).reshape(-1, 3)[:MOST_FOCI] for name, places in groups.items()}
    for name, places in foci.items():
        if not len(places):
            raise InputError(f"Group '{name}' has no focus. Choose other groups.")
    profiles, slopes = [], []
    for source in ("predicted", "measured"):
        xyz, values = _cells(run, column, source, np.concatenate(list(foci.values())), radius_um)
        means = {name: _of_foci(xyz, values, places, radius_um, bin_um) for name, places in foci.items()}
        profiles += [_mean_profile(m, bin_um).assign(group=name, source=source) for name, m in means.items()]
        slopes.append({"source": source, **_slopes(means, bin_um)})
    columns = ["group", "source", "distance_um", "mean", "low", "high", "n"]
    return pd.concat(profiles, ignore_index=True).reindex(columns=columns), pd.DataFrame(slopes)


def _cells(run: Reconstruction, column: int, source: str, places: np.ndarray,
           radius_um: float) -> tuple[np.ndarray, np.ndarray]:
    """Places (n, 3) um and values (n,) of the cells within the reach of any focus; predicted ones thinned."""
    from scipy.spatial import KDTree

    xyz = run.tissue_cells.xyz if source == "predicted" else run.measured_xyz
    rows = np.flatnonzero(np.isfinite(KDTree(places).query(xyz, distance_upper_bound=radius_um)[0]))
    if source == "measured":
        return xyz[rows], measured_values(run, rows, [column])[:, 0]
    if len(rows) > MOST_CELLS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_CELLS, replace=False))
    return xyz[rows], mean_at(run, [column], xyz[rows])[:, 0]


def _of_foci(xyz: np.ndarray, values: np.ndarray, places: np.ndarray, radius_um: float,
             bin_um: float) -> np.ndarray:
    """Bin means (foci, bins) about each focus, NaN where it has no cell."""
    means = np.full((len(places), int(np.ceil(radius_um / bin_um - 1e-9))), np.nan)
    for k, place in enumerate(places):
        distance, used = Focus("spherical", place, radius_um=radius_um).distance(xyz)
        label = bin_numbers(distance[used], bin_um)
        used, label = np.flatnonzero(used)[label < means.shape[1]], label[label < means.shape[1]]
        if len(label):
            means[k, np.unique(label)] = ProfileBins(label).mean(values[used])
    return means


def _mean_profile(means: np.ndarray, bin_um: float) -> pd.DataFrame:
    import pandas as pd
    from scipy.stats import t

    there = np.isfinite(means)
    n = there.sum(0)
    kept = n > 0
    mean = np.nansum(means, 0)[kept] / n[kept]
    spread = np.sqrt(np.nansum((means[:, kept] - mean) ** 2, 0) / np.maximum(n[kept] - 1, 1))
    wide = np.where(n[kept] > 1, t.ppf(0.975, np.maximum(n[kept] - 1, 1)) * spread / np.sqrt(n[kept]), np.nan)
    at = (np.flatnonzero(kept) + 0.5) * bin_um
    return pd.DataFrame({"distance_um": at, "mean": mean, "low": np.maximum(mean - wide, 0), "high": mean + wide,
                         "n": n[kept]})


def _slopes(means: dict[str, np.ndarray], bin_um: float) -> dict[str, float]:
    """Mean slope of each group (log1p per 100 um), and p of the first two groups' being equal."""
    from scipy.stats import ttest_ind

    at = (np.arange(next(iter(means.values())).shape[1]) + 0.5) * bin_um
    each = {name: np.array([100 * np.polyfit(at[ok], row[ok], 1)[0] for row in m if (ok := np.isfinite(row)).sum() > 2])
            for name, m in means.items()}
    slopes = {name: float(values.mean()) if len(values) else np.nan for name, values in each.items()}
    first, second = list(each.values())[:2] if len(each) > 1 else (np.empty(0), np.empty(0))
    enough = min(len(first), len(second)) > 1
    if not enough:
        return slopes | {"p": np.nan}
    test = ttest_ind(first, second, equal_var=False)
    return slopes | {"p": float(test.pvalue)}  # pyright: ignore[reportAttributeAccessIssue]
