"""What a visitor is looking at: the open run and its view, kept in the session and in the link.

The only file that names session keys and query parameters. A link is read once, and written at the end of a page.
"""

import time
from urllib.parse import urlencode

import streamlit as st

from ui.shell.link_text import from_text, to_text

ENTERED = "entered"
VISITOR = "visitor"
COOKIE = "isost_visitor"
RUN = "run"
STACK = "stack"
UPLOADER = "uploader"
TABLE = "sections_table"
PICKER = "run_picker"
RECENT = "recent_genes"
SHARE_BOX = "share_box"
EXPORT = "export."
REGION = "region"
EXAMPLES = "examples_open"
_PAGE = "page"
_VIEW = "view"
_LINK = "link_values"
_SHOWN = "shown_on_page"
_PUBLISHED = "published_link"
_MADE = "widgets_made"
_MOUNTING_S = 8.0  # that a slow browser may take until a widget is on the page


def get(key, default=None):
    return st.session_state.get(key, default)


def put(key, value):
    st.session_state[key] = value


def open_run_id():
    return st.session_state.get(RUN)


def open_run(run_id):
    """Make this the open run; a view of another run keeps its genes only."""
    if run_id != open_run_id():
        view = st.session_state.get(_VIEW, {})
        st.session_state[_VIEW] = {name: value for name, value in view.items() if name == "genes"}
        st.session_state[_LINK] = {}
    st.session_state[RUN] = run_id


def key_here(name):
    """Key of a widget of this page and run: one whose bounds or page change under the same key loses its value."""
    return f"{st.session_state[_PAGE]}.{open_run_id()}.{name}"


def begin_page(name):
    """Read the link that brought the visitor here, unless it is the one this session wrote itself."""
    st.session_state[_PAGE] = name
    st.session_state[_SHOWN] = {}
    incoming = _address()
    if incoming and not _known(incoming) and (run_ids := incoming.pop(RUN, None)):
        st.session_state[RUN] = run_ids[-1]
        st.session_state[_VIEW] = {}
        st.session_state[_LINK] = incoming


def _address():
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _known(address):
    """Whether this session has written or read this address; a rerun can bring one that is a few reruns old."""
    known = st.session_state.setdefault(_PUBLISHED, [])
    if address in known:
        return True
    st.session_state[_PUBLISHED] = [*known[-60:], dict(address)]
    return False


def link_query():
    """Query parameters that reopen this page as it stands: the run, and what differs from the defaults."""
    query = {RUN: [open_run_id()]} if open_run_id() else {}
    view = st.session_state.get(_VIEW, {})
    for name, default in st.session_state.get(_SHOWN, {}).items():
        if view.get(name, default) != default:
            query[name] = to_text(view[name])
    return query


def publish_link():
    """Write the view into the address, once the page has read what came in."""
    query = link_query()
    _known(query)
    if query != _address():
        st.query_params.from_dict(query)


def control(name, default, fit=None):
    """Keyword arguments that tie a widget to one value of the view.

    Parameters
    ----------
    name : of the value in the view and in the link
    default : value of a view that does not say otherwise; left out of the link
    fit : brings a value that came from a link or another run into the range of this widget
    """
    value = view_value(name, default, fit)
    key = key_here(name)
    if _mounting(key) or st.session_state[key] != value:
        st.session_state[key] = value
    return {"key": key, "on_change": _keep, "args": (name, key)}


def _mounting(key):
    """Whether a widget is so new that the browser may not show it yet: mounted after the next rerun it would begin
    with the least value it can have, and send that back as the visitor's own."""
    made, now = st.session_state.setdefault(_MADE, {}), time.monotonic()
    made[key] = made.get(key, 0) if key in st.session_state else now
    return now - made[key] < _MOUNTING_S


def view_value(name, default, fit=None):
    """One value of the view (see `control`), for what is shown without a widget of that name."""
    view = st.session_state.setdefault(_VIEW, {})
    texts = st.session_state.get(_LINK, {}).pop(name, None)
    if texts is not None:
        view[name] = from_text(texts, default)
    view[name] = fit(view.get(name, default)) if fit else view.get(name, default)
    st.session_state[_SHOWN][name] = default
    return view[name]


def set_view(name, value):
    """Change a value of the view."""
    st.session_state.setdefault(_VIEW, {})[name] = value


def share_link():
    """Address that reopens this page as it stands in any browser."""
    return f"{st.context.url or ''}?{urlencode(link_query(), doseq=True)}"


def _keep(name, key):
    st.session_state[_MADE][key] = 0  # it is on the page
    set_view(name, st.session_state[key])
