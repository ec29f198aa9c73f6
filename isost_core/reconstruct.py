"""Virtual cells at any depth, from forward and backward paths of the measured cells."""

from dataclasses import dataclass

import numpy as np

from isost_core import __version__, keys
from isost_core.errors import InputError
from isost_core.sections.spacing import even_subset, meeting_pairs, partners

MEET = 3.0  # cell spacings within which cells from below and above stand for the same place
CELLS_AT_ONCE = 1024  # whose values are computed together: few enough for the processor's cache
LATTICE = 0.15  # irregularity below which cells are spots on a lattice
DONORS = 4  # near neighbours with one of which a virtual cell trades its own deviation from the mean


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


def virtual_section(run, depth, seed=0):
    """A virtual section: predicted cells at one depth.

    Parameters
    ----------
    run : Run
    depth : float, um, within the measured range
    seed : int; the same run and seed give the same section

    Returns
    -------
    AnnData, dense float32 in log1p space: `X` sampled expression, `layers['mean']` expected expression at each
    cell's place, `layers['sd']` predictive sd of one cell's value; `obsm['spatial']` (n, 3) um; `obs['depth']`,
    `obs['virtual']`; `uns['isost']` with version, config, seed, frame and input hashes.

    Raises
    ------
    InputError : beyond the outermost measured sections
    """
    import anndata as ad
    import pandas as pd

    model = run.model
    depth = check_depth(model, depth)
    cells = carry_to(model, depth, seed)
    xyz = np.column_stack([cells.xy, np.full(len(cells.xy), depth)])
    if model.config.objective == "sinkhorn":
        mean = model.latent.expression(latent_of(model, cells))
        sd = model.decoder.value_sd(np.zeros((len(mean), 1)), mean)
        X = mean
    else:
        mean, sd = mean_field(run.lattice_around(depth), model.decoder, xyz)
        X = _sampled(model, cells, depth_rng(seed, depth, 1))
    names = [f"v{depth:g}_{i}" for i in range(len(xyz))]
    obs = pd.DataFrame({keys.DEPTH: xyz[:, 2], keys.VIRTUAL: True}, index=names)
    made = ad.AnnData(X, obs=obs, var=pd.DataFrame(index=list(run.genes)))
    made.layers[keys.MEAN], made.layers[keys.SD] = mean, sd
    made.obsm[keys.SPATIAL] = xyz
    made.uns[keys.UNS] = provenance(run, seed)
    return made


def mean_field(lattice, decoder, xyz):
    """Expected log1p expression (n, genes) at points (n, 3) um, and the predictive sd of one cell there."""
    latent, variance = lattice.latent_at(xyz)
    mean = decoder.latent.expression(latent)
    sd = np.empty_like(mean)
    for lo in range(0, len(mean), CELLS_AT_ONCE):
        here = slice(lo, lo + CELLS_AT_ONCE)
        sd[here] = decoder.value_sd(variance[here], mean[here])
    return mean, sd


def _sampled(model, cells, rng):
    """Sampled expression: a near neighbour's measured value, changed by what the path says. Zeros stay zeros."""
    X = model.sections.cells.X[_donors(model.sections, cells.source, rng)]
    return changed_expression(X, cells.change.astype(np.float32), model.latent)


def changed_expression(X, change, latent, genes=slice(None)):
    """Log1p expression (n, genes) of measured cells X (n, all genes) after a change (n, axes) of their latent
    expression. What was not detected stays 0."""
    X = X[:, genes]
    made = latent.change(change, genes)
    for lo in range(0, len(made), CELLS_AT_ONCE):
        here = slice(lo, lo + CELLS_AT_ONCE)
        measured = X[here].toarray() if hasattr(X, "toarray") else X[here]
        np.maximum(np.add(made[here], measured, out=made[here]), 0, out=made[here])
        made[here] *= measured > 0
    return made


def _donors(sections, source, rng):
    """For each source cell a near neighbour in its own section, never the cell itself, and each one once."""
    donors = np.empty_like(source)
    label = sections.cells.obs["section"].cat.codes.to_numpy()
    for code in np.unique(label[source]):
        rows = np.flatnonzero(label == code)
        here = label[source] == code
        partner = partners(sections.cells.obsm["spatial"][rows], DONORS, rng)
        donors[here] = rows[partner[np.searchsorted(rows, source[here])]]
    return donors


def virtual_tissue(run, gap_um=None, seed=0):
    """Virtual sections at equal depths through the whole stack, as one AnnData.

    gap_um : float, um between virtual sections; by default the run's lattice spacing
    """
    import anndata as ad

    low, high = run.depth_range
    step = gap_um or run.lattice.spacing_um
    depths = low + step * np.arange(int(np.floor((high - low) / step + 1e-9)) + 1)
    made = ad.concat([virtual_section(run, z, seed) for z in depths], uns_merge="first")
    return made


def provenance(run, seed):
    """What every output says of itself: version, config, seed, frame, normalisation and input hashes."""
    import json

    sections = run.sections
    return {"version": __version__, "config": json.dumps(run.config.to_dict()), "seed": int(seed), "run": run.id,
            "frame": sections.frame, "normalize": sections.normalize,
            "input_hashes": json.dumps(sections.hashes), "units": "um",
            "note": "Predicted by a model, not measured."}
