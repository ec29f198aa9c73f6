"""Profiles of genes against depth or distance: predicted, measured, and as single sections would show them."""

import numpy as np

from isost_core.analysis.bins import Bins
from isost_core.analysis.focus import Around
from isost_core.errors import InputError
from isost_core.genes import find_genes

COLUMNS = ["gene", "source", "distance_um", "mean", "low", "high", "known_share", "n"]
FLAT = "2D estimate"
SHUFFLED = "shuffled"
DRAWS = 32  # draws of the model's error
WAVES = 48  # random waves of one draw
MOST_CELLS = 20_000
BINS = 25  # of a profile that is looked at
Z95 = 1.959964


def profile(run, genes, kind, centre, axis=None, radius_um=None, bin_um=None):
    """Profile of some genes around a point, an axis or a surface.

    Parameters
    ----------
    kind, centre, axis, radius_um : see `Around`
    bin_um : float, bin width, by default one cell spacing

    Returns
    -------
    DataFrame: gene, source ('predicted' or 'measured'), distance_um (mean over the cells of the bin), mean (predicted:
    the mean field at all of its cells, put right by the measured ones among them), low, high (95 % interval of the bin
    mean over cells and, for predicted, draws of the model's error and of what it misses), known_share (of the gene's
    pattern at a place, mean over the cells of the bin; 1 where measured, NaN where not known), n. Log1p.
    """
    return profile_around(run, genes, Around(kind, centre, axis, radius_um), bin_um)


def profile_around(run, genes, around, bin_um=None, beside=()):
    """The same of an Around. `beside` adds rows of further sources to the table.

    '2D estimate' : the profile as measured sections alone would give it (`Around.distance_2d`), from the same cells'
        values, with the same bins
    'shuffled' : 95 % band of the measured profile with values dealt out at random among its cells; `mean` is theirs
    """
    import pandas as pd

    columns = find_genes(genes, run.genes)
    width = _width(run, bin_um)
    start = run.depth_range[0] if around.kind == "depth" else 0
    tables = []
    virtual, real = (_binned(around, xyz, start, width) for xyz in (run.tissue_cells.xyz, run.measured_xyz))
    if len(virtual[0]):
        tables += _predicted(run, columns, virtual, real)
    if len(real[0]):
        tables += _measured(run, columns, real)
    if not tables:
        raise InputError("No cell lies within the radius of the centre. Choose a larger radius or another centre; "
                         f"the tissue reaches from {_corner(run, 0)} to {_corner(run, 1)} µm.")
    if SHUFFLED in beside and len(real[0]):
        tables += _shuffled(run, columns, real)
    if FLAT in beside:
        rows, distance = around.distance_2d(run)
        if len(rows):
            tables += _measured(run, columns, (rows, distance, bin_numbers(distance - start, width)), FLAT)
    return pd.concat(tables, ignore_index=True)[COLUMNS]


def usual_bin(run, around):
    """Bin width (um) that shows a profile well: BINS over the measured cells, at least one cell spacing."""
    distance, used = around.distance(run.measured_xyz)
    reach = float(np.ptp(distance[used])) if used.any() else 0.0
    return float(f"{max(reach / BINS, run.cell_spacing_um):.2g}")


def _binned(around, xyz, start, width):
    """Rows of the cells that belong to the profile, their distance and the number of their bin."""
    distance, used = around.distance(xyz)
    rows = np.flatnonzero(used)
    return rows, distance[rows], bin_numbers(distance[rows] - start, width)


def bin_numbers(distance, width):
    """Number of each distance's bin of that width, (n,) int."""
    return np.floor(distance / width + 1e-9).astype(int)


def slope(table, low_um=-np.inf, high_um=np.inf):
    """Slope (log1p per um) of a profile of one gene and source between two distances: least squares over its bins,
    each weighted by its cells."""
    part = table[table["distance_um"].between(low_um, high_um)]
    return float(np.polyfit(part["distance_um"], part["mean"], 1, w=np.sqrt(part["n"]))[0])


def measured_values(run, rows, columns=slice(None)):
    """Measured log1p values (rows, columns), float64."""
    X = run.sections.cells.X[rows][:, columns]
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=np.float64)


def _width(run, bin_um):
    width = run.cell_spacing_um if bin_um is None else float(bin_um)
    if not width > 0:
        raise InputError(f"The bin must be above 0 µm, found {width:g}.")
    return width


def _measured(run, columns, cells, source="measured"):
    rows, distance, label = cells
    X, bins = measured_values(run, rows, columns), Bins(label)
    at, n = bins.mean(distance), bins.count
    for g, column in enumerate(columns):
        yield _table(run.genes[column], source, at, bins.mean_and_error(X[:, g]), (1.0, n))


def _shuffled(run, columns, cells):
    rows, distance, label = cells
    X, bins = measured_values(run, rows, columns), Bins(label)
    low, high = bins.shuffled(X)
    for g, column in enumerate(columns):
        mean = np.full(len(bins.count), X[:, g].mean())
        yield _table(run.genes[column], SHUFFLED, bins.mean(distance), (mean, 0.0), (np.nan, bins.count)).assign(
            low=low[:, g], high=high[:, g])


def _predicted(run, columns, cells, real):
    rows, distance, label = _at_most(*cells)
    xyz = run.tissue_cells.xyz[rows]
    expected = mean_at(run, columns, xyz)
    sampled = run.sampled_expression(columns, rows)
    doubt, known = run.lattice.doubt(run.decoder, columns, xyz)
    bins, gap = Bins(label), float(np.median(np.diff(run.sections.depths)))
    at, n = bins.mean(distance), bins.count
    missed, unsure = _missed(run, columns, _at_most(*real), np.unique(label))
    for g, column in enumerate(columns):
        mean, of_cells = bins.mean(expected[:, g]) + missed[:, g], bins.mean_and_error(sampled[:, g])[1]
        waves = _smooth_noise(xyz, *run.decoder.error_lengths(column, gap))
        draws = np.stack([bins.mean(doubt[g] * w) for w in waves])
        share = np.nan if known is None else bins.mean(known[g])
        error = np.sqrt(of_cells**2 + draws.var(0) + unsure[:, g])
        yield _table(run.genes[column], "predicted", at, (np.maximum(mean, 0), error), (share, n))


def mean_at(run, columns, xyz):
    """Mean field (n, genes), expected log1p expression, at places (n, 3) um."""
    return run.decoder.latent.expression(run.lattice.latent_at(xyz)[0], columns)


def _missed(run, columns, real, labels):
    """What the mean field, which is smooth, misses of the cells measured in each bin, and its variance, (bins, genes).

    The mean residual of the bin's measured cells is added to the mean field of all its cells, as the difference
    estimator of survey sampling does, shrunk by how far residuals differ between bins beyond the noise of cells
    (DerSimonian and Laird 1986). A bin without measured cells keeps the mean field.
    """
    rows, _, label = real
    residual = measured_values(run, rows, columns) - mean_at(run, columns, run.measured_xyz[rows])
    here = np.isin(label, labels)
    bins = np.searchsorted(labels, label[here])
    n = np.bincount(bins, minlength=len(labels))[:, None]
    total = np.stack([np.bincount(bins, weights=r, minlength=len(labels)) for r in residual[here].T], axis=1)
    mean = total / np.maximum(n, 1)
    noise = residual.var(0) + 1e-12 if len(rows) else np.ones(len(columns))
    weight = n / noise
    between = np.maximum(((weight * mean**2).sum(0) - (n > 0).sum()) / np.maximum(weight.sum(0), 1e-12), 0)
    share = between * n / (between * n + noise)
    return share * mean, between * (1 - share)


def _at_most(*cells):
    """A random part of too many cells."""
    if len(cells[0]) <= MOST_CELLS:
        return cells
    keep = np.sort(np.random.default_rng(0).choice(len(cells[0]), MOST_CELLS, replace=False))
    return tuple(part[keep] for part in cells)


def _smooth_noise(xyz, lengths_um, shares):
    """Draws (draws, cells) of unit-variance noise whose waves have the given lengths in the given shares."""
    rng = np.random.default_rng(0)
    out = np.empty((DRAWS, len(xyz)), np.float32)
    for d in range(DRAWS):
        wave = rng.standard_normal((3, WAVES)) / rng.choice(lengths_um, WAVES, p=shares)
        phase = rng.uniform(0, 2 * np.pi, WAVES)
        out[d] = np.cos((xyz @ wave + phase).astype(np.float32)).sum(1) * np.sqrt(2 / WAVES)
    return out


def _table(gene, source, at, found, beside):
    """Rows of one gene: found : (mean, standard error); beside : (known share, n)."""
    import pandas as pd

    (mean, error), (known, n) = found, beside
    return pd.DataFrame({"gene": gene, "source": source, "distance_um": at, "mean": mean,
                         "low": np.maximum(mean - Z95 * error, 0), "high": mean + Z95 * error, "known_share": known,
                         "n": n})


def weak_bins(table, least_known):
    """Which rows of a profile are predicted of less than this share of the pattern, (rows,) bool."""
    return (table["known_share"] < least_known).to_numpy()


def _corner(run, k):
    return ", ".join(f"{v:.0f}" for v in run.extent_um[k])
