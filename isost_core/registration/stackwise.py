"""Registration of a stack: each section laid over its neighbours by position and expression together.

Neighbours and next neighbours are fitted pair by pair (all angles, both mirror states, all shifts, then refined), the
most certain fits join the sections into one frame, and each section is then refined over all its neighbours at once, so
that errors do not add up along depth. The middle section keeps its frame.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.registration.alignment import Alignment, PairFit
from isost_core.registration.features import sampled_rows, section_cells
from isost_core.registration.pairwise import Fit, fit_pair, nearer_fit, residual_um
from isost_core.registration.rasters import Cells, Pose, fit_score, raster_of, refined
from isost_core.registration.warp import bent
from isost_core.sections.agreement import PairAgreement, stack_agreement
from isost_core.sections.images import moved_along, to_text
from isost_core.sections.scale import check_scale
from isost_core.sections.stack import Sections

SWEEPS = 2  # in which every section is refined over its neighbours
SKIPPED = 0.5  # weight of a next neighbour against a neighbour
SURE = 0.02  # score by which the other mirror state, or another place, must lie behind
PART = 0.75  # of the larger section's area: one that is smaller may lie on either side of a tissue with like halves
SURE_OF_PART = 0.2  # the same score where one is
WHOLE = 0.95  # spots (cell spacings) that parts of two sections may not be apart where their fit is sure
CLEAR = 1.5  # agreement over chance below which a fit is not sure

Matrices = dict[int, np.ndarray]  # of sections by their number, (3, 3) each
Fits = dict[tuple[int, int], Fit]  # of section j over section i
Tell = Callable[[float], None]  # called with the share that is done


def align(sections: Sections, hold_out: Collection[str] = (), mirror: bool = True, scale: bool = False,
          smooth: bool = False, seed: int = 0, on_step: Callable[[str, float], None] | None = None) -> Alignment:
    """Register the sections of a stack.

    Parameters
    ----------
    sections : Sections
    hold_out : names of sections that move no other: they are placed last, from their neighbours
    mirror : bool, whether a section may be mirrored; scale : whether it may be stretched as a whole
    smooth : bool, whether sections are bent after the rigid fit, where genes that it was not fitted on agree better
    on_step : called as on_step(what is done, fraction)

    Returns
    -------
    Alignment; the middle one of the sections that are not held out keeps its frame
    """
    tell = on_step or (lambda *_: None)
    check_scale(sections)
    sections._index(hold_out)
    rest = [k for k, name in enumerate(sections.names) if name not in hold_out]
    if not rest:
        raise InputError("All sections are held out. Leave at least one, so that the others can be placed by it.")
    tell("comparing sections", 0.0)
    own = section_cells(sections, rest, seed)
    cells = own.cells
    mirrors = (False, True) if mirror else (False,)
    root = rest[len(rest) // 2]
    fits = _pair_fits(cells, rest, mirrors, lambda f: tell("comparing sections", 0.65 * f))
    poses = _joined(fits, rest, root)
    outwards = [k for k in sorted(rest, key=lambda k: abs(rest.index(k) - rest.index(root))) if k != root]
    _swept(poses, cells, rest, outwards, scale, lambda f: tell("refining the stack", 0.65 + 0.25 * f))
    for k in (k for k in range(len(sections.names)) if k not in poses):
        near = sorted(rest, key=lambda j, k=k: abs(j - k))[:2]
        around = {j: fit_pair(cells[j], cells[k], mirrors) for j in near}
        j = max(around, key=lambda j: around[j].score)
        fits |= {(i, k): fit for i, fit in around.items()}
        poses[k] = poses[j] @ around[j].pose.matrix()
        _swept(poses, cells, near, [k], scale)
    made = Alignment(sections.names, _matrices(poses, own.matrices, root),
                     placed_last=tuple(n for n in sections.names if n in hold_out))
    if smooth:
        made = bent(sections, made, root, seed)
    tell("measuring agreement", 0.93)
    return dataclasses.replace(made, pairs=tuple(_pairs(sections, made, fits, cells, seed)))


def apply_alignment(sections: Sections, alignment: Alignment) -> Sections:
    """The sections in the common frame of an alignment.

    Returns
    -------
    Sections whose obsm['spatial'] is the common frame; the positions they came with are kept in
    obsm['spatial_original'], the alignment in uns
    """
    import anndata

    held: Any = sections.cells
    obsm: Any = {keys.SPATIAL: aligned_positions(sections, alignment),
                 keys.ORIGINAL: np.asarray(held.obsm[keys.SPATIAL])}
    cells = anndata.AnnData(held.X, obs=held.obs.copy(), var=held.var, uns=dict(held.uns),
                            obsm=obsm)
    cells.uns[keys.ALIGNMENT] = json.dumps(alignment.to_dict())
    if sections.images:
        poses = dict(zip(alignment.names, alignment.matrices, strict=True))
        cells.uns[keys.IMAGES] = to_text(moved_along(sections.images, poses))
    by_hand = f"; by hand: {', '.join(alignment.by_hand)}" if alignment.by_hand else ""
    note = f"Sections were registered{by_hand}."
    return Sections.from_log1p(cells, sections.normalize, keys.ALIGNED, sections.hashes, (*sections.notes, note),
                               sections.axis)


def aligned_positions(sections: Sections, alignment: Alignment) -> np.ndarray:
    """Positions (cells, 2) um of all cells in the common frame."""
    xy = np.array(sections.cells.obsm[keys.SPATIAL], dtype=np.float64)
    for name in sections.names:
        rows = sections.rows(name)
        xy[rows] = alignment.points(name, xy[rows])
    return xy


def _pair_fits(cells: Sequence[Cells], rest: Sequence[int], mirrors: Sequence[bool], tell: Tell) -> Fits:
    """Fits of neighbours and next neighbours."""
    near = list(zip(rest[:-1], rest[1:], strict=True))
    skipped = list(zip(rest[:-2], rest[2:], strict=True))
    fits: Fits = {}
    for n, (i, j) in enumerate(near + skipped):
        fits[i, j] = fit_pair(cells[i], cells[j], mirrors)
        if (i, j) in skipped:
            between = rest[rest.index(i) + 1]
            through = fits[i, between].pose.matrix() @ fits[between, j].pose.matrix()
            fits[i, j] = nearer_fit(cells[i], cells[j], fits[i, j], through)
        tell((n + 1) / len(near + skipped))
    return fits


def _joined(fits: Fits, rest: Sequence[int], root: int) -> Matrices:
    """Matrices to the frame of the root along the most certain fits."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

    place = {k: n for n, k in enumerate(rest)}
    cost = np.zeros((len(rest), len(rest)))
    for (i, j), fit in fits.items():
        cost[place[i], place[j]] = 3.0 - fit.score * (1.0 if place[j] - place[i] == 1 else 0.97)
    tree = minimum_spanning_tree(csr_matrix(cost))
    order, before = breadth_first_order(tree, place[root], directed=False)
    poses = {root: np.eye(3)}
    for n in order[1:]:
        k, parent = rest[n], rest[before[n]]
        step = (fits[parent, k].pose.matrix() if (parent, k) in fits
                else np.linalg.inv(fits[k, parent].pose.matrix()))
        poses[k] = poses[parent] @ step
    return poses


def _swept(poses: Matrices, cells: Sequence[Cells], rest: Sequence[int], moving: Sequence[int], scale: bool,
           tell: Tell = lambda _: None) -> None:
    """Refine the moving sections, in place, each over its neighbours among the rest where these lie now."""
    for sweep in range(SWEEPS):
        for n, k in enumerate(moving):
            others = [j for j in rest if j != k and abs(rest.index(j) - _place(rest, k)) <= 2]
            poses[k] = _refined_over(poses, cells, k, {j: _weight(rest, j, k) for j in others}, scale)
            tell((sweep * len(moving) + n + 1) / (SWEEPS * len(moving)))


def _place(rest: Sequence[int], k: int) -> float:
    return rest.index(k) if k in rest else float(np.searchsorted(rest, k)) - 0.5


def _weight(rest: Sequence[int], j: int, k: int) -> float:
    return 1.0 if abs(rest.index(j) - _place(rest, k)) <= 1 else SKIPPED


def _refined_over(poses: Matrices, cells: Sequence[Cells], k: int, weights: dict[int, float],
                  scale: bool) -> np.ndarray:
    """Matrix of section k that fits best over others, each with its weight, where these lie.

    A size is fitted both ways, they over it as well: a raster is smoother than cells, so one way alone has a bias.
    """
    mine = _within(cells[k], poses[k])
    centre = mine.xy.mean(0)
    about = dataclasses.replace(mine, xy=mine.xy - centre)
    beside = [(_within(cells[j], poses[j]), w) for j, w in weights.items()]
    rasters = [(raster_of(other.xy, other, 1.2 * other.spacing), w) for other, w in beside]
    own = raster_of(about.xy, about, 1.2 * about.spacing) if scale else None

    def score(pose: Pose) -> float:
        forth = sum(w * fit_score(raster, about, pose, scale) for raster, w in rasters)
        if own is None:
            return forth
        back = np.linalg.inv(pose.matrix())
        return forth + sum(w * fit_score(own, _within(other, back), Pose(), True) for other, w in beside)

    found = refined(score, Pose(0.0, *centre), 1.5 * mine.spacing, np.radians(1.0), scale)
    away = np.eye(3)
    away[:2, 2] = -centre
    return found.pose.matrix() @ away @ poses[k]


def _within(cells: Cells, matrix: np.ndarray) -> Cells:
    return dataclasses.replace(cells, xy=cells.xy @ matrix[:2, :2].T + matrix[:2, 2],
                               area=cells.area * abs(np.linalg.det(matrix[:2, :2])))


def _matrices(poses: Matrices, frames: Sequence[np.ndarray], root: int) -> np.ndarray:
    """Matrices (sections, 3, 3) from the frame each section came in to that of the root."""
    back = np.linalg.inv(frames[root])
    return np.stack([back @ poses[k] @ frame for k, frame in enumerate(frames)])


def _pairs(sections: Sections, alignment: Alignment, fits: Fits, cells: Sequence[Cells],
           seed: int) -> Iterator[PairFit]:
    rows, xy = sampled_rows(sections, seed), np.asarray(sections.cells.obsm[keys.SPATIAL])
    agreed = stack_agreement(sections, aligned_positions(sections, alignment))
    sides = np.sign(np.linalg.det(alignment.matrices[:, :2, :2]))
    for k, found in enumerate(agreed):
        first, second = (dataclasses.replace(cells[j], xy=alignment.points(
            sections.names[j], xy[rows[j]])) for j in (k, k + 1))
        mirrored, areas = bool(sides[k] != sides[k + 1]), (cells[k].area, cells[k + 1].area)
        residual = residual_um(first, second)
        why = _doubt(fits.get((k, k + 1), fits.get((k + 1, k))), found, mirrored, min(areas) < PART * max(areas))
        if not why and residual >= WHOLE * max(first.spacing, second.spacing):
            why = "parts of them still fit better elsewhere"
        yield PairFit(found.first, found.second, found.r, found.null, residual, mirrored,
                      "low" if why else "high", why)


def _doubt(fit: Fit | None, agreed: PairAgreement, mirrored: bool, part: bool) -> str:
    """Why a fit is not certain, or ''; part: whether one section is much smaller than the other."""
    if agreed.r < CLEAR * max(agreed.null, 0.02):
        return "they agree hardly better than chance"
    if fit is None:
        return ""
    if fit.pose.mirrored != mirrored:
        return "the sections next to them do not confirm which one is mirrored"
    if fit.mirror_margin < (SURE_OF_PART if part else SURE):
        return "its mirror image fits nearly as well"
    if fit.margin < (SURE_OF_PART if part else SURE):
        return "another position fits nearly as well"
    return ""
