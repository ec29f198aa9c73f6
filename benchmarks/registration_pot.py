"""Fused Gromov-Wasserstein transport (POT) beside the registration, for single pairs of neighbouring sections.

Both see the same components of expression (`section_cells`). Transport joins at most CELLS of each section, expression
to position as 1 - ALPHA to ALPHA (PASTE's choice: Zeira et al., 2022, 10.1038/s41592-022-01459-6); the motion is the
rigid one, mirrored or not, that its plan implies. Agreement is that of all cells.
"""

import time

import numpy as np

from isost_core.registration.features import section_cells
from isost_core.registration.stackwise import align, aligned_positions
from isost_core.sections.agreement import stack_agreement

CELLS, ALPHA, PART = 1000, 0.1, 0.8  # PART: of the mass that partial transport moves


def compare(title, sections, supplied):
    """A row for each pair of neighbours; supplied : the same sections in their authors' frame."""
    for first, second in zip(sections.names[:-1], sections.names[1:], strict=True):
        others = [n for n in sections.names if n not in (first, second)]
        pair, own = (s.without(others) if others else s for s in (sections, supplied))
        row = {"stack": title, "pair": f"{first} – {second}", "cells": pair.n_cells, "as it came": _agreement(pair),
               "authors": _agreement(own)}
        for way, positions in (("registration", _registered), ("fused", _transported),
                               ("partial", lambda p: _transported(p, partial=True))):
            began = time.perf_counter()
            made = positions(pair)
            row |= {f"{way} (s)": time.perf_counter() - began, way: _agreement(pair, made)}
        yield row


def _agreement(pair, positions=None):
    return stack_agreement(pair, positions)[0].r


def _registered(pair):
    return aligned_positions(pair, align(pair))


def _transported(pair, partial=False):
    """Positions (cells, 2) um of all cells, the second section laid over the first."""
    import ot

    own = section_cells(pair, [0, 1])
    a, b = (_some(c) for c in own.cells)
    far, near = (ot.dist(c[0], c[0], "euclidean") for c in (a, b))
    size, cost = max(far.max(), near.max()), ot.dist(a[1], b[1], "euclidean")
    of = (cost / cost.max(), far / size, near / size, np.full(len(a[0]), 1 / len(a[0])),
          np.full(len(b[0]), 1 / len(b[0])))
    if partial:  # here the same limit holds for the steps of each linear program: it must be high
        plan = ot.gromov.partial_fused_gromov_wasserstein(*of, m=PART, alpha=ALPHA, numItermax=10**6, tol=1e-6)
    else:
        plan = ot.gromov.fused_gromov_wasserstein(*of, alpha=ALPHA, numItermaxEmd=10**6)
    turn, shift = _rigid(a[0], b[0], plan)
    xy = np.array(pair.cells.obsm["spatial"], dtype=np.float64)
    for k, name in enumerate(pair.names):
        rows = pair.rows(name)
        xy[rows] = xy[rows] @ own.matrices[k][:2, :2].T + own.matrices[k][:2, 2]
        xy[rows] = xy[rows] @ turn.T + shift if k else xy[rows]
    return xy


def _some(cells):
    rows = np.random.default_rng(0).permutation(len(cells.xy))[:CELLS]
    return cells.xy[rows], cells.values[rows]


def _rigid(a, b, plan):
    """Orthogonal matrix and shift that lay b over a with the weights of a plan (Kabsch, 1976; may mirror)."""
    of_a, of_b = plan.sum(1) / plan.sum(), plan.sum(0) / plan.sum()
    mean_a, mean_b = of_a @ a, of_b @ b
    left, _, right = np.linalg.svd((a - mean_a).T @ plan @ (b - mean_b))
    turn = left @ right
    return turn, mean_a - turn @ mean_b
