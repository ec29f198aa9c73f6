"""What an alignment did to a section in total: how far it was moved and turned from where it came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isost_core.registration.alignment import Alignment


@dataclass(frozen=True)
class Move:
    """From the frame a section came in to the common frame: mirrored first (x to the other side), then turned about
    its middle (degrees, from x towards y), then shifted (µm).

    scale : 1 where it neither grew nor shrank; bent : whether a smooth displacement follows
    """

    dx: float
    dy: float
    angle: float
    mirrored: bool
    scale: float
    bent: bool

    @property
    def far_um(self) -> float:
        """How far the middle of the section moved."""
        return float(np.hypot(self.dx, self.dy))


def move_of(alignment: Alignment, name: str, middle: np.ndarray) -> Move:
    """The Move of a section whose middle (x, y) µm is told in the frame it came in."""
    matrix = alignment.matrices[alignment.names.index(name)]
    size = float(np.linalg.det(matrix[:2, :2]))
    mirrored = size < 0
    turn = matrix[:2, 0] * (-1.0 if mirrored else 1.0)
    dx, dy = alignment.points(name, middle[None])[0] - middle
    return Move(float(dx), float(dy), float(np.degrees(np.arctan2(turn[1], turn[0]))), mirrored,
                float(np.sqrt(abs(size))), name in alignment.warps)
