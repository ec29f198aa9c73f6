"""The published objective: both drifts trained through the solver, forward and backward, in three stages.

Shape, then expression, then both together, over all gaps; loss = Sinkhorn divergence of positions + weight x
squared error of expression against the nearest measured cell (isoST, bioRxiv 10.1101/2025.08.15.670472). Each
step uses a random part of the cells. Positions are in tissue widths inside the networks, um outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from isost_core.config import Config
from isost_core.model.decoder import PublishedDecoder
from isost_core.model.drift import CloudDrifts, TissueFrame, float_tensor
from isost_core.model.geometry import Geometry
from isost_core.model.latent import Latent
from isost_core.model.model import PublishedModel
from isost_core.model.networks import make_cloud_drifts
from isost_core.model.points import PointIndex
from isost_core.model.sde import IsoSDE, carry
from isost_core.model.selection import axes_of
from isost_core.sections.expression import dense
from isost_core.sections.stack import Sections

STAGES = ("shape", "expression", "joint")
SPREAD_CELLS = 4000  # that the spread of genes is measured on


@dataclass(frozen=True, eq=False)
class Cloud:
    """Cells of one section on the device: x (n, 2) um, latent (n, axes)."""

    x: Tensor
    latent: Tensor

    def part(self, n: int, rng: np.random.Generator) -> Cloud:
        """At most n of them, drawn at random."""
        rows = rng.choice(len(self.x), min(n, len(self.x)), replace=False)
        return Cloud(self.x[rows], self.latent[rows])


@dataclass(frozen=True)
class Crossing:
    """What one term of the loss carries: cells across a gap, up or down; stage : which drifts are trained."""

    gap: int
    forward: bool
    stage: str


def train_published(geometry: Geometry, config: Config, device: str, rng: np.random.Generator,
                    tell: Callable[[str, float, float | None], None]) -> PublishedModel:
    """The published objective: latent space, then both drifts in three stages."""
    sections = geometry.sections
    latent = axes_of(geometry, config, config.factors, rng)
    values = latent.transform(sections.cells.X)
    shape, expression = make_cloud_drifts(len(latent.signal), config, device)
    drifts = CloudDrifts(shape, expression, TissueFrame.of(sections, device))
    clouds = [Cloud(float_tensor(sections.cells.obsm["spatial"][rows], device), float_tensor(values[rows], device))
              for rows in map(sections.rows, sections.names)]
    rng = np.random.default_rng(config.seed)
    for stage in STAGES:
        nets = {"shape": [shape], "expression": [expression], "joint": [shape, expression]}[stage]
        optimiser = torch.optim.NAdam([p for net in nets for p in net.parameters()], lr=config.learning_rate)
        for step in range(config.train_steps):
            optimiser.zero_grad()
            total = 0.0
            for gap in range(len(clouds) - 1):
                for forward in (True, False):
                    loss = _loss(drifts, clouds, Crossing(gap, forward, stage), geometry, config, rng)
                    loss.backward()
                    total += float(loss.detach())
            optimiser.step()
            tell(stage, (step + 1) / config.train_steps, total / (2 * (len(clouds) - 1)))
    decoder = PublishedDecoder(latent, _spread_of_genes(sections, latent))
    return PublishedModel(config, geometry, device, decoder, drifts)


def _loss(drifts: CloudDrifts, clouds: list[Cloud], crossing: Crossing, geometry: Geometry, config: Config,
          rng: np.random.Generator) -> Tensor:
    """Loss of carrying a random part of one section across one gap."""
    gap, stage, frame = crossing.gap, crossing.stage, drifts.frame
    start, end = (gap, gap + 1) if crossing.forward else (gap + 1, gap)
    here, there = (clouds[k].part(config.batch_cells, rng) for k in (start, end))
    z = torch.full((len(here.x),), float(geometry.depths[start]), device=here.x.device)
    drift = drifts.drift(crossing.forward, train_shape=stage != "expression")
    equation = IsoSDE(drift, geometry.sigma(gap), z, torch.full_like(z, float(geometry.depths[end])))
    carried = here.latent[:, :0] if stage == "shape" else here.latent
    x, latent = carry(equation, here.x, carried, config.step_um, seed=int(rng.integers(2**31)))
    loss = torch.zeros((), device=x.device)
    if stage != "expression":
        loss = loss + sinkhorn_loss(config.blur)(frame.inside(x), frame.inside(there.x))
    if stage != "shape":
        loss = loss + config.expression_weight * nearest_expression_loss(x, latent, there.x, there.latent)
    return loss


def _spread_of_genes(sections: Sections, latent: Latent) -> np.ndarray:
    """Standard deviation (genes,) of one cell's value about its own latent expression: what the axes do not carry."""
    X = sections.cells.X
    rows = np.random.default_rng(0).choice(X.shape[0], min(SPREAD_CELLS, X.shape[0]), replace=False)
    part = dense(X[np.sort(rows)], np.float32)
    return (part - latent.expression(latent.transform(part))).std(0) + 0.1 * latent.scale


def sinkhorn_loss(blur: float) -> Callable[[Tensor, Tensor], Tensor]:
    """Debiased Sinkhorn divergence (p = 2) between two point clouds (n, d), (m, d), in tissue widths."""
    from geomloss import SamplesLoss

    return SamplesLoss("sinkhorn", p=2, blur=blur, backend="tensorized")


def nearest_expression_loss(x: Tensor, latent: Tensor, measured_x: Tensor, measured_latent: Tensor) -> Tensor:
    """Squared error between a predicted cell's latent values and those of the nearest measured cell."""
    index = PointIndex(measured_x).nearest(x.detach(), 1)[:, 0]
    return (latent - measured_latent[index]).square().mean()
