"""The order of sections by their names, or the orders where the names can be read in more than one way."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from isost_core.readers.name_parts import Number, cleaned, parts, readings

ROMAN = re.compile(r"M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
WORDS = (("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
         ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
         ("anterior", "middle", "posterior"), ("rostral", "middle", "caudal"), ("dorsal", "middle", "ventral"),
         ("superior", "middle", "inferior"), ("proximal", "middle", "distal"), ("apical", "middle", "basal"),
         ("top", "middle", "bottom"), ("head", "trunk", "tail"), ("left", "middle", "right"))
SAME_WORD = {"mid": "middle", "central": "middle", "medial": "middle", "center": "middle", "centre": "middle",
             "ant": "anterior", "post": "posterior", "sup": "superior", "inf": "inferior", "prox": "proximal",
             "dist": "distal", "rost": "rostral", "caud": "caudal", "bot": "bottom"}
LONGEST = 400  # characters of a name that are looked at


@dataclass(frozen=True)
class NameOrder:
    """Orders of names, each as their places.

    order : the likeliest; others : what else the names can mean; twins : two names that say the same
    notes : what was decided, in words
    by_value : whether numbers, letters or words that have an order tell all of them apart
    """

    order: tuple[int, ...]
    others: tuple[tuple[int, ...], ...] = ()
    notes: tuple[str, ...] = ()
    by_value: bool = False
    twins: tuple[int, int] | None = None


@dataclass(frozen=True)
class _Slot:
    """One place of the names: a key for each; kind 'number', 'roman', 'letter', 'letters', 'order' or 'word'."""

    kind: str
    keys: tuple[Any, ...]

    @property
    def tells_all(self) -> bool:
        return self.kind != "word" and len(set(self.keys)) == len(self.keys)

    def order(self) -> tuple[int, ...]:
        return _sorted(self.keys)


def order_of(names: Sequence[str]) -> NameOrder:
    """Order of names by the values of the numbers in them, with everything else that they can mean."""
    if len(names) < 2:
        return NameOrder(tuple(range(len(names))))
    texts = [cleaned(name[:LONGEST]) for name in names]
    found: dict[tuple[int, ...], None] = {}
    kinds: dict[str, None] = {}
    by_value, tied = True, None
    for reading in readings(texts):
        slots = _slots([parts(text, reading) for text in texts])
        orders, valued = _orders(slots, len(names))
        found |= dict.fromkeys(orders)
        if not any(s.kind == "number" and s.tells_all for s in slots):
            kinds |= dict.fromkeys(s.kind for s in slots)
        by_value &= valued
        tied = _twins(slots, orders[0]) if tied is None else tied and _twins(slots, orders[0])
    order, *others = found
    return NameOrder(order, tuple(others), tuple(_notes(kinds, by_value)), by_value, tied or None)


def _slots(names: Sequence[list[str | Number]]) -> list[_Slot]:
    """The places at which the names differ."""
    found = []
    for place in range(max(map(len, names))):
        values = [name[place] if place < len(name) else None for name in names]
        slot = _of_numbers(values) if place % 2 else _of_text([str(v or "") for v in values])
        if len(set(slot.keys)) > 1:
            found.append(slot)
    return found


def _of_numbers(values: Sequence[Any]) -> _Slot:
    return _Slot("number", tuple(v or () for v in values))


def _of_text(texts: Sequence[str]) -> _Slot:
    folded = tuple(re.sub(r"[\W_]+", "", t).casefold() for t in texts)
    cores = _cores([re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+", t) for t in texts])
    if cores is None:
        return _Slot("word", folded)
    if all(cores) and any(len(c) > 1 for c in cores) and all(ROMAN.fullmatch(c) for c in cores):
        return _Slot("roman", tuple(map(_roman, cores)))
    if all(len(c) < 3 for c in cores) and any(len(c) == 1 for c in cores):
        return _Slot("letters" if any(len(c) > 1 for c in cores) else "letter", tuple((len(c), c) for c in cores))
    for words in WORDS:
        known = [SAME_WORD.get(c.casefold(), c.casefold()) for c in cores]
        if set(known) <= set(words):
            return _Slot("order", tuple(map(words.index, known)))
    return _Slot("word", folded)


def _cores(texts: Sequence[list[str]]) -> list[str] | None:
    """The one word of each text that is left without what all begin and end with; None where more is left."""
    texts = [list(t) for t in texts]
    for end in (0, -1):
        while all(len(t) > 0 for t in texts) and len({t[end].casefold() for t in texts}) == 1:
            for t in texts:
                t.pop(end)
    return [t[0].upper() if t else "" for t in texts] if all(len(t) < 2 for t in texts) else None


def _roman(text: str) -> int:
    values = [ROMAN_DIGITS[c] for c in text]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))


def _orders(slots: Sequence[_Slot], n: int) -> tuple[list[tuple[int, ...]], bool]:
    """Every order that the places allow, the likeliest first; whether values tell all names apart."""
    from_left = _sorted(tuple(zip(*(s.keys for s in slots), strict=True)) if slots else tuple(range(n)))
    alone = list(dict.fromkeys(s.order() for s in slots if s.tells_all))
    if not alone:
        return [from_left], bool(slots) and all(s.kind != "word" for s in slots)
    groups = slots[0].kind != "word" or len(set(slots[0].keys)) < n
    return list(dict.fromkeys([*alone, from_left] if groups else alone)), True


def _sorted(keys: Sequence[Any]) -> tuple[int, ...]:
    return tuple(sorted(range(len(keys)), key=lambda k: keys[k]))


def _twins(slots: Sequence[_Slot], order: Sequence[int]) -> tuple[int, int] | None:
    """Two names that differ in no place."""
    for a, b in itertools.pairwise(order):
        if all(s.keys[a] == s.keys[b] for s in slots):
            return a, b
    return None


def _notes(kinds: Iterable[str], by_value: bool) -> Iterator[str]:
    if "roman" in kinds:
        yield "Sections are in the order of the Roman numerals in their names."
    if "letters" in kinds:
        yield "Sections are in the order of the letters in their names. AA comes after Z."
    if "order" in kinds:
        yield "Sections are in the order of the words in their names, such as first or anterior."
    if not by_value:
        yield ("No number in the names of the sections tells their order, so they are in the order of the alphabet. "
               "Check it.")
