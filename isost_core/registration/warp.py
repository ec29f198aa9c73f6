"""Smooth deformation after the rigid fit: kept only where genes agree better that it was not fitted on."""

from __future__ import annotations

import dataclasses

import numpy as np

from isost_core import keys
from isost_core.registration.alignment import Alignment, Warp
from isost_core.registration.features import sampled_rows, section_cells
from isost_core.registration.pairwise import tile_shifts
from isost_core.registration.rasters import Cells
from isost_core.sections.agreement import brightest_genes, pair_agreement, values_of
from isost_core.sections.stack import Sections

ROUNDS = 2  # in which tiles are looked for, from where the last round left them
REACH = 0.25  # of the section's width, over which neighbouring tiles share their shift
CENTRES = 60  # at which a deformation is kept
GAIN = 0.005  # of agreement, on the other genes, that a deformation must bring


def bent(sections: Sections, alignment: Alignment, root: int, seed: int = 0) -> Alignment:
    """The alignment with a Warp for each section that fits better over its neighbour towards the root when bent.

    Shifts of tiles are found on every second gene and judged on the others.
    """
    fitted, judged = (_with_every_second_gene(sections, start) for start in (0, 1))
    cells = section_cells(fitted, range(len(sections.names)), seed).cells
    order = sorted((k for k in range(len(sections.names)) if k != root), key=lambda k: abs(k - root))
    for k in order:
        neighbour = k + 1 if k < root else k - 1
        tried = _tried(alignment, fitted, cells, neighbour, k, seed)
        if tried is not None and _agreement(judged, tried, neighbour, k) > _agreement(
                judged, alignment, neighbour, k) + GAIN:
            alignment = tried
    return alignment


def _with_every_second_gene(sections: Sections, start: int) -> Sections:
    return dataclasses.replace(sections, cells=sections.cells[:, start::2].copy())


def _tried(alignment: Alignment, sections: Sections, cells: list[Cells], neighbour: int, k: int,
           seed: int) -> Alignment | None:
    """The alignment with section k bent over a neighbour; None where no tile can be followed."""
    rows = sampled_rows(sections, seed)
    fixed, moving = (alignment.points(sections.names[n], sections.cells.obsm[keys.SPATIAL][rows[n]])
                     for n in (neighbour, k))
    first = dataclasses.replace(cells[neighbour], xy=fixed)
    reach, total = REACH * float(np.ptp(moving, axis=0).max()), np.zeros_like(moving)
    for _ in range(ROUNDS):
        second = dataclasses.replace(cells[k], xy=moving + total)
        at, shifts = tile_shifts(first, second)
        if len(at) < 3:
            return None
        total += Warp(at.tolist(), shifts.tolist(), reach).at(second.xy)
    some = slice(None, None, max(1, len(total) // CENTRES))
    warp = Warp(moving[some].tolist(), total[some].tolist(), reach / 2)
    return dataclasses.replace(alignment, warps=alignment.warps | {sections.names[k]: warp})


def _agreement(sections: Sections, alignment: Alignment, a: int, b: int) -> float:
    genes = brightest_genes(sections)
    rows = [sections.rows(sections.names[k]) for k in (a, b)]
    xy = [alignment.points(sections.names[k], sections.cells.obsm[keys.SPATIAL][r]) for k, r in zip((a, b), rows,
                                                                                              strict=True)]
    values = [values_of(sections, r, genes) for r in rows]
    return float(np.nanmedian(pair_agreement(xy[0], values[0], xy[1], values[1])))
