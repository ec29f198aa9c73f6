"""What is typed into the gene box and is in none of its names: told by the browser, so that near names can be offered.

Streamlit's box tells the server of a choice only. This looks at its text when its list has nothing to offer.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

KEY = "typed_gene"
_WATCH = """
export default function({ data, parentElement, setTriggerValue }) {
  const box = document.querySelector(`.st-key-${data.box}`);
  if (!box) return;
  const leaving = new AbortController();
  let waiting = 0, told = "";
  const typed = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const input = box.querySelector("input"), text = (input?.value ?? "").trim().toLowerCase();
      const missing = text.length > 1 && !data.names.some((name) => name.includes(text));
      if (!missing || text === told) return;
      told = text;
      setTriggerValue("text", input.value.trim());
      input.blur();  // no longer text fits: the list, which would cover the answer, closes
    }, 600);
  };
  box.addEventListener("input", typed, { signal: leaving.signal });
  return () => { clearTimeout(waiting); leaving.abort(); };
}
"""


@st.cache_resource(show_spinner=False)
def _watcher() -> Callable[..., Any]:
    return component("isost_typed_gene", html="<i></i>", js=_WATCH)


def watch(box: str, names: list[str], on_text: Callable[[str], None]) -> None:
    """Call `on_text` with what a visitor types into the box in the container of key `box`, if no name contains it."""
    def take() -> None:
        if text := st.session_state[KEY].get("text"):
            on_text(text)

    with st.container(key="gene_watch"):
        _watcher()(data={"box": box, "names": [name.lower() for name in names]}, key=KEY, height=1, on_text_change=take)
