"""Smooth deformation after the rigid fit: kept only where genes agree better that it was not fitted on."""

import dataclasses

import numpy as np

from isost_core import keys
from isost_core.registration.alignment import Warp
from isost_core.registration.features import sampled_rows, section_cells
from isost_core.registration.pairwise import tile_shifts
from isost_core.sections.agreement import compared_genes, pair_agreement, values_of

ROUNDS = 2  # in which tiles are looked for, from where the last round left them
REACH = 0.25  # of the section's width, over which neighbouring tiles share their shift
CENTRES = 60  # at which a deformation is kept
GAIN = 0.005  # of agreement, on the other genes, that a deformation must bring


def bent(sections, alignment, root, seed=0):
    """The alignment with a Warp for each section that fits better over its neighbour towards the root when bent.

    Shifts of tiles are found on every second gene and judged on the others.
    """
    fitted, judged = (sections_of_genes(sections, start) for start in (0, 1))
    cells, _ = section_cells(fitted, range(len(sections.names)), seed)
    order = sorted((k for k in range(len(sections.names)) if k != root), key=lambda k: abs(k - root))
    for k in order:
        neighbour = k + 1 if k < root else k - 1
        tried = _tried(alignment, fitted, cells, (neighbour, k), seed)
        if tried is not None and _agreement(judged, tried, neighbour, k) > _agreement(
                judged, alignment, neighbour, k) + GAIN:
            alignment = tried
    return alignment


def sections_of_genes(sections, start):
    """The same sections with every second gene."""
    return dataclasses.replace(sections, cells=sections.cells[:, start::2].copy())


def _tried(alignment, sections, cells, pair, seed):
    """The alignment with the second section of a pair bent over the first; None where no tile can be followed."""
    names = [sections.names[k] for k in pair]
    xy = [alignment.points(name, sections.cells.obsm[keys.SPATIAL][sampled_rows(sections, seed)[k]])
          for name, k in zip(names, pair, strict=True)]
    first = dataclasses.replace(cells[pair[0]], xy=xy[0])
    reach, total = REACH * float(np.ptp(xy[1], axis=0).max()), np.zeros_like(xy[1])
    for _ in range(ROUNDS):
        second = dataclasses.replace(cells[pair[1]], xy=xy[1] + total)
        at, shifts = tile_shifts(first, second)
        if len(at) < 3:
            return None
        total += Warp(at, shifts, reach).at(second.xy)
    some = slice(None, None, max(1, len(total) // CENTRES))
    warp = Warp(xy[1][some].tolist(), total[some].tolist(), reach / 2)
    return dataclasses.replace(alignment, warps=alignment.warps | {names[1]: warp})


def _agreement(sections, alignment, *pair):
    genes, parts = compared_genes(sections), []
    for k in pair:
        rows = sections.rows(sections.names[k])
        xy = alignment.points(sections.names[k], sections.cells.obsm[keys.SPATIAL][rows])
        parts += [xy, values_of(sections, rows, genes)]
    return float(np.nanmedian(pair_agreement(*parts)))
