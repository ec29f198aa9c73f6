"""What a visitor is looking at: the open run and its view, kept in the session and in the link.

The only file that names session keys and query parameters. A link is read once, and written at the end of a page.
"""

import time
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from ui.shell.link_text import from_text, to_text

ENTERED = "entered"
VISITOR = "visitor"
COOKIE = "isost_visitor"
RUN = "run"
STACK = "stack"
UPLOADER = "uploader"
NOT_ADDED = "files_not_added"
TABLE = "sections_table"
PICKER = "run_picker"
RECENT = "recent_genes"
NO_GENES = "names_that_are_no_genes"
SHARE_BOX = "share_box"
EXPORT = "export."
REGION = "region"
EXAMPLES = "examples_open"
GOING = "going_jobs"
LEAST_LEFT = "least_time_left."
Y_DOWN = "y_down"
USUAL_WAY = "usual_way_up"
_KEPT = ("genes", Y_DOWN)  # values of the view that outlast the run
_PAGE = "page"
_VIEW = "view"
_LINK = "link_values"
_READING = "settled_by_link"  # names, while a link is being read
_SHOWN = "shown_on_page"
_PUBLISHED = "published_link"
_MADE = "widgets_made"
_MOUNTING_S = 8.0  # that a slow browser may take until a widget is on the page
Fit = Callable[[Any], Any]  # brings a value that came from a link or another run to what is allowed here


def get(key: str, default: Any = None) -> Any:
    return st.session_state.get(key, default)


def put(key: str, value: Any) -> None:
    st.session_state[key] = value


def open_run_id() -> str | None:
    return st.session_state.get(RUN)


def open_run(run_id: str | None) -> None:
    """Make this the open run; a view of another run keeps its genes and which way is up."""
    if run_id != open_run_id():
        view = st.session_state.get(_VIEW, {})
        st.session_state[_VIEW] = {name: view[name] for name in _KEPT if name in view}
        st.session_state[_LINK] = {}
    st.session_state[RUN] = run_id


def open_afresh(run_id: str) -> None:
    """Make this the open run, with the view that a new visitor has of it."""
    st.session_state[RUN], st.session_state[_VIEW], st.session_state[_LINK] = run_id, {}, {}


def key_here(name: str) -> str:
    """Key of a widget of this page and run: one whose bounds or page change under the same key loses its value."""
    return f"{st.session_state[_PAGE]}.{open_run_id()}.{name}"


def begin_page(name: str) -> None:
    """Read the link that brought the visitor here: from outside, or back and forward through the browser's history.

    On a page that was open already, an address that this session wrote itself is not a link.
    """
    entered = st.session_state.get(_PAGE) != name
    st.session_state[_PAGE] = name
    st.session_state[_SHOWN] = {}
    incoming = _address()
    if incoming and (not _known(incoming) or entered) and (run_ids := incoming.pop(RUN, None)):
        _read(run_ids[-1] or None, incoming)


def _read(run_id: str | None, values: dict[str, list[str]]) -> None:
    """Open the run of a link; the page's values follow when they are asked for. Those of other pages stay, if the run
    does."""
    view = st.session_state.get(_VIEW, {})
    if run_id != open_run_id():
        view = {Y_DOWN: view[Y_DOWN]} if Y_DOWN in view else {}
    st.session_state[RUN] = run_id
    st.session_state[_VIEW] = view
    st.session_state[_LINK] = values
    st.session_state[_READING] = {Y_DOWN}


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _known(address: dict[str, list[str]]) -> bool:
    """Whether this session has written or read this address; a rerun can bring one that is a few reruns old."""
    known = st.session_state.setdefault(_PUBLISHED, [])
    if address in known:
        return True
    st.session_state[_PUBLISHED] = [*known[-60:], dict(address)]
    return False


def link_query() -> dict[str, list[str]]:
    """Query parameters that reopen this page as it stands: the run, and what differs from the defaults."""
    run_id = open_run_id()
    query = {RUN: [run_id]} if run_id else {}
    view = st.session_state.get(_VIEW, {})
    for name, default in st.session_state.get(_SHOWN, {}).items():
        if view.get(name, default) != default:
            query[name] = to_text(view[name])
    return query


def publish_link() -> None:
    """Write the view into the address, once the page has read what came in."""
    st.session_state[_READING] = None
    query, address = link_query(), _address()
    if address and not query:
        query = {RUN: [""]}  # an empty address is one that is left (see `ui/shell/tab.js`)
    _known(query)
    if query != address:
        st.query_params.from_dict(query)


def control(name: str, default: Any, fit: Fit | None = None) -> dict[str, Any]:
    """Keyword arguments that tie a widget to one value of the view.

    Parameters
    ----------
    name : of the value in the view and in the link
    default : value of a view that does not say otherwise; left out of the link
    fit : brings a value that came from a link or another run into the range of this widget
    """
    key = key_here(name)
    tie(key, view_value(name, default, fit))
    return {"key": key, "on_change": _keep, "args": (name, key)}


def tie(key: str, value: Any) -> bool:
    """Give the widget with this key a value before it is made; whether it is new, or showed another one."""
    new = key not in st.session_state or st.session_state[key] != value
    if _mounting(key) or new:
        st.session_state[key] = value
    return new


def on_page(key: str) -> None:
    """Note that the visitor used the widget with this key: it is on the page."""
    st.session_state[_MADE][key] = 0


def one_of(names: Collection[Any], default: Any) -> Fit:
    """A fit: one of these names, else the default."""
    return lambda name: name if name in names else default


def between(low: float, high: float) -> Fit:
    """A fit: no less than `low`, no more than `high`, of the type that the value has."""
    return lambda value: type(value)(min(max(value, low), high))


def _mounting(key: str) -> bool:
    """Whether a widget is so new that the browser may not show it yet: mounted after the next rerun it would begin
    with the least value it can have, and send that back as the visitor's own."""
    made, now = st.session_state.setdefault(_MADE, {}), time.monotonic()
    made[key] = made.get(key, 0) if key in st.session_state else now
    return now - made[key] < _MOUNTING_S


def view_value(name: str, default: Any, fit: Fit | None = None, or_none: bool = False) -> Any:
    """One value of the view (see `control`), for what is shown without a widget of that name; with `or_none` it can be
    None too."""
    view = st.session_state.setdefault(_VIEW, {})
    texts = st.session_state.get(_LINK, {}).pop(name, None)
    if texts is not None:
        view[name] = from_text(texts, default, or_none)
    settled = st.session_state.get(_READING)
    if settled is not None and name not in settled:
        settled.add(name)
        if texts is None:
            view.pop(name, None)  # a link leaves out what is as by default
    view[name] = fit(view.get(name, default)) if fit else view.get(name, default)
    st.session_state[_SHOWN][name] = default
    return view[name]


def set_view(name: str, value: Any) -> None:
    """Change a value of the view."""
    st.session_state.setdefault(_VIEW, {})[name] = value


def share_link() -> str:
    """Address that reopens this page as it stands in any browser."""
    return f"{st.context.url or ''}?{urlencode(link_query(), doseq=True)}"


def get_view(name: str, default: Any = None) -> Any:
    """A value of the view as it stands, without asking for it on this page."""
    return st.session_state.get(_VIEW, {}).get(name, default)


def _keep(name: str, key: str) -> None:
    on_page(key)
    set_view(name, st.session_state[key])
