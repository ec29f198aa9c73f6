"""Doubled structures: two layers in the predicted tissue where each section around it shows one.

A mean between two sections is a blend of both. Where a structure moves farther than its own width from one section to
the next, and the prediction does not follow it, the blend shows it twice: once where the section below has it, once
where the section above has it.

For a gene and a gap the smooth predicted field is read on a grid at three depths: at the section below (a), at the one
above (b) and in the middle of the gap (m); all less the gene's background. Smooth fields, not cells, and only places
that stand out from the field's own error together with their neighbours: so noise and scattered cells make no
structures. Places where a stands out and places where b does are paired by optimal transport. A pair p, q is doubled
where a falls by half from p to q and b from q to p, m stands out at both, and drops between them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from isost_core.model.model import BridgeModel

MOST_GENES = 200  # of the strongest spatial structure
LEAST_STRUCTURE = 0.05  # share of a gene's variance that is spatial
GRID = 72  # most points along a side
MOST_PAIRS = 256
LEAST_PART = 0.02  # of the tissue, that a structure takes
HIGH = 0.85  # quantile above which a field stands out
BACKGROUND = 0.25  # quantile
ERRORS = 3.0  # standard errors of the field that a structure stands above the background
SPREADS = 1.5  # standard deviations of the gene's spatial variation in the whole stack that it does so
FALL = 0.5  # of a structure's height, from where it is to where the other section has it
LEFT = 0.25  # of a structure's height, that the middle of the gap must still show
VALLEY = 0.8  # of the lower of two ends: m falls below it between them
BETWEEN = np.arange(1, 8) / 8  # places on the way from p to q
SHARE = 0.3  # of the pairs, above which a structure is called doubled


@dataclass(frozen=True)
class Plane:
    """Square grid over the tissue: point (i, j) lies at origin + step_um * (i, j); sides are multiples of 3."""

    origin: np.ndarray
    step_um: float
    shape: tuple[int, int]

    @property
    def xy(self) -> np.ndarray:
        """(points, 2) um, the last axis of the grid fastest."""
        return self.origin + self.step_um * np.argwhere(np.ones(self.shape, bool))


@dataclass(frozen=True)
class Gap:
    """One gene about one gap, on a Plane: a, b, m (x, y) less the background; tissue (x, y) of both sections; least,
    the height above the background of what counts as a structure."""

    plane: Plane
    a: np.ndarray
    b: np.ndarray
    m: np.ndarray
    tissue: np.ndarray
    least: float


def find_doubles(model: BridgeModel, tell: Callable[[float], None] | None = None) -> list[dict[str, Any]]:
    """Structures that the prediction doubles, the most striking first.

    Parameters
    ----------
    model : BridgeModel; tell : called with the finished fraction

    Returns
    -------
    list of dict: gene, below and above (names of the sections), share (of the pairs that are doubled), apart_um
    (median distance of the two layers)
    """
    structure = model.decoder.structure
    genes = np.argsort(-structure, kind="stable")[:MOST_GENES]
    genes = genes[structure[genes] >= LEAST_STRUCTURE]
    spread = np.sqrt(structure) * model.latent.scale
    names, depths, plane = model.sections.names, model.depths, _plane(model)
    tissue = [_tissue(model, name, plane) for name in names]
    above, found = _layer(model, plane, depths[0], genes), []
    for gap, pair in enumerate(zip(names[:-1], names[1:], strict=True)):
        below, above = above, _layer(model, plane, depths[gap + 1], genes)
        middle = _layer(model, plane, depths[gap:gap + 2].mean(), genes)
        shared = tissue[gap] & tissue[gap + 1]
        for g, gene in enumerate(genes):
            fields = [layer[0][g] for layer in (below, above, middle)]
            error = max(float(np.median(layer[1][g][shared])) for layer in (below, above)) if shared.any() else 0
            share, apart = doubled(_gap(plane, fields, shared, float(max(ERRORS * error, SPREADS * spread[gene]))))
            if share > SHARE:
                found.append({"gene": model.sections.genes[gene], "below": pair[0], "above": pair[1],
                              "share": round(share, 3), "apart_um": round(apart, 1)})
        if tell:
            tell((gap + 1) / (len(names) - 1))
    return sorted(found, key=lambda double: -double["share"])


def _plane(model: BridgeModel) -> Plane:
    xy = model.sections.xy
    low, size = xy.min(0), np.ptp(xy, axis=0)
    step = max(model.spacing_um, size.max() / (GRID - 1))
    nx, ny = (int(3 * np.ceil((s / step + 1) / 3)) for s in size)
    return Plane(low, float(step), (nx, ny))


def _tissue(model: BridgeModel, name: str, plane: Plane) -> np.ndarray:
    """Which points (x, y) of a plane lie at cells of a section."""
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    cells = model.sections.xy[model.sections.rows(name)]
    near = cKDTree(cells).query(plane.xy)[0] < 1.5 * max(plane.step_um, model.spacing_um)
    return near.reshape(plane.shape)


def _layer(model: BridgeModel, plane: Plane, depth: float, genes: np.ndarray) -> list[np.ndarray]:
    """Expected expression of genes on a plane at a depth, and its standard error, each (genes, x, y).

    Blocks of 3 x 3 points share one solve.
    """
    nx, ny = (n // 3 for n in plane.shape)
    middle = np.indices((nx, ny)).reshape(2, -1).T * 3 + 1
    points = np.column_stack([plane.origin + plane.step_um * middle, np.full(nx * ny, depth)])
    around = np.column_stack([np.indices((3, 3)).reshape(2, -1).T - 1, np.zeros(9)]) * plane.step_um
    latent, variance = model.expected(points, around)
    made = []
    for read, values in ((model.latent.expression, latent), (model.decoder.mean_sd, variance)):
        blocks = read(values.reshape(-1, values.shape[-1]), genes).reshape(nx, ny, 3, 3, len(genes))
        made.append(blocks.transpose(4, 0, 2, 1, 3).reshape(len(genes), *plane.shape))
    return made


def _gap(plane: Plane, fields: list[np.ndarray], tissue: np.ndarray, least: float) -> Gap:
    a, b, m = fields
    ground = np.quantile(np.concatenate([a[tissue], b[tissue]]), BACKGROUND) if tissue.any() else 0
    return Gap(plane, a - ground, b - ground, m - ground, tissue, least)


def doubled(gap: Gap) -> tuple[float, float]:
    """Share of the pairs of a Gap that are doubled, and their median distance (um)."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    a, b, m = gap.a, gap.b, gap.m
    p, q = _standing_out(a, gap), _standing_out(b, gap)
    least = max(8, LEAST_PART * gap.tissue.sum())
    if min(len(p), len(q)) < least or _stays(p, b, q) or _stays(q, a, p):
        return 0.0, 0.0
    n = min(len(p), len(q), MOST_PAIRS)
    p, q = (rows[np.linspace(0, len(rows) - 1, n).astype(int)] for rows in (p, q))
    i, j = linear_sum_assignment(cdist(p, q, "sqeuclidean"))
    p, q = p[i], q[j]
    way = np.rint(p[:, None] + BETWEEN[:, None] * (q - p)[:, None]).astype(int)
    at_p, at_q = tuple(p.T), tuple(q.T)
    twice = ((a[at_q] < FALL * a[at_p]) & (b[at_p] < FALL * b[at_q])
             & (m[at_p] > LEFT * a[at_p]) & (m[at_q] > LEFT * b[at_q])
             & (m[way[..., 0], way[..., 1]].min(1) < VALLEY * np.minimum(m[at_p], m[at_q])))
    if not twice.any():
        return 0.0, 0.0
    return float(twice.mean()), float(np.median(np.linalg.norm(p - q, axis=1)[twice])) * gap.plane.step_um


def _stays(places: np.ndarray, other: np.ndarray, others: np.ndarray) -> bool:
    """Whether too many of a structure's places stand out in the other section as well for it to be doubled."""
    return (other[tuple(places.T)] < FALL * other[tuple(others.T)].max()).mean() < SHARE


def _standing_out(field: np.ndarray, gap: Gap) -> np.ndarray:
    """Places (n, 2) of a grid in the tissue where a field is among its highest, with at least half of what is around
    them."""
    from scipy.ndimage import uniform_filter

    here = field[gap.tissue]
    if not len(here):
        return np.zeros((0, 2), int)
    least = max(np.quantile(here, HIGH), FALL * np.quantile(here, 0.98), gap.least)
    high = gap.tissue & (field >= least)
    return np.argwhere(high & (uniform_filter(high.astype(np.float32), 3) >= 0.5))
