"""Simulation-free training of the drifts: regression along Brownian bridges between paired cells.

Cells of neighbouring sections are paired by optimal transport on minibatches (Tong et al., 2023, conditional
flow matching); the drift at a point of the bridge is regressed on the pair's displacement, so nothing has to
be propagated back through the solver.
"""

from dataclasses import dataclass

import numpy as np

from isost_core.device import mixed

GAPS_PER_STEP = 4

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


def _own_anchor(field, xyz, number):
    """Number (n,) of the anchor of its own section that lies nearest to each measured cell."""
    anchor = np.empty(len(xyz), dtype=int)
    for s in range(len(field.depths)):
        rows, tree = field._tree(s)
        here = number == s
        anchor[here] = rows[tree.query(xyz[here, :2], workers=-1)[1]]
    return anchor


def _fit_drifts(model, smooth, anchor, rng, tell):
    """Regress both drifts on the displacements of paired cells (bridges).

    smooth : (anchors, axes) mean field; anchor : (n,) that of each cell
    """
    import torch

    config, names = model.config, model.sections.names
    parts = [(model.sections.cells.obsm["spatial"][rows], anchor[rows], smooth)
             for rows in map(model.sections.rows, names)]
    gaps = len(names) - 1
    first = [draw_bridges(parts[k], parts[k + 1], k, config, model.spread_um, rng) for k in range(gaps)]
    size_x = max(np.sqrt(np.mean(np.concatenate([b.move for b in first]) ** 2)), 1e-6)
    size_g = np.sqrt(np.mean(np.concatenate([b.change for b in first]) ** 2, 0)) + 1e-6
    model.sizes = tuple(torch.as_tensor(s, dtype=torch.float32).to(model.device) for s in (size_x, size_g))
    both = torch.nn.ModuleList([model.shape, model.expression])
    steps = int(np.ceil(config.train_steps * max(1, gaps / GAPS_PER_STEP)))
    optimiser = torch.optim.NAdam(both.parameters(), lr=config.learning_rate)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for step in range(steps):
        chosen = rng.permutation(gaps)[:GAPS_PER_STEP]
        losses = [_bridge_loss(model, draw_bridges(parts[k], parts[k + 1], int(k), config, model.spread_um, rng))
                  for k in chosen]
        loss = torch.stack(losses).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        slower.step()
        tell("drift", (step + 1) / steps, float(loss.detach()))
    both.eval()


def _bridge_loss(model, bridges):
    import torch

    x, t, move, change = (torch.as_tensor(a, dtype=torch.float32).to(model.device)
                          for a in (bridges.x, bridges.t, bridges.move, bridges.change))
    size_x, size_g = model.sizes
    seen = model.around.seen_from(x, t, bridges.gap)
    with mixed(model.device):
        v, h = model.shape(*seen), model.expression(*seen)
    return (v - move / size_x).square().mean() + (h - change / size_g).square().mean()
