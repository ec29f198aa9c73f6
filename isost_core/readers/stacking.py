"""The order in which sections lie in their stack, where it comes from, and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from isost_core.errors import InputError
from isost_core.readers.name_order import NameOrder, order_of
from isost_core.readers.names import name_of
from isost_core.readers.options import ReadOptions, Source
from isost_core.readers.piece import Piece

MOST_SHOWN = 12  # names of an order, and orders


@dataclass(frozen=True, eq=False)
class Stacking:
    """Sections in the order that was taken.

    source : OPTION, DECLARED (the file orders its categories) or NAMES
    doubt : what has to be asked about the order, '' where nothing has; notes : what was decided
    """

    pieces: list[Piece]
    source: Source
    doubt: str = ""
    notes: tuple[str, ...] = ()


def stacked(pieces: Sequence[Piece], options: ReadOptions) -> Stacking:
    """Sections in the order that was given, else that of their file's ordered categories, else that of their names."""
    if options.order is not None:
        return Stacking(_as_given(pieces, options.order), Source.OPTION)
    by_name = order_of([p.name for p in pieces])
    declared = _declared_order(pieces)
    if declared is not None:
        note = (f"{pieces[0].header.file}: sections are in the order of the categories of column "
                f"'{pieces[0].section_key}'.")
        plain = sorted(declared, key=lambda k: pieces[k].name) == declared  # an order that nobody chose
        others = [by_name.order] if plain and by_name.by_value else []
        return _made(pieces, [tuple(declared), *others], Source.DECLARED, (note,))
    if len({id(p.header) for p in pieces}) > 1 and any(p.section_key for p in pieces):
        return _of_several_files(pieces, by_name)
    return _made(pieces, [by_name.order, *by_name.others], Source.NAMES, by_name.notes, by_name.twins)


def resolve(names: Iterable[str], pieces: Sequence[Piece], what: str) -> list[int]:
    """Position in `pieces` of each name: a section's name, or the stem or name of its file."""
    found = []
    for name in names:
        hits = [i for i, p in enumerate(pieces) if p.name == name]
        hits = hits or [i for i, p in enumerate(pieces) if name in p.aliases]
        if len(hits) != 1:
            known = ", ".join(p.name for p in pieces)
            raise InputError(f"{what} '{name}' is not the name of a section. The sections are: {known}.")
        found.append(hits[0])
    return found


def _as_given(pieces: Sequence[Piece], order: Sequence[str]) -> list[Piece]:
    places = resolve(order, pieces, "In the order,")
    if len(set(places)) < len(places):
        raise InputError(f"The order names a section twice: {', '.join(order)}. Name every section once.")
    missing = [p.name for i, p in enumerate(pieces) if i not in places]
    if missing:
        raise InputError(f"The order leaves out: {', '.join(missing)}. Name every section once.")
    return [pieces[i] for i in places]


def _declared_order(pieces: Sequence[Piece]) -> list[int] | None:
    """Order of the categories, where all sections are of one file whose column says that these have an order."""
    header, key = pieces[0].header, pieces[0].section_key
    if key is None or any(p.header is not header for p in pieces):
        return None
    values: Any = header.obs[key]
    if not (hasattr(values, "cat") and values.cat.ordered):
        return None
    codes = [int(values.cat.codes.iloc[p.rows[0]]) for p in pieces]
    return sorted(range(len(pieces)), key=lambda k: codes[k])


def _of_several_files(pieces: Sequence[Piece], by_name: NameOrder) -> Stacking:
    """Sections of several files that name them: by file and then by name, unless only their own names have values."""
    headers = list({id(p.header): p.header for p in pieces}.values())
    files = order_of([name_of(h.path) for h in headers])
    if by_name.by_value and not files.by_value:
        return _made(pieces, [by_name.order, *by_name.others], Source.NAMES, by_name.notes, by_name.twins)
    places = [[k for k, p in enumerate(pieces) if p.header is h] for h in headers]
    within = [order_of([pieces[k].name for k in mine]) for mine in places]
    first = [[mine[k] for k in one.order] for mine, one in zip(places, within, strict=True)]
    orders = [_joined(order, first) for order in (files.order, *files.others)]
    for i, one in enumerate(within):
        for other in one.others:
            changed = [places[i][k] for k in other]
            orders.append(_joined(files.order, [*first[:i], changed, *first[i + 1:]]))
    if by_name.by_value and orders[0] not in (by_name.order, *by_name.others):
        orders.append(by_name.order)
    notes = [note for one in (files, *within) for note in one.notes]
    return _made(pieces, orders, Source.NAMES, notes)


def _joined(order: Iterable[int], parts: Sequence[list[int]]) -> tuple[int, ...]:
    return tuple(k for place in order for k in parts[place])


def _made(pieces: Sequence[Piece], orders: Sequence[tuple[int, ...]], source: Source, notes: Sequence[str],
          twins: tuple[int, int] | None = None) -> Stacking:
    orders, doubt = list(dict.fromkeys(orders)), ""
    named = [_listed([pieces[k].name for k in order]) for order in orders]
    if len(orders) > 1:
        doubt = (f"The names of the sections can be read in {'two' if len(orders) == 2 else 'several'} orders: "
                 f"{'; or '.join(named[:MOST_SHOWN])}.")
    elif twins:
        first, second = (pieces[k].name for k in twins)
        doubt = f"The names of the sections '{first}' and '{second}' do not say which of the two comes first."
    return Stacking([pieces[k] for k in orders[0]], source, doubt, tuple(dict.fromkeys(notes)))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_SHOWN]) + (", ..." if len(names) > MOST_SHOWN else "")


def asked(doubt: str, pieces: Sequence[Piece]) -> InputError:
    """The question about the order, as the error that stops the reading."""
    names = [p.name for p in pieces]
    mark = ";" if any("," in name for name in names) else ","
    return InputError(f"{doubt} Give the right order, on the command line with --order \"{mark.join(names)}\" or "
                      "another.")
