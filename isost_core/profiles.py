"""Depth, radial and spherical profiles: mean expression against depth or distance, predicted and measured."""

import numpy as np

from isost_core.errors import InputError
from isost_core.genes import find_genes

KINDS = ("depth", "radial", "spherical")
COLUMNS = ["gene", "source", "distance_um", "mean", "low", "high", "known_share", "n"]
DRAWS = 32  # draws of the model's error
WAVES = 48  # random waves of one draw
MOST_CELLS = 20_000
Z95 = 1.959964


def profile(run, genes, kind, centre, axis=None, radius_um=None, bin_um=None):
    """Profile of some genes around a point.

    Parameters
    ----------
    kind : 'depth' (against depth, cells within radius_um of the centre in x, y), 'radial' (against the distance
        from an axis through the centre) or 'spherical' (against the distance from the centre)
    centre : (x, y, z) um
    axis : (x, y, z) direction for 'radial', by default the depth axis
    radius_um : float, cells farther away are left out; by default none is
    bin_um : float, bin width, by default one cell spacing

    Returns
    -------
    DataFrame: gene, source ('predicted' or 'measured'), distance_um (mean over the cells of the bin), mean, low,
    high (95 % interval of the bin mean over cells and, for predicted, draws of the model's error), known_share (of
    the gene's pattern at a place, mean over the cells of the bin; 1 where measured, NaN where not known), n. Log1p.
    """
    import pandas as pd

    columns = find_genes(genes, run.genes)
    width = run.cell_spacing_um if bin_um is None else float(bin_um)
    _check(kind, centre, axis, radius_um, width)
    geometry = (kind, np.asarray(centre, float), _direction(axis))
    tables = []
    for source, read in (("predicted", _predicted), ("measured", _measured)):
        xyz = run.tissue_cells.xyz if source == "predicted" else run.measured_xyz
        distance, used = _distance(xyz, geometry, radius_um)
        rows = np.flatnonzero(used)
        if len(rows):
            label = np.floor((distance[rows] - (run.depth_range[0] if kind == "depth" else 0)) / width + 1e-9)
            tables += read(run, columns, rows, distance[rows], label.astype(int))
    if not tables:
        raise InputError("No cell lies within the radius of the centre. Choose a larger radius or another centre; "
                         f"the tissue reaches from {_corner(run, 0)} to {_corner(run, 1)} µm.")
    return pd.concat(tables, ignore_index=True)[COLUMNS]


def _check(kind, centre, axis, radius_um, width):
    if kind not in KINDS:
        raise InputError(f"Profile '{kind}' is not known. Choose one of {', '.join(KINDS)}.")
    if len(centre) != 3 or not np.isfinite(centre).all():
        raise InputError("The centre needs three numbers x, y, z in µm.")
    if axis is not None and not np.linalg.norm(axis) > 0:
        raise InputError("The axis needs three numbers that are not all 0.")
    if radius_um is not None and not radius_um > 0:
        raise InputError(f"The radius must be above 0 µm, found {radius_um:g}.")
    if not width > 0:
        raise InputError(f"The bin must be above 0 µm, found {width:g}.")


def _direction(axis):
    axis = np.array([0.0, 0.0, 1.0]) if axis is None else np.asarray(axis, float)
    return axis / np.linalg.norm(axis)


def _distance(xyz, geometry, radius_um):
    """The profile's coordinate of each cell (um), and which cells belong to it."""
    kind, centre, axis = geometry
    to = xyz - centre
    if kind == "depth":
        away = np.linalg.norm(to[:, :2], axis=1)
        distance = xyz[:, 2]
    elif kind == "radial":
        away = distance = np.linalg.norm(to - np.outer(to @ axis, axis), axis=1)
    else:
        away = distance = np.linalg.norm(to, axis=1)
    return distance, away <= (np.inf if radius_um is None else radius_um)


def _measured(run, columns, rows, distance, label):
    X = run.sections.cells.X[rows][:, columns]
    X = np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=np.float64)
    bins = _Bins(label)
    at, n = bins.mean(distance), bins.count
    for g, column in enumerate(columns):
        yield _table(run.genes[column], "measured", at, bins.mean_and_error(X[:, g]), (1.0, n))


def _predicted(run, columns, rows, distance, label):
    if len(rows) > MOST_CELLS:
        keep = np.sort(np.random.default_rng(0).choice(len(rows), MOST_CELLS, replace=False))
        rows, distance, label = rows[keep], distance[keep], label[keep]
    xyz = run.tissue_cells.xyz[rows]
    values = run.tissue_cells.expression(run, columns, rows)
    doubt, known = run.lattice.doubt(run.decoder, columns, xyz)
    bins = _Bins(label)
    at, n = bins.mean(distance), bins.count
    for g, column in enumerate(columns):
        mean, of_cells = bins.mean_and_error(values[:, g])
        waves = _smooth_noise(xyz, *_error_lengths(run, column))
        draws = np.stack([bins.mean(doubt[g] * w) for w in waves])
        share = np.nan if known is None else bins.mean(known[g])
        yield _table(run.genes[column], "predicted", at, (mean, np.sqrt(of_cells**2 + draws.var(0))), (share, n))


def _error_lengths(run, column):
    """Lengths (um) over which a gene's predicted mean errs alike, and the share of the error at each.

    In the middle of a gap a part tanh(gap / 2 l) of the covariance of length l is unknown (an Ornstein-Uhlenbeck
    process between two known ends). In the plane the sections fix all that is wider than half a gap, so errors
    are alike over half a gap at most.
    """
    if run.decoder.covariance is None:
        return np.ones(1), np.ones(1)
    covariance = run.decoder.covariance
    gap = float(np.median(np.diff(run.sections.depths)))
    weight = run.decoder.group_share([column])[:, 0] @ covariance.weight
    unknown = weight * np.tanh(gap / 2 / covariance.lengths_um) + 1e-12
    return np.minimum(covariance.lengths_um, gap / 2), unknown / unknown.sum()


def _smooth_noise(xyz, lengths_um, shares):
    """Draws (draws, cells) of unit-variance noise whose waves have the given lengths in the given shares."""
    rng = np.random.default_rng(0)
    out = np.empty((DRAWS, len(xyz)), np.float32)
    for d in range(DRAWS):
        wave = rng.standard_normal((3, WAVES)) / rng.choice(lengths_um, WAVES, p=shares)
        phase = rng.uniform(0, 2 * np.pi, WAVES)
        out[d] = np.cos((xyz @ wave + phase).astype(np.float32)).sum(1) * np.sqrt(2 / WAVES)
    return out


class _Bins:
    """Sums over labelled bins without a loop over cells."""

    def __init__(self, label):
        self.label = np.unique(label, return_inverse=True)[1].ravel()
        self.count = np.bincount(self.label)

    def mean(self, values):
        return np.bincount(self.label, weights=values) / self.count

    def mean_and_error(self, values):
        """Mean and its standard error per bin."""
        mean = self.mean(values)
        return mean, np.sqrt(np.maximum(self.mean(values**2) - mean**2, 0) / np.maximum(self.count - 1, 1))


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
