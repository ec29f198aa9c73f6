"""Virtual cells at any depth, from forward and backward paths of the measured cells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core import __version__, keys
from isost_core.model.decoder import CELLS_AT_ONCE, Decoder
from isost_core.reconstruction.carrying import carry_to, check_depth, depth_rng
from isost_core.reconstruction.reconstruction import Reconstruction
from isost_core.sections.expression import LOG1P_MARK

if TYPE_CHECKING:
    import anndata as ad


def virtual_section(run: Reconstruction, depth: float, seed: int = 0) -> ad.AnnData:
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
    `obs['virtual']`; `uns['isost']` with version, config, seed, frame and input hashes; `uns['log1p']` as in scanpy.

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
    X = model.sample(cells, model.geometry.nearness(depth), depth_rng(seed, depth, 1))
    latent, variance = model.expected_of(cells, lambda: run.lattice_around(depth).latent_at(xyz))
    mean, sd = decoded(model.decoder, latent, variance)
    names = pd.Index([f"v{depth:g}_{i}" for i in range(len(xyz))])
    obs = pd.DataFrame({keys.DEPTH: xyz[:, 2], keys.VIRTUAL: True}, index=names)
    made = ad.AnnData(X, obs=obs, var=pd.DataFrame(index=pd.Index(run.genes)))
    made.layers[keys.MEAN], made.layers[keys.SD] = mean, sd
    made.obsm[keys.SPATIAL] = xyz
    made.uns[keys.UNS] = provenance(run, seed)
    made.uns[keys.LOG1P] = dict(LOG1P_MARK)
    return made


def decoded(decoder: Decoder, latent: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Expected log1p expression (n, genes) of latent values (n, axes), and the predictive sd of one cell's value, from
    their variance (n, groups)."""
    mean = decoder.latent.expression(latent)
    sd = np.empty_like(mean)
    for lo in range(0, len(mean), CELLS_AT_ONCE):
        here = slice(lo, lo + CELLS_AT_ONCE)
        sd[here] = decoder.value_sd(variance[here], mean[here])
    return mean, sd


def virtual_tissue(run: Reconstruction, gap_um: float | None = None, seed: int = 0) -> ad.AnnData:
    """Virtual sections at equal depths through the whole stack, as one AnnData.

    gap_um : float, um between virtual sections; by default the run's lattice spacing
    """
    import anndata as ad

    low, high = run.depth_range
    step = gap_um or run.lattice.spacing_um
    depths = low + step * np.arange(int(np.floor((high - low) / step + 1e-9)) + 1)
    made = ad.concat([virtual_section(run, z, seed) for z in depths], uns_merge="first")
    return made


def provenance(run: Reconstruction, seed: int) -> dict[str, Any]:
    """What every output says of itself: version, config, seed, frame, normalisation and input hashes."""
    sections = run.sections
    return {"version": __version__, "config": json.dumps(run.config.to_dict()), "seed": int(seed), "run": run.id,
            "frame": sections.frame, "normalize": sections.normalize,
            "input_hashes": json.dumps(sections.hashes), "units": "um",
            "note": "Predicted by a model, not measured."}
