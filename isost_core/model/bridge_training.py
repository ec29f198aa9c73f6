"""Simulation-free training of the drifts: regression along Brownian bridges between paired cells.

Cells of neighbouring sections are paired by optimal transport on minibatches (Tong et al., 2023, conditional
flow matching); the drift at a point of the bridge is regressed on the pair's displacement, so nothing has to
be propagated back through the solver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from isost_core.config import Config
from isost_core.device import half_precision
from isost_core.model.choice import choose
from isost_core.model.decoder import BridgeDecoder
from isost_core.model.drift import BridgeDrifts, Sizes
from isost_core.model.geometry import Geometry
from isost_core.model.masking import masked_cells
from isost_core.model.model import BridgeModel
from isost_core.model.networks import FEATURES, SectionDrift, Surroundings, make_section_drifts, make_surroundings
from isost_core.model.selection import Space, make_space
from isost_core.model.spread import calibrate
from isost_core.sections.stack import stack_positions

GAPS_PER_STEP = 4
Tell = Callable[[str, float, float | None], None]  # stage, finished fraction of it, loss


@dataclass(frozen=True, eq=False)
class SectionCells:
    """Cells of one section: xy (n, 2) um; anchor (n,) of each; smooth (anchors, axes) expected latent values."""

    xy: np.ndarray
    anchor: np.ndarray
    smooth: np.ndarray

    def drawn(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions and expected latent values of some of them."""
        return self.xy[rows], self.smooth[self.anchor[rows]]


@dataclass(frozen=True, eq=False)
class Bridges:
    """Points on bridges of one gap: position x (n, 2) um, t (n,) within the gap, and the pair's change.

    move : (n, 2) um over the gap; change : (n, axes) of latent values over the gap
    """

    gap: int
    x: np.ndarray
    t: np.ndarray
    move: np.ndarray
    change: np.ndarray


def train_bridge(geometry: Geometry, config: Config, device: str, rng: np.random.Generator, tell: Tell) -> BridgeModel:
    """The bridge objective: latent space and kriging, then drifts, then what masked training sections decide."""
    tell("mean field", 0.0, None)
    sections, (xyz, number) = geometry.sections, stack_positions(geometry.sections)
    space = make_space(geometry, config, device, rng)
    smooth, anchor = space.expected.predict(space.bins.fine.xyz)[0], space.bins.own(xyz, number)
    cells = [SectionCells(xyz[rows, :2], anchor[rows], smooth) for rows in map(sections.rows, sections.names)]
    features = [smooth[part.anchor, :FEATURES] for part in cells]
    around = make_surroundings(sections, features, config, geometry.spacing_um, device)
    shape, expression = make_section_drifts(len(cells) - 1, smooth.shape[1], config, device)
    fitting = Fitting(shape, expression, around, cells, geometry, config, device)
    drifts = fitting.fit(rng, lambda done, loss: tell("drift", done, loss))
    return _assembled(geometry, config, device, space, drifts, rng, lambda done: tell("calibration", done, None))


def _assembled(geometry: Geometry, config: Config, device: str, space: Space, drifts: BridgeDrifts,
               rng: np.random.Generator, tell: Callable[[float], None]) -> BridgeModel:
    masks = masked_cells(geometry.sections, drifts, config.masked_cells, rng)
    choice = choose(space, masks, tell)
    decoder = BridgeDecoder(space.latent, choice.covariance, calibrate(space, choice, masks))
    tell(1.0)
    return BridgeModel(config, geometry, device, decoder, space.expected.reading_with(choice.covariance), drifts,
                       choice.follow)


def draw_bridges(lower: SectionCells, upper: SectionCells, gap: int, config: Config, spread_um: float,
                 rng: np.random.Generator) -> Bridges:
    """Pair a minibatch of cells of two sections and draw one point on each bridge.

    spread_um : sd of a path's noise over one gap
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    n = min(config.batch_cells, len(lower.xy), len(upper.xy))
    (xa, ga), (xb, gb) = (part.drawn(rng.choice(len(part.xy), n, replace=False)) for part in (lower, upper))
    apart = cdist(xa, xb, "sqeuclidean")
    unlike = ((ga**2).sum(1)[:, None] + (gb**2).sum(1) - 2 * ga @ gb.T).clip(min=0)
    cost = apart / apart.mean() + config.pair_weight * unlike / max(unlike.mean(), 1e-12)
    a, b = linear_sum_assignment(cost)
    t = rng.random(len(a))
    wander = spread_um * np.sqrt(t * (1 - t))[:, None] * rng.standard_normal((len(a), 2))
    x = (1 - t[:, None]) * xa[a] + t[:, None] * xb[b] + wander
    return Bridges(gap, x, t, xb[b] - xa[a], gb[b] - ga[a])


@dataclass(frozen=True, eq=False)
class Fitting:
    """Networks while they are fitted to the cells of each section."""

    shape: SectionDrift
    expression: SectionDrift
    around: Surroundings
    cells: list[SectionCells]
    geometry: Geometry
    config: Config
    device: str

    def fit(self, rng: np.random.Generator, tell: Callable[[float, float], None]) -> BridgeDrifts:
        """Regress both drifts on the displacements of paired cells; tell : called with the finished fraction and the
        loss."""
        gaps = len(self.cells) - 1
        sizes = self._sizes([self._drawn(k, rng) for k in range(gaps)])
        both = torch.nn.ModuleList([self.shape, self.expression])
        steps = int(np.ceil(self.config.train_steps * max(1, gaps / GAPS_PER_STEP)))
        optimiser = torch.optim.NAdam(both.parameters(), lr=self.config.learning_rate)
        slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        for step in range(steps):
            chosen = rng.permutation(gaps)[:GAPS_PER_STEP]
            loss = torch.stack([self._loss(self._drawn(int(k), rng), sizes) for k in chosen]).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            slower.step()
            tell((step + 1) / steps, float(loss.detach()))
        both.eval()
        return BridgeDrifts(self.shape, self.expression, self.around, sizes, self.geometry.depths, self.device)

    def _drawn(self, gap: int, rng: np.random.Generator) -> Bridges:
        return draw_bridges(self.cells[gap], self.cells[gap + 1], gap, self.config, self.geometry.wander_um, rng)

    def _sizes(self, bridges: list[Bridges]) -> Sizes:
        shape = max(np.sqrt(np.mean(np.concatenate([b.move for b in bridges]) ** 2)), 1e-6)
        expression = np.sqrt(np.mean(np.concatenate([b.change for b in bridges]) ** 2, 0)) + 1e-6
        return Sizes(*(torch.as_tensor(s, dtype=torch.float32).to(self.device) for s in (shape, expression)))

    def _loss(self, bridges: Bridges, sizes: Sizes) -> torch.Tensor:
        x, t, move, change = (torch.as_tensor(a, dtype=torch.float32).to(self.device)
                              for a in (bridges.x, bridges.t, bridges.move, bridges.change))
        seen = self.around.seen_from(x, t, bridges.gap)
        with half_precision(self.device):
            v, h = self.shape(seen), self.expression(seen)
        return (v - move / sizes.shape).square().mean() + (h - change / sizes.expression).square().mean()
