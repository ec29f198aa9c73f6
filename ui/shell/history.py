"""One entry of the browser's history for each page: a changed view replaces it, only another page adds one."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

# Streamlit adds an entry for every change of the address, and empties it before it leaves a page.
_REPLACE = """
export default function() {
  if (window.isostHistory) return;
  window.isostHistory = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    const to = new URL(url ?? location.href, location.href);
    if (to.pathname !== location.pathname) push(state, title, url);
    else if (to.search) history.replaceState(state, title, url);
  };
}
"""


@st.cache_resource(show_spinner=False)
def _replacer() -> Callable[..., Any]:
    return component("isost_history", js=_REPLACE)


def one_entry_a_page() -> None:
    """Have the browser keep one entry for each page."""
    _replacer()(key="one_entry_a_page", height=1)
