"""The latent space of a stack and the candidates for its covariance, chosen by masking training sections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isost_core.config import Config
from isost_core.model.covariance import FAR, NEAR, Covariance, fit_covariance, sample_pairs, shrunk
from isost_core.model.geometry import Geometry
from isost_core.model.anchors import AnchorIndex, bin_width, make_anchors, width_of_groups
from isost_core.model.kriging import ExpectedExpression, LatentCells, make_expected
from isost_core.model.latent import MAX_EXACT_GENES, Latent, fit_latent
from isost_core.model.masking import Mask, agreement, masked_mean, own_section_mean, sampled_cells
from isost_core.sections.stack import stack_positions

SHRINKS = (0.0, 0.5, 1.0)  # of the covariance of each group of axes towards that of all axes
CELLS_OF_A_PLACE = 8  # at most, in the bins at which the drifts read the expected expression
CELLS_PER_COMPONENT = (10,)  # measured cells that a principal component rests on: few where cells are few


@dataclass(frozen=True, eq=False)
class Space:
    """A latent space, the covariances to choose from, the expected expression with one of them, and bins of cells at
    which the drifts read it."""

    latent: Latent
    candidates: list[Covariance]
    expected: ExpectedExpression
    bins: AnchorIndex


def choose_space(geometry: Geometry, config: Config, device: str, rng: np.random.Generator) -> Space:
    """Space of the stack, in as many principal components as there may be, or in fewer where these do better.

    Few components are what the cells' noise can be told from; on clear data every one counts. They are judged by
    `masking.agreement`, on cells of each inner section predicted without it and within it.
    """
    counts = {component_count(geometry, config, cells) for cells in CELLS_PER_COMPONENT}
    spaces = [_make_space(geometry, config, device, n, rng) for n in sorted(counts, reverse=True)]
    if len(spaces) == 1:
        return spaces[0]
    masks = sampled_cells(geometry.sections, config.masked_cells, rng)
    return max(spaces, key=lambda space: _score(space, masks))


def component_count(geometry: Geometry, config: Config, cells_each: int) -> int:
    """Principal components of a stack, each resting on so many cells; of many genes no more than axes are kept."""
    genes, cells = len(geometry.sections.genes), geometry.sections.n_cells
    return int(max(2, min(genes if genes <= MAX_EXACT_GENES else config.factors, cells // cells_each)))


def axes_of(geometry: Geometry, config: Config, components: int, rng: np.random.Generator) -> Latent:
    """Latent space within a number of principal components."""
    (xyz, number), spacing = stack_positions(geometry.sections), geometry.spacing_um
    near = sample_pairs(xyz, number, NEAR * spacing, FAR * spacing, 200_000, rng)[:2]
    return fit_latent(geometry.sections.X, number, near, components, config.factors)


def _make_space(geometry: Geometry, config: Config, device: str, components: int, rng: np.random.Generator) -> Space:
    sections, (xyz, number) = geometry.sections, stack_positions(geometry.sections)
    latent = axes_of(geometry, config, components, rng)
    cells = LatentCells(xyz, number, latent.transform(sections.X))
    grouped, pooled = (fit_covariance(cells.values, xyz, number, geometry.spacing_um, n, rng)
                       for n in (config.groups, 1))
    candidates = [shrunk(grouped, pooled, share) for share in SHRINKS]
    widths = width_of_groups(cells.by_section, candidates[1])
    expected = make_expected(cells, sections.depths, candidates[1], widths, config.anchors, device)
    importance = (latent.decode**2).sum(1)
    clear = float((grouped.signal[grouped.group] * importance).sum() / importance.sum())
    places = make_anchors(xyz, number, cells.values[:, :0], bin_width(cells.by_section, clear, CELLS_OF_A_PLACE))
    return Space(latent, candidates, expected, AnchorIndex(places, None, sections.depths, grouped.group))


def _score(space: Space, masks: list[Mask]) -> float:
    """Agreement of cells predicted without their section plus that of cells predicted within it.

    The one is from farther away than the sections will be, and smooths too much; the other from nearer.
    """
    return float(np.mean([agreement(mask.truth, masked_mean(space.expected, space.latent, mask, False)[0])
                          + agreement(mask.truth, own_section_mean(space.expected, space.latent, mask)[0])
                          for mask in masks]))
