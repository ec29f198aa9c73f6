"""A run's measured places are called what they are: spots are no cells."""

from types import SimpleNamespace

import numpy as np

from isost_core.figures.lit_scene import LitScene
from ui.explorer import stpyvista_view, tissue_view


def test_the_control_of_the_servers_picture_names_spots(monkeypatch):
    made = {}
    for name in ("slider", "toggle", "selectbox"):
        monkeypatch.setattr(tissue_view.st, name, lambda *_, **__: 1.0)
    monkeypatch.setattr(tissue_view.st, "segmented_control",
                        lambda label, options, help="", **_: made.update({label: help}) or options[0])
    monkeypatch.setattr(tissue_view.state, "control", lambda *_: {})
    for name in ("control", "regions"):
        monkeypatch.setattr(tissue_view.uncertainty, name, lambda *_, **__: None)
    monkeypatch.setattr(tissue_view, "level_slider", lambda *_: 1.0)
    tissue_view.controls(SimpleNamespace(noun="spot", extent_um=((0, 0, 0), (100, 100, 100))), ["Gene"])
    (said,) = [text for label, text in made.items() if label == "Spots in 3D"]
    assert "spots" in said and "cell" not in said


def test_the_legend_of_the_lit_scene_names_spots():
    points = np.zeros((1, 3))
    assert "measured spots" in stpyvista_view.legend(LitScene((), points=points, noun="spot"))
    assert "measured cells" in stpyvista_view.legend(LitScene((), points=points))
