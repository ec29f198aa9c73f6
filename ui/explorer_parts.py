"""The explorer's parts in the browser: a feeder that brings a pack of texels once, and the viewer that shows them."""

from pathlib import Path

import streamlit as st

from ui import cache, niches_data
from ui.explorer import schema

_FOLDER = Path(__file__).parent / "explorer" / "browser"


def _text(name):
    return (_FOLDER / name).read_text(encoding="utf-8")


@st.cache_resource(show_spinner=False)
def _viewer():
    return st.components.v2.component("isost_explorer", html=_text("explorer.html"), css=_text("explorer.css"),
                                      js=_text("bundle/explorer.js"))


@st.cache_resource(show_spinner=False)
def _feeder():
    return st.components.v2.component("isost_feeder", html="<i></i>", js=_text("bundle/feeder.js"))


def feed(packs):
    """Bring packs (dict of key -> bytes, see isost_core.texels) to the browser; each travels once."""
    with st.container(key="explorer_feed"):
        for key, data in packs.items():
            _feeder()(data=data, key=f"feed.{key}", height=1)


def viewer(config, key, on_view, on_region):
    """Show the viewer; returns False where the browser has no WebGL2."""
    said = _viewer()(data={"schema": schema.for_browser(), **config}, key=key, on_view_change=on_view,
                     on_region_change=on_region, on_webgl_change=lambda: None)
    return said.get("webgl") is not False


def pack_key(run, gene):
    """Name of the texels of a gene (None: of the tissue) in the browser."""
    of = niches_data.stamp(run) if niches_data.number_of(run, gene) is not None else cache.run_key(run)[1]
    return f"{run.id}.{of}.{gene or ''}"


def pack(run, gene):
    """Bytes of the texels of a gene or niche, or of the tissue."""
    return _pack(pack_key(run, gene), run, gene)


@st.cache_resource(max_entries=12, show_spinner=False)
def _pack(key, _run, gene):
    from isost_core import texels

    niche = niches_data.number_of(_run, gene)
    if niche is not None:
        return texels.niche_pack(_run, niches_data.chosen(_run), niche, key)
    return texels.tissue_pack(_run, key) if gene is None else texels.gene_pack(_run, gene, key)
