"""The published objective: both drifts trained through the solver, forward and backward, in three stages.

Shape, then expression, then both together, over all gaps; loss = Sinkhorn divergence of positions + weight x
squared error of expression against the nearest measured cell (isoST, bioRxiv 10.1101/2025.08.15.670472). Each
step uses a random part of the cells. Positions are in tissue widths inside the networks, um outside.
"""

import numpy as np

from isost_core.model.drift import _Frame, cloud_drift, float_tensor
from isost_core.model.model import Model

STAGES = ("shape", "expression", "joint")


def train_clouds(sections, config, device, tell, fitted):
    """Model trained with the published objective.

    fitted : (spacing_um, spread_um, irregular, latent, latent values (n, axes))
    """
    import torch

    from isost_core.model.networks import make_networks

    spacing, spread, irregular, latent, values = fitted
    shape, expression = make_networks(sections, latent, config, device)
    model = Model(config, sections, spacing, spread, irregular, latent, None, shape, expression, None,
                  (torch.ones(()), torch.ones(())), False, *np.ones((3, len(latent.scale))), device)
    clouds = [(float_tensor(sections.cells.obsm["spatial"][sections.rows(n)], model),
               float_tensor(values[sections.rows(n)], model)) for n in sections.names]
    rng = np.random.default_rng(config.seed)
    for stage in STAGES:
        nets = {"shape": [shape], "expression": [expression], "joint": [shape, expression]}[stage]
        optimiser = torch.optim.NAdam([p for net in nets for p in net.parameters()], lr=config.learning_rate)
        for step in range(config.train_steps):
            optimiser.zero_grad()
            total = 0.0
            for gap in range(len(clouds) - 1):
                for forward in (True, False):
                    loss = _gap_loss(model, clouds, (gap, forward, stage), rng)
                    loss.backward()
                    total += float(loss.detach())
            optimiser.step()
            tell(stage, (step + 1) / config.train_steps, total / (2 * (len(clouds) - 1)))
    model.calibration = _spread_of_genes(sections, latent)
    return model


def _gap_loss(model, clouds, task, rng):
    """Loss of carrying a random part of one section across one gap."""
    import torch

    from isost_core.model.sde import IsoSDE, carry

    gap, forward, stage = task
    start, end = (gap, gap + 1) if forward else (gap + 1, gap)
    (x, g), (x1, g1) = (_part(clouds[k], model.config.batch_cells, rng) for k in (start, end))
    drift = cloud_drift(model, forward, stage != "shape", stage != "expression")
    sigma = model.spread_um / np.sqrt(model.depths[gap + 1] - model.depths[gap])
    z = torch.full((len(x),), float(model.depths[start]), device=x.device)
    equation = IsoSDE(drift, sigma, z, torch.full_like(z, float(model.depths[end])))
    xe, ge = carry(equation, x, g, model.config.step_um, seed=int(rng.integers(2**31)))
    frame = _Frame(model)
    loss = 0.0
    if stage != "expression":
        loss = loss + sinkhorn_loss(model.config.blur)(frame.inside(xe), frame.inside(x1))
    if stage != "shape":
        loss = loss + model.config.expression_weight * nearest_expression_loss(xe, ge, x1, g1)
    return loss


def _part(cloud, n, rng):
    rows = rng.choice(len(cloud[0]), min(n, len(cloud[0])), replace=False)
    return cloud[0][rows], cloud[1][rows]


def _spread_of_genes(sections, latent):
    """Standard deviation of one cell's value about its own latent expression: what the axes do not carry."""
    X = sections.cells.X
    rows = np.random.default_rng(0).choice(X.shape[0], min(4000, X.shape[0]), replace=False)
    part = X[np.sort(rows)]
    part = np.asarray(part.toarray() if hasattr(part, "toarray") else part, dtype=np.float32)
    return (part - latent.expression(latent.transform(part))).std(0) + 0.1 * latent.scale


def sinkhorn_loss(blur):
    """Debiased Sinkhorn divergence (p = 2) between two point clouds (n, d), (m, d), in tissue widths."""
    from geomloss import SamplesLoss

    return SamplesLoss("sinkhorn", p=2, blur=blur, backend="tensorized")


def nearest_expression_loss(x, latent, measured_x, measured_latent):
    """Squared error between a predicted cell's latent values and those of the nearest measured cell."""
    from isost_core.model.networks import nearest

    index = nearest(x.detach(), measured_x, 1)[:, 0]
    return (latent - measured_latent[index]).square().mean()
