"""Neighbour graphs: fixed-k nearest neighbours, cell spacing, spatially even thinning."""

import numpy as np


def neighbour_distances(xy, k=1):
    """Distances (n, k) from each point to its k nearest others, um."""
    from scipy.spatial import cKDTree

    k = min(k, len(xy) - 1)
    return cKDTree(xy).query(xy, k=k + 1, workers=-1)[0][:, 1:]


def cell_spacing(sections):
    """Median over sections of the median nearest-neighbour distance within a section, um."""
    medians = [np.median(neighbour_distances(_points(sections, name))) for name in sections.names]
    return float(max(np.median(medians), 1e-6))


def irregularity(sections):
    """How irregular the cells lie: 0 on a lattice of spots, about 1 where they lie at random.

    The coefficient of variation of the nearest-neighbour distance, over that of a Poisson process.
    """
    poisson = np.sqrt(4 / np.pi - 1)
    ratios = []
    for name in sections.names:
        d = neighbour_distances(_points(sections, name))
        d = d[d <= np.quantile(d, 0.95)]
        ratios.append(d.std() / max(d.mean(), 1e-12) / poisson)
    return float(np.clip(np.median(ratios), 0, 1))


def _points(sections, name):
    """Positions (n, 3) of a section's cells, each at its own depth, um."""
    rows = sections.rows(name)
    depth = sections.cells.obs["depth"].to_numpy()[rows]
    return np.column_stack([sections.cells.obsm["spatial"][rows], depth])


def even_subset(xy, n, rng):
    """Row indices of n points spread as evenly over the tissue as the points themselves.

    Points are put in the order of a space-filling (Morton) curve on a randomly shifted frame and every
    (len/n)-th is taken, so that thinning keeps the local density (less noise than a random subset).
    """
    if n >= len(xy):
        return np.arange(len(xy))
    low, size = xy.min(0), max(float(np.ptp(xy, axis=0).max()), 1e-9)
    cell = ((xy - low) / size * 0.5 + rng.random(2) * 0.5) * 65535
    order = np.argsort(_morton(cell.astype(np.uint64)), kind="stable")
    picks = np.floor((np.arange(n) + rng.random()) * len(xy) / n).astype(int)
    return np.sort(order[np.minimum(picks, len(xy) - 1)])


def meeting_pairs(first, second, reach_um, rounds=12):
    """Pairs (i, j) of points of two clouds that are each other's nearest, found again among those left over.

    Parameters
    ----------
    first, second : (n, 2), (m, 2) um
    reach_um : float, pairs farther apart are not made
    """
    from scipy.spatial import cKDTree

    i, j = np.arange(len(first)), np.arange(len(second))
    pairs = []
    for _ in range(rounds):
        if not len(i) or not len(j):
            break
        distance, to = cKDTree(second[j]).query(first[i], workers=-1)
        back = cKDTree(first[i]).query(second[j], workers=-1)[1]
        mutual = (back[to] == np.arange(len(i))) & (distance <= reach_um)
        if not mutual.any():
            break
        pairs.append(np.stack([i[mutual], j[to[mutual]]]))
        i, j = i[~mutual], np.delete(j, to[mutual])
    return tuple(np.concatenate(pairs, axis=1)) if pairs else (np.zeros(0, int), np.zeros(0, int))


def partners(xy, k, rng):
    """For each point (n, 2) another one nearby, so that all trade places in pairs.

    Random pairs of near neighbours (k nearest), then of those left over; an odd one out gets its nearest neighbour.

    Returns
    -------
    (n,) indices, none its own; (2,) or more points are needed
    """
    from scipy.spatial import cKDTree

    partner, left = np.full(len(xy), -1), np.arange(len(xy))
    while len(left) > 1:
        near = cKDTree(xy[left]).query(xy[left], k=min(k, len(left) - 1) + 1, workers=-1)[1]
        i, j = np.repeat(np.arange(len(left)), near.shape[1]), near.ravel()
        i, j = _random_matching(i[i != j], j[i != j], len(left), rng)
        partner[left[i]], partner[left[j]] = left[j], left[i]
        left = left[partner[left] < 0]
    if len(left):
        near = cKDTree(xy).query(xy[left], k=2)[1][0]
        partner[left] = near[near != left[0]][0]
    return partner


def _random_matching(i, j, n, rng):
    """Edges (i, j) of a random matching among those of a graph of n points: each in turn that is first at both ends."""
    free, first, second = np.ones(n, bool), [], []
    while len(i):
        order = rng.permutation(len(i))
        best = np.full(n, len(i))
        np.minimum.at(best, i, order)
        np.minimum.at(best, j, order)
        won = (best[i] == order) & (best[j] == order)
        first.append(i[won])
        second.append(j[won])
        free[i[won]] = free[j[won]] = False
        kept = free[i] & free[j]
        i, j = i[kept], j[kept]
    return np.concatenate(first), np.concatenate(second)


def _morton(cell):
    """Interleave the 16 bits of two integer coordinates (n, 2) -> (n,)."""
    def spread(v):
        v = (v | (v << np.uint64(8))) & np.uint64(0x00FF00FF)
        v = (v | (v << np.uint64(4))) & np.uint64(0x0F0F0F0F)
        v = (v | (v << np.uint64(2))) & np.uint64(0x33333333)
        return (v | (v << np.uint64(1))) & np.uint64(0x55555555)

    return spread(cell[:, 0]) | (spread(cell[:, 1]) << np.uint64(1))


def _area_per_cell(xy):
    """Tissue area over cells, um2: counted on a coarse grid, so that holes and outlines do not count."""
    low, high = xy.min(0), xy.max(0)
    box = max(float(np.prod(high - low)), 1e-9)
    side = np.sqrt(box / len(xy)) * 3
    filled = len(np.unique(np.floor((xy - low) / side), axis=0))
    return min(filled * side**2, box) / len(xy)
