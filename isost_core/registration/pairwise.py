"""How one section lies over another, how sure that is, and by how much the two are still apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from isost_core.registration.rasters import ACROSS, Cells, Pose, Raster, coarse_poses, fit_score, raster_of, refined

FEW_CELLS = 1000  # of a section, that candidates are compared on
TILES, TILE_CELLS = 5, 12  # most tiles across a section; least cells in one
SHIFTS = 4  # cell spacings that a tile is looked for to either side
SHY = 0.03  # correlation that a tile must gain for each cell spacing that it is shifted
UNSURE = 1.0  # standard errors that a tile must gain too before it counts as apart


@dataclass(frozen=True)
class Fit:
    """A section over another: its pose and score; how far behind the other mirror state and the next best place lie."""

    pose: Pose
    score: float
    mirror_margin: float
    margin: float


def fit_pair(fixed: Cells, moving: Cells, mirrors: Sequence[bool]) -> Fit:
    """Fit of the moving over the fixed section; mirrors : the mirror states that are tried."""
    still = raster_of(fixed.xy, fixed, 1.2 * fixed.spacing)
    few = _some(moving)
    step = max(np.ptp(fixed.xy, axis=0).max() / ACROSS, fixed.spacing)
    tried = [refined(lambda p: fit_score(still, few, p), one.pose, step, np.radians(2.5))
             for one in coarse_poses(fixed, moving, mirrors)]
    tried.sort(key=lambda t: -t.score)
    best, rest = tried[0], tried[1:]
    other = [t.score for t in rest if t.pose.mirrored != best.pose.mirrored]
    apart = [t.score for t in rest if t.pose.mirrored == best.pose.mirrored and _apart(t.pose, best.pose, 3 * step)]
    found = refined(lambda p: fit_score(still, moving, p), best.pose, step / 4, np.radians(0.6))
    return Fit(found.pose, found.score, best.score - max(other) if other else np.inf,
               best.score - max(apart) if apart else np.inf)


def nearer_fit(fixed: Cells, moving: Cells, fit: Fit, through: np.ndarray) -> Fit:
    """The fit, or the place that two others lead to (a matrix (3, 3)), where that scores higher."""
    still = raster_of(fixed.xy, fixed, 1.2 * fixed.spacing)
    mirrored = bool(np.linalg.det(through[:2, :2]) < 0)
    turn = through[:2, :2] @ np.diag([-1.0 if mirrored else 1.0, 1.0])
    start = Pose(float(np.arctan2(turn[1, 0], turn[0, 0])), *through[:2, 2], mirrored=mirrored)
    found = refined(lambda p: fit_score(still, moving, p), start, fixed.spacing, np.radians(1.0))
    return replace(fit, pose=found.pose, score=found.score) if found.score > fit.score else fit


def _some(cells: Cells) -> Cells:
    """A sample of a section's cells."""
    rows = np.random.default_rng(0).permutation(len(cells.xy))[:FEW_CELLS]
    return replace(cells, xy=cells.xy[rows], values=cells.values[rows])


def _apart(pose: Pose, best: Pose, far: float) -> bool:
    turned = abs(np.angle(np.exp(1j * (pose.angle - best.angle))))
    return bool(turned > 0.2 or np.hypot(pose.x - best.x, pose.y - best.y) > far)


def residual_um(first: Cells, second: Cells) -> float:
    """Distance (um) by which the second section (in one frame) fits the first better elsewhere: all of it together, or
    its tiles (median), each as far as its cells can tell; NaN where no tile can be followed."""
    tried = _tried(first, second)
    if not tried.usable.any():
        return float("nan")
    far = np.linalg.norm(tried.shifts, axis=1)
    scores, count = tried.scores[:, tried.usable], tried.count[tried.usable]
    together = _steady(scores @ count / count.sum()) - SHY * far / tried.spacing
    apart = _steady(scores) - SHY * far[:, None] / tried.spacing - UNSURE / np.sqrt(count) * (far[:, None] > 0)
    return float(max(far[together.argmax()], np.median(far[apart.argmax(0)])))


def _steady(correlation: np.ndarray) -> np.ndarray:
    """On a scale where the error of a correlation depends on the number of cells alone (Fisher, 1915)."""
    return np.arctanh(np.clip(correlation, -0.999, 0.999))


def tile_shifts(first: Cells, second: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Centres (n, 2) and best shifts (n, 2) um of tiles of the second section over the first."""
    tried = _tried(first, second)
    scores = tried.scores - SHY * np.linalg.norm(tried.shifts, axis=1)[:, None] / tried.spacing
    return tried.centres[tried.usable], tried.shifts[scores.argmax(0)][tried.usable]


@dataclass(frozen=True, eq=False)
class _Tried:
    """Shifts (m, 2) um, nearest first, and the score (m, tiles) of each tile there; centres (tiles, 2) um; cells of a
    tile (count); which tiles can be followed (usable); larger spacing um of the two sections."""

    shifts: np.ndarray
    scores: np.ndarray
    centres: np.ndarray
    count: np.ndarray
    usable: np.ndarray
    spacing: float


def _tried(first: Cells, second: Cells) -> _Tried:
    still, spacing = raster_of(first.xy, first, 1.2 * first.spacing), max(first.spacing, second.spacing)
    across = max(np.ptp(second.xy, axis=0).max(), spacing)
    width = across / min(TILES, max(2, np.sqrt(len(second.xy) / (2 * TILE_CELLS))))
    tile = np.unique(np.floor((second.xy - second.xy.min(0)) / width), axis=0, return_inverse=True)[1].ravel()
    side = spacing * np.linspace(-SHIFTS, SHIFTS, 2 * SHIFTS + 1)
    shifts = np.stack(np.meshgrid(side, side, indexing="ij"), -1).reshape(-1, 2)
    shifts = shifts[np.argsort((shifts**2).sum(1), kind="stable")]
    count = np.bincount(tile)
    scores = np.stack([_tile_scores(still, second, shift, tile) for shift in shifts])
    best = (scores - SHY * np.linalg.norm(shifts, axis=1)[:, None] / spacing).max(0)
    centres = np.stack([np.bincount(tile, axis) / count for axis in second.xy.T], 1)
    return _Tried(shifts, scores, centres, count, (count >= TILE_CELLS) & (best > 0.2), spacing)


def _tile_scores(still: Raster, cells: Cells, shift: np.ndarray, tile: np.ndarray) -> np.ndarray:
    """Correlation (tiles,) of each tile's cells, shifted, with the raster."""
    channels, tissue = still.at(cells.xy + shift)
    values = cells.values.T
    match, first, second = (np.bincount(tile, (part * tissue).sum(0)) for part in (channels * values, channels**2,
                                                                                  values**2))
    return match / np.sqrt(np.maximum(first * second, 1e-12))
