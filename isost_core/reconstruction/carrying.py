"""Carrying measured cells from both neighbouring sections to a depth between them."""

from dataclasses import dataclass

import numpy as np

from isost_core.errors import InputError
from isost_core.sections.spacing import even_subset

MEET = 3.0  # cell spacings within which cells from below and above stand for the same place
LATTICE = 0.15  # irregularity below which cells are spots on a lattice

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


@dataclass(frozen=True)
class Carried:
    """Cells carried to one depth: xy (n, 2) um; source (n,) rows of the measured cells they started from;
    change (n, axes) of latent expression on the way."""

    xy: np.ndarray
    source: np.ndarray
    change: np.ndarray


def carry_to(model, depth, seed=0, expression=True, share=1.0):
    """Carry the measured cells of the two sections around a depth to it.

    The cells of the section below are carried forward, those of the section above backward. Where one of each meet
    they stand for the same place, and one of the two is taken: that from below with a chance of 1 - t, t the
    depth's place in the gap. Of those that meet none, a share 1 - t or t is taken. So the number of cells runs
    linearly between the sections, without doubles and holes. On a lattice of spots the places are those of the nearer
    section throughout, so that the lattice stays one; whose expression they carry is drawn as elsewhere.

    Parameters
    ----------
    model : Model
    depth : float, um, within the measured range
    seed : int
    expression : bool, whether to carry expression too (positions alone are faster)
    share : float, of the measured cells that are carried, spread as evenly as they lie themselves
    """
    depth = check_depth(model, depth)
    gap = model.gap_of(depth)
    t = (depth - model.depths[gap]) / (model.depths[gap + 1] - model.depths[gap])
    rng = depth_rng(seed, depth)
    rows = [_some(model, name, share, rng) for name in model.sections.names[gap : gap + 2]]
    if t in (0, 1):
        xy, change_of = _carry(model, rows[int(t)], depth, (gap, t == 0, expression), rng)
        return Carried(xy, rows[int(t)], change_of(slice(None)))
    (up, up_change), (down, down_change) = (_carry(model, r, depth, (gap, r is rows[0], expression), rng) for r in rows)
    xy, above, index = _taken(up, down, t, model, (MEET * model.spacing_um / np.sqrt(share), rng))
    source = np.where(above, rows[1][index * above], rows[0][index * ~above])
    first, second = up_change(index[~above]), down_change(index[above])
    change = np.empty((len(index), first.shape[1]), first.dtype)
    change[~above], change[above] = first, second
    return Carried(xy, source, change)


def _some(model, name, share, rng):
    """Rows of a share of a section's cells."""
    rows = model.sections.rows(name)
    if share >= 1:
        return rows
    return rows[even_subset(model.sections.cells.obsm["spatial"][rows], max(1, round(share * len(rows))), rng)]


def _taken(up, down, t, model, how):
    """Positions of the cells taken of those carried from below and from above, (n, 2) each; whether each is one from
    above, and its number there. how : reach (um) of meetings, generator."""
    reach, rng = how
    a, b = meeting_pairs(up, down, reach)
    above = _share(up[a], t, rng)
    met = np.where(above[:, None], down[b], up[a])
    if model.irregular <= LATTICE:
        met = up[a] if t <= 0.5 else down[b]
    alone = [np.setdiff1d(np.arange(len(xy)), pair) for xy, pair in ((up, a), (down, b))]
    below, beyond = (rest[_share(xy[rest], share, rng)] for xy, rest, share in
                     zip((up, down), alone, (1 - t, t), strict=True))
    return (np.concatenate([met, up[below], down[beyond]]),
            np.concatenate([above, np.zeros(len(below), bool), np.ones(len(beyond), bool)]),
            np.concatenate([np.where(above, b, a), below, beyond]))


def _share(xy, share, rng):
    """(n,) whether a point is one of this share of them, spread evenly."""
    chosen = np.zeros(len(xy), bool)
    chosen[even_subset(xy, int(round(share * len(xy))), rng)] = True
    return chosen


def _carry(model, rows, depth, path, rng):
    """Positions (n, 2) um of measured cells carried to a depth, and a function of some of them (indices) that gives
    the change (n, axes) of their latent expression on the way."""
    import torch

    from isost_core.model.sde import IsoSDE, carry

    gap, forward, expression = path
    cells, sinkhorn = model.sections.cells, model.config.objective == "sinkhorn"
    xy = cells.obsm["spatial"][rows] + model.jitter_um * rng.standard_normal((len(rows), 2))
    start = cells.obs["depth"].to_numpy(float)[rows]
    latent = model.latent.transform(cells.X[rows]) if expression and sinkhorn else np.zeros((len(rows), 0))
    x, g, z = (torch.as_tensor(a, dtype=torch.float32, device=model.device) for a in (xy, latent, start))
    sigma = model.spread_um / np.sqrt(model.depths[gap + 1] - model.depths[gap])
    drift = model.drift(gap, forward, expression and sinkhorn)
    with torch.no_grad():
        equation = IsoSDE(drift, sigma, z, torch.full_like(z, depth))
        x1, g1 = carry(equation, x, g, model.config.step_um, seed=int(rng.integers(2**31)))
    change = g1.cpu().numpy() - latent

    def change_of(which):
        if sinkhorn or not expression or not len(x):
            return change[which]
        return _change_over(model, gap, (x[which] + x1[which]) / 2, z[which], equation.way[which])

    return x1.cpu().numpy().astype(np.float64), change_of


def _change_over(model, gap, middle, z, way):
    """Change (n, axes) of latent expression over ways (n, 1) um from depths z (n,): by the midpoint rule, from the
    drift at the middle (n, 2) um of each. The bridge objective's drifts do not depend on expression, so only cells that
    are kept need theirs."""
    import torch

    with torch.no_grad():
        change = model.drift(gap, shape=False)(middle, z + way[:, 0] / 2, middle[:, :0])[1]
    return (change * way).cpu().numpy()


def latent_of(model, cells):
    """Latent expression (n, axes) of carried cells: that of the measured cell, changed on the way."""
    return model.latent.transform(model.sections.cells.X[cells.source]) + cells.change


def depth_rng(seed, depth, stream=0):
    """Random generator of its own for a seed, a depth and a purpose."""
    return np.random.default_rng([seed, stream, int(np.float64(depth).view(np.uint64))])


def check_depth(model, depth):
    """The depth as a float, or an InputError that says the measured range."""
    low, high = float(model.depths[0]), float(model.depths[-1])
    slack = 1e-6 * max(1.0, abs(high))
    if not low - slack <= depth <= high + slack:
        raise InputError(
            f"Depth {depth:g} µm is outside the measured range {low:g} to {high:g} µm. "
            "Nothing is predicted beyond the outermost sections: choose a depth within the range.")
    return float(np.clip(depth, low, high))
