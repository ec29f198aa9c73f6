"""The latent space of a stack and the candidates for its covariance, chosen by masking training sections."""

from dataclasses import dataclass

import numpy as np

from isost_core.covariance import FAR, NEAR, fit_covariance, sample_pairs, shrunk
from isost_core.field import Field, bin_width, make_anchors
from isost_core.latent import fit_latent
from isost_core.masking import agreement, sampled_cells

SHRINKS = (0.0, 0.5, 1.0)  # of the covariance of each group of axes towards that of all axes
CELLS_PER_AXIS = (10, 30)  # measured cells that an axis rests on: few axes where cells are few and noisy


@dataclass(frozen=True)
class Stack:
    """Sections and their geometry: xyz (n, 3) um and section number (n,) of all cells, each at its own depth;
    spacing_um, irregular : see isost_core.graph"""

    sections: object
    xyz: np.ndarray
    number: np.ndarray
    spacing_um: float
    irregular: float


@dataclass(frozen=True)
class Space:
    """A latent space, the covariances to choose from, and the mean field with one of them."""

    latent: object
    candidates: list
    field: Field


def choose_space(stack, config, device, rng):
    """Space of the stack: with as many axes as there may be, or with fewer where these predict masked sections better.

    Few axes are less than the cells' noise can be told from; on clear data every axis counts. The score is that of
    `masking.agreement`, on cells of each inner section predicted without it.
    """
    counts = {int(max(2, min(config.factors, len(stack.sections.genes), len(stack.xyz) // n))) for n in CELLS_PER_AXIS}
    spaces = [_make_space(stack, config, device, axes, rng) for axes in sorted(counts, reverse=True)]
    if len(spaces) == 1:
        return spaces[0]
    masks = sampled_cells(stack.sections, config.masked_cells, rng)
    return max(spaces, key=lambda space: _score(space, masks))


def axes_of(stack, axes, rng):
    """Latent space of a number of axes."""
    near = sample_pairs(stack.xyz, stack.number, NEAR * stack.spacing_um, FAR * stack.spacing_um, 200_000, rng)[:2]
    return fit_latent(stack.sections.cells.X, stack.number, near, axes)


def _make_space(stack, config, device, axes, rng):
    latent = axes_of(stack, axes, rng)
    values = latent.transform(stack.sections.cells.X)
    grouped, pooled = (fit_covariance(values, stack.xyz, stack.number, stack.spacing_um, n, rng)
                       for n in (config.groups, 1))
    candidates = [shrunk(grouped, pooled, share) for share in SHRINKS]
    by_section = [stack.xyz[stack.number == k, :2] for k in range(len(stack.sections.names))]
    width = bin_width(by_section, grouped, (latent.decode**2).sum(1))
    anchors = make_anchors(stack.xyz, stack.number, values, width)
    field = Field(*anchors, stack.sections.depths, candidates[1], config.anchors, device)
    return Space(latent, candidates, field)


def _score(space, masks):
    means = (space.latent.expression(space.field.predict(xyz, without=s)[0]) for s, xyz, _ in masks)
    return float(np.mean([agreement(truth, mean) for mean, (_, _, truth) in zip(means, masks, strict=True)]))
