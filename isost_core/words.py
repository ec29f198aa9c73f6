"""Numbers in words for people: their own digits, thousands apart, never an exponent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import floor, isfinite, log10

NONE = "–"  # where there is no number
MOST_DIGITS = 12  # of a number before its point; longer ones are not told apart by anyone
LEAST_SHARE, LEAST_LENGTH = 1e-4, 1e-3
MOST_TIMES = 1000


def number(value: float | None, digits: int = 2) -> str:
    """A number with so many digits after its point: '0.37', '28,317'; a dash where there is none."""
    if value is None or not isfinite(value):
        return NONE
    text = f"{value:,.{digits}f}"
    return text.removeprefix("-") if not float(text.replace(",", "")) else text


def plain(value: float | None, digits: int = 3) -> str:
    """A number with so many digits that count: '0.0042', '12.5', '1,080,000'; no zeros behind its point."""
    if value is None or value != value:
        return NONE
    if not isfinite(value):
        return "infinite"
    if not value:
        return "0"
    size = floor(log10(abs(value)))
    rounded = round(value, digits - 1 - size)
    text = f"{rounded:,.{min(max(digits - 1 - size, 0), MOST_DIGITS)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float | None) -> str:
    """A share from 0 to 1: '84 %', '2.5 %', '0.01 %'. Only none is 0 %, only all is 100 %."""
    if share is None or not isfinite(share):
        return NONE
    size = abs(share)
    if 0 < size < LEAST_SHARE:
        return f"less than {plain(100 * LEAST_SHARE)} %"
    if 0.995 <= size < 1:
        return f"{min(floor(1000 * size) / 10, 99.9):.1f} %".replace("-", "")
    return f"{plain(100 * share, 2)} %" if size < 0.1 else f"{number(100 * share, 0)} %"


def times(ratio: float) -> str:
    """How many times as much: '1.6 times', 'about 26 times', 'more than 1,000 times'."""
    if not ratio <= MOST_TIMES:
        return f"more than {MOST_TIMES:,} times"
    return f"{number(ratio, 1)} times" if ratio < 10 else f"about {number(ratio, 0)} times"


def um(length: float) -> str:
    """A length in µm with its unit, in mm from 1,000 µm, in m and km where it can be no tissue: '12.5 µm', '1.2 mm'."""
    for size, unit in ((1e9, "km"), (1e6, "m"), (1e3, "mm")):
        if abs(length) >= size:
            return f"{plain(length / size)} {unit}"
    return f"less than {LEAST_LENGTH} µm" if 0 < abs(length) < LEAST_LENGTH else f"{plain(length)} µm"


def mm2(area: float) -> str:
    """An area in mm² with its unit, in µm² where it is small: '3.2 mm²', '850 µm²'."""
    return f"{plain(area)} mm²" if not 0 < abs(area) < 1e-3 else f"{plain(1e6 * area)} µm²"


def shortened(text: str, most: int) -> str:
    """A text of at most so many letters: 'Glutamatergic neuro…'."""
    return text if len(text) <= most else text[:most - 1].rstrip() + "…"


def unbroken(text: str) -> str:
    """The same text, in which no line ends inside 'r = 0.55', '10.9 µm' or '80 %'."""
    return re.sub(r"(?<=\d) (?=[µm%])|(?<=\br) (?==)|(?<==) (?=[\d-])", "\N{NO-BREAK SPACE}", text)


def count(n: int, noun: str, several: str | None = None) -> str:
    """'1 section', '28,317 cells'."""
    return f"{n:,} {noun if n == 1 else several or noun + 's'}"


def listed(texts: Iterable[str], most: int = 4) -> str:
    """'A, B, C, D and 3 more'."""
    texts = list(texts)
    return ", ".join(texts[:most]) + (f" and {len(texts) - most:,} more" if len(texts) > most else "")


def both(texts: Iterable[str]) -> str:
    """'A', 'A and B', 'A, B and C'."""
    texts = list(texts)
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
