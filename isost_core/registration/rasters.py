"""Sections as rasters of their expression, and the search for how one lies over another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

ACROSS = 56  # pixels of the coarse raster across the larger section
ANGLES = 72  # tried in the coarse search
LEAST_OVERLAP = 0.4  # of the smaller section, in the coarse search
CANDIDATES = 4  # of the coarse search that are refined


@dataclass(frozen=True)
class Cells:
    """One section for registration: xy (n, 2) um about its own centre; values (n, channels) of zero mean; spacing um of
    these cells; area um2 of tissue."""

    xy: np.ndarray
    values: np.ndarray
    spacing: float
    area: float = 0.0


@dataclass(frozen=True)
class Pose:
    """How a section lies over another: its points are mirrored (x to the other side), scaled, turned (radians), then
    shifted, in um about the centre of each section."""

    angle: float = 0.0
    x: float = 0.0
    y: float = 0.0
    log_scale: float = 0.0
    mirrored: bool = False

    def matrix(self) -> np.ndarray:
        """(3, 3) homogeneous."""
        turn = np.array([[np.cos(self.angle), -np.sin(self.angle)], [np.sin(self.angle), np.cos(self.angle)]])
        made = np.eye(3)
        made[:2, :2] = np.exp(self.log_scale) * turn @ np.diag([-1.0 if self.mirrored else 1.0, 1.0])
        made[:2, 2] = self.x, self.y
        return made

    def of(self, xy: np.ndarray) -> np.ndarray:
        """Points (n, 2) um of the moving section in the other's frame."""
        matrix = self.matrix()
        return xy @ matrix[:2, :2].T + matrix[:2, 2]


@dataclass(frozen=True)
class ScoredPose:
    """A pose and how well it fits, the higher the better."""

    score: float
    pose: Pose


@dataclass(frozen=True)
class Raster:
    """Channels (channels, x, y) and how much tissue (x, y) is there, 0 to 1; pixel (0, 0) lies at `origin` um."""

    origin: np.ndarray
    pitch: float
    channels: np.ndarray
    tissue: np.ndarray

    def at(self, xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Channels (channels, n) and tissue (n,) at points (n, 2) um; nothing beyond the raster."""
        from scipy.ndimage import map_coordinates

        place = ((xy - self.origin) / self.pitch).T
        read = [map_coordinates(c, place, order=1, mode="constant") for c in (*self.channels, self.tissue)]
        return np.stack(read[:-1]), read[-1]


def raster_of(xy: np.ndarray, cells: Cells, pitch: float) -> Raster:
    """Raster of cells lying at xy (n, 2) um."""
    from scipy.ndimage import gaussian_filter

    sigma = max(1.0, 0.8 * cells.spacing / pitch)
    margin = int(np.ceil(3 * sigma)) + 1
    origin = xy.min(0) - margin * pitch
    shape = tuple((np.ceil(np.ptp(xy, axis=0) / pitch).astype(int) + 2 * margin + 1).tolist())
    pixel = np.ravel_multi_index(tuple(np.rint((xy - origin) / pitch).astype(int).T), shape)
    count = np.bincount(pixel, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)
    density = gaussian_filter(count, sigma, mode="constant")
    usual = np.median(density[count > 0])
    sums = (np.bincount(pixel, v, int(np.prod(shape))).reshape(shape) for v in cells.values.T)
    channels = np.stack([gaussian_filter(s, sigma, mode="constant") for s in sums])
    tissue = np.clip(2 * density / usual - 0.2, 0, 1)
    return Raster(origin, pitch, channels / np.maximum(density, 0.05 * usual) * (tissue > 0), tissue)


def coarse_poses(fixed: Cells, moving: Cells, mirrors: Sequence[bool]) -> list[ScoredPose]:
    """Best poses of the moving over the fixed section, best first: for each mirror state, all angles, all shifts by
    masked correlation (Padfield, 2012)."""
    pitch = max(np.ptp(fixed.xy, axis=0).max(), np.ptp(moving.xy, axis=0).max()) / ACROSS
    pitch = max(pitch, 0.5 * max(fixed.spacing, moving.spacing))
    still = raster_of(fixed.xy, fixed, pitch)
    reach = int(np.ceil(2 * np.linalg.norm(np.abs(moving.xy).max(0)) / pitch)) + 24
    size = tuple(_fast(n + reach) for n in still.tissue.shape)
    spectra = _spectra(still, size)
    found = []
    for mirrored in mirrors:
        for angle in np.arange(ANGLES) * 2 * np.pi / ANGLES:
            made = raster_of(Pose(angle, mirrored=mirrored).of(moving.xy), moving, pitch)
            score, shift = _best_shift(spectra, _spectra(made, size), still, made, size)
            x, y = still.origin - made.origin + pitch * shift
            found.append(ScoredPose(score, Pose(angle, x, y, mirrored=mirrored)))
    return _peaks(sorted(found, key=lambda f: -f.score))


def _fast(n: int) -> int:
    from scipy.fft import next_fast_len

    return next_fast_len(int(n), real=True)


def _spectra(raster: Raster, size: tuple[int, ...]) -> np.ndarray:
    from scipy.fft import rfft2

    energy = (raster.channels**2 * raster.tissue).sum(0)
    return rfft2(np.stack([*(raster.channels * raster.tissue), raster.tissue, energy]), size, workers=2)


def _best_shift(fixed: np.ndarray, moving: np.ndarray, still: Raster, made: Raster,
                size: tuple[int, ...]) -> tuple[float, np.ndarray]:
    """Best score over all shifts in whole pixels, and the shift; fixed, moving : spectra of the rasters still, made."""
    from scipy.fft import irfft2

    products = np.stack([(fixed[:-2] * moving[:-2].conj()).sum(0), fixed[-2] * moving[-2].conj(),
                         fixed[-1] * moving[-2].conj(), fixed[-2] * moving[-1].conj()])
    match, overlap, first, second = irfft2(products, size, workers=2)
    overlap = overlap / min(still.tissue.sum(), made.tissue.sum())
    floor = 1e-3 * np.sqrt(first.max() * second.max()) + 1e-12
    score = (0.2 + match / np.sqrt(np.maximum(first * second, 0) + floor**2)) * np.minimum(overlap, 1)
    score[overlap < LEAST_OVERLAP] = -1
    best = np.array(np.unravel_index(np.argmax(score), score.shape))
    return float(score.max()), np.where(best > np.array(size) / 2, best - np.array(size), best)


def _peaks(found: Sequence[ScoredPose]) -> list[ScoredPose]:
    """The best of each mirror state at angles well apart."""
    kept: list[ScoredPose] = []
    for one in found:
        alike = [k.pose for k in kept if k.pose.mirrored == one.pose.mirrored]
        near = any(abs(np.angle(np.exp(1j * (pose.angle - one.pose.angle)))) < 0.35 for pose in alike)
        if not near and len(alike) < CANDIDATES:
            kept.append(one)
    return kept


def fit_score(raster: Raster, cells: Cells, pose: Pose, sized: bool = False) -> float:
    """How well cells in a pose fit a raster: correlation of all channels where both have tissue, and a small part for
    the overlap alone, times the share of the smaller section that overlaps (sized: of both, so that neither gains by
    being the smaller one)."""
    channels, tissue = raster.at(pose.of(cells.xy))
    channels, values = _centred(channels, tissue), _centred(cells.values.T, tissue)
    match = (channels * values * tissue).sum()
    size = np.sqrt((channels**2 * tissue).sum() * (values**2 * tissue).sum())
    area, other = cells.area * np.exp(2 * pose.log_scale), raster.tissue.sum() * raster.pitch**2
    share = tissue.mean() * area / (np.sqrt(area * other) if sized else min(area, other))
    return float((0.2 + match / max(size, 1e-9)) * (share if sized else min(1.0, share)))


def _centred(channels: np.ndarray, tissue: np.ndarray) -> np.ndarray:
    """Channels (channels, n) less their mean over the tissue."""
    return channels - (channels @ tissue / max(tissue.sum(), 1e-9))[:, None]


def refined(score: Callable[[Pose], float], pose: Pose, step_um: float, turn: float,
            scale: bool = False) -> ScoredPose:
    """Pose near a given one that maximises score(pose) (Nelder and Mead, 1965); scale : whether its scale is free."""
    from scipy.optimize import minimize

    free = 4 if scale else 3
    unit = np.array([turn, step_um, step_um, 0.02])[:free]
    start = np.array([pose.angle, pose.x, pose.y, pose.log_scale])
    corners = np.vstack([np.zeros(free), np.eye(free)])
    corners -= corners.mean(0)

    def at(x: np.ndarray) -> Pose:
        values = start.copy()
        values[:free] += x * unit
        return Pose(*values, mirrored=pose.mirrored)

    done = minimize(lambda x: -score(at(x)), np.zeros(free), method="Nelder-Mead",
                    options={"initial_simplex": corners * 2, "xatol": 0.02, "fatol": 1e-6, "maxiter": 160})
    return ScoredPose(float(-done.fun), at(done.x))
