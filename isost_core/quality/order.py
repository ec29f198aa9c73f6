"""Whether the sections lie in the order that their expression speaks for.

Neighbours agree best in the right order. Orders are told apart by the pairs of neighbours that only one of them has:
gene by gene, since a gene that agrees less across more tissue does so for most pairs. A section of poor quality agrees
less with all others; its pairs are therefore also compared after division by what its own halves agree at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from isost_core.quality.findings import AGREES, Finding
from isost_core.quality.section_pairs import FEW_CELLS, Part, by_gene_agreement, halves_agreement
from isost_core.words import both, listed, number, percent

FAR_APART = 3  # places in the stack: pairs farther apart are compared only where something speaks for it
FEW_SECTIONS = 8  # of which all pairs are compared
LOWEST_RISES = 0.04  # in a better order found by the mean, the lowest agreement of neighbours
ORDER_GAIN, ORDER_SHARE = 0.035, 0.08  # of the mean agreement of neighbours
CLEAR, ALSO_CLEAR = 0.75, 0.65  # share of genes that agree better; the same beside what halves agree at
CLEAR_GAIN, MOVED_GAIN = 0.015, 0.035  # median over genes: two neighbours exchanged; another section moved
LEAST_GENES = 8  # that agree at all
SOME = 0.1  # agreement of a gene from which it is counted


@dataclass(frozen=True)
class BetterOrder:
    """What the agreement of sections says of their order.

    order : places in the present stack, in the better order; the present one where none is better
    gain : of the mean agreement of neighbours, over `mean`, the present one
    share : of the genes that agree better so, over the pairs of neighbours that differ
    untold : places k for which nothing tells whether section k or k + 1 comes first
    clear : whether the mean alone shows it; else a section that is cut or lies wrong in the plane may look so too
    """

    order: list[int]
    gain: float
    mean: float
    share: float = 0.0
    untold: tuple[int, ...] = ()
    clear: bool = False

    def unless(self, disturbed: bool) -> BetterOrder:
        """The same; the present order if it is not clear and a section is cut or lies wrong in the plane."""
        return replace(self, order=sorted(self.order), gain=0.0, share=0.0) if disturbed and not self.clear else self


def find_better_order(parts: Sequence[Part], rng: np.random.Generator) -> BetterOrder:
    """The order that the agreement of sections speaks for; of fewer than three sections the present one."""
    if len(parts) < 3:
        return BetterOrder(list(range(len(parts))), 0.0, 0.0)
    few = [part.thinned(FEW_CELLS, rng) for part in parts]
    halves = np.array([np.nan_to_num(halves_agreement(part, rng)) for part in few])
    return better_order(agreement_table(few), halves)


def agreement_table(parts: Sequence[Part]) -> np.ndarray:
    """(sections, sections, genes) agreement of pairs up to FAR_APART places apart, and of sections that may lie in the
    wrong place with all; NaN for other pairs and on the diagonal."""
    n = len(parts)
    table = np.full((n, n, parts[0].judged.shape[1]), np.nan)

    def fill(i: int, j: int) -> None:
        if i != j and np.isnan(table[i, j]).all():
            table[i, j] = table[j, i] = np.nan_to_num(by_gene_agreement(parts[i], parts[j]))

    for i in range(n):
        for j in range(i + 1, n if n <= FEW_SECTIONS else min(i + 1 + FAR_APART, n)):
            fill(i, j)
    for i in _out_of_place(_middle(table)) if n > FEW_SECTIONS else ():
        for j in range(n):
            fill(i, j)
    return table


def _out_of_place(seen: np.ndarray) -> list[int]:
    """Sections whose neighbours agree better with each other than with them; first and last, if as far as those beside
    them they agree less than is usual."""
    n, next_to = len(seen), np.diag(seen, 1)
    between = [k for k in range(1, n - 1) if seen[k - 1, k + 1] > max(seen[k - 1, k], seen[k, k + 1])]
    ends = [k for k, r in ((0, next_to[0]), (n - 1, next_to[-1])) if r < 0.75 * np.median(next_to)]
    return between + ends


def better_order(table: np.ndarray, halves: np.ndarray) -> BetterOrder:
    """The order in which neighbours agree best, of those that exchange two sections or move one.

    table : (sections, sections, genes); halves : (sections, genes) agreement of the halves of each section
    """
    now, seen = list(range(len(table))), _middle(table)
    steps = [_exchanged(now, k, k + 1) for k in now[:-1]]
    told = [_compared(table, halves, now, order) for order in steps]
    clear = _by_mean(seen)
    found = clear or _by_genes(table, halves, seen, steps, CLEAR_GAIN) or _by_genes(
        table, halves, seen, _tried(now), MOVED_GAIN)
    untold = tuple(k for k, (gain, share, _, changed) in enumerate(told) if changed and
                   _agree(seen, halves, k, k + 1) and (abs(gain) < CLEAR_GAIN or 1 - CLEAR < share < CLEAR))
    mean = float(np.diag(seen, 1).mean())
    if found is None:
        return BetterOrder(now, 0.0, mean, 0.0, untold)
    return BetterOrder(found, _mean_of(seen, found) - mean, mean, _compared(table, halves, now, found)[1], untold,
                       clear is not None)


def _by_mean(seen: np.ndarray) -> list[int] | None:
    """The order with the highest mean agreement, where that is clearly higher than now.

    The lowest agreement of neighbours must rise too, to half the mean at least: a section that agrees with none is not
    put right by a place at the end, where it has one neighbour less.
    """
    now = list(range(len(seen)))
    mean, lowest = _mean_of(seen, now), _lowest_of(seen, now)
    better = [(m, order) for order in _tried(now) if np.isfinite(m := _mean_of(seen, order))
              and _lowest_of(seen, order) > max(lowest + LOWEST_RISES, m / 2)]
    best, order = max(better, default=(-np.inf, now))
    return order if best - mean >= max(ORDER_GAIN, ORDER_SHARE * max(mean, 0)) else None


def _by_genes(table: np.ndarray, halves: np.ndarray, seen: np.ndarray, orders: Iterable[list[int]],
              least_gain: float) -> list[int] | None:
    """The order that most genes speak for, of those in which sections that are moved agree with their neighbours."""
    now, best, found = list(range(len(seen))), 0.0, None
    for order in orders:
        moved = {now[k] for k in now if order[k] != k}
        if not all(_agree(seen, halves, *pair) for pair in _pairs(order) if moved & set(pair)):
            continue
        gain, share, also, changed = _compared(table, halves, now, order)
        if share >= CLEAR and also >= ALSO_CLEAR and gain >= least_gain and gain * changed > best:
            best, found = gain * changed, order
    return found


def _compared(table: np.ndarray, halves: np.ndarray, now: list[int],
              order: list[int]) -> tuple[float, float, float, int]:
    """Of the neighbours that differ: gain in agreement of the median gene; share of genes that gain, as they are and
    beside what halves agree at; number of pairs. All 0 where too few genes agree at all."""
    left, new = _pairs(now) - _pairs(order), _pairs(order) - _pairs(now)
    changed = [*sorted(left), *sorted(new)]
    if not changed:
        return 0.0, 0.0, 0.0, 0
    r = np.array([table[pair] for pair in changed])
    reach = np.array([np.sqrt(np.clip(halves[i], 0.02, 1) * np.clip(halves[j], 0.02, 1)) for i, j in changed])
    some = r.mean(0) > SOME
    if not np.isfinite(r).all() or some.sum() < LEAST_GENES:
        return 0.0, 0.5, 0.5, len(new)
    n = len(left)
    gain, also = ((v[n:].mean(0) - v[:n].mean(0))[some] for v in (r, r / reach))
    return float(np.median(gain)), float((gain > 0).mean()), float((also > 0).mean()), len(new)


def _agree(seen: np.ndarray, halves: np.ndarray, i: int, j: int) -> bool:
    """Whether two sections agree with each other: if not, which comes first is not the question."""
    reach = min(np.median(halves[i]), np.median(halves[j]))
    return bool(seen[i, j] >= min(AGREES, 0.75 * max(reach, 0.05)))


def _pairs(order: list[int]) -> set[tuple[int, int]]:
    return {(min(p), max(p)) for p in zip(order[:-1], order[1:], strict=True)}


def _tried(now: list[int]) -> list[list[int]]:
    n = len(now)
    return ([_exchanged(now, i, j) for i in range(n) for j in range(i + 1, n)]
            + [_shifted(now, i, j) for i in range(n) for j in range(n) if abs(i - j) > 1])


def _exchanged(order: list[int], i: int, j: int) -> list[int]:
    new = order.copy()
    new[i], new[j] = new[j], new[i]
    return new


def _shifted(order: list[int], i: int, j: int) -> list[int]:
    new = order.copy()
    new.insert(j, new.pop(i))
    return new


def _middle(table: np.ndarray) -> np.ndarray:
    return np.median(table, axis=-1)


def _mean_of(seen: np.ndarray, order: list[int]) -> float:
    """Mean agreement of neighbours in an order; NaN where it is not known."""
    return float(seen[order[:-1], order[1:]].mean())


def _lowest_of(seen: np.ndarray, order: list[int]) -> float:
    return float(seen[order[:-1], order[1:]].min())


def order_findings(names: Sequence[str], better: BetterOrder) -> list[Finding]:
    """The stack in another order, where neighbours agree clearly better in it; neighbours whose order cannot be told
    from the cells."""
    order, mean = better.order, better.mean
    displaced = tuple(names[k] for k, o in enumerate(order) if o != k)
    found = []
    if displaced:
        severe = better.gain >= 2 * ORDER_GAIN and mean + better.gain >= AGREES
        found.append(Finding(
            "order", "severe" if severe else "warning", listed(displaced),
            f"{both(displaced)} look swapped" if len(displaced) == 2 else "The sections look out of order",
            f"Neighbours agree at r = {number(mean)} in the present order. They would agree at r = "
            f"{number(mean + better.gain)} in the order {', '.join(names[o] for o in order)} (or the same backwards). "
            f"{percent(better.share)} of the genes agree better there.",
            "Check the depths of these sections, and correct them on the page Sections.", float(better.gain),
            displaced))
    untold = [k for k in better.untold if not {names[k], names[k + 1]} & set(displaced)]
    if untold:
        pairs = listed(f"{names[k]} and {names[k + 1]}" for k in untold)
        found.append(Finding(
            "order", "note", listed(f"{names[k]} – {names[k + 1]}" for k in untold),
            "The cells do not show which section comes first",
            f"The genes agree about as well with these sections swapped: {pairs}. If they were swapped, this check "
            "would not notice.", "Compare the order with your notes from cutting.", float(len(untold)),
            tuple(dict.fromkeys(n for k in untold for n in names[k:k + 2]))))
    return found
