"""Which covariance to read with: chosen on masked training sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from isost_core.model.covariance import Covariance
from isost_core.model.kriging import ExpectedExpression
from isost_core.model.masking import Mask, agreement, masked_mean, own_section_mean
from isost_core.model.selection import Space


@dataclass(frozen=True, eq=False)
class Choice:
    """The covariance that predicts best, and whether it is read along the shape drift."""

    covariance: Covariance
    follow: bool


def choose(space: Space, masks: list[Mask], tell: Callable[[float], None]) -> Choice:
    """Predict masked training sections from the others; the covariance, and the way of reading it, that does best.

    Candidates are covariances (of each group of axes, more or less shrunk to that of all) at fixed places, and then
    the best of them along the shape drift; see `scored`.

    tell : called with the finished fraction
    """
    steps, scores = len(space.candidates) + 2, []
    for n, covariance in enumerate(space.candidates):
        scores.append(_score(space, covariance, masks))
        tell((n + 1) / steps)
    best = int(np.argmax(_between(space, masks, scores)))
    expected = space.expected.reading_with(space.candidates[best])
    follow = _masked(expected, space, masks, follow=True).agreement > scores[best].far.agreement
    return Choice(space.candidates[best], follow)


@dataclass(frozen=True)
class Told:
    """How well cells were predicted: `agreement`, the correlation of predicted and measured expression over cells, mean
    over genes and sections; `unknown`, the variance of the latent mean, over all genes."""

    agreement: float
    unknown: float


@dataclass(frozen=True)
class Score:
    """Cells predicted within their section (near) and without it (far)."""

    near: Told
    far: Told

    def at(self, far: float) -> float:
        """The agreement between the two, 0 for near and 1 for far."""
        return (1 - far) * self.near.agreement + far * self.far.agreement


def scored(space: Space, masks: list[Mask]) -> np.ndarray:
    """(candidates,) agreement expected in the middle of a gap with each candidate covariance.

    A masked section is farther from what predicts it than a place between two sections is, and smooths too much; a cell
    among those of its own section is mostly nearer. What lies between is taken, by how much is left unknown.
    """
    return _between(space, masks, [_score(space, covariance, masks) for covariance in space.candidates])


def _between(space: Space, masks: list[Mask], scores: list[Score]) -> np.ndarray:
    middle = [i for i, covariance in enumerate(space.candidates) if covariance is space.expected.covariance][0]
    near, far = scores[middle].near.unknown, scores[middle].far.unknown
    there = np.mean([_unknown(space, space.expected.predict(_mid_gap(mask, space.expected.depths))[1])
                     for mask in masks])
    share = float(np.clip((there - near) / (far - near), 0, 1)) if far != near else 0.5
    return np.array([score.at(share) for score in scores])


def _score(space: Space, covariance: Covariance, masks: list[Mask]) -> Score:
    expected = space.expected.reading_with(covariance)
    near = [own_section_mean(expected, space.latent, mask) for mask in masks]
    return Score(_told(space, masks, near), _masked(expected, space, masks, follow=False))


def _masked(expected: ExpectedExpression, space: Space, masks: list[Mask], follow: bool) -> Told:
    return _told(space, masks, [masked_mean(expected, space.latent, mask, follow) for mask in masks])


def _told(space: Space, masks: list[Mask], found: list[tuple[np.ndarray, np.ndarray]]) -> Told:
    """From the mean (n, genes) and variance (n, groups) of each mask's cells."""
    alike = [agreement(mask.truth, mean) for mask, (mean, _) in zip(masks, found, strict=True)]
    return Told(float(np.mean(alike)), float(np.mean([_unknown(space, variance) for _, variance in found])))


def _unknown(space: Space, variance: np.ndarray) -> float:
    importance = np.bincount(space.expected.covariance.group, (space.latent.decode**2).sum(1))
    return float(variance.mean(0) @ importance)


def _mid_gap(mask: Mask, depths: np.ndarray) -> np.ndarray:
    """The cells of a masked section (n, 3) um in the middle of the gaps beside it, by turns in either."""
    middle, s = (depths[:-1] + depths[1:]) / 2, mask.section
    beside = middle[max(s - 1, 0) : s + 1]
    return np.column_stack([mask.xyz[:, :2], beside[np.arange(len(mask.xyz)) % len(beside)]])
