"""Does a reconstruction depend on what it must not: jumps of the cell count along depth, and the integration step."""

from dataclasses import replace

import numpy as np

from isost_core.reconstruction.carrying import carry_to

SWEEP_UM = 5.0
JUMP_UM = 0.5
CELLS = 10_000  # that statistics of one step are made from


def count_sweep(model):
    """Largest departure of the number of virtual cells from linear interpolation, at every 5 µm and across sections.

    Returns
    -------
    dict: `largest`, relative, over the sweep; `jump`, the largest relative change across a measured depth
    """
    depths = model.depths
    counts = [len(model.sections.rows(name)) for name in model.sections.names]

    def made(z):
        return len(carry_to(model, z, expression=False).xy)

    off = [abs(made(z) / np.interp(z, depths, counts) - 1) for z in np.arange(depths[0], depths[-1], SWEEP_UM)]
    jumps = [abs(made(z + JUMP_UM) / made(z - JUMP_UM) - 1) for z in depths[1:-1]]
    return {"largest": max(off), "jump": max(jumps, default=0.0)}


def step_change(model):
    """Relative change of virtual cells in the middle of the widest gap when the integration step is halved twice.

    Returns
    -------
    dict: `spread_x`, of the spread of paths in the plane, and `mean_x`, of where they end, both relative to that spread
    or the cell spacing, whichever is larger; `spread_g`, `mean_g`, likewise for latent axes, averaged over them
    """
    gap = int(np.argmax(np.diff(model.depths)))
    depth = float(model.depths[gap:gap + 2].mean())
    fine = replace(model, config=replace(model.config, step_um=model.config.step_um / 4))
    (x, g), (x4, g4) = (_paths(m, depth) for m in (model, fine))
    size = max(float(x.std()), model.spacing_um)
    spread = g.std(0) + 1e-9
    return {"spread_x": abs(float(x4.std() - x.std())) / size,
            "mean_x": float(np.abs(x4.mean(0) - x.mean(0)).max()) / size,
            "spread_g": float(np.abs(g4.std(0) / spread - 1).mean()),
            "mean_g": float((np.abs(g4.mean(0) - g.mean(0)) / spread).mean())}


def _paths(model, depth):
    """Displacements (n, 2) µm and latent values (n, axes) of cells carried to a depth, over several seeds."""
    parts, n, seed = [], 0, 0
    xy = model.sections.cells.obsm["spatial"]
    while n < CELLS and seed < 60:
        made = carry_to(model, depth, seed)
        start = model.latent.transform(model.sections.cells.X[made.source])
        parts.append((made.xy - xy[made.source], start + made.change))
        n, seed = n + len(made.xy), seed + 1
    return (np.concatenate(p) for p in zip(*parts, strict=True))
