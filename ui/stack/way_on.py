"""The foot of the pages that prepare a stack: how it stands, and the one way on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from ui.shell import layout

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


@dataclass(frozen=True)
class Way:
    """Where a page leads: a page of layout.PAGES, and its title in the menu."""

    page: str
    title: str


QUALITY, REGISTRATION, NEW_RUN = (Way("quality", "Quality"), Way("registration", "Registration"),
                                  Way("new_run", "New run"))


def place() -> DeltaGenerator:
    """The foot of the window, to be filled once the page knows how the stack stands."""
    return st.bottom.container(key="way_on")


def fill(foot: DeltaGenerator, words: str, to: Way, past: Way | None = None, can_go: bool = True) -> None:
    """How the stack stands, in Markdown, and the button that leads on; past : the page that one may skip to."""
    with foot.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(words, width="stretch")
        if past and st.button(f"Skip to {past.title}", type="tertiary", key="skip", disabled=not can_go):
            layout.go(past.page)
        if st.button(f"Continue to {to.title}", type="primary", icon=":material/arrow_forward:", key="continue",
                     disabled=not can_go):
            layout.go(to.page)
