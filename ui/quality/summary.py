"""The quality of the stack being prepared: made once, kept between reruns, and in one line for other pages."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import streamlit as st

from isost_core.quality.stack_quality import Quality, check
from ui.shell import widgets
from ui.stack.prepared import PreparedStack

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def quality_of(stack: PreparedStack) -> Quality:
    """Quality of these sections; made once for all visitors and reruns, with its progress shown."""
    kept, place = _kept(stack.key), st.empty()
    if not kept:
        quality = check(stack.sections, on_step=lambda what, share: place.progress(share, text=f"{what} …"))
        kept.append(quality)
        place.empty()
    return kept[0]


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept(of: tuple[Hashable, ...]) -> list[Quality]:
    """The place where the quality of these sections is kept: a check that draws can't itself be what is cached."""
    return []


def line(place: DeltaGenerator, stack: PreparedStack) -> None:
    """What speaks against a reconstruction, in a few words with the way to more; written last, so that the page does
    not wait for it."""
    with place.container():
        quality = quality_of(stack)
    severe = quality.of("severe")
    with place.container():
        if severe:
            first = widgets.plain(severe[0].title)
            more = f" and {widgets.count(len(severe) - 1, 'more severe finding')}" if len(severe) > 1 else ""
            st.error(f"**{first}**{more}.", icon=":material/error:")
        elif warnings := quality.of("warning"):
            st.caption(f":material/info: {widgets.count(len(warnings), 'finding')} about quality. Read them before you "
                       "start a run.")
        else:
            st.caption(":material/check: No problems found.")
        st.page_link("pages/quality.py", label="See quality", icon=":material/rule:")
