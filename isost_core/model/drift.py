"""The drift of a trained model as a function of position, depth and latent expression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from isost_core.device import half_precision, one_thread_each
from isost_core.sections.stack import Sections

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import ModuleList

    from isost_core.model.networks import SectionDrift, Surroundings

# (x (n, 2) um, z (n,) um, g (n, axes or 0)) -> (v (n, 2), h as g), per um of increasing depth
Drift = Callable[["Tensor", "Tensor", "Tensor"], "tuple[Tensor, Tensor]"]

PART = 512  # cells that a thread carries at once


@dataclass(frozen=True, eq=False)
class Sizes:
    """Scale of what the bridge objective's networks give: um per gap, and (axes,) latent units per gap."""

    shape: Tensor
    expression: Tensor


@dataclass(frozen=True, eq=False)
class BridgeDrifts:
    """Drifts of the bridge objective: one network each for all gaps and both directions.

    They do not depend on the expression of the cell that moves. around : what the networks attend to
    depths : (sections,) um
    """

    shape: SectionDrift
    expression: SectionDrift
    around: Surroundings
    sizes: Sizes
    depths: np.ndarray
    device: str

    def shape_drift(self, gap: int) -> Drift:
        """That of positions within a gap; the expression drift is 0."""
        def drift(x: Tensor, z: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
            return self._at(self.shape, self.sizes.shape, gap, x, z), g * 0

        return drift

    def expression_drift(self, gap: int, x: Tensor, z: Tensor) -> Tensor:
        """That of latent expression (n, axes) per um, at x (n, 2) um and z (n,) um within a gap."""
        return self._at(self.expression, self.sizes.expression, gap, x, z)

    def _at(self, network: SectionDrift, size: Tensor, gap: int, x: Tensor, z: Tensor) -> Tensor:
        low, high = float(self.depths[gap]), float(self.depths[gap + 1])

        def of_some(x: Tensor, z: Tensor) -> Tensor:
            seen = self.around.seen_from(x, ((z - low) / (high - low)).clamp(0, 1), gap)
            with half_precision(self.device):
                made = network(seen)
            return made.float() * (size / (high - low))

        return of_some(x, z) if self.device != "cpu" else in_parts(of_some, x, z)


@dataclass(frozen=True, eq=False)
class TissueFrame:
    """Tissue widths from um: both axes share one scale; depth is the place within the stack.

    middle : (2,) um; rate, rate_um : of a network's output, per um of depth
    """

    middle: Tensor
    width: float
    low: float
    range: float
    rate: float
    rate_um: float

    @classmethod
    def of(cls, sections: Sections, device: str) -> TissueFrame:
        xy, depths = sections.cells.obsm["spatial"], sections.depths
        low, high = xy.min(0), xy.max(0)
        width, gap = float(max((high - low).max(), 1e-6)), float(np.mean(np.diff(depths)))
        return cls(float_tensor((low + high) / 2, device), width, float(depths[0]), float(depths[-1] - depths[0]),
                   1 / gap, 0.1 * width / gap)

    def inside(self, x: Tensor) -> Tensor:
        return (x - self.middle) / self.width

    def depth(self, z: Tensor) -> Tensor:
        return ((z - self.low) / self.range)[:, None]


@dataclass(frozen=True, eq=False)
class CloudDrifts:
    """Drifts of the published objective: a (forward, backward) pair of networks each."""

    shape: ModuleList
    expression: ModuleList
    frame: TissueFrame

    def drift(self, forward: bool, train_shape: bool = True) -> Drift:
        """That of one direction; of positions alone where no latent expression is carried.

        train_shape : without it v has no gradient
        """
        import torch

        side, frame = 0 if forward else 1, self.frame

        def drift(x: Tensor, z: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
            place, depth = frame.inside(x), frame.depth(z)
            with torch.set_grad_enabled(torch.is_grad_enabled() and train_shape):
                v = self.shape[side](place, depth) * frame.rate_um
            return v, self.expression[side](place, depth, g) * frame.rate if g.shape[1] else g

        return drift


def float_tensor(values: np.ndarray, device: str) -> Tensor:
    import torch

    return torch.as_tensor(np.asarray(values), dtype=torch.float32).to(device)


def in_parts(function: Callable[..., Tensor], x: Tensor, z: Tensor) -> Tensor:
    """A function of many cells, part by part on all cores: what each cell sees of its neighbours stays in their
    caches."""
    import torch

    if len(x) <= PART or torch.is_grad_enabled():
        return function(x, z)
    with one_thread_each() as pool:
        return torch.cat(list(pool.map(torch.no_grad()(function), x.split(PART), z.split(PART))))
