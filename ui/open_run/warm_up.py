"""What the first picture of the demo needs, made ready while the visitor reads the first page."""

import importlib
import threading
from pathlib import Path

import streamlit as st

LIBRARIES = ("plotly.graph_objects", "pyvista", "isost_core.figures.sections")


@st.cache_resource(show_spinner=False)
def warm_up(demo: Path | None) -> None:
    """Begin it; once for each server."""
    threading.Thread(target=_prepare, args=(demo,), daemon=True).start()


def _prepare(demo: Path | None) -> None:
    for name in LIBRARIES:
        importlib.import_module(name)
    cached_run = importlib.import_module("ui.open_run.cached_run")  # here: the first page is not to wait for it
    if demo is not None:
        opened = cached_run.run(demo)
        gene = cached_run.first_gene(opened)
        cached_run.isosurface(opened, gene, cached_run.levels(opened, gene)[cached_run.OPENING_PERCENTILE])
        cached_run.outline(opened)
