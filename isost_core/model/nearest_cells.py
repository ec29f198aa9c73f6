"""What carried cells say of the places about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from isost_core.model.carried import Carried

NEAREST = 8  # cells that a mean is taken of


@dataclass(frozen=True, eq=False)
class Layers:
    """Cells carried to each of some depths (layers,) um."""

    clouds: Sequence[Carried]
    depths: np.ndarray


class NearestCells:
    """Mean of the nearest cells in the nearest of some layers; values : gives those of cells, (n, axes)."""

    def __init__(self, layers: Layers, values: Callable[[Carried], np.ndarray]) -> None:
        from scipy.spatial import cKDTree

        self._depths = layers.depths
        self._layers = [(cKDTree(cells.xy), values(cells)) for cells in layers.clouds]

    def mean_at(self, points: np.ndarray) -> np.ndarray:
        """(n, axes) float32 at points (n, 3) um."""
        layer = np.abs(points[:, 2:] - self._depths).argmin(1)
        mean = np.zeros((len(points), self._layers[0][1].shape[1]), np.float32)
        for k in np.unique(layer):
            (tree, values), here = self._layers[k], layer == k
            near = min(NEAREST, len(values))
            index = tree.query(points[here, :2], k=near, workers=-1)[1].reshape(-1, near)
            mean[here] = values[index].mean(1)
        return mean
