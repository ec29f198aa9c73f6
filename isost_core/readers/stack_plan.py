"""The plan of a stack, made once from the headers of its files and what was said about them.

Which sections there are, in which order, at which depth and in which unit, where each of these comes from, and the
genes that all files have. `scan` shows it, `read_sections` follows it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers.header import Header
from isost_core.readers.layout import coordinates_key, find_pieces, resolve, with_units
from isost_core.readers.left_out import check_placed, with_places, words_of
from isost_core.readers.options import ReadOptions, SectionInfo, Source
from isost_core.readers.piece import Piece
from isost_core.sections.stack import MIN_CELLS


@dataclass(frozen=True, eq=False)
class StackPlan:
    """What is known of a stack before its values are read.

    pieces : its sections, in stacking order; order_from : OPTION or NAMES
    headers : of the files that have them, in the order in which these were given
    key : of the positions, in every file
    genes : that all files have, in the order of the first; dropped : that some file lacks
    """

    pieces: tuple[Piece, ...]
    order_from: Source
    headers: tuple[Header, ...]
    key: str
    genes: tuple[str, ...]
    dropped: tuple[str, ...]

    def sections(self) -> tuple[SectionInfo, ...]:
        """One row per section, to be shown."""
        return tuple(_info(number, piece) for number, piece in enumerate(self.pieces, start=1))

    def notes(self) -> list[str]:
        """What the user should know about how the files were understood."""
        notes = [note for header in self.headers for note in header.notes]
        notes += words_of(self.pieces)
        if self.dropped:
            named = ", ".join(self.dropped[:10]) + (", ..." if len(self.dropped) > 10 else "")
            notes.append(f"{len(self.dropped)} genes are not in every file and were left out: {named}.")
        if self.key not in (keys.SPATIAL, keys.ALIGNED):
            notes.append(f"Positions were read from '{self.key}'.")
        for h in self.headers:
            if h.coordinates[self.key].shape[1] == 3 and not any("third" in p.depth_source for p in self.pieces):
                notes.append(f"{h.file}: the third column of '{self.key}' was not used as depth.")
        return notes


def _info(number: int, piece: Piece) -> SectionInfo:
    return SectionInfo(order=number, name=piece.name, file=piece.header.file, n_cells=len(piece.rows),
                       n_genes=len(piece.header.genes), unit="unknown" if piece.um_per_unit is None else "µm",
                       um_per_unit=piece.um_per_unit, unit_from=piece.unit_from, depth_um=piece.depth_um,
                       depth_from=Source.ASKED if piece.depth_um is None else piece.depth_from,
                       depth_source=piece.depth_source, kind=piece.header.kind, has_image=piece.image is not None)


def plan_of_all(headers: Sequence[Header], options: ReadOptions) -> StackPlan:
    """Plan of all sections, those that are held out among them; what nobody said stays open."""
    return _plan(find_pieces(headers, options), (), headers, options)


def plan_to_read(headers: Sequence[Header], options: ReadOptions) -> StackPlan:
    """Plan of the sections that are not held out, in the order of depth; what is not known yet is an InputError."""
    pieces = find_pieces(headers, options)
    gone = resolve(options.hold_out, pieces, "Held-out section")
    _check_enough([p for i, p in enumerate(pieces) if i not in gone], options.hold_out)
    plan = _plan(pieces, gone, headers, options)
    check_placed(plan.pieces, plan.key)
    _check_units(plan.pieces)
    return replace(plan, pieces=tuple(_by_depth(plan.pieces)))


def _plan(pieces: list[Piece], gone: Collection[int], headers: Sequence[Header], options: ReadOptions) -> StackPlan:
    used = {id(p.header) for i, p in enumerate(pieces) if i not in gone}
    headers = [h for h in headers if id(h) in used]
    genes, dropped = _shared_genes(headers)
    key = coordinates_key(headers, options)
    pieces = with_units(pieces, key, options)
    kept = [with_places(p, key, options.keep_all_cells) for i, p in enumerate(pieces) if i not in gone]
    return StackPlan(tuple(kept),
                     Source.NAMES if options.order is None else Source.OPTION, tuple(headers), key, genes, dropped)


def _check_enough(pieces: Sequence[Piece], hold_out: Sequence[str]) -> None:
    if len(pieces) < 2:
        left = f"only '{pieces[0].name}'" if pieces else "none"
        after = f" after holding out {', '.join(hold_out)}" if hold_out else ""
        raise InputError(f"A reconstruction needs at least two sections, found {left}{after}. Add the neighbouring "
                         "sections, or name the column that separates the sections of a file.")
    for p in pieces:
        if len(p.rows) < MIN_CELLS:
            raise InputError(f"{p.where} has {len(p.rows)} cells, but a section needs at least {MIN_CELLS}. Leave this "
                             "section out, or check that the file is complete.")


def _shared_genes(headers: Sequence[Header]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Genes of the first file that every other file has too, and all genes that some file lacks."""
    common = set.intersection(*(set(h.genes) for h in headers))
    if not common:
        example = "; ".join(f"{h.file} has {', '.join(h.genes[:3])}" for h in headers[:2])
        raise InputError(f"The files share no genes ({example}). Use the same kind of gene name in all of them.")
    return (tuple(g for g in headers[0].genes if g in common),
            tuple(dict.fromkeys(g for h in headers for g in h.genes if g not in common)))


def _check_units(pieces: Sequence[Piece]) -> None:
    unknown = [p for p in pieces if p.um_per_unit is None]
    if unknown:
        named = ", ".join(p.name for p in unknown[:8])
        raise InputError(f"The unit of x and y is not known for: {named}. Give the µm per unit (1 if the coordinates "
                         f"are in µm). Files are taken to be in µm only if they have obs['{keys.SECTION}'], "
                         f"obs['{keys.Z_UM}'] and obsm['{keys.SPATIAL}'].")


def _by_depth(pieces: Sequence[Piece]) -> list[Piece]:
    known = [(p, p.depth) for p in pieces if p.depth is not None]
    if len(known) < len(pieces):
        unknown = next(p for p in pieces if p.depth is None)
        third = [k for k, v in unknown.header.coordinates.items() if v.shape[1] == 3]
        hint = f" obsm['{third[0]}'] has a third column. To use it as depth, name it as the depth key." if third else ""
        raise InputError(f"{unknown.where} has no depth. Give the depth of each section in µm, one gap for all "
                         f"sections, or a column '{keys.Z_UM}'.{hint}")
    return [p for p, depth in sorted(known, key=lambda one: np.mean(one[1]))]
