"""Quality of neighbouring sections: agreement with and without the depth of sequencing, other poses.

Sections of counts may agree only because both have more counts in their middle. Their agreement is therefore judged on
values from which each cell's total has been divided out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isost_core import keys
from isost_core.sections import agreement
from isost_core.sections.expression import dense
from isost_core.sections.spacing import even_subset
from isost_core.sections.stack import Sections

MOST_CELLS = 12_000  # of a section, to compare neighbours
FEW_CELLS = 2000  # of a section, to try other poses and orders
LEAST_GENES = 20  # with fewer, one gene makes up much of a cell's total
TURNS = (0, 90, 180, 270)
POSES = tuple((mirrored, turn) for mirrored in (False, True) for turn in TURNS)
MIRROR_GAIN, MIRROR_GENES = 0.03, 0.85  # in agreement, and share of the genes that gain, of a mirror image that counts
SOME = 0.1  # agreement of a gene from which it is counted


@dataclass(frozen=True)
class Part:
    """Cells of one section that are compared: xy (n, 2) um, raw and judged values (n, genes)."""

    name: str
    xy: np.ndarray
    raw: np.ndarray
    judged: np.ndarray

    def thinned(self, most: int, rng: np.random.Generator) -> Part:
        """The same with at most so many cells."""
        rows = even_subset(self.xy, most, rng)
        return Part(self.name, self.xy[rows], self.raw[rows], self.judged[rows])

    def laid_at(self, xy: np.ndarray) -> Part:
        """The same cells at other positions."""
        return Part(self.name, xy, self.raw, self.judged)


@dataclass(frozen=True, eq=False)
class PoseGain:
    """A section in another pose about the middle of its neighbours, and what it gains in agreement with them.

    turn : degrees, after mirroring; before, after : mean agreement with the neighbours as it lies and in the pose;
    still : the most it agrees at when only shifted; better : share of the genes, at the least over the neighbours, that
    agree better than as it lies and than when only shifted; xy : its cells in the pose, None where no pose gains
    """

    name: str
    gain: float = -np.inf
    mirrored: bool = False
    turn: int = 0
    before: float = 0.0
    after: float = 0.0
    still: float = 0.0
    better: float = 0.0
    xy: np.ndarray | None = None


def is_counts(sections: Sections) -> bool:
    """Whether values before log1p are whole numbers, so that a cell's total is its depth of sequencing."""
    cells: Any = sections.cells
    X = cells.X[:: max(1, sections.n_cells // 500)]
    values = np.expm1(dense(X, np.float64))
    return bool(np.abs(values - np.rint(values)).max(initial=0) <= 1e-3 * max(values.max(initial=1), 1))


def parts_of(sections: Sections, rng: np.random.Generator) -> tuple[list[Part], bool]:
    """A Part per section, of its brightest genes; whether the judged values are free of the cells' totals."""
    cells: Any = sections.cells
    genes = agreement.compared_genes(sections)
    divided = is_counts(sections) and len(sections.genes) >= LEAST_GENES
    middle = np.median(_totals(cells.X)) if divided else 1.0
    parts = []
    for name in sections.names:
        rows = sections.rows(name)
        xy = np.asarray(cells.obsm[keys.SPATIAL])[rows]
        some = even_subset(xy, MOST_CELLS, rng)
        raw = judged = agreement.values_of(sections, rows[some], genes)
        if divided:
            total = np.maximum(_totals(cells.X[rows[some]]), 1e-9)
            judged = np.log1p(np.expm1(raw) * (middle / total)[:, None]).astype(np.float32)
        parts.append(Part(name, xy[some], raw, judged))
    return parts, divided


def _totals(X: Any) -> np.ndarray:
    if hasattr(X, "tocsr"):
        X = X.copy()
        X.data = np.expm1(X.data)
        return np.asarray(X.sum(1)).ravel()
    return np.expm1(X).sum(1)


def pair_rows(parts: Sequence[Part], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """A dict for each pair of neighbours: first, second, r and null as `agreement` defines them, judged and judged_null
    of the values without totals, within: the lower judged agreement of a section's own halves."""
    halves = [_middle(halves_agreement(part, rng)) for part in parts]
    for k, (a, b) in enumerate(zip(parts[:-1], parts[1:], strict=True)):
        raw, null = _agreement(a, b, "raw")
        judged, judged_null = (raw, null) if a.judged is a.raw else _agreement(a, b, "judged")
        yield {"first": a.name, "second": b.name, "r": raw, "null": null, "judged": judged,
               "judged_null": judged_null, "within": min(halves[k], halves[k + 1])}


def _agreement(a: Part, b: Part, which: str) -> tuple[float, float]:
    sides = a.xy, getattr(a, which), b.xy, getattr(b, which)
    return _middle(agreement.pair_agreement(*sides)), agreement.shuffled_agreement(*sides)


def _middle(by_gene: np.ndarray) -> float:
    return float(np.nanmedian(by_gene)) if np.isfinite(by_gene).any() else 0.0


def clearest(parts: Sequence[Part], rng: np.random.Generator) -> int:
    """Place, among the genes compared, of the one with the clearest pattern within sections."""
    by_gene = np.mean([np.nan_to_num(halves_agreement(part.thinned(FEW_CELLS, rng), rng)) for part in parts], 0)
    return int(np.argmax(by_gene))


def halves_agreement(part: Part, rng: np.random.Generator) -> np.ndarray:
    """Agreement (genes,) of the halves of a section."""
    order = rng.permutation(len(part.xy))
    a, b = order[::2], order[1::2]
    return agreement.pair_agreement(part.xy[a], part.judged[a], part.xy[b], part.judged[b])


def pose_gains(parts: Sequence[Part], least_gain: float, rng: np.random.Generator) -> list[PoseGain]:
    """Sections that agree better with their neighbours in another pose, the clearest first.

    Mirror images of a nearly symmetric tissue gain little: where nothing else is found, they are compared on more
    cells, and count where nearly all genes agree better so.
    """
    few = [part.thinned(FEW_CELLS, rng) for part in parts]
    best = [_best_pose(few, k, [(True, turn) for turn in TURNS], strict=False) for k in range(len(few))]
    found = _put_right(few, lambda k: _best_pose(few, k, POSES), lambda pose: pose.gain >= least_gain)
    if found:
        return found
    own = list(parts)
    return _put_right(own, lambda k: _best_pose(own, k, [POSES[0], (True, best[k].turn)])
                      if best[k].gain > -MIRROR_GAIN else PoseGain(own[k].name), looks_mirrored)


def looks_mirrored(pose: PoseGain) -> bool:
    """Whether a pose is a mirror image that nearly all genes agree better in."""
    return pose.mirrored and pose.gain >= MIRROR_GAIN and pose.better >= MIRROR_GENES


def _put_right(parts: list[Part], best_pose: Callable[[int], PoseGain],
               clear: Callable[[PoseGain], bool]) -> list[PoseGain]:
    """Sections, the clearest first, for as long as the best pose of one is clear; each is put right, in place, before
    the others are looked at again, so that its neighbours are not blamed for it. Gains add up over neighbours, so that
    a section at the end is not blamed for the one beside it."""
    found, poses = [], [best_pose(k) for k in range(len(parts))]
    while len(found) < len(parts):
        if not any(map(clear, poses)):
            break
        k = max(range(len(parts)), key=lambda n: (poses[n].after - poses[n].before) * len(_beside(parts, n)))
        pose = poses[k]
        if pose.xy is None:
            break
        found.append(pose)
        parts[k] = parts[k].laid_at(pose.xy)
        done = {row.name for row in found}
        for n in (k - 1, k, k + 1):
            if 0 <= n < len(parts):
                poses[n] = PoseGain(parts[n].name) if parts[n].name in done else best_pose(n)
    return found


def _beside(parts: Sequence[Part], k: int) -> list[Part]:
    return [parts[n] for n in (k - 1, k + 1) if 0 <= n < len(parts)]


def _best_pose(parts: Sequence[Part], k: int, poses: Sequence[tuple[bool, int]], strict: bool = True) -> PoseGain:
    """The pose of a section, of those given (mirrored, turn), about the middle of its neighbours, that agrees with them
    better by the most; strict: with each of them."""
    me, beside = parts[k], _beside(parts, k)
    now = best_now = [by_gene_agreement(me, other) for other in beside]
    before = np.array([_middle(genes) for genes in now])
    centre = np.mean([other.xy.mean(0) for other in beside], 0)
    best, still = PoseGain(me.name), float(before.mean())
    for mirrored, turn in poses:
        xy = _posed(me.xy, mirrored, turn) + centre
        genes = [by_gene_agreement(me.laid_at(xy), other) for other in beside]
        then = np.array([_middle(g) for g in genes])
        if not mirrored and not turn:
            still = max(still, float(then.mean()))
            best_now = [np.fmax(a, b) for a, b in zip(now, genes, strict=True)]
        gain = ((then - before).min() + (then - before).mean()) / 2
        if gain > best.gain and ((then > before).all() or not strict):
            best = PoseGain(me.name, float(gain), mirrored, turn, before=float(before.mean()),
                            after=float(then.mean()), xy=xy,
                            better=min(_share_better(a, b) for a, b in zip(genes, best_now, strict=True)))
    return replace(best, still=still)


def by_gene_agreement(a: Part, b: Part) -> np.ndarray:
    return agreement.pair_agreement(a.xy, a.judged, b.xy, b.judged)


def _share_better(genes: np.ndarray, now: np.ndarray) -> float:
    """Share, of the genes that agree at all in either, that agree better than now."""
    some = np.fmax(genes, now) > SOME
    return float((genes > now)[some].mean()) if some.any() else 0.0


def _posed(xy: np.ndarray, mirrored: bool, turn: int) -> np.ndarray:
    angle = np.deg2rad(turn)
    xy = (xy - xy.mean(0)) * [-1 if mirrored else 1, 1]
    return xy @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
