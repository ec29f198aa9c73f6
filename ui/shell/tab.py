"""What Streamlit leaves undone in the browser's tab: one entry of the history for each page, markup for all readers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component


@st.cache_resource(show_spinner=False)
def _tab() -> Callable[..., Any]:
    return component("isost_tab", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"))


def mend_tab() -> None:
    """Have the browser keep one entry of its history for each page, and mend what it shows."""
    _tab()(key="tab", height=1)
