"""A box for a typed number: it takes what people write, says in words what it can't take, and keeps the last number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from math import isfinite

import streamlit as st

from isost_core.words import NONE, plain
from ui.shell import state

Number = float | int | None
DIGITS = 6  # that a box shows
UM_IN = {"nm": 1e-3, "um": 1.0, "µm": 1.0, "μm": 1.0, "micron": 1.0, "microns": 1.0, "mm": 1e3, "cm": 1e4}
_UNIT = re.compile(r"\(([^()]*)\)\s*$")  # that a label ends in
_TYPED = re.compile(r"([+-]?(?:\d[\d.,]*|[.,]\d+)(?:[eE][+-]?\d+)?)([^\d]*)")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?|[+-]?[1-9]\d{0,2}(\.\d{3}){2,}|"
                        r"[+-]?[1-9]\d{0,2}(\.\d{3})+,\d*")


def number_box(label: str, name: str, default: Number,  # noqa: PLR0913 (each is a plain word about the box)
               least: float | None = None, most: float | None = None, *, whole: bool = False, empty: str | None = None,
               help: str | None = None, decimals: int = DIGITS) -> Number:
    """A text box tied to a number of the view; returns that number.

    Parameters
    ----------
    label : with the unit in brackets at its end, if there is one; the unit may be typed too
    name : of the value in the view and in the link
    default : number of a view that does not say otherwise
    least, most : that it may be
    whole : whether it must be a whole number
    empty : what an empty box shows; it then means None. Without, a number is needed
    help : shown behind the question mark
    decimals : digits after the point that are shown at most
    """
    rules = _Rules(label, least, most, whole, empty)
    value = state.view_value(name, default, rules.fit, empty is not None)
    key = state.key_here(name)
    if state.tie(key, text_of(value if value is None else round(value, decimals))):
        state.put(_fault_key(key), None)
    with st.container(gap="xxsmall"):
        st.text_input(label, key=key, placeholder=empty, help=help, autocomplete="off", on_change=_take,
                      args=(name, key, value, rules))
        if fault := state.get(_fault_key(key)):
            st.html(f'<p class="number-fault" role="alert">{escape(fault)}</p>')
    return value


@dataclass(frozen=True)
class _Rules:
    """What a box may hold."""

    label: str
    least: float | None
    most: float | None
    whole: bool
    empty: str | None

    @property
    def unit(self) -> str:
        found = _UNIT.search(self.label)
        return found[1] if found else ""

    def fit(self, value: Number) -> Number:
        """A value that came from elsewhere, brought to what is allowed here."""
        if value is None:
            return None
        value = max(value, value if self.least is None else self.least)
        value = min(value, value if self.most is None else self.most)
        return round(value) if self.whole else float(value)

    def read(self, typed: str, kept: Number) -> Number:
        """The number that was typed; raises ValueError with what is wrong, in words, and what is kept."""
        keeps = "The box stays empty." if kept is None else f"{text_of(kept)} is kept."
        if not typed.strip():
            if self.empty is None:
                raise ValueError(f"A number is needed. {keeps}")
            return None
        number = number_in(typed, self.unit)
        if number is None:
            raise ValueError(f"'{typed.strip()[:40]}' is not a number. {keeps}")
        for bound in (self.least, self.most):  # a box shows a bound with few digits: typed like that, it is the bound
            number = bound if bound is not None and text_of(bound) == text_of(number) else number
        if self.whole and number != round(number):
            raise ValueError(f"'{typed.strip()[:40]}' is not a whole number. {keeps}")
        if self.fit(number) != number:
            raise ValueError(f"{self.range_words()} {keeps}")
        return round(number) if self.whole else number

    def range_words(self) -> str:
        """'Between 5 and 500 µm.', 'At least 5 µm.'"""
        unit = "" if not self.unit or len(self.unit.split()) > 1 else f" {self.unit}"
        least, most = (plain(bound, DIGITS) for bound in (self.least, self.most))
        if self.least is None or self.most is None:
            return f"At least {least}{unit}." if self.most is None else f"At most {most}{unit}."
        return f"Between {least} and {most}{unit}."


def text_of(value: Number) -> str:
    """A number as a box shows it: no thousands apart, no exponent."""
    return "" if value is None else plain(value, DIGITS).replace(",", "").replace(NONE, "")


def number_in(typed: str, unit: str = "") -> float | None:
    """The number in a text: '1200', '1,200', '1 200', '0.5', '0,5', '1.2 mm' where µm are asked for; None if there is
    none."""
    text = re.sub(r"[\s'’_]", "", typed).replace("−", "-").replace("–", "-")
    found = _TYPED.fullmatch(text)
    factor = _factor(found[2], unit) if found else None
    if found is None or factor is None:
        return None
    digits = found[1]
    if _THOUSANDS.fullmatch(digits):
        apart = next(mark for mark in digits if mark in ".,")
        digits = digits.replace(apart, "")
    try:
        number = float(digits.replace(",", ".")) * factor
    except ValueError:
        return None
    return number if isfinite(number) else None


def _factor(typed: str, unit: str) -> float | None:
    """How many of the box's unit one of the typed unit is; None if that isn't known."""
    typed = typed.lower() if typed.lower() in UM_IN else typed
    if not typed or typed == unit:
        return 1.0
    return UM_IN[typed] / UM_IN[unit] if typed in UM_IN and unit in UM_IN else None


def _fault_key(key: str) -> str:
    return f"{key}.fault"


def _take(name: str, key: str, kept: Number, rules: _Rules) -> None:
    """Take what was typed, or say why not and go back to the number before."""
    fault = None
    try:
        state.set_view(name, rules.read(state.get(key) or "", kept))
    except ValueError as error:
        fault = str(error)
    state.on_page(key)
    state.put(_fault_key(key), fault)
    state.put(key, text_of(state.get_view(name, kept)))
