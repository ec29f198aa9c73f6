"""How far apart the places of a section lie, from some of them: quick enough to be told before anything is read."""

import numpy as np

SOME = 1000  # places that are looked at


def some_distances(xy: np.ndarray) -> np.ndarray:
    """Distance from some of the places (n, 2), two or more, to the nearest other."""
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    some = xy[np.linspace(0, len(xy) - 1, min(SOME, len(xy))).astype(int)]
    return cKDTree(xy).query(some, k=2)[0][:, 1]


def apart(xy: np.ndarray) -> float:
    """Median distance from a place (n, 2) to the nearest other; 0 where there is none."""
    return float(np.median(some_distances(xy))) if len(xy) > 1 else 0.0
