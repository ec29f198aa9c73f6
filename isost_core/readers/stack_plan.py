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
from isost_core.readers import shared_genes
from isost_core.readers.header import Header
from isost_core.readers.layout import coordinates_key, differs, find_pieces, growth, with_units
from isost_core.readers.left_out import check_placed, with_places, words_of
from isost_core.readers.options import ReadOptions, SectionInfo, Source
from isost_core.readers.piece import Piece
from isost_core.readers.section_column import what_could
from isost_core.readers.stacking import Stacking, asked, resolve
from isost_core.sections import noun
from isost_core.sections.nearest import apart
from isost_core.sections.scale import width_of
from isost_core.sections.stack import MIN_CELLS
from isost_core.words import plain


@dataclass(frozen=True, eq=False)
class StackPlan:
    """What is known of a stack before its values are read.

    pieces : its sections, in stacking order; order_from : DECLARED (by the depths or ordered categories of the file),
    OPTION or NAMES; order_doubt : what has to be asked about the order, '' where nothing has; order_notes : on it
    headers : of the files that have them, in the order in which these were given
    key : of the positions, in every file
    genes : that all files have, in the order of the first; dropped : that some file lacks; gene_notes : on them
    """

    pieces: tuple[Piece, ...]
    order_from: Source
    headers: tuple[Header, ...]
    key: str
    genes: tuple[str, ...]
    dropped: tuple[str, ...]
    order_doubt: str = ""
    order_notes: tuple[str, ...] = ()
    gene_notes: tuple[str, ...] = ()

    def sections(self) -> tuple[SectionInfo, ...]:
        """One row per section, to be shown."""
        return tuple(_info(number, piece, self) for number, piece in enumerate(self.pieces, start=1))

    def noun_of(self, piece: Piece) -> str:
        """What one cell of a section is: a cell, spot, bead or bin."""
        if piece.header.noun or piece.header.phantom:
            return piece.header.noun or noun.CELL
        return noun.told_by(piece.header.coordinates[self.key][piece.rows, :2], piece.um_per_unit)

    def notes(self) -> list[str]:
        """What the user should know about how the files were understood."""
        notes = [note for header in self.headers for note in header.notes] + list(self.order_notes)
        notes += dict.fromkeys(f"{p.header.file}: no column names the sections, so cells of one depth are one section."
                               for p in self.pieces if p.by_depth)
        notes += words_of(self.pieces) + list(self.gene_notes)
        if self.dropped:
            named = ", ".join(self.dropped[:10]) + (", ..." if len(self.dropped) > 10 else "")
            notes.append(f"{len(self.dropped)} genes are not in every file and were left out: {named}.")
        if self.key not in (keys.SPATIAL, keys.ALIGNED):
            notes.append(f"Positions were read from '{self.key}'.")
        elif self.key == keys.ALIGNED and any(keys.SPATIAL in h.coordinates for h in self.headers):
            notes.append(f"Positions were read from '{keys.ALIGNED}', not from '{keys.SPATIAL}'.")
        if other := _other_scale(self.pieces, self.key):
            notes.append(other)
        notes += dict.fromkeys(note for p in self.pieces if (note := _depth_note(p)))
        for h in self.headers:
            if h.coordinates[self.key].shape[1] == 3 and not any("third" in p.depth_source for p in self.pieces):
                notes.append(f"{h.file}: the third column of '{self.key}' was not used as depth.")
        return notes


def _other_scale(pieces: Sequence[Piece], key: str) -> str:
    """That sections are much wider or narrower in the positions of `key` than in obsm['spatial']."""
    found = [(p, ratio) for p in pieces if differs(ratio := growth(p, key))] if key == keys.ALIGNED else []
    if not found:
        return ""
    ratio = float(np.median([ratio for _, ratio in found]))
    who = "sections are" if len(found) == len(pieces) else f"{', '.join(p.name for p, _ in found[:8])}: sections are"
    return (f"In '{key}' {who} {plain(ratio)} times as wide as in '{keys.SPATIAL}', so both cannot be in µm. If "
            f"'{keys.SPATIAL}' is in µm, one unit of '{key}' is {plain(1 / ratio)} µm.")


def _depth_note(piece: Piece) -> str:
    """What was taken for the unit of a depth that the documented layout does not settle."""
    scale = piece.um_per_unit
    if piece.depth_in_units is not None:
        unit = "" if scale is None else f", {scale:g} µm"
        return f"Depth is the {piece.depth_source}, in the unit of x and y{unit}."
    if piece.depth_key is not None:
        return f"Depth is the {piece.depth_source}, taken as µm."
    of_column = piece.depth_from is Source.DECLARED and piece.depth_source != f"column '{keys.Z_UM}'"
    return f"Depth is {piece.depth_source}, taken as µm." if of_column and scale not in (None, 1.0) else ""


def _info(number: int, piece: Piece, plan: StackPlan) -> SectionInfo:
    xy = piece.header.coordinates[plan.key][piece.rows, :2]
    xy = xy[np.isfinite(xy).all(1)]
    return SectionInfo(order=number, name=piece.name, file=piece.header.file, n_cells=len(piece.rows),
                       n_genes=len(piece.header.genes), unit="unknown" if piece.um_per_unit is None else "µm",
                       um_per_unit=piece.um_per_unit, unit_from=piece.unit_from, depth_um=piece.depth_um,
                       depth_from=Source.ASKED if piece.depth_um is None else piece.depth_from,
                       depth_source=piece.depth_source, kind=piece.header.kind, noun=plan.noun_of(piece),
                       width=width_of(xy) if len(xy) else 0.0, spacing=apart(xy),
                       has_image=piece.image is not None,
                       depth_in_units=None if piece.depth_in_units is None else float(piece.depth_in_units.mean()))


def plan_of_all(headers: Sequence[Header], options: ReadOptions) -> StackPlan:
    """Plan of all sections, those that are held out among them; what nobody said stays open."""
    headers = shared_genes.renamed(headers)
    return _plan(find_pieces(headers, options), (), headers, options)


def plan_to_read(headers: Sequence[Header], options: ReadOptions) -> StackPlan:
    """Plan of the sections that are not held out, in the order of depth; what is not known yet is an InputError."""
    headers = shared_genes.renamed(headers)
    found = find_pieces(headers, options)
    gone = resolve(options.hold_out, found.pieces, "Held-out section")
    _check_enough([p for i, p in enumerate(found.pieces) if i not in gone], options.hold_out)
    plan = _plan(found, gone, headers, options)
    check_placed(plan.pieces, plan.key)
    _check_units(plan.pieces, plan.key)
    in_depth = _by_depth(plan.pieces)
    if plan.order_doubt:
        raise asked(plan.order_doubt, found.pieces)
    return replace(plan, pieces=tuple(in_depth))


def _plan(found: Stacking, gone: Collection[int], headers: Sequence[Header], options: ReadOptions) -> StackPlan:
    used = {id(p.header) for i, p in enumerate(found.pieces) if i not in gone}
    headers = [h for h in headers if id(h) in used]
    shared = shared_genes.find(headers)
    key = coordinates_key(headers, options)
    pieces = with_units(found.pieces, key, options)
    kept = [with_places(p, key, options.keep_all_cells) for i, p in enumerate(pieces) if i not in gone]
    found = _by_own_depth(replace(found, pieces=kept), options)
    return StackPlan(tuple(found.pieces), found.source, tuple(headers), key, shared.genes, shared.dropped,
                     found.doubt, found.notes, shared.notes)


def _by_own_depth(found: Stacking, options: ReadOptions) -> Stacking:
    """Sections that each have a depth of their own lie in its order, whatever their names say."""
    own = [_own_depth(p, options) for p in found.pieces]
    if any(depth is None for depth in own):
        return found
    order = sorted(range(len(own)), key=lambda i: own[i] or 0.0)
    pieces = [found.pieces[i] for i in order]
    if options.order is None:
        return Stacking(pieces, found.pieces[0].depth_from)
    notes = () if pieces == found.pieces else ("The order that you gave was not used. Sections lie in the order of "
                                               "their depths.",)
    return replace(found, pieces=pieces, notes=notes)


def _own_depth(piece: Piece, options: ReadOptions) -> float | None:
    """Mean depth, in any unit, where it does not come from the place of the section in the order."""
    if piece.depth_in_units is not None:
        depth = float(piece.depth_in_units.mean())
    elif piece.depth_from is Source.DECLARED or isinstance(options.depths, dict):
        depth = piece.depth_um
    else:
        return None
    return depth if depth is not None and np.isfinite(depth) else None


def _check_enough(pieces: Sequence[Piece], hold_out: Sequence[str]) -> None:
    if len(pieces) < 2:
        left = f"only '{pieces[0].name}'" if pieces else "none"
        after = f" after holding out {', '.join(hold_out)}" if hold_out else ""
        could = what_could(pieces[0].header) if len(pieces) == 1 and pieces[0].section_key is None else ""
        raise InputError(f"A reconstruction needs at least two sections, found {left}{after}. Add the neighbouring "
                         f"sections, or name the column that separates the sections of a file.{could}")
    for p in pieces:
        if len(p.rows) < MIN_CELLS:
            raise InputError(f"{p.where} has {len(p.rows)} cells, but a section needs at least {MIN_CELLS}. Leave this "
                             "section out, or check that the file is complete.")


def _check_units(pieces: Sequence[Piece], key: str) -> None:
    unknown = [p for p in pieces if p.um_per_unit is None]
    if other := _other_scale(unknown, key):
        raise InputError(f"{other} Name the positions to use (--spatial-key {keys.SPATIAL}), or give the µm per "
                         f"unit of '{key}' (--um-per-unit).")
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
