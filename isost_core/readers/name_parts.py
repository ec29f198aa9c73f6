"""A section's name as text and numbers, under each reading that the names of its stack allow.

A '-' can be a sign or a separator, a '.' or ',' a decimal point, a separator or one of thousands. What the names show
is settled; what they leave open becomes one `Reading` each.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

UNITS = {"nm": 1e-3, "um": 1.0, "micron": 1.0, "microns": 1.0, "mm": 1e3, "cm": 1e4}  # in µm
AXES = ("bregma", "lambda", "interaural")  # a number after these words has a sign
PERHAPS_AXES = ("ap", "ml", "dv", "x", "y", "z", "depth", "level", "height", "pos", "position")
Number = tuple[float, ...]
MINUS = "\x01"  # a '-' that can only be a sign
QUARTERS = {"0", "00", "5", "50", "25", "75"}  # after a decimal point, not of a version
DECIMAL, SEPARATOR, THOUSANDS = "decimal", "separator", "thousands"

_UNIT = re.compile(rf"\s*({'|'.join(sorted(UNITS, key=len, reverse=True))})(?![a-z])", re.IGNORECASE)
_DASH = re.compile(r"(?<![0-9])-(?=\.?[0-9])")
_POSITION = r"-(?:0?[.,]\d|\d{1,2}[.,]\d{1,2}(?!\d))"  # more digits are the number of a mouse and its section
_DATE = re.compile(r"(?<!\d)(\d{1,2})[-./_](\d{1,2})[-./_](\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d\d)[-./_](\d{1,2})[-./_](\d{1,2})(?!\d)")


@dataclass(frozen=True)
class Reading:
    """One way to read the names: signed (whether a doubtful '-' is a sign), dot and comma (between digits: DECIMAL,
    SEPARATOR or THOUSANDS), exponent (whether '2e3' is one number), bare (unit of numbers without one), day_first."""

    signed: bool = False
    dot: str = DECIMAL
    comma: str = DECIMAL
    exponent: bool = False
    bare: str | None = None
    day_first: bool | None = None
    lettered: bool = False  # whether 'm' and 'p' before a number are minus and plus


def cleaned(name: str) -> str:
    """A name with one kind of minus, and with the signs that words and places make certain."""
    text = unicodedata.normalize("NFKC", name).translate(str.maketrans("−–‒μ", "---u")).replace("µ", "u")
    text = re.sub(r"(?i)(?<![a-z])(?:minus|negative|neg)[\s_]*(?=\.?\d)", MINUS, text)
    text = re.sub(r"(?i)(?<![a-z])(?:plus|positive|pos)[\s_]*(?=\.?\d)", "+", text)
    text = re.sub(r"(?:^|(?<=[\s(=:_\[]))-(?=\.?\d)", MINUS, text)
    return re.sub(rf"(?i)(?<![a-z])({'|'.join(AXES)})-(?=\.?\d)", rf"\1{MINUS}", text)


def readings(texts: Sequence[str]) -> list[Reading]:
    """The readings that cleaned names leave open, the likeliest first."""
    dots, commas = _marks(texts, r"\."), _marks(texts, ",")
    if any(re.search(r"\d,\d{3}\.\d", t) for t in texts):
        dots, commas = [DECIMAL], [THOUSANDS]
    found = itertools.product(_signs(texts), dots, commas, _exponents(texts), _bare_units(texts), _days(texts),
                              _lettered(texts))
    return [Reading(*one) for one in found]


def _signs(texts: Sequence[str]) -> list[bool]:
    """Whether a '-' between a letter and a number can be a sign."""
    numbered = [t for t in texts if re.search(r"\d", t)]
    dashed = [t for t in numbered if _DASH.search(t)]
    if not dashed:
        return [False]
    words = "|".join(PERHAPS_AXES)
    value = any(re.search(rf"(?i)(?<![a-z])(?:{words})-\d|(?<!\d){_POSITION}", t) for t in dashed)
    others = [t for t in numbered if t not in dashed]
    beside = bool(others) and all(re.search(r"(?i)[a-z]\d|(?<!\d)0+(?!\d)", t) for t in others)
    if value and beside and _are_alike(dashed, others):
        return [True]
    if beside and (value or any(re.search(r"(?<![\d.,])0+(?![\d.,])", t) for t in others)):
        return [True, False]
    return [False, True] if value or beside else [False]


def _are_alike(dashed: Sequence[str], others: Sequence[str]) -> bool:
    """Whether names are the same but for a '-' and a fraction after it: 'ID-0.04' and 'ID0.01'."""
    def frames(texts: Sequence[str], mark: str) -> set[str]:
        return {re.sub(rf"(?<![\d.,]){mark}\d*[.,]\d+", "#", t) for t in texts}

    return frames(dashed, "-") == frames(others, "") and len(frames(dashed, "-")) == 1


def _marks(texts: Sequence[str], mark: str) -> list[str]:
    """What a mark between digits can be."""
    parts = [m.groups() for t in texts for m in re.finditer(rf"(\d+){mark}(\d+)", t)]
    if not parts:
        return [DECIMAL]
    if any(re.search(rf"\d{mark}\d+{mark}\d", t) for t in texts):
        whole = [m for t in texts for m in re.findall(rf"\d+(?:{mark}\d+)+", t)]
        thousands = all(re.fullmatch(rf"\d{{1,3}}(?:{mark}\d{{3}})+", m) for m in whole)
        return [THOUSANDS, SEPARATOR] if thousands else [SEPARATOR]
    axis = rf"(?<![a-z])(?:{'|'.join(AXES + PERHAPS_AXES)})[\s_=:{MINUS}+-]*\d"
    certain = rf"[{MINUS}+]\d+{mark}\d|(?<!\d)0{mark}\d|\d{mark}\d+\s*(?:{'|'.join(UNITS)})(?![a-z])|{axis}"
    if any(re.search(certain, t, re.IGNORECASE) for t in texts) or {f for _, f in parts} <= QUARTERS:
        return [DECIMAL]
    thousands = [THOUSANDS] if all(len(fraction) == 3 and len(whole) < 4 for whole, fraction in parts) else []
    return [DECIMAL, SEPARATOR, *thousands]


def _exponents(texts: Sequence[str]) -> list[bool]:
    if any(re.search(r"(?i)(?<![a-z\d])\d+(?:[.,]\d+e[-+]?\d|e[-+]\d)", t) for t in texts):
        return [True]
    return [False, True] if any(re.search(r"(?i)(?<![a-z\d])\d+e\d", t) for t in texts) else [False]


def _bare_units(texts: Sequence[str]) -> list[str | None]:
    """Units that numbers without one can have: those that other names have."""
    found = dict.fromkeys(m.group(1).lower() for t in texts for m in re.finditer(r"\d" + _UNIT.pattern, t, re.I))
    return list(found) or [None]


def _days(texts: Sequence[str]) -> list[bool | None]:
    """Whether the day leads, where every name has a date that ends in its year."""
    dates = [_DATE.search(t) for t in texts]
    if not all(dates):
        return [None]
    firsts, seconds = ([int(d.group(k)) for d in dates if d] for k in (1, 2))
    return [True] if max(firsts) > 12 else [False] if max(seconds) > 12 else [True, False]


def _lettered(texts: Sequence[str]) -> list[bool]:
    if any(re.search(rf"(?i)(?<![a-z])(?:{'|'.join(AXES)})[\s_-]*[mn]\d", t) for t in texts):
        return [True]
    minus, plus = (any(re.search(rf"(?i)(?<![a-z]){letters}\d", t) for t in texts) for letters in ("[mn]", r"(?<!\d)p"))
    return [True, False] if minus and plus else [False]


def parts(text: str, reading: Reading) -> list[str | Number]:
    """Text and numbers in turn, text first, of a cleaned name; a number with separators in it is several."""
    if reading.day_first is not None:
        text = _DATE.sub(lambda m: _day(*m.group(*((3, 2, 1) if reading.day_first else (3, 1, 2)))), text)
    text = _YEAR_FIRST.sub(lambda m: _day(*m.groups()), text)
    if reading.lettered:
        text = re.sub(r"(?i)(?<![a-z])[mn](?=\d)", MINUS, text)
        text = re.sub(r"(?i)(?<![a-z\d])p(?=\d)", "+", text)
        text = re.sub(r"(?i)(?<=\d)p(?=\d)", ".", text)
    found: list[str | Number] = []
    end = 0
    for match in re.finditer(_number(reading), text):
        before, end = text[end:match.start()], match.end()
        if unit := _UNIT.match(text, end):
            end = unit.end()
        key = unit.group(1).lower() if unit else reading.bare
        scale = UNITS[key] if key else 1.0
        found += [before, tuple(scale * v for v in _values(match.group(), reading))]
    return [*found, text[end:]]


def _day(year: str, month: str, day: str) -> str:
    return f"{year}{int(month):02}{int(day):02}"


def _number(reading: Reading) -> str:
    marks = ((r"\.", reading.dot), (",", reading.comma))
    points, groups, separators = ("".join(mark for mark, meaning in marks if meaning == wanted)
                                  for wanted in (DECIMAL, THOUSANDS, SEPARATOR))
    whole = rf"\d{{1,3}}(?:[{groups}]\d{{3}})+(?!\d)|\d+" if groups else r"\d+"
    fraction = rf"(?:[{points}]\d+)?" if points else ""
    more = rf"(?:[{separators}]\d+)*" if separators else ""
    exponent = r"(?:[eE][-+]?\d+)?" if reading.exponent else ""
    sign = rf"(?:{MINUS}|(?<!\d)[-+])?" if reading.signed else rf"(?:{MINUS}|(?<!\d)\+)?"
    leading = r"|(?<![0-9A-Za-z_])\.\d+" if reading.dot == DECIMAL else ""
    return rf"{sign}(?:(?:{whole}){fraction}{more}{leading}){exponent}"


def _values(text: str, reading: Reading) -> Number:
    for mark, meaning in ((".", reading.dot), (",", reading.comma)):
        text = text.replace(mark, {DECIMAL: ".", THOUSANDS: "", SEPARATOR: " "}[meaning])
    return tuple(map(float, text.replace(MINUS, "-").split()))
