"""The frame of every page: title, spacing, empty states, and the link written last."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.pages_manager import PagesManager

from ui.shell import state, tab, visitor

PICTURES = Path(__file__).parents[1]
PAGES = {
    "start": "pages/start.py",
    "sections": "pages/sections.py",
    "quality": "pages/quality.py",
    "registration": "pages/registration.py",
    "new_run": "pages/new_run.py",
    "runs": "pages/runs.py",
    "validate": "pages/validate.py",
    "explorer": "pages/explorer.py",
    "niches": "pages/niches.py",
    "variable_genes": "pages/variable_genes.py",
    "gradients": "pages/gradients.py",
    "export": "pages/export.py",
    "about": "pages/about.py",
}
QUIET = ("#53626a", "#a6b4b7")  # captions, light and dark; the theme's own fall short of a contrast of 4.5
ON_PRIMARY = ("#ffffff", "#062523")  # words on the primary colour
FAULT = ("#a3201c", "#ff9d97")
PAPER = ("#ffffff", "#10171a")  # the page, as the theme has it
LEAST = (5, 6, 9, 12, 15, 17, 20)  # rem, of columns that go below each other where they would be narrower
_COLOURS = f"""<style>
:root {{--quiet: light-dark({", ".join(QUIET)}); --on-primary: light-dark({", ".join(ON_PRIMARY)});
  --fault: light-dark({", ".join(FAULT)}); --paper: light-dark({", ".join(PAPER)});}}
</style>"""
_COLUMNS = "<style>{}</style>".format("".join(
    f'[class*="st-key-least_{least}_"] > * > .stHorizontalBlock > .stColumn {{min-width: min(100%, {least}rem);}}'
    for least in LEAST))
_STYLE = """<style>
[data-testid="stCaptionContainer"] {opacity: 1; color: var(--quiet);}
[data-testid="stCaptionContainer"] :is(p, li, strong, em) {color: inherit; opacity: 1;}
::placeholder {color: var(--quiet) !important; opacity: 1;}
[data-testid^="stBaseButton-primary"]:not(:disabled), [data-tag], [data-tag] * {color: var(--on-primary) !important;}
.stMainBlockContainer {padding-left: 2.25rem; padding-right: 2.25rem; max-width: 1680px;}
[data-testid="stSidebar"][data-collapsed="false"] {min-width: 240px; max-width: 240px;}
.st-key-visitor_cookie, .st-key-tab, .st-key-notice, .st-key-fetch_ahead, .st-key-explorer_feed, .st-key-overlay_feed,
.st-key-gene_watch {
  position: absolute; width: 1px; height: 1px; opacity: 0; overflow: hidden;
  pointer-events: none;}
[data-testid="stLayoutWrapper"]:has(> .st-key-notice) {position: absolute;}  /* it takes no room */
.stMainBlockContainer h1 {letter-spacing: -0.02em; padding: 0 0 0.55rem 0;}
input {text-overflow: ellipsis;}  /* tab.js gives what is cut a title */
[data-variant="segmented_control"] {padding: 0 0.7rem !important;}
[class*="st-key-card_head_"] h2 {font-size: 1rem; padding: 0; margin-bottom: 1rem;}
.stDataFrameGlideDataEditor {scrollbar-color: var(--quiet) transparent !important;}
.stPlotlyChart {border-radius: 0.6rem; overflow: hidden;}
[data-testid="stBottomBlockContainer"] {padding: 0.75rem 2.25rem; max-width: 1680px;}
[data-testid="stLayoutWrapper"]:has(> .st-key-found_words) {min-width: min(100%, 24rem);}
[data-testid="stLayoutWrapper"]:has(> [class*="st-key-beside_"]) {flex: 1 1 14rem; min-width: min(100%, 14rem);}
[data-testid="stLayoutWrapper"]:has(> [class*="st-key-beside_chart"]) {flex-basis: 22rem; min-width: min(100%, 22rem);}
[data-testid="stLayoutWrapper"]:has(> .st-key-beside_chart_0) {flex-grow: 4;}
[class*="st-key-sections_table"] [data-testid="stElementToolbar"] {display: none;}
[data-testid="stFileUploaderDropzoneInstructions"] span {white-space: normal; overflow: visible;}
[class*="st-key-live_"] [data-stale="true"] {opacity: 1 !important;}  /* looked at again each second */
.number-fault {margin: 0; font-size: 0.875rem; line-height: 1.35; color: var(--fault);}
[data-testid="stSidebarNavLink"]:focus-visible {outline: 2px solid currentColor; outline-offset: -2px;}
[data-testid="stForm"] [data-testid="InputInstructions"] {display: none;}
[data-testid="stMetricValue"] {font-variant-numeric: tabular-nums;}
</style>"""


def open_page(title: str, subtitle: str = "") -> None:
    """Read the incoming link, know the visitor, write the title."""
    begin_page(title)
    st.title(title, anchor=False)
    if subtitle:
        st.markdown(f":gray[{subtitle}]")


def begin_page(title: str) -> None:
    """What every page does before it writes anything."""
    _through_app()
    state.begin_page(title)
    st.html(_COLOURS + _STYLE + _COLUMNS)
    st.logo(str(PICTURES / "logo.svg"), size="large")
    tab.mend_tab()
    visitor.remember_visitor()


def _through_app() -> None:
    """Run the first page of a session through app.py.

    Until app.py has run once on a server, Streamlit takes `pages/` for pages of its older kind and runs a page that a
    link opens on its own: without our navigation and page settings.
    """
    if state.get(state.ENTERED) is None:
        state.put(state.ENTERED, True)
        if PagesManager.uses_pages_directory:
            PagesManager.uses_pages_directory = False
            st.rerun()


def columns(shares: Sequence[float], least: int, key: str, gap: Literal["small", "medium", "large"] = "small",
            align: Literal["top", "center", "bottom"] = "top") -> list[DeltaGenerator]:
    """Columns side by side; where one would be narrower than `least` rem (one of LEAST), it goes below the others."""
    assert least in LEAST
    return st.container(key=f"least_{least}_{key}").columns(shares, gap=gap, vertical_alignment=align)


def fetch_ahead() -> None:
    """Let the browser fetch what draws pictures while the visitor reads: an empty chart that nobody sees."""
    import plotly.graph_objects as graph

    with st.container(key="fetch_ahead"):
        st.plotly_chart(graph.Figure(layout={"width": 10, "height": 10}), width=10, key="empty_chart",
                        config={"staticPlot": True})


def go(page: str, run_id: str | None = None) -> NoReturn:
    """Leave for another page, with a run opened there."""
    if run_id is not None:
        state.open_run(run_id)
    st.switch_page(PAGES[page])


def empty_state(title: str, text: str, actions: Iterable[tuple[str, str, str]]) -> NoReturn:
    """A page without content: what it needs, and buttons (label, icon, page) that lead there; stops the page."""
    with st.container(border=True, key="empty_state"):
        st.header(title, anchor=False)
        st.markdown(text)
        with st.container(horizontal=True):
            for number, (label, icon, page) in enumerate(actions):
                kind = "primary" if number == 0 else "secondary"
                if st.button(label, icon=icon, type=kind, key=f"empty_{page}"):
                    go(page)
    st.stop()


@contextlib.contextmanager
def card(title: str, text: str, icon: str | None = None, *, key: str) -> Iterator[None]:
    """A bordered box with a small heading and a text on top; what is written in it stands at its foot."""
    with st.container(border=True, key=key, height="stretch", vertical_alignment="distribute"):
        with st.container(gap="xsmall", key=f"card_head_{key}"):
            st.header(f"{icon + ' ' if icon else ''}{title}", anchor=False)
            st.markdown(text)
        with st.container():
            yield
