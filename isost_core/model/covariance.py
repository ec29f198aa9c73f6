"""Spatial covariance of expression, measured within sections and pooled over 3D distance.

Tissue is close to isotropic, so what cell pairs share at a distance within a section says what they share
at that distance across a gap. A Gaussian process with this covariance along depth is a linear stochastic
differential equation; its smoother gives the expected expression (Hartikainen and Sarkka, 2010).
"""

from dataclasses import dataclass, replace

import numpy as np

NEAR, FAR = 1.5, 10.0  # cell spacings: pairs that define the latent axes
MOST_SIGNAL = 0.99  # share of the variance that can be spatial
EDGES = np.geomspace(0.7, 40, 15)  # cell spacings: of the lags at which it is measured
MOST_NEAR_PAIRS = 10_000_000  # of a section that are looked at
FINE_LAGS, MOST_PAIRS = 6, 100_000  # lags of which every pair counts, up to so many
LENGTHS = np.array([1.0, 2.5, 5.0, 10.0, 20.0, 40.0])  # cell spacings: candidate covariance lengths


@dataclass(frozen=True, eq=False)
class Covariance:
    """Covariance of each group of latent axes: C_g(r) = sum_l weight[g, l] exp(-r / length[l]).

    lengths_um : (lengths,); weight : (groups, lengths); group : (axes,) group of each axis
    """

    lengths_um: np.ndarray
    weight: np.ndarray
    group: np.ndarray

    @property
    def signal(self) -> np.ndarray:
        """Spatial variance of each group, (groups,); the rest of 1 is the nugget."""
        return self.weight.sum(1)

    @property
    def nugget(self) -> np.ndarray:
        return 1 - self.signal


def sample_pairs(xyz: np.ndarray, section: np.ndarray, near_um: float, far_um: float, n: int,
                 rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """About n cell pairs of the same section at a 3D distance within [near_um, far_um].

    A random cell, a random distance and direction in the plane, and the cell nearest to that point.

    Returns
    -------
    (i, j, distance_um), each (pairs,)
    """
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    first, second = [], []
    for s in np.unique(section):
        rows = np.flatnonzero(section == s)
        m = int(np.ceil(2 * n * len(rows) / len(section)))
        start = rng.integers(len(rows), size=m)
        radius, angle = rng.uniform(near_um, far_um, m), rng.uniform(0, 2 * np.pi, m)
        target = xyz[rows[start], :2] + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        end = cKDTree(xyz[rows, :2]).query(target, workers=-1)[1]
        first.append(rows[start])
        second.append(rows[end])
    i, j = np.concatenate(first), np.concatenate(second)
    distance = np.linalg.norm(xyz[i] - xyz[j], axis=1)
    good = (i != j) & (distance >= near_um) & (distance <= far_um)
    return i[good], j[good], distance[good]


@dataclass(frozen=True, eq=False)
class MeasuredCovariance:
    """Mean products of the latent values of cell pairs: lag (lags,) um, covariance (lags, axes), pairs (lags,)."""

    lag: np.ndarray
    covariance: np.ndarray
    pairs: np.ndarray


def measure_covariance(values: np.ndarray, xyz: np.ndarray, section: np.ndarray, spacing_um: float,
                       rng: np.random.Generator) -> MeasuredCovariance:
    """Covariance of cells of a section at distances up to 40 cell spacings: of all near pairs, since those that are
    few say how smooth the tissue is, and of a sample of far ones."""
    edges = spacing_um * EDGES
    near = near_pairs(xyz, section, edges[0], edges[FINE_LAGS])
    order = np.searchsorted(edges[: FINE_LAGS + 1], near[2], side="right") - 1
    lag, cov, count = [], [], []
    for n, (lo, hi) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        if n < FINE_LAGS:
            here = np.flatnonzero(order == n)
            some = here if len(here) <= MOST_PAIRS else rng.choice(here, MOST_PAIRS, replace=False)
            i, j, d = (part[some] for part in near)
        else:
            i, j, d = sample_pairs(xyz, section, lo, hi, 30_000, rng)
        if len(i) > 50:
            lag.append(d.mean())
            cov.append(np.einsum("na,na->a", values[i], values[j]) / len(i))
            count.append(len(i))
    return MeasuredCovariance(np.array(lag), np.array(cov), np.array(count))


def near_pairs(xyz: np.ndarray, section: np.ndarray, near_um: float,
               far_um: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every pair of cells of the same section at a 3D distance within [near_um, far_um]: (i, j, distance_um). Where
    many cells share places, those of a random part of the cells."""
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    found, rng = [], np.random.default_rng(0)
    for s in np.unique(section):
        rows = np.flatnonzero(section == s)
        tree = cKDTree(xyz[rows])
        pairs = (tree.count_neighbors(tree, far_um) - len(rows)) / 2
        if pairs > MOST_NEAR_PAIRS:
            rows = rng.choice(rows, int(len(rows) * np.sqrt(MOST_NEAR_PAIRS / pairs)), replace=False)
            tree = cKDTree(xyz[rows])
        found.append(rows[tree.query_pairs(far_um, output_type="ndarray")])
    i, j = np.concatenate(found).T
    distance = np.linalg.norm(xyz[i] - xyz[j], axis=1)
    good = distance >= near_um
    return i[good], j[good], distance[good]


def fit_covariance(measured: MeasuredCovariance, spacing_um: float, n_groups: int) -> Covariance:
    """Sum of exponentials for each of so many groups of axes, by non-negative least squares."""
    from scipy.optimize import nnls

    lag, cov, root = measured.lag, measured.covariance, np.sqrt(measured.pairs)
    lengths = LENGTHS * spacing_um
    basis = np.exp(-lag[:, None] / lengths)
    group = _groups(cov.max(0), n_groups)
    weight = np.zeros((group.max() + 1, len(lengths)))
    for g in range(len(weight)):
        weight[g] = nnls(basis * root[:, None], cov[:, group == g].mean(1) * root)[0]
    weight *= np.minimum(1, MOST_SIGNAL / np.maximum(weight.sum(1, keepdims=True), 1e-12))
    return Covariance(lengths, weight, group)


def shrunk(grouped: Covariance, pooled: Covariance, share: float) -> Covariance:
    """Covariance of each group moved by `share` (0 to 1) towards the one that all axes have in common."""
    return replace(grouped, weight=(1 - share) * grouped.weight + share * pooled.weight)


def _groups(strength: np.ndarray, n_groups: int) -> np.ndarray:
    """Axes of similar spatial strength share a group; (axes,) -> (axes,) of 0..groups-1."""
    n_groups = min(n_groups, len(strength))
    levels = np.log(np.clip(strength, 1e-3, 1))
    edges = np.linspace(levels.max(), levels.min() - 1e-9, n_groups + 1)[1:-1]
    raw = (levels[:, None] < edges).sum(1)
    return np.unique(raw, return_inverse=True)[1]
