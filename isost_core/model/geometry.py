"""How the cells of a stack lie: what every step of training and carrying reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isost_core.config import Config
from isost_core.sections.spacing import cell_spacing, irregularity
from isost_core.sections.stack import Sections

JITTER = 0.25  # of the diffusion over a gap: a section has a thickness, so a path does not start on a point
LEAST_JITTER = 0.05  # cell spacings, on lattices of spots


@dataclass(frozen=True, eq=False)
class Geometry:
    """Sections and how their cells lie.

    spacing_um : cell spacing; spread_um : noise of a path over one gap; irregular : see `spacing.irregularity`
    """

    sections: Sections
    spacing_um: float
    spread_um: float
    irregular: float

    @property
    def depths(self) -> np.ndarray:
        """(sections,) um, increasing."""
        return self.sections.depths

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
        return self.spread_um / np.sqrt(self.depths[gap + 1] - self.depths[gap])


def measure(sections: Sections, config: Config) -> Geometry:
    """Geometry of a stack. Paths spread less where cells lie on a lattice, and not at all on a perfect one."""
    spacing, irregular = cell_spacing(sections), irregularity(sections)
    spread = config.diffusion * spacing * float(np.clip((irregular - 0.1) / 0.5, 0, 1))
    return Geometry(sections, spacing, spread, irregular)
