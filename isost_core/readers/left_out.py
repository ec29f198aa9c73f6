"""Cells of a section that would spoil it: without a place, off the tissue, far from all others, without any counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from isost_core.errors import InputError
from isost_core.sections.spacing import neighbour_distances

if TYPE_CHECKING:
    import pandas as pd

    from isost_core.readers.piece import Piece

NO_PLACE_SHARE = 0.5  # of a section's cells that may lack a place
FEWEST = 10  # places; of fewer nobody can say which is far
EDGE = 0.05  # share of cells at either end of an axis that don't count for the width of the tissue
GROUP = 3  # cells that lie far away together
OUTSIDE = 1.0  # widths of the tissue that a far cell lies outside of it
ALONE, SPARSE = 20.0, 5.0  # how far the next ones are: times the usual distance; times that of the sparse parts
FAR_GROUP = 100.0  # widths outside, at which a larger group is no piece of tissue either
FEW_GENES = 50  # in a panel of fewer a cell can well be without any counts
EMPTY_SHARE = 0.5  # of a section's cells without any counts, above which the section is at fault
OFF = ("0", "0.0", "false", "f", "no", "n")


class Why(StrEnum):
    """Why cells are left out, in the words of a note about several."""

    NO_PLACE = "have no place (x, y or depth is missing or infinite)"
    OFF_TISSUE = "lie off the tissue (in_tissue is 0)"
    FAR = "lie far from all others"
    EMPTY = "have no counts at all"


@dataclass(frozen=True)
class LeftOut:
    """Cells of a section that are left out, or kept all the same: why, how many, and one of them with its place."""

    why: Why
    n: int
    cell: str
    place: tuple[float, ...]
    kept: bool = False


def with_places(piece: Piece, key: str, keep_all: bool) -> Piece:
    """The section less its cells that have no place, are off the tissue or far from all others; as it is where most
    have no place.

    key : of its positions; keep_all : leave out only those without a place
    """
    xy = piece.header.coordinates[key][piece.rows, :2]
    along = [depth for depth in (piece.depth, piece.depth_in_units) if depth is not None]
    placed = np.asarray(np.isfinite(np.column_stack([xy, *along])).all(axis=1))
    if (~placed).sum() > NO_PLACE_SHARE * len(placed):
        return piece
    out = [(Why.NO_PLACE, ~placed)]
    if not keep_all:
        off = _off_tissue(piece.header.obs, piece.rows) & placed
        off &= not off[placed].all()
        on = placed & ~off
        away = np.zeros(len(xy), bool)
        away[on] = far(xy[on])
        out += [(Why.OFF_TISSUE, off), (Why.FAR, away)]
    for why, cells in out:
        piece = _noted(piece, why, cells, xy)
    return _of_rows(piece, ~np.any([cells for _, cells in out], axis=0))


def check_placed(pieces: Sequence[Piece], key: str) -> None:
    """Refuse a section of whose cells most have no place."""
    for piece in pieces:
        xy = piece.header.coordinates[key][piece.rows, :2]
        if not np.isfinite(xy).all() or not (piece.depth is None or np.isfinite(piece.depth).all()):
            raise InputError(_unplaced(piece, xy))


def with_counts(piece: Piece, key: str, counted: np.ndarray, n_genes: int, keep_all: bool) -> Piece:
    """The section less its cells without any counts, unless the panel is small or the section has hardly others.

    counted : (cells of the file,) whether a cell has a value other than zero
    """
    empty = ~counted[piece.rows]
    if keep_all or not empty.any():
        return piece
    keep = n_genes < FEW_GENES or empty.mean() > EMPTY_SHARE
    piece = _noted(piece, Why.EMPTY, empty, piece.header.coordinates[key][piece.rows, :2], keep)
    return piece if keep else _of_rows(piece, ~empty)


def far(xy: np.ndarray) -> np.ndarray:
    """Which of the places (n, 2) lie so far from all others, alone or by two or three, that they are no tissue.

    They are outside the tissue by its width, and many times the usual distance from the next ones; a separate
    piece of tissue is neither.
    """
    places, which = np.unique(xy, axis=0, return_inverse=True)
    if len(places) < FEWEST:
        return np.zeros(len(xy), bool)
    cut = max(GROUP, int(np.ceil(EDGE * len(places))))
    ordered = np.sort(places, axis=0)
    low, high = ordered[min(cut, len(places) // 2 - 1)], ordered[-1 - min(cut, len(places) // 2 - 1)]
    width = float((high - low).max())
    outside = np.maximum(low - places, places - high).max(axis=1)
    if width <= 0 or not (outside > OUTSIDE * width).any():
        return np.zeros(len(xy), bool)
    near = neighbour_distances(places, GROUP)
    alone = near[:, -1] > np.maximum(ALONE * np.median(near[:, 0]), SPARSE * np.quantile(near[:, -1], 1 - EDGE))
    gone = ((outside > OUTSIDE * width) & alone) | (outside > FAR_GROUP * width)
    return gone[which.ravel()]


def _off_tissue(obs: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    """Which cells the file says are not on the tissue."""
    column = next((c for c in obs.columns if str(c).casefold().replace("_", "") == "intissue"), None)
    if column is None:
        return np.zeros(len(rows), bool)
    return obs[column].iloc[rows].astype(str).str.casefold().isin(OFF).to_numpy()


def _noted(piece: Piece, why: Why, cells: np.ndarray, xy: np.ndarray, kept: bool = False) -> Piece:
    if not cells.any():
        return piece
    one = int(np.flatnonzero(cells)[0])
    name = str(piece.header.obs.index[piece.rows[one]])
    return replace(piece, left_out=(*piece.left_out, LeftOut(why, int(cells.sum()), name, tuple(xy[one]), kept)))


def _of_rows(piece: Piece, keep: np.ndarray) -> Piece:
    if keep.all():
        return piece
    depth, in_units = (None if one is None else one[keep] for one in (piece.depth, piece.depth_in_units))
    return replace(piece, rows=piece.rows[keep], depth=depth, depth_in_units=in_units)


def _unplaced(piece: Piece, xy: np.ndarray) -> str:
    bad = int((~np.isfinite(xy).all(axis=1)).sum())
    if bad:
        return (f"{piece.where}: {bad} of {len(xy)} cells have no position (x or y is missing or infinite). Remove "
                "these cells or correct their coordinates.")
    bad = int((~np.isfinite(np.asarray(piece.depth))).sum())
    return (f"{piece.where}: {bad} of {len(xy)} cells have no depth in {piece.depth_source}. Fill it in, or give the "
            "depth of each section in µm.")


def words_of(pieces: Sequence[Piece]) -> list[str]:
    """Notes on the cells that were left out of the sections, one for each reason."""
    found = [(piece, one) for piece in pieces for one in piece.left_out]
    reasons = dict.fromkeys((one.why, one.kept) for _, one in found)
    return [_words(why, kept, [(p.name, one) for p, one in found if (one.why, one.kept) == (why, kept)])
            for why, kept in reasons]


def _words(why: Why, kept: bool, found: Sequence[tuple[str, LeftOut]]) -> str:
    total = sum(one.n for _, one in found)
    section, first = found[0]
    where = ", ".join(f"{name} ({one.n:,})" for name, one in found[:8]) + (", ..." if len(found) > 8 else "")
    counts = f": {where}" if total > 1 else ""
    example = f"{'It is' if total == 1 else 'One is'} '{first.cell}' of section '{section}'{_at(first.place)}."
    what, were = _number(total, why), "was" if total == 1 else "were"
    if kept:
        return f"{what}{counts}. {example} Kept, since the panel is small or most cells of a section are like this."
    again = "" if why is Why.NO_PLACE else " To keep such cells, choose so under 'How the files are read' " \
                                           "(--keep-all-cells)."
    return f"{what} and {were} left out{counts}. {example}{again}"


def _number(total: int, why: Why) -> str:
    if total > 1:
        return f"{total:,} cells {why}"
    verb, _, rest = str(why).partition(" ")
    return f"1 cell {'has' if verb == 'have' else verb + 's'} {rest}"


def _at(place: Iterable[float]) -> str:
    x, y = place
    return f" at x {x:.6g}, y {y:.6g}" if np.isfinite([x, y]).all() else ""
