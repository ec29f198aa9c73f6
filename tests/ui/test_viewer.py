"""The lit scene in a page: shown where it can be, else one plain line and the quick view."""

import pytest
from streamlit.testing.v1 import AppTest

from isost_core.figures import lit_scene
from isost_core.figures.surfaces import ColouredSurface


def page():
    import streamlit as st

    from isost_core.figures.lit_scene import LitScene
    from ui.explorer.stpyvista_view import show_lit_scene

    lit = show_lit_scene(LitScene(points=None), "lit", fallback=lambda: st.text("quick view"))
    st.text(f"lit: {lit}")


@pytest.fixture(autouse=True)
def forget():
    from ui.explorer import stpyvista_view

    stpyvista_view._why_not.clear()
    stpyvista_view._exported.clear()
    yield
    stpyvista_view._why_not.clear()


def test_without_rendering_the_page_says_so_and_shows_the_quick_view(monkeypatch):
    calls = []

    def check(timeout_s):
        calls.append(timeout_s)
        raise lit_scene.SceneError("This machine cannot draw off screen.")

    monkeypatch.setattr("ui.explorer.stpyvista_view.check_rendering", check)
    app = AppTest.from_function(page).run()
    app.run()
    assert not app.exception
    assert "cannot draw off screen" in app.caption[0].value
    assert [t.value for t in app.text] == ["quick view", "lit: False"]
    assert len(calls) == 1  # found out once per server


def test_an_export_that_is_late_shows_the_quick_view(monkeypatch):
    def late(lit, timeout_s):
        raise lit_scene.SceneError("The lit scene was not ready within 90 s.")

    monkeypatch.setattr("ui.explorer.stpyvista_view.check_rendering", lambda timeout_s: None)
    monkeypatch.setattr("ui.explorer.stpyvista_view.export_html", late)
    app = AppTest.from_function(page).run()
    assert "not ready within" in app.caption[0].value
    assert app.text[0].value == "quick view"


def test_the_exported_page_goes_to_stpyvistas_component(monkeypatch):
    shown = []
    monkeypatch.setattr("ui.explorer.stpyvista_view.check_rendering", lambda timeout_s: None)
    monkeypatch.setattr("ui.explorer.stpyvista_view.export_html", lambda lit, timeout_s: "<html>scene</html>")
    monkeypatch.setattr("ui.explorer.stpyvista_view._component", lambda: (lambda **given: shown.append(given), None))
    app = AppTest.from_function(page).run()
    assert [t.value for t in app.text] == ["lit: True"]
    assert shown[0]["key"] == "lit"
    assert shown[0]["data"]["_html"] == "<html>scene</html>"


def test_the_legend_names_genes_levels_and_measured_cells_and_no_markup_gets_in():
    import numpy as np

    from ui.explorer.stpyvista_view import legend

    surface = ColouredSurface("<b>Gad1", np.zeros((3, 3)), np.array([[0, 1, 2]]), 1.234, colour="rgb(1, 2, 3)")
    text = legend(lit_scene.LitScene((surface,), points=np.zeros((1, 3))))
    assert "&lt;b&gt;Gad1 · predicted ≥ 1.23 (log1p)" in text
    assert "measured cells" in text
    assert "<b>" not in text


def test_without_stpyvista_the_page_still_works(monkeypatch):
    monkeypatch.setattr("ui.explorer.stpyvista_view.check_rendering", lambda timeout_s: None)
    monkeypatch.setattr("ui.explorer.stpyvista_view.export_html", lambda lit, timeout_s: "<html></html>")
    monkeypatch.setitem(__import__("sys").modules, "stpyvista", None)
    app = AppTest.from_function(page).run()
    assert "stpyvista could not be loaded" in app.caption[0].value


def test_the_private_names_of_stpyvista_that_the_viewer_needs_are_there():
    """Read from its files, because it can be imported in a running app only."""
    from importlib.util import find_spec
    from pathlib import Path

    folder = Path(find_spec("stpyvista").origin).parent
    assert "_stpv_component = component(" in (folder / "__init__.py").read_text()
    script = (folder / "backends" / "v2" / "stpyvista.js").read_text()
    assert all(f"data.{name}" in script for name in ("_html", "backend", "height", "width", "use_container_width"))
