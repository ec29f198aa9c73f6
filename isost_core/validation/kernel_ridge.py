"""Kernel ridge regression of every gene on position, with landmark cells (Nystrom): a strong simple method."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from isost_core.validation.smoothers import (
    CHUNK,
    TRIED_CELLS,
    Predictor,
    TrainingCells,
    in_chunks,
    near_mean,
    relative_error,
    some_cells,
)

RIDGE_WIDTHS = (3.0, 6.0, 12.0, 24.0, 48.0)  # cell spacings
RIDGE_DEPTHS = (1.0, 0.5, 2.0)  # of the width in the plane
RIDGE_NOISE = (0.01, 0.1, 1.0, 10.0, 100.0)
LANDMARKS = 1200


def fit_ridge(cells: TrainingCells, seed: int = 0) -> Predictor:
    """Kernel ridge regression of every gene on (x, y, z) with an exponential kernel on landmark cells (Nyström).

    Kernel widths and noise have the smallest error on left-out training sections. Many small solves: one thread, since
    several wait for each other on a busy computer.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        scale, noise = _ridge_settings(cells, np.random.default_rng(seed))
        rng = np.random.default_rng(seed)
        marks = np.sort(rng.choice(len(cells.xyz), min(len(cells.xyz), LANDMARKS), replace=False))
        mean = _ridge_at(cells, np.arange(len(cells.xyz)), cells.xyz[marks], scale)(noise)
    return in_chunks(partial(_ridge, cells, mean))


def _ridge_settings(cells: TrainingCells, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """(kernel width along x, y, z in µm; noise)"""
    scores = {}
    for section in cells.left_out():
        others, (xyz, truth) = cells.without(section), some_cells(cells, section, rng)
        few = np.sort(rng.choice(len(others.xyz), min(len(others.xyz), 5 * TRIED_CELLS), replace=False))
        marks = rng.choice(few, min(len(few), LANDMARKS // 3), replace=False)
        for width in RIDGE_WIDTHS:
            for depth in RIDGE_DEPTHS:
                scale = cells.spacing_um * width * np.array([1, 1, depth])
                at = _ridge_at(others, few, others.xyz[marks], scale)
                for noise in RIDGE_NOISE:
                    key = (width, depth, noise)
                    scores[key] = scores.get(key, 0.0) + relative_error(cells, truth, at(noise)(xyz))
    width, depth, noise = min(scores, key=lambda tried: scores[tried])
    return cells.spacing_um * width * np.array([1, 1, depth]), noise


def _ridge(cells: TrainingCells, mean: Callable[[np.ndarray], np.ndarray],
           xyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Its mean, and the spread of the 50 nearest cells of both sections about it."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        m = mean(xyz)
    near, sd = near_mean(cells, 50, xyz)
    return m, np.sqrt(sd**2 + (near - m) ** 2)


def _ridge_at(cells: TrainingCells, rows: np.ndarray, marks: np.ndarray,
              scale: np.ndarray) -> Callable[[float], Callable[[np.ndarray], np.ndarray]]:
    """noise -> (points -> mean): the regression on the chosen cells, for any noise."""
    from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
    from scipy.spatial.distance import cdist

    def kernel(xyz: np.ndarray) -> np.ndarray:
        return np.exp(-cdist(xyz / scale, marks / scale))

    root = cholesky(kernel(marks) + 1e-6 * np.eye(len(marks)), lower=True)

    def features(xyz: np.ndarray) -> np.ndarray:
        return solve_triangular(root, kernel(xyz).T, lower=True).T

    centre = cells.values[rows].mean(0, dtype=np.float64)
    gram, right = np.zeros((len(marks), len(marks))), np.zeros((len(marks), cells.values.shape[1]))
    for part in np.array_split(rows, max(1, len(rows) // CHUNK)):
        f = features(cells.xyz[part])
        gram, right = gram + f.T @ f, right + f.T @ (cells.values[part] - centre)

    def at(noise: float) -> Callable[[np.ndarray], np.ndarray]:
        weight = cho_solve(cho_factor(gram + noise * np.eye(len(gram)), lower=True), right)
        return lambda xyz: (features(xyz) @ weight + centre).astype(np.float32)

    return at
