"""Who is looking: a random id in a cookie, so that only the visitor who started a run can cancel or delete it."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from isost_core.jobs.job import owner_of
from ui.shell import state

_ID = re.compile(r"[0-9a-f]{32}")
_SET_COOKIE = """
export default function({ data, setStateValue }) {
  const found = document.cookie.match(new RegExp("(?:^|; )" + data.name + "=([0-9a-f]{32})"));
  if (found) {
    if (found[1] !== data.id) setStateValue("id", found[1]);
    return;
  }
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.name}=${data.id}; path=/; max-age=31536000; SameSite=Lax${secure}`;
}
"""


@st.cache_resource(show_spinner=False)
def _cookie_writer() -> Callable[..., Any]:
    return component("isost_visitor", js=_SET_COOKIE)


def recognise() -> None:
    """Know the visitor by the cookie, or give a new one an id."""
    if state.get(state.VISITOR) is None:
        known = st.context.cookies.get(state.COOKIE, "")
        state.put(state.VISITOR, known if _ID.fullmatch(known) else secrets.token_hex(16))


def remember_visitor() -> None:
    """Leave the visitor's id in a cookie; another tab's id wins over a fresh one."""
    recognise()
    if st.context.cookies.get(state.COOKIE) == state.get(state.VISITOR):
        return
    answer = _cookie_writer()(data={"name": state.COOKIE, "id": state.get(state.VISITOR)}, key="visitor_cookie",
                              height=1, on_id_change=lambda: None)
    known = answer.get("id") or ""
    if _ID.fullmatch(known) and known != state.get(state.VISITOR):
        state.put(state.VISITOR, known)
        st.rerun()


def visitor_hash() -> str:
    """The visitor's id as it may be written to disk."""
    return hashlib.sha256(f"isost visitor {state.get(state.VISITOR)}".encode()).hexdigest()


def is_mine(folder: Path) -> bool:
    """Whether this visitor started the run, or other job, of a folder."""
    owner = owner_of(folder)
    return owner is not None and hmac.compare_digest(owner, visitor_hash())
