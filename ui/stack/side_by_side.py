"""Room for what stands side by side in a picture: where the window is too narrow for its titles, it can be scrolled."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Widths:
    """What a picture needs in rem: for each title, and beside all of them; most : titles that are given room."""

    title: float
    beside: float
    most: int


SECTIONS = Widths(9.5, 6.5, 5)  # of a strip, and the bar of its colours
PAIRS = Widths(6, 10, 4)  # of neighbours under their bars, with an axis and words of zones beside them


@contextlib.contextmanager
def room_for(several: int, widths: Widths, key: str) -> Iterator[None]:
    """What is drawn within is at least as wide as so many titles need."""
    width = widths.title * min(several, widths.most) + widths.beside
    st.html(f"<style>.st-key-{key} {{overflow-x: auto;}} .st-key-{key} > * {{min-width: {width}rem;}}</style>")
    with st.container(key=key):
        yield
