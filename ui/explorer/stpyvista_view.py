"""The lit 3D scene in the page, through stpyvista; the quick Mesh3d picture where that cannot work.

stpyvista's own call forks the server, draws in the fork and waits for it without limit; where libEGL is missing the
fork dies and the page would hang. Here the same export runs in a fresh process with a time limit, and its page is
handed to stpyvista's component.
"""

import hashlib
import html
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from isost_core.figures.colours import CANVAS, INK_ON_CANVAS
from isost_core.figures.lit_scene import LitScene, SceneError, check_rendering, export_html, export_picture

CHECK_S = 60
EXPORT_S = 90
LOADING = """<style>
.st-key-{key}_box {{position: relative; min-height: {height}px; border-radius: 0.6rem; background: {canvas};}}
.st-key-{key}_box::before {{content: "The scene is loading …"; position: absolute; top: 45%; width: 100%;
  text-align: center; color: {ink};}}
.st-key-{key}_box iframe {{position: relative; z-index: 1;}}
</style>"""  # words that the scene covers once it is there


def show_lit_scene(lit: LitScene, key: str, height: int = 640, fallback: Callable[[], None] | None = None) -> bool:
    """Show a lit scene; where it cannot be drawn say so in one line and call `fallback`. True if lit."""
    page, reason = _lit_page(lit)
    component, missing = _component() if page else (None, None)
    if component is None:
        st.caption(f":material/info: {reason or missing} The quick view is shown instead.")
        if fallback is not None:
            fallback()
        return False
    with st.container(key=f"{key}_box"):
        st.html(LOADING.format(key=key, height=height, canvas=CANVAS, ink=INK_ON_CANVAS))
        component(key=key, data={"_html": page, "backend": "trame", "height": height, "width": 0,
                                 "use_container_width": True})
    words = legend(lit)
    if words:
        st.html(words)
    return True


def legend(lit: LitScene) -> str:
    """The colours of the scene in words, as HTML: the scene itself has no legend."""
    return " ".join(f'<span style="white-space: nowrap; margin-right: 1.2em; font-size: 0.9rem">'
                    f'<span style="color: {colour}">●</span> {html.escape(text)}</span>'
                    for colour, text in lit.legend())


def _lit_page(lit: LitScene) -> tuple[str | None, str | None]:
    """(page, None) or (None, why not)."""
    return _drawn(lit, _exported, "Lighting the scene, some seconds")


def lit_picture(lit: LitScene) -> tuple[bytes | None, str | None]:
    """(PNG of a lit scene, None) or (None, why not)."""
    return _drawn(lit, _pictured, "Drawing the surfaces, some seconds")


def _drawn(lit: LitScene, draw: Callable[[str, LitScene], Any], words: str) -> tuple[Any, str | None]:
    reason = _why_not()
    if reason:
        return None, reason
    try:
        with st.spinner(words, show_time=True):
            return draw(_digest(lit), lit), None
    except SceneError as problem:
        return None, str(problem)


@st.cache_data(max_entries=12, show_spinner=False)
def _pictured(digest: str, _lit: LitScene) -> bytes:
    return export_picture(_lit, timeout_s=EXPORT_S)


@st.cache_resource(show_spinner="Checking 3D rendering")
def _why_not() -> str:
    """Why this server cannot draw off screen, or ''. Found out once, in a process that may crash."""
    try:
        check_rendering(timeout_s=CHECK_S)
    except SceneError as problem:
        return str(problem)
    return ""


@st.cache_data(max_entries=12, show_spinner=False)
def _exported(digest: str, _lit: LitScene) -> str:
    return export_html(_lit, timeout_s=EXPORT_S)


def _digest(lit: LitScene) -> str:
    parts = [*lit.surfaces, *([lit.tissue] if lit.tissue else [])]
    looks = [(s.name, s.colour, s.opacity, len(s.vertices)) for s in parts]
    told = hashlib.sha256(repr((looks, lit.depth_scale, lit.camera, lit.eye, lit.window)).encode())
    for array in (lit.points, lit.point_colours, *(a for s in parts for a in (s.vertices, s.faces, s.known))):
        if array is not None:
            told.update(array.tobytes())
    return told.hexdigest()


def _component() -> tuple[Callable[..., Any] | None, str | None]:
    """(stpyvista's Streamlit component, None) or (None, why not). It can be imported in a running app only."""
    try:
        from stpyvista import _stpv_component
    except (ImportError, StreamlitAPIException) as problem:
        return None, f"stpyvista could not be loaded ({type(problem).__name__})."
    return _stpv_component, None
