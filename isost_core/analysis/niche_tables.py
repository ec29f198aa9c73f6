"""Tables of niches: what they hold, which genes mark them, how large they are."""

import numpy as np

from isost_core import keys
from isost_core.reconstruction.border_distance import surface_of
from isost_core.reconstruction.interpolation import resample
from isost_core.reconstruction.isosurfaces import contour

MOST_CELLS = 2_000  # of a niche, and of the rest, that genes are compared over
MARKER_FOLD = 0.25  # least difference of mean log1p expression of a marker


def composition_table(run, column, measured, number):
    """Share of each label among the measured cells of each niche: DataFrame (niches, labels), rows sum to 1."""
    import pandas as pd

    labels = run.sections.cells.obs[column]
    table = pd.crosstab(pd.Categorical(measured, categories=range(number)), np.asarray(labels.astype(str)),
                        dropna=False)
    return table.div(np.maximum(table.sum(axis=1), 1), axis=0)


def marker_table(run, measured, number, seed=0):
    """Genes of each niche against all others, over measured cells.

    Returns
    -------
    DataFrame: niche (number from 0), gene, difference (of mean log1p expression), share_in, share_out (of cells that
    express it), p (Mann-Whitney), q (Benjamini-Hochberg over all rows), by niche and difference. Niches were found from
    the same cells, so q ranks genes and is no test of whether there are niches.
    """
    import pandas as pd
    from scipy.stats import false_discovery_control, mannwhitneyu

    rng, tables = np.random.default_rng(seed), []
    means, shares = _by_niche(run, measured, number)
    for niche in range(number):
        one, rest = (_values(run, np.flatnonzero(mine), rng) for mine in (measured == niche, measured != niche))
        if len(one) < 3 or len(rest) < 3:
            continue
        p = mannwhitneyu(one, rest, axis=0, method="asymptotic").pvalue
        tables.append(pd.DataFrame({"niche": niche, "gene": run.genes, "difference": means[0][niche] - means[1][niche],
                                    "share_in": shares[0][niche], "share_out": shares[1][niche],
                                    "p": np.nan_to_num(p, nan=1.0)}))
    if not tables:
        return pd.DataFrame(columns=["niche", "gene", "difference", "share_in", "share_out", "p", "q"])
    table = pd.concat(tables, ignore_index=True)
    table["q"] = false_discovery_control(table["p"].to_numpy())
    return table.sort_values(["niche", "difference"], ascending=[True, False], ignore_index=True)


def _by_niche(run, measured, number):
    """((inside, outside) means of log1p, (inside, outside) shares of expressing cells), each (niches, genes)."""
    import scipy.sparse as sp

    x = sp.csr_matrix(run.sections.cells.X)
    inside = sp.csr_matrix((np.ones(len(measured), np.float32), (measured, np.arange(len(measured)))),
                           shape=(number, len(measured)))
    n = np.bincount(measured, minlength=number)[:, None]
    made = []
    for values in (x, x > 0):
        sums, total = (inside @ values).toarray(), np.asarray(values.sum(0)).ravel()
        made.append((sums / np.maximum(n, 1), (total - sums) / np.maximum(len(measured) - n, 1)))
    return made


def marker_genes(run, measured, number, most=5):
    """The genes that stand out most in each niche, as lists."""
    table = marker_table(run, measured, number)
    table = table[(table["difference"] >= MARKER_FOLD) & (table["q"] < 0.05)]
    return [table.loc[table["niche"] == niche, "gene"].head(most).tolist() for niche in range(number)]


def _values(run, rows, rng):
    """log1p expression (cells, genes) of some cells, at most MOST_CELLS."""
    if len(rows) > MOST_CELLS:
        rows = np.sort(rng.choice(rows, MOST_CELLS, replace=False))
    x = run.sections.cells.X[rows]
    return np.asarray(x.toarray() if hasattr(x, "toarray") else x, np.float32)


def with_niches(cells, run, niches):
    """Cells (AnnData, obsm['spatial'] um, obs['depth']) with obs['niche'], that of the run's nearest virtual cell, and
    what the niches were found by in uns['niches']."""
    from scipy.spatial import cKDTree


    xyz = np.column_stack([np.asarray(cells.obsm[keys.SPATIAL])[:, :2], cells.obs[keys.DEPTH].to_numpy(float)])
    nearest = cKDTree(run.tissue_cells.xyz).query(xyz, workers=-1)[1]
    return _labelled(cells, niches, niches.tissue[nearest])


def measured_with_niches(run, niches):
    """The measured cells of a run (AnnData, obsm['spatial'] (n, 3) um) with obs['niche'] as `with_niches` has it."""
    cells = run.sections.cells.copy()
    cells.obsm[keys.SPATIAL] = run.measured_xyz
    return _labelled(cells, niches, niches.measured)


def _labelled(cells, niches, numbers):
    import pandas as pd

    cells.obs["niche"] = pd.Categorical.from_codes(numbers, list(niches.names))
    cells.uns["niches"] = {"found_by": niches.column or "expression", "reach_um": niches.reach_um}
    return cells


def niche_surface(run, niches, niche):
    """Closed surface of a niche within the tissue, where more than half of the nearest virtual cells are in it: pyvista
    PolyData in um."""
    return contour(run, surface_bounds(run, niches, niche), run.lattice.spacing_um / 1.5)


def surface_bounds(run, niches, niche):
    """The lattice fields that bound a niche, each with its least value (see `isosurfaces.contour`)."""
    return [(run.lattice.inside, 0.0), (niches.membership[niche].astype(np.float32), 0.5)]


def niche_border(run, niches, niche):
    """Border of a niche as `surfaces.Surface`, for profiles against the distance from it."""

    lattice, spacing = run.lattice, run.lattice.spacing_um
    low, high = (np.array(corner) for corner in run.extent_um)
    axes = [np.arange(a, b + 1e-6 * spacing, spacing) for a, b in zip(low, high, strict=True)]
    tissue, share = (resample(lattice, field, axes) for field in (lattice.inside,
                                                                 niches.membership[niche].astype(np.float32)))
    return surface_of((share >= 0.5) & (tissue > 0), tissue > 0, spacing, low, niches.names[niche])


def size_table(run, niches):
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
