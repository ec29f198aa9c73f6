"""The latent space of a stack, the candidates for its covariance, and what is expected with one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isost_core.config import Config
from isost_core.model.anchors import AnchorIndex, bin_width, cells_of_a_bin, make_anchors, width_of_groups
from isost_core.model.covariance import FAR, NEAR, Covariance, fit_covariance, measure_covariance, sample_pairs, shrunk
from isost_core.model.geometry import Geometry
from isost_core.model.kriging import ExpectedExpression, LatentCells, make_expected
from isost_core.model.latent import MAX_EXACT_GENES, Latent, fit_latent
from isost_core.sections.stack import stack_positions

SHRINKS = (0.0, 0.5)  # of the covariance of each group of axes towards that of all axes
CELLS_OF_A_PLACE = 8  # at most, in the bins at which the drifts read the expected expression
CELLS_PER_COMPONENT = 10  # measured cells that a principal component rests on


@dataclass(frozen=True, eq=False)
class Space:
    """A latent space, the covariances to choose from, the expected expression with one of them, and bins of cells at
    which the drifts read it."""

    latent: Latent
    candidates: list[Covariance]
    expected: ExpectedExpression
    bins: AnchorIndex


def component_count(geometry: Geometry, config: Config) -> int:
    """Principal components of a stack: as many as its cells can tell, of many genes no more than axes are kept."""
    genes, cells = len(geometry.sections.genes), geometry.sections.n_cells
    most = genes if genes <= MAX_EXACT_GENES else config.factors
    return int(max(2, min(most, cells // CELLS_PER_COMPONENT)))


def axes_of(geometry: Geometry, config: Config, components: int, rng: np.random.Generator) -> Latent:
    """Latent space within a number of principal components."""
    (xyz, number), spacing = stack_positions(geometry.sections), geometry.spacing_um
    near = sample_pairs(xyz, number, NEAR * spacing, FAR * spacing, 200_000, rng)[:2]
    return fit_latent(geometry.sections.X, number, near, components, config.factors)


def make_space(geometry: Geometry, config: Config, device: str, rng: np.random.Generator) -> Space:
    """Latent space of the stack, candidates for its covariance, and kriging with the one that is half shrunk."""
    sections, (xyz, number) = geometry.sections, stack_positions(geometry.sections)
    latent = axes_of(geometry, config, component_count(geometry, config), rng)
    cells = LatentCells(xyz, number, latent.transform(sections.X))
    measured = measure_covariance(cells.values, xyz, number, geometry.spacing_um, rng)
    grouped, pooled = (fit_covariance(measured, geometry.spacing_um, n) for n in (config.groups, 1))
    candidates = [shrunk(grouped, pooled, share) for share in SHRINKS]
    widths = width_of_groups(cells.by_section, candidates[1])
    expected = make_expected(cells, sections.depths, candidates[1], widths, config.anchors, device)
    importance = (latent.decode**2).sum(1)
    clear = float((grouped.signal[grouped.group] * importance).sum() / importance.sum())
    place_um = bin_width(cells.by_section, cells_of_a_bin(clear, CELLS_OF_A_PLACE))
    places = make_anchors(xyz, number, cells.values[:, :0], place_um)
    return Space(latent, candidates, expected, AnchorIndex(places, None, sections.depths, grouped.group))

