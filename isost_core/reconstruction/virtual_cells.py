"""Virtual cells at any depth, from forward and backward paths of the measured cells."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isost_core import __version__, keys
from isost_core.reconstruction.carrying import carry_to, check_depth, depth_rng, latent_of

CELLS_AT_ONCE = 1024  # whose values are computed together: few enough for the processor's cache
DONORS = 4  # near neighbours with one of which a virtual cell trades its own deviation from the mean


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


@dataclass(frozen=True)
class TissueCells:
    """Virtual cells through the whole tissue: xyz (n, 3) um, the measured cell (row) each one started from, and
    the change (n, axes) of its latent expression on the way."""

    xyz: np.ndarray
    source: np.ndarray
    change: np.ndarray

    def save(self, folder):
        np.savez(Path(folder) / "cells.npz", xyz=self.xyz, source=self.source, change=self.change)

    @classmethod
    def load(cls, folder):
        with np.load(Path(folder) / "cells.npz") as held:
            return cls(held["xyz"].astype(np.float64), held["source"], held["change"])

    def expression(self, run, genes, rows):
        """Sampled log1p expression (rows, genes): the measured cell's own, changed by what its path says."""

        change = self.change[rows].astype(np.float32)
        X, latent = run.sections.cells.X[self.source[rows]], run.decoder.latent
        if run.config.objective == "sinkhorn":  # as published, the latent expression alone is decoded
            return latent.expression(latent.transform(X) + change, genes)
        return changed_expression(X, change, latent, genes)


def tissue_cells(clouds, depths, model, rng):
    """The cells of all layers, each at a depth drawn from the thickness of its layer."""
    step = depths[1] - depths[0] if len(depths) > 1 else 0
    z = np.repeat(depths, [len(c.xy) for c in clouds])
    z = np.clip(z + rng.uniform(-step / 2, step / 2, len(z)), model.depths[0], model.depths[-1])
    xyz = np.column_stack([np.concatenate([c.xy for c in clouds]), z]).astype(np.float32)
    return TissueCells(xyz, np.concatenate([c.source for c in clouds]).astype(np.int32),
                       np.concatenate([c.change for c in clouds]))


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
