"""A trained reconstruction: drifts, mean field and calibration. Saved as tensors and plain values only."""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from isost_core.config import Config
from isost_core.device import mixed
from isost_core.model.decoder import Decoder
from isost_core.model.drift import _in_parts
from isost_core.model.latent import Latent

JITTER = 0.25  # of the diffusion over a gap: a section has a thickness, so a path does not start on a point
LEAST_JITTER = 0.05  # cell spacings, on lattices of spots


@dataclass
class Model:
    """What `train` returns.

    sections : Sections it was trained on (log1p expression)
    spacing_um : cell spacing; spread_um : noise of a path over one gap; irregular : see graph.irregularity
    latent, field : latent space and mean field; `field` is None with the sinkhorn objective
    shape, expression : drift networks; one each with the bridge objective, a (forward, backward) pair each with
        the sinkhorn objective
    around : what the networks attend to (Surroundings), None with the sinkhorn objective
    sizes : scale of the two drifts' outputs: um per gap, and (axes,) latent units per gap
    follow : whether the mean field is read along the shape drift (chosen on masked training sections)
    calibration, slope, level : (genes,) of the predicted standard deviation, from masked training sections (Decoder)
    """

    config: Config
    sections: object
    spacing_um: float
    spread_um: float
    irregular: float
    latent: Latent
    field: object
    shape: object
    expression: object
    around: object
    sizes: tuple
    follow: bool
    calibration: np.ndarray
    slope: np.ndarray
    level: np.ndarray
    device: str = "cpu"

    @property
    def depths(self):
        return self.sections.depths

    @property
    def jitter_um(self):
        return max(JITTER * self.spread_um, LEAST_JITTER * self.spacing_um)

    def gap_of(self, depth):
        """Number of the gap that holds a depth (the lower one at an inner section)."""
        return int(np.clip(np.searchsorted(self.depths, depth, side="right") - 1, 0, len(self.depths) - 2))

    def drift(self, gap, forward=True, expression=True, shape=True):
        """The drift (x, z, g) -> (v, h) of one gap, per um of increasing depth.

        Without expression h is 0; without shape (bridge objective) v is.
        """
        if self.config.objective == "sinkhorn":
            from isost_core.model.drift import cloud_drift

            return cloud_drift(self, forward, expression)
        low, high = float(self.depths[gap]), float(self.depths[gap + 1])
        size_x, size_g = (size / (high - low) for size in self.sizes)

        def of_some(x, z, g):
            seen = self.around.seen_from(x, ((z - low) / (high - low)).clamp(0, 1), gap)
            with mixed(self.device):
                v, h = (net(*seen) if wanted else None for net, wanted in ((self.shape, shape),
                                                                           (self.expression, expression)))
            return (v.float() * size_x if shape else x * 0, h.float() * size_g if expression else g * 0)

        return of_some if self.device != "cpu" else partial(_in_parts, of_some)

    @cached_property
    def decoder(self):
        """What turns latent values into genes, without the networks."""
        return Decoder(self.latent, getattr(self.field, "covariance", None), self.calibration, self.slope,
                       self.level)
