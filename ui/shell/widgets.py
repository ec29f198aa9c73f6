"""Small pieces that several pages share: error boxes, spinners, a button that asks twice, numbers as text."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from isost_core import words
from isost_core.errors import InputError
from ui.shell import state

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style_render import StylerRenderer
    from streamlit.delta_generator import DeltaGenerator

_OPTION = re.compile(r" \(--[^)]*\)")  # of the command line, in a message that says the way on the page too
LEAST_Q = 1e-15  # that tables show: smaller ones say no more


def asked_twice(label: str, icon: str, text: str, confirm: str, key: str) -> bool:
    """A button that says what follows and asks again; whether that was confirmed. `key` names it for tests."""
    with st.popover(label, icon=icon, key=f"{key}_box"):
        st.write(text)
        return st.button(confirm, type="primary", key=f"confirm_{key}")


def error_box(title: str, messages: Iterable[object]) -> None:
    """What went wrong and what to do, one line each."""
    lines = "\n".join(f"- {said(message)}" for message in messages)
    st.error(f"**{title}**\n\n{lines}", icon=":material/error:")


@contextlib.contextmanager
def shows_input_errors(title: str = "This doesn't work") -> Iterator[None]:
    """Turn an InputError into a box on the page; anything else is a fault of ours and goes to the log."""
    try:
        yield
    except InputError as error:
        error_box(title, [error])


@contextlib.contextmanager
def waiting(text: str) -> Iterator[None]:
    """A spinner that keeps its place in the page: where it comes and goes, what follows would be drawn anew."""
    with st.empty(), st.spinner(text):
        yield


def beside(several: int, key: str) -> list[DeltaGenerator]:
    """Places of the same width beside each other, or below each other where the page is too narrow for them; key :
    names them, with a number from 0 behind it."""
    with st.container(horizontal=True, gap="medium"):
        return [st.container(key=f"beside_{key}_{number}") for number in range(several)]


def changed(name: str, value: Any) -> bool:
    """Whether a value of this page and run differs from that of the rerun before; the first one does not."""
    key = state.key_here(name)
    before = state.get(key, value)
    state.put(key, value)
    return before != value


def plain(text: object) -> str:
    """A text from outside, safe inside Markdown."""
    out = str(text)
    for mark in ("\\", "*", "_", "`", "[", "]", "$", "<", ":", "#"):
        out = out.replace(mark, "\\" + mark)
    return out


def said(message: object) -> str:
    """A note or an error, safe inside Markdown and without the options of the command line that it names."""
    return plain(_OPTION.sub("", str(message)))


def count(number: int, noun: str) -> str:
    """'1 section', '28,317 cells'."""
    return words.count(number, noun)


def um(value: float) -> str:
    """A length with its unit; mm from 1000 µm."""
    return words.um(value)


def q_words(q: float) -> str:
    """A p or q value: '0.013', '2e-05', '< 1e-15'; a dash where there is none."""
    if q != q:
        return words.NONE
    return f"< {LEAST_Q:g}" if q < LEAST_Q else f"{q:.0e}" if q < 1e-3 else f"{q:.2g}"


def rounded(table: pd.DataFrame, digits: Mapping[str, int]) -> pd.DataFrame:
    """A table to show, columns with so many digits after the point, and no '-0'."""
    return table.assign(**{name: table[name].round(n) + 0.0 for name, n in digits.items()})


def with_q_words(table: pd.DataFrame) -> StylerRenderer:
    """A table to show, its p and q in words; a click on their head still sorts by the numbers."""
    return table.style.format({name: q_words for name in ("p", "q") if name in table})


def percent(share: float) -> str:
    """A share from 0 to 1 as '84 %'."""
    return words.percent(share).replace(" ", "\u00a0")
