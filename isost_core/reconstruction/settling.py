"""Settling the cells taken from two sections: as dense as both say, as far apart as measured cells are.

A draw from two sections leaves chance gaps and cells on top of each other that neither section has. Cells first move
down the difference between their density and the one both sections predict; mixing two sections evens that density
out, so part of its lost contrast is put back. Then pairs of nearest cells move apart or together until the distances
to the nearest cell are spread as in the two sections.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FINE, COARSE = 1.0, 3.0  # cell spacings over which density is smoothed, and over which it counts as level
EVENING, SPACING = 12, 6  # rounds of either step
RATE = 0.5  # of the way gone in a round
TOGETHER = 0.5  # of that, where cells lie farther apart than they should
CONTRAST = 0.4  # of the lost contrast that is put back: with all of it cells lie as unevenly as measured ones but
#                 farther from where they should, with none the other way round
MOST_CONTRAST = 2.0
FAINT = 0.05  # of typical density, below which differences do not count
RIM = 0.55, 0.85  # share of tissue around a place from which, and with which, cells move fully: not at a border
POINTS_PER_CELL = 100  # of the grid of densities; cells that lie sparser, as in a hollow shell, do not even out
FEWEST, MANY = 10, 5000  # cells that are settled, and whose nearest are looked for on all cores
THIN = 2.0  # smoothing widths: over gaps so thin, cells do not even out, over those twice as wide they do


@dataclass(frozen=True, eq=False)
class Sides:
    """Two sections around a depth, the lower first: `carried` to it and as `measured`, (n, 2) um each; t, the depth's
    place between them; gap_um from one to the other."""

    carried: tuple[np.ndarray, np.ndarray]
    measured: tuple[np.ndarray, np.ndarray]
    t: float
    gap_um: float

    @property
    def weights(self) -> tuple[float, float]:
        return 1 - self.t, self.t


def settle(xy: np.ndarray, sides: Sides, spacing_um: float, rng: np.random.Generator) -> np.ndarray:
    """Places (n, 2) um of cells taken from both sides after they settled; near a section they hardly move.

    Parameters
    ----------
    xy : (n, 2) um
    sides : Sides
    spacing_um : float, cell spacing
    rng : decides where cells go that share a place
    """
    if len(xy) < FEWEST or min(map(len, sides.measured)) < FEWEST:
        return xy
    return spaced(evened(xy, sides, FINE * spacing_um), sides, spacing_um, rng)


def spaced(xy: np.ndarray, sides: Sides, spacing_um: float, rng: np.random.Generator) -> np.ndarray:
    """Cells moved along the line to their nearest one, so that these distances are spread as in both sections."""
    wanted = sum(w * _as_many(np.sort(_nearest(cells)[0]), len(xy))
                 for w, cells in zip(sides.weights, sides.measured, strict=True))
    for _ in range(SPACING):
        distance, near = _nearest(xy)
        apart = xy - xy[near]
        apart = np.where((distance > 0)[:, None], apart, spacing_um * 1e-3 * rng.standard_normal(xy.shape))
        longer = np.empty(len(xy))
        longer[np.argsort(distance, kind="stable")] = wanted
        step = RATE / 2 * np.where(longer > distance, 1.0, TOGETHER) * (longer - distance)
        move = (step / np.linalg.norm(apart, axis=1))[:, None] * apart
        back = [np.bincount(near, move[:, d], len(xy)) for d in range(2)]
        xy = xy + move - np.stack(back, 1)
    return xy


def _as_many(ordered: np.ndarray, n: int) -> np.ndarray:
    """Increasing values (n,) that are spread as others in order."""
    return np.interp((np.arange(n) + 0.5) / n, (np.arange(len(ordered)) + 0.5) / len(ordered), ordered)


def _nearest(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance (n,) um from each point to its nearest other, and the number (n,) of that."""
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    distance, near = cKDTree(xy).query(xy, k=2, workers=-1 if len(xy) > MANY else 1)
    rows, own = np.arange(len(xy)), near[:, 0] == np.arange(len(xy))
    return distance[:, 1], np.where(own, near[:, 1], np.where(near[:, 1] == rows, near[:, 0], near[:, 1]))


@dataclass(frozen=True, eq=False)
class Grid:
    """Where densities are counted: origin (2,) um, points along x and y, and the width (um) they are smoothed over;
    from one point to the next it is half as far."""

    origin: np.ndarray
    shape: tuple[int, int]
    width_um: float

    @classmethod
    def around(cls, clouds: list[np.ndarray], width_um: float) -> Grid:
        margin = 2 * COARSE * width_um
        low, high = np.min([c.min(0) for c in clouds], 0) - margin, np.max([c.max(0) for c in clouds], 0) + margin
        x, y = (int(n) for n in np.ceil((high - low) / (width_um / 2)) + 2)
        return cls(low, (x, y), width_um)

    def place(self, xy: np.ndarray) -> np.ndarray:
        """Places (2, n) in steps of the grid; those beyond it are on its border."""
        place = (xy - self.origin) / (self.width_um / 2)
        return np.clip(place, 0, np.array(self.shape) - 1.001).T

    def count(self, xy: np.ndarray) -> np.ndarray:
        """Cells at each point, each shared by the four around it."""
        place = self.place(xy)
        low = place.astype(int)
        x, y = place - low
        corner, rows = low[0] * self.shape[1] + low[1], self.shape[1]
        number = np.concatenate([corner, corner + 1, corner + rows, corner + rows + 1])
        share = np.concatenate([(1 - x) * (1 - y), (1 - x) * y, x * (1 - y), x * y])
        return np.bincount(number, share, int(np.prod(self.shape))).reshape(self.shape)

    def smooth(self, count: np.ndarray, widths: float = 1.0) -> np.ndarray:
        from scipy.ndimage import gaussian_filter

        return gaussian_filter(count, 2 * widths, mode="constant", truncate=3.0)

    def slope(self, field: np.ndarray, weight: np.ndarray, xy: np.ndarray) -> np.ndarray:
        """Slope (n, 2) per width of a field at cells, times a weight of each point."""
        from scipy.ndimage import map_coordinates

        place = self.place(xy)
        return 2 * np.stack([map_coordinates(weight * part, place, order=1) for part in np.gradient(field)], 1)


def evened(xy: np.ndarray, sides: Sides, width_um: float) -> np.ndarray:
    """Cells moved to where both sections say that there are too few, away from where there are too many.

    Over a thin gap none moves: it cuts the very cells that were measured, each in its place.
    """
    free = np.clip((sides.gap_um / width_um - THIN) / THIN, 0, 1)
    if not free:
        return xy
    grid = Grid.around([xy, *sides.carried, *sides.measured], width_um)
    if np.prod(grid.shape, dtype=float) > POINTS_PER_CELL * len(xy):
        return xy
    mixed = sum((w * len(xy) / len(cells) * grid.count(cells)
                 for w, cells in zip(sides.weights, sides.carried, strict=True)), np.zeros(grid.shape))
    density = grid.smooth(mixed)
    typical = (density**2).sum() / density.sum()
    faint = FAINT * typical
    around = grid.smooth((density > typical / 4).astype(float), COARSE)
    inner = np.clip((around - RIM[0]) / (RIM[1] - RIM[0]), 0, 1)
    local = _local(grid, mixed, faint)
    found = _spread(local, inner * density)
    measured = sum(w * _spread(_local(grid, count, faint), inner * grid.smooth(count))
                   for w, count in zip(sides.weights, map(grid.count, sides.measured), strict=True))
    lost = np.clip(measured / max(found, 1e-9), 1, MOST_CONTRAST) - 1
    wanted = np.log(density + faint) + CONTRAST * lost * local
    for _ in range(EVENING):
        excess = np.log(grid.smooth(grid.count(xy)) + faint) - wanted
        xy = xy - RATE * width_um * free * grid.slope(excess, inner, xy)
    return xy


def _local(grid: Grid, count: np.ndarray, faint: float) -> np.ndarray:
    """Logarithm of the density over that of the wider surroundings."""
    return np.log(grid.smooth(count) + faint) - np.log(grid.smooth(count, COARSE) + faint)


def _spread(values: np.ndarray, weight: np.ndarray) -> float:
    """Standard deviation, weighted; 0 where nothing has weight."""
    weight = weight / max(float(weight.sum()), 1e-12)
    return float(np.sqrt((weight * (values - (weight * values).sum()) ** 2).sum()))
