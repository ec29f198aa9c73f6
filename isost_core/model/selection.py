"""The latent space of a stack and the candidates for its covariance, chosen by masking training sections."""

from dataclasses import dataclass

import numpy as np

from isost_core.model.covariance import FAR, NEAR, fit_covariance, sample_pairs, shrunk
from isost_core.model.kriging import Field, bin_width, make_anchors
from isost_core.model.latent import MAX_EXACT_GENES, fit_latent
from isost_core.model.masking import agreement, sampled_cells

SHRINKS = (0.0, 0.5, 1.0)  # of the covariance of each group of axes towards that of all axes
CELLS_PER_COMPONENT = (10, 30)  # measured cells that a principal component rests on: few where cells are few


@dataclass(frozen=True)
class Stack:
    """Sections and their geometry: xyz (n, 3) um and section number (n,) of all cells, each at its own depth;
    spacing_um, irregular : see isost_core.sections.spacing"""

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
    """Space of the stack, in as many principal components as there may be, or in fewer where these do better.

    Few components are what the cells' noise can be told from; on clear data every one counts. They are judged by
    `masking.agreement`, on cells of each inner section predicted without it and within it.
    """
    counts = {component_count(stack, config, cells) for cells in CELLS_PER_COMPONENT}
    spaces = [_make_space(stack, config, device, n, rng) for n in sorted(counts, reverse=True)]
    if len(spaces) == 1:
        return spaces[0]
    masks = sampled_cells(stack.sections, config.masked_cells, rng)
    return max(spaces, key=lambda space: _score(space, masks))


def component_count(stack, config, cells_each):
    """Principal components of a stack, each resting on so many cells; of many genes no more than axes are kept."""
    genes = len(stack.sections.genes)
    return int(max(2, min(genes if genes <= MAX_EXACT_GENES else config.factors, len(stack.xyz) // cells_each)))


def axes_of(stack, config, components, rng):
    """Latent space within a number of principal components."""
    near = sample_pairs(stack.xyz, stack.number, NEAR * stack.spacing_um, FAR * stack.spacing_um, 200_000, rng)[:2]
    return fit_latent(stack.sections.cells.X, stack.number, near, components, config.factors)


def _make_space(stack, config, device, components, rng):
    latent = axes_of(stack, config, components, rng)
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
    """Agreement of cells predicted without their section plus that of cells predicted within it.

    The one is from farther away than the sections will be, and smooths too much; the other from nearer.
    """
    def mean(xyz, **how):
        return space.latent.expression(space.field.predict(xyz, **how)[0])

    return float(np.mean([agreement(truth, mean(xyz, without=s)) + agreement(truth, mean(xyz, within=s))
                          for s, xyz, truth in masks]))
