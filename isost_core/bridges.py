"""Simulation-free training of the drifts: regression along Brownian bridges between paired cells.

Cells of neighbouring sections are paired by optimal transport on minibatches (Tong et al., 2023, conditional
flow matching); the drift at a point of the bridge is regressed on the pair's displacement, so nothing has to
be propagated back through the solver.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Bridges:
    """Points on bridges of one gap: position x (n, 2) um, t (n,) within the gap, and the pair's change.

    move : (n, 2) um over the gap; change : (n, axes) of latent values over the gap
    """

    gap: int
    x: np.ndarray
    t: np.ndarray
    move: np.ndarray
    change: np.ndarray


def draw_bridges(lower, upper, gap, config, spread_um, rng):
    """Pair a minibatch of cells of two sections and draw one point on each bridge.

    Parameters
    ----------
    lower, upper : (xy (n, 2) um, anchor (n,), smooth latent values (anchors, axes)) of the two sections' cells
    spread_um : float, sd of a path's noise over one gap
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    n = min(config.batch_cells, len(lower[0]), len(upper[0]))
    i, j = (rng.choice(len(part[0]), n, replace=False) for part in (lower, upper))
    (xa, ga), (xb, gb) = ((xy[drawn], smooth[anchor[drawn]])
                          for drawn, (xy, anchor, smooth) in ((i, lower), (j, upper)))
    apart = cdist(xa, xb, "sqeuclidean")
    unlike = ((ga**2).sum(1)[:, None] + (gb**2).sum(1) - 2 * ga @ gb.T).clip(min=0)
    cost = apart / apart.mean() + config.pair_weight * unlike / max(unlike.mean(), 1e-12)
    a, b = linear_sum_assignment(cost)
    t = rng.random(len(a))
    wander = spread_um * np.sqrt(t * (1 - t))[:, None] * rng.standard_normal((len(a), 2))
    x = (1 - t[:, None]) * xa[a] + t[:, None] * xb[b] + wander
    return Bridges(gap, x, t, xb[b] - xa[a], gb[b] - ga[a])
