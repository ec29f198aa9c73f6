"""What the first picture of the demo needs, made ready while the visitor reads the first page."""

import importlib
import threading
from pathlib import Path

import streamlit as st

LIBRARIES = ("plotly.graph_objects", "pyvista", "isost_core.figures.sections")

EXPLORER = ("ui.open_run.cached_run", "ui.explorer.component", "ui.open_run.shown", "ui.explorer.channels")


@st.cache_resource(show_spinner=False)
def warm_up(demo: Path | None) -> None:
    """Begin it; once for each server. A server that ends waits for the step that is going: a daemon's import or
    library call that is cut off there can hold the whole process for good."""
    threading.Thread(target=_prepare, args=(demo,)).start()


def _ending() -> bool:
    return not threading.main_thread().is_alive()


def _prepare(demo: Path | None) -> None:
    for name in LIBRARIES:
        if not _ending():
            importlib.import_module(name)
    if demo is not None and not _ending():  # these are imported here: the first page is not to wait for them
        cached_run, component, shown, channels = (importlib.import_module(name) for name in EXPLORER)
        opened = cached_run.run(demo)
        gene, _ = cached_run.first_gene(opened), opened.telling_um
        chosen = shown.Shown(opened, (gene,))
        for name in () if _ending() else (None, gene):
            component.pack(chosen, name)
        channels.channels(chosen)  # its range of colours, the level of its surface, its trust
