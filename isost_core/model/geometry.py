"""How the cells of a stack lie: what every step of training and carrying reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isost_core.config import Config
from isost_core.sections.spacing import cell_spacing, irregularity
from isost_core.sections.stack import Sections

JITTER = 0.25  # of the diffusion over a gap: a section has a thickness, so a path does not start on a point
LEAST_JITTER = 0.02  # cell spacings
WIDE = 10.0  # cell spacings, up to which paths diffuse the more the wider the gap is
WANDER = 0.7  # cell spacings that bridges spread over a gap in training: drifts are learnt about a path too


@dataclass(frozen=True, eq=False)
class Geometry:
    """Sections and how their cells lie.

    spacing_um : cell spacing; spread_um : noise of a path over one wide gap; irregular : see `spacing.irregularity`
    wide_um : gap from which on paths have all of that noise, 0 for all gaps
    """

    sections: Sections
    spacing_um: float
    spread_um: float
    irregular: float
    wide_um: float

    @property
    def depths(self) -> np.ndarray:
        """(sections,) um, increasing."""
        return self.sections.depths

    @property
    def wander_um(self) -> float:
        """Noise of a bridge over one gap, on which drifts are trained."""
        return WANDER * self.spacing_um * looseness(self.irregular)

    @property
    def jitter_um(self) -> float:
        return max(JITTER * self.spread_um, LEAST_JITTER * self.spacing_um)

    def gap_of(self, depth: float) -> int:
        """Number of the gap that holds a depth (the lower one at an inner section)."""
        return int(np.clip(np.searchsorted(self.depths, depth, side="right") - 1, 0, len(self.depths) - 2))

    def nearness(self, depth: float) -> float:
        """How near a depth is to a measured section: 1 on one, 0 in the middle of a gap."""
        low, high = self.depths[self.gap_of(depth) + np.arange(2)]
        return float(abs(1 - 2 * (depth - low) / (high - low)))

    def sigma(self, gap: int) -> float:
        """Noise of a path in a gap, um per square root of um."""
        return float(self.spread_um / np.sqrt(max(self.wide_um, self.depths[gap + 1] - self.depths[gap])))


def looseness(irregular: float) -> float:
    """Share of the full noise that places have: less where cells lie on a lattice, and none on a perfect one."""
    return float(np.clip((irregular - 0.1) / 0.5, 0, 1))


def measure(sections: Sections, config: Config) -> Geometry:
    """Geometry of a stack; with the published objective paths have the same noise over every gap."""
    spacing, irregular = cell_spacing(sections), irregularity(sections)
    wide = WIDE * spacing if config.objective == "bridge" else 0.0
    return Geometry(sections, spacing, config.diffusion * spacing * looseness(irregular), irregular, wide)
