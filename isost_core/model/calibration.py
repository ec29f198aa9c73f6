"""Which covariance to read with: chosen on masked training sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from isost_core.model.covariance import Covariance
from isost_core.model.masking import Mask, agreement, masked_mean, own_section_mean
from isost_core.model.selection import Space


@dataclass(frozen=True, eq=False)
class Choice:
    """The covariance that predicts best, and whether it is read along the shape drift."""

    covariance: Covariance
    follow: bool


def choose(space: Space, masks: list[Mask], tell: Callable[[float], None]) -> Choice:
    """Predict masked training sections from the others; the covariance, and the way of reading it, that does best.

    Candidates are covariances (of each group of axes, more or less shrunk to that of all), each read at fixed places
    or along the shape drift. The score is the correlation of predicted and measured expression over the cells of a
    masked section, and over those predicted with the rest of their section, mean over genes and sections: the one
    alone is taken from a gap twice as wide, and smooths too much.

    tell : called with the finished fraction
    """
    scores: dict[tuple[int, bool], float] = {}
    for n, covariance in enumerate(space.candidates):
        expected = space.expected.reading_with(covariance)
        near = np.mean([agreement(mask.truth, own_section_mean(expected, space.latent, mask)[0]) for mask in masks])
        for follow in (False, True):
            far = np.mean([agreement(mask.truth, masked_mean(expected, space.latent, mask, follow)[0])
                           for mask in masks])
            scores[n, follow] = float(near + far)
        tell((n + 1) / (len(space.candidates) + 1))
    best, follow = max(scores, key=lambda key: scores[key])
    return Choice(space.candidates[best], follow)
