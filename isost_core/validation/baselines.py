"""Simple reconstructions that a model has to beat: four ways to place cells, and means of expression at any place.

Fitted to the training sections alone; nothing of a held-out section is used. Expression of sampled cells is always
that of the measured cell a predicted one stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from isost_core.sections.expression import dense
from isost_core.sections.spacing import cell_spacing, even_subset
from isost_core.sections.stack import Sections, stack_positions
from isost_core.validation.kernel_ridge import fit_ridge
from isost_core.validation.metrics import Predicted
from isost_core.validation.smoothers import (
    Components,
    Predictor,
    TrainingCells,
    fit_components,
    fit_kernel,
    fit_neighbours,
    fit_splines,
)

Field = Callable[[np.ndarray], np.ndarray]  # points (n, 2) um -> displacements (n, 2) um

COPY, UNION, MOVED = "copy of the nearest section", "both neighbours, by distance", "optimal-transport displacement"
BETWEEN = "sliced-Wasserstein barycentre"
THROUGH_PCS = "both neighbours, through 50 PCs"
PLACES = (COPY, UNION, MOVED, BETWEEN)
MEAN_PLACES = (COPY, UNION, MOVED)  # at which means are evaluated
OWN = "own values"
MEANS = {
    "k-NN 10 a side": lambda cells, seed: fit_neighbours(cells, 10),
    "k-NN 20 a side": lambda cells, seed: fit_neighbours(cells, 20),
    "k-NN 50 a side": lambda cells, seed: fit_neighbours(cells, 50),
    "k-NN 100 a side": lambda cells, seed: fit_neighbours(cells, 100),
    "Gaussian kernel, both neighbours": lambda cells, seed: fit_kernel(cells, seed, neighbours_only=True),
    "Gaussian kernel, all sections": lambda cells, seed: fit_kernel(cells, seed),
    "radial basis on 50 PCs": lambda cells, seed: fit_splines(cells, seed),
    "kernel ridge": lambda cells, seed: fit_ridge(cells, seed),
}
PAIRED_CELLS = 1500  # of each section, between which the optimal transport is solved
FOLLOWED = 4  # paired cells whose displacement the others share
SIDES, STEPS = 24, 60  # directions that cells are seen along in a step towards the barycentre, and steps


@dataclass(frozen=True, eq=False)
class Placed:
    """Cells of a predicted section: xy (n, 2) µm, and source (n,), the training cell that each stands for."""

    xy: np.ndarray
    source: np.ndarray


def training_cells(sections: Sections, genes: slice | np.ndarray = slice(None)) -> TrainingCells:
    """TrainingCells of a stack, with the values of some genes (by index)."""
    xyz, number = stack_positions(sections)
    X = dense(sections.X[:, genes], np.float32)
    return TrainingCells(xyz, number, X, sections.depths, cell_spacing(sections))


class Baselines:
    """Simple reconstructions of one stack, each fitted when first asked for.

    Parameters
    ----------
    cells : TrainingCells
    means : names of MEANS to offer; all by default
    """

    def __init__(self, cells: TrainingCells, means: Sequence[str] = tuple(MEANS), seed: int = 0) -> None:
        self.cells, self.names, self.seed = cells, tuple(means), seed
        self._means: dict[str, Predictor] = {}

    def mean_at(self, name: str, xy: np.ndarray, depth: float) -> tuple[np.ndarray, np.ndarray | None]:
        """Mean (n, genes) and sd, or None, of a method of MEANS at places (n, 2) µm of one depth."""
        if name not in self._means:
            self._means[name] = MEANS[name](self.cells, self.seed)
        return self._means[name](np.column_stack([xy, np.full(len(xy), float(depth))]))

    @cached_property
    def _components(self) -> Components:
        return fit_components(self.cells.values, 50, standardise=True)

    def predict(self, depth: float, places: Sequence[str] = PLACES,
                more: Mapping[str, np.ndarray] | None = None) -> Iterator[tuple[str, str, Predicted]]:
        """Every baseline at one depth.

        Parameters
        ----------
        depth : float, µm
        places : names of PLACES to evaluate; means are at those of MEAN_PLACES among them
        more : {name: (n, 2) µm} further places, at which means alone are evaluated

        Yields
        ------
        (method, places, Predicted) : method is 'own values', 'both neighbours, through 50 PCs' or a name of MEANS
        """
        placed = {name: place_cells(self.cells, name, depth, self.seed) for name in places}
        for name, cells in placed.items():
            own = self.cells.values[cells.source]
            yield OWN, name, Predicted(cells.xy, own, own, z=np.full(len(own), depth))
        if UNION in placed:
            cells = placed[UNION]
            space = self._components
            own = space.decode(space.encode(self.cells.values[cells.source]))
            yield THROUGH_PCS, UNION, Predicted(cells.xy, own, own, z=np.full(len(own), depth))
        everywhere = {name: cells.xy for name, cells in placed.items() if name in MEAN_PLACES} | dict(more or {})
        ends = np.cumsum([len(xy) for xy in everywhere.values()])[:-1]
        for method in self.names:
            mean, sd = self.mean_at(method, np.concatenate(list(everywhere.values())), depth)
            means, sds = np.split(mean, ends), [None] * len(everywhere) if sd is None else np.split(sd, ends)
            for (name, xy), m, s in zip(everywhere.items(), means, sds, strict=True):
                X = self.cells.values[placed[name].source] if name in placed else None
                yield method, name, Predicted(xy, m, X, s, np.full(len(xy), depth))


def place_cells(cells: TrainingCells, way: str, depth: float, seed: int = 0) -> Placed:
    """Placed cells of a predicted section by one of PLACES."""
    rng = np.random.default_rng(seed)
    around = cells.around(depth)
    if way == COPY:
        rows = cells.rows(max(around, key=lambda part: part[1])[0])
        return Placed(cells.xyz[rows, :2], rows)
    kept = []
    for section, weight in around:
        rows = cells.rows(section)
        kept.append(np.sort(rng.choice(rows, int(round(weight * len(rows))), replace=False)))
    source = np.concatenate(kept)
    if way == UNION or len(around) < 2:
        return Placed(cells.xyz[source, :2], source)
    (below, _), (above, share) = around
    ends = cells.xyz[cells.rows(below), :2], cells.xyz[cells.rows(above), :2]
    if way == BETWEEN:
        return Placed(barycentre(cells.xyz[source, :2], *ends, share, rng), source)
    move = displacements(*ends, rng)
    here = [move[0](cells.xyz[kept[0], :2]) * share, move[1](cells.xyz[kept[1], :2]) * (1 - share)]
    return Placed(cells.xyz[source, :2] + np.concatenate(here), source)


def barycentre(xy: np.ndarray, lower: np.ndarray, upper: np.ndarray, share: float,
               rng: np.random.Generator) -> np.ndarray:
    """Points (n, 2) µm moved to the sliced-Wasserstein barycentre of two sections (Rabin et al., 2011).

    Seen along any direction, the points come to lie where both sections do, `share` of the way from the lower to the
    upper one, rank by rank. Each step goes along SIDES random directions; later ones are shorter, so that they settle.
    """
    middle = (np.arange(len(xy)) + 0.5) / len(xy)
    for step in range(STEPS):
        angle = rng.uniform(0, np.pi, SIDES)
        sides = np.stack([np.cos(angle), np.sin(angle)])
        low, high = (_quantiles(part @ sides, middle) for part in (lower, upper))
        seen = xy @ sides
        order = np.argsort(seen, axis=0)
        move = np.empty_like(seen)
        np.put_along_axis(move, order, (1 - share) * low + share * high, axis=0)
        xy = xy + (move - seen) @ sides.T * 2 / SIDES / (1 + step / STEPS)
    return xy


def _quantiles(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Quantiles (at, columns) of each column; the k-th of n sorted values is that of (k + 0.5) / n."""
    place = (np.arange(len(values)) + 0.5) / len(values)
    return np.stack([np.interp(at, place, column) for column in np.sort(values, axis=0).T], axis=1)


def displacements(lower: np.ndarray, upper: np.ndarray, rng: np.random.Generator) -> tuple[Field, Field]:
    """Displacement fields (points -> (n, 2) µm) from one section to the other and back.

    Exact optimal transport (squared distance) between equally many cells of both, spread evenly over the tissue;
    any other place moves as the nearest four of them do.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]
    from scipy.spatial.distance import cdist

    n = min(len(lower), len(upper), PAIRED_CELLS)
    a, b = (part[even_subset(part, n, rng)] for part in (lower, upper))
    b = b[linear_sum_assignment(cdist(a, b, "sqeuclidean"))[1]]

    def field(start: np.ndarray, end: np.ndarray) -> Field:
        tree = cKDTree(start)
        return lambda xy: (end - start)[tree.query(xy, k=min(FOLLOWED, n))[1]].reshape(len(xy), -1, 2).mean(1)

    return field(a, b), field(b, a)
