"""Cells on their way along depth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False)
class Carried:
    """Cells carried to one depth: xy (n, 2) um; source (n,) rows of the measured cells they started from;
    change (n, axes) of latent expression on the way."""

    xy: np.ndarray
    source: np.ndarray
    change: np.ndarray


@dataclass(frozen=True, eq=False)
class Path:
    """Where cells started and where they ended within one gap, on the device.

    start, end : (n, 2) um; depth : (n,) um of the start; way : (n, 1) um along depth
    change : (n, axes) of the latent expression that was carried along, without axes where none was
    """

    gap: int
    start: torch.Tensor
    end: torch.Tensor
    depth: torch.Tensor
    way: torch.Tensor
    change: np.ndarray

    def of(self, which: np.ndarray | slice) -> Path:
        """That of some of the cells."""
        return replace(self, start=self.start[which], end=self.end[which], depth=self.depth[which],
                       way=self.way[which], change=self.change[which])
