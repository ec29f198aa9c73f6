"""Room for pictures of sections side by side: where the window is too narrow for their titles, they can be scrolled."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import streamlit as st

MOST = 5  # sections in a row
TITLE_REM, BAR_REM = 9.5, 6.5  # that a title and the colour bar need


@contextlib.contextmanager
def room_for(n_sections: int, key: str) -> Iterator[None]:
    """What is drawn within is at least as wide as so many sections need."""
    width = TITLE_REM * min(n_sections, MOST) + BAR_REM
    st.html(f"<style>.st-key-{key} {{overflow-x: auto;}} .st-key-{key} > * {{min-width: {width}rem;}}</style>")
    with st.container(key=key):
        yield
