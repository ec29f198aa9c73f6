"""The nearest of a fixed set of points."""

import numpy as np
import torch
from scipy.spatial import cKDTree

ALONE = 4096  # queries that one thread answers
PAIRS_AT_ONCE = 2**26


class PointIndex:
    """Finds the nearest of reference points (m, d), um: on the CPU in a k-d tree made once, on the GPU by distances."""

    def __init__(self, points: torch.Tensor) -> None:
        self.points = points
        self._tree = cKDTree(points.numpy()) if points.device.type == "cpu" else None

    def nearest(self, query: torch.Tensor, k: int) -> torch.Tensor:
        """Indices (n, k) of the points nearest to each query point (n, d), nearest first; k <= m."""
        if self._tree is not None:
            workers = -1 if len(query) > ALONE else 1
            index = self._tree.query(query.detach().numpy(), k=k, workers=workers)[1]
            return torch.from_numpy(np.asarray(index, dtype=np.int64).reshape(len(query), k))
        chunks = query.detach().split(max(1, PAIRS_AT_ONCE // max(1, len(self.points))))
        return torch.cat([torch.cdist(c, self.points).topk(k, largest=False).indices for c in chunks])
