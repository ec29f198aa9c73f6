"""The explorer's parts in the browser: a feeder that brings a pack of texels once, and the viewer that shows them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from isost_core.export import textures
from ui.explorer import schema
from ui.open_run import cached_run
from ui.open_run.shown import Shown

_FOLDER = Path(__file__).parent / "browser"


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


@st.cache_resource(show_spinner=False)
def _viewer() -> Callable[..., Any]:
    return st.components.v2.component("isost_explorer", html=_text("explorer.html"), css=_text("explorer.css"),
                                      js=_text("bundle/explorer.js"))


@st.cache_resource(show_spinner=False)
def _feeder() -> Callable[..., Any]:
    return st.components.v2.component("isost_feeder", html="<i></i>", js=_text("bundle/feeder.js"))


def feed(packs: Mapping[str, bytes]) -> None:
    """Bring packs (dict of key -> bytes, see isost_core.export.textures) to the browser; each travels once."""
    with st.container(key="explorer_feed"):
        for key, data in packs.items():
            _feeder()(data=data, key=f"feed.{key}", height=1)


def viewer(config: dict[str, Any], key: str, on_view: Callable[[], None], on_region: Callable[[], None]) -> bool:
    """Show the viewer; returns False where the browser has no WebGL2."""
    said = _viewer()(data={"schema": schema.for_browser(), **config}, key=key, on_view_change=on_view,
                     on_region_change=on_region, on_webgl_change=lambda: None)
    return said.get("webgl") is not False


def pack_key(shown: Shown, name: str | None) -> str:
    """Name of the texels of a gene or niche (None: of the tissue) in the browser."""
    kept_in = shown.niches.folder.name if shown.niches and shown.niche_number(name) is not None else None
    return f"{shown.run.id}.{kept_in or cached_run.run_key(shown.run)[1]}.{name or ''}"


def pack(shown: Shown, name: str | None) -> bytes:
    """Bytes of the texels of a gene or niche, or of the tissue."""
    return _pack(pack_key(shown, name), name, shown)


@st.cache_resource(max_entries=12, show_spinner=False)
def _pack(key: str, name: str | None, _shown: Shown) -> bytes:
    run, niche = _shown.run, _shown.niche_number(name)
    if _shown.niches and niche is not None:
        return textures.niche_texture(run, _shown.niches.niches, niche, key)
    return textures.tissue_texture(run, key) if name is None else textures.gene_texture(run, name, key)
