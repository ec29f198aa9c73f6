"""A trained reconstruction: latent space, drifts, and what expression is expected where. One model per objective."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from isost_core.config import Config
from isost_core.model.carried import Carried, Path
from isost_core.model.decoder import BridgeDecoder, Decoder, PublishedDecoder
from isost_core.model.donors import donors, in_steps, steps_of
from isost_core.model.drift import BridgeDrifts, CloudDrifts, Drift
from isost_core.model.geometry import Geometry
from isost_core.model.kriging import ExpectedExpression
from isost_core.model.latent import Latent
from isost_core.model.nearest_cells import Layers, NearestCells
from isost_core.model.tracing import trace_to_sections
from isost_core.sections.stack import Sections

if TYPE_CHECKING:
    from torch.nn import Module

# latent mean (n, axes) and its variance (n, groups)
Latents = tuple[np.ndarray, np.ndarray]
# points (n, 3) um, offsets (p, 3) um from each or None -> what is expected there, (n, ...) or (n, p, ...)
Expectation = Callable[[np.ndarray, np.ndarray | None], Latents]


@dataclass(frozen=True, eq=False)
class Model(ABC):
    """What `train` returns: built once, at the end of training. A `BridgeModel` or a `PublishedModel`."""

    config: Config
    geometry: Geometry
    device: str

    @property
    @abstractmethod
    def decoder(self) -> Decoder:
        """What turns latent values into genes, without the networks."""

    @property
    def latent(self) -> Latent:
        return self.decoder.latent

    @property
    def sections(self) -> Sections:
        """Those it was trained on (log1p expression)."""
        return self.geometry.sections

    @property
    def depths(self) -> np.ndarray:
        return self.geometry.depths

    @property
    def spacing_um(self) -> float:
        """Distance between neighbouring cells."""
        return self.geometry.spacing_um

    @property
    @abstractmethod
    def follows_tissue(self) -> bool:
        """Whether the expected expression is read along the shape drift."""

    @abstractmethod
    def drift(self, gap: int, forward: bool) -> Drift:
        """The drift of cells within a gap, up or down the stack."""

    @abstractmethod
    def start(self, rows: np.ndarray) -> np.ndarray:
        """Latent expression (n, axes) of measured cells that is carried along with them; (n, 0) where the drift of
        cells does not depend on it."""

    @abstractmethod
    def change(self, path: Path) -> np.ndarray:
        """Change (n, axes) of the latent expression of cells on their way."""

    @abstractmethod
    def expectation(self, layers: Layers) -> Expectation:
        """What reads the expected latent values at any points that lie among these virtual cells."""

    @abstractmethod
    def expected_of(self, cells: Carried, at_their_places: Callable[[], Latents]) -> Latents:
        """Expected latent values of carried cells, given what is expected at their places."""

    @abstractmethod
    def sample(self, cells: Carried, near: float, rng: np.random.Generator) -> np.ndarray:
        """Sampled log1p expression (n, genes) of carried cells; near : how near they are to a measured section, from 1
        on it to 0 in the middle of a gap."""

    @abstractmethod
    def networks(self) -> dict[str, Module]:
        """The trained networks by name: what a file of the model holds of them."""


@dataclass(frozen=True, eq=False)
class BridgeModel(Model):
    """Trained on bridges between paired cells. What is expected at a place is kriging, along the shape drift where
    masked training sections are predicted better so (`follow`)."""

    bridge_decoder: BridgeDecoder
    kriging: ExpectedExpression
    drifts: BridgeDrifts
    follow: bool

    @property
    def decoder(self) -> BridgeDecoder:
        return self.bridge_decoder

    @property
    def follows_tissue(self) -> bool:
        return self.follow

    def drift(self, gap: int, forward: bool) -> Drift:
        return self.drifts.shape_drift(gap)

    def start(self, rows: np.ndarray) -> np.ndarray:
        return np.zeros((len(rows), 0))

    def change(self, path: Path) -> np.ndarray:
        """By the midpoint rule, from the drift in the middle of each way: the drift does not depend on expression, so
        that only cells that are kept need theirs."""
        import torch

        with torch.no_grad():
            middle = (path.start + path.end) / 2
            rate = self.drifts.expression_drift(path.gap, middle, path.depth + path.way[:, 0] / 2)
        return (rate * path.way).cpu().numpy()

    def expectation(self, layers: Layers) -> Expectation:
        return self.expected

    def expected(self, points: np.ndarray, around: np.ndarray | None = None) -> Latents:
        """Expected latent values at points (n, 3) um, or at these offsets (p, 3) um from each, which share its
        anchors: mean (n, axes) and variance (n, groups) float32, or (n, p, axes) and (n, p, groups)."""
        places = trace_to_sections(self.drifts, points) if self.follow else None
        return self.kriging.predict(points, places, around=around)

    def expected_of(self, cells: Carried, at_their_places: Callable[[], Latents]) -> Latents:
        return at_their_places()

    def sample(self, cells: Carried, near: float, rng: np.random.Generator) -> np.ndarray:
        """The measured value of the cell or of a near neighbour, changed by what the path says. Zeros stay zeros, and
        of labels and counts no value is made that was not measured."""
        X = self.sections.X[donors(self.sections, cells.source, near, rng)]
        made = self.decoder.changed(X, cells.change.astype(np.float32))
        return made if self._steps is None else in_steps(made, self._steps, rng)

    @cached_property
    def _steps(self) -> np.ndarray | None:
        return steps_of(self.sections.X)

    def networks(self) -> dict[str, Module]:
        return {"shape": self.drifts.shape, "expression": self.drifts.expression}


@dataclass(frozen=True, eq=False)
class PublishedModel(Model):
    """Trained as published: position and latent expression are carried together, and nothing else is known of a
    place than the virtual cells about it."""

    published_decoder: PublishedDecoder
    drifts: CloudDrifts

    @property
    def decoder(self) -> PublishedDecoder:
        return self.published_decoder

    @property
    def follows_tissue(self) -> bool:
        return False

    def drift(self, gap: int, forward: bool) -> Drift:
        return self.drifts.drift(forward)

    def start(self, rows: np.ndarray) -> np.ndarray:
        return self.latent.transform(self.sections.X[rows])

    def change(self, path: Path) -> np.ndarray:
        return path.change

    def expectation(self, layers: Layers) -> Expectation:
        """The mean of the nearest virtual cells; its variance is not known, and 0."""
        near = NearestCells(layers, self._carried_values)

        def expected(points: np.ndarray, around: np.ndarray | None = None) -> Latents:
            at = points if around is None else points[:, None] + around
            mean = near.mean_at(at.reshape(-1, 3))
            return mean.reshape(*at.shape[:-1], -1), np.zeros((*at.shape[:-1], 1), np.float32)

        return expected

    def expected_of(self, cells: Carried, at_their_places: Callable[[], Latents]) -> Latents:
        """Their own: the latent expression that was carried."""
        mean = self._carried_values(cells)
        return mean, np.zeros((len(mean), 1), np.float32)

    def _carried_values(self, cells: Carried) -> np.ndarray:
        """Latent expression (n, axes) of carried cells: that of the measured cell, changed on the way."""
        return self.start(cells.source) + cells.change

    def sample(self, cells: Carried, near: float, rng: np.random.Generator) -> np.ndarray:
        return self.decoder.changed(self.sections.X[cells.source], cells.change)

    def networks(self) -> dict[str, Module]:
        return {"shape": self.drifts.shape, "expression": self.drifts.expression}
