"""Neighbour graphs: fixed-k nearest neighbours, cell spacing, spatially even thinning."""

import numpy as np

from isost_core.sections.stack import Sections


def neighbour_distances(xy: np.ndarray, k: int = 1) -> np.ndarray:
    """Distances (n, k) from each point to its k nearest others, um."""
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    k = min(k, len(xy) - 1)
    return cKDTree(xy).query(xy, k=k + 1, workers=-1)[0][:, 1:]


def cell_spacing(sections: Sections) -> float:
    """Median over sections of the median nearest-neighbour distance within a section, um."""
    medians = [np.median(_nearest(_points(sections, name))) for name in sections.names]
    return float(max(np.median(medians), 1e-6))


def irregularity(sections: Sections) -> float:
    """How irregular the cells lie: 0 on a lattice of spots, about 1 where they lie at random.

    The coefficient of variation of the nearest-neighbour distance, over that of a Poisson process.
    """
    poisson = np.sqrt(4 / np.pi - 1)
    ratios = []
    for name in sections.names:
        d = _nearest(_points(sections, name))
        d = d[d <= np.quantile(d, 0.95)]
        ratios.append(d.std() / max(d.mean(), 1e-12) / poisson)
    return float(np.clip(np.median(ratios), 0, 1))


def _nearest(xyz: np.ndarray) -> np.ndarray:
    """Distance (n, 1) of each cell to the next, um; of each place to the next where most cells share theirs."""
    found = neighbour_distances(xyz)
    return found if np.median(found) > 0 else neighbour_distances(np.unique(xyz, axis=0))


def _points(sections: Sections, name: str) -> np.ndarray:
    """Positions (n, 3) of a section's cells, each at its own depth, um."""
    rows = sections.rows(name)
    return np.column_stack([sections.xy[rows], sections.cell_depths[rows]])


def even_subset(xy: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
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


def _morton(cell: np.ndarray) -> np.ndarray:
    """Interleave the 16 bits of two integer coordinates (n, 2) -> (n,)."""
    def spread(v: np.ndarray) -> np.ndarray:
        v = (v | (v << np.uint64(8))) & np.uint64(0x00FF00FF)
        v = (v | (v << np.uint64(4))) & np.uint64(0x0F0F0F0F)
        v = (v | (v << np.uint64(2))) & np.uint64(0x33333333)
        return (v | (v << np.uint64(1))) & np.uint64(0x55555555)

    return spread(cell[:, 0]) | (spread(cell[:, 1]) << np.uint64(1))


def area_per_cell(xy: np.ndarray) -> float:
    """Tissue area over cells, um2: counted on a coarse grid, so that holes and outlines do not count."""
    low, high = xy.min(0), xy.max(0)
    box = max(float(np.prod(high - low)), 1e-9)
    side = np.sqrt(box / len(xy)) * 3
    filled = len(np.unique(np.floor((xy - low) / side), axis=0))
    return min(filled * side**2, box) / len(xy)
