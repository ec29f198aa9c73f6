"""The Quality page: the verdict, the findings, the correction of brightness, and the line on the New run page."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from isost_core.datasets.phantoms import make_phantom

ROOT = Path(__file__).resolve().parents[2]
VISITOR = "d" * 32


def prepare(workspace, cells):
    """Files and answers of a stack whose table is complete; returns its folder."""
    from isost_core.readers import scan
    from ui.stack.table import as_rows

    owner = hashlib.sha256(f"isost visitor {VISITOR}".encode()).hexdigest()[:32]
    folder = workspace / "uploads" / owner / ("0" * 16)
    folder.mkdir(parents=True)
    cells.write_h5ad(folder / "stack.h5ad")
    rows = as_rows(scan([folder / "stack.h5ad"]), {})
    (folder / "answers.json").write_text(json.dumps({"table": rows, "reading": {}}))
    return folder


@pytest.fixture
def sound(tmp_path, monkeypatch):
    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))
    return prepare(tmp_path, make_phantom("lobe", 4, 15.0, n_cells=400, n_genes=24, seed=1)[0])


@pytest.fixture
def shuffled(tmp_path, monkeypatch):
    """Sections whose cells were mixed up: all but one section lost its pattern."""
    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))
    cells = make_phantom("lobe", 4, 15.0, n_cells=400, n_genes=24, seed=1)[0]
    rows = np.flatnonzero(cells.obs["section"] == "S02")
    cells.obsm["spatial"][rows] = cells.obsm["spatial"][rows][::-1, ::-1] * [1, -1]
    return prepare(tmp_path, cells)


def open_page(name):
    os.chdir(ROOT)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=90)
    app.session_state["visitor"] = VISITOR
    app.run()
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception, app.exception
    return app


def words(app):
    return "\n".join(str(e.value) for kind in ("title", "markdown", "caption", "error", "warning", "success")
                     for e in app.get(kind))


def test_without_sections_the_page_says_what_it_needs(tmp_path, monkeypatch):
    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))
    app = open_page("quality")
    assert "needs measured sections" in words(app)
    assert "Go to Sections" in {b.label for b in app.button}


def test_a_sound_stack_is_said_to_be_good(sound):
    app = open_page("quality")
    assert "Do not reconstruct" not in words(app)
    assert "4 sections" in words(app) and not app.error
    assert {"Neighbours", "Sections"} <= {s.value for s in app.subheader}
    assert len(app.dataframe) == 2
    assert list(app.dataframe[1].value["section"]) == ["S01", "S02", "S03", "S04"]


def test_a_bad_stack_gets_a_loud_verdict_with_what_to_do(shuffled):
    app = open_page("quality")
    assert "Do not reconstruct yet" in app.error[0].value
    assert "do not agree" in words(app) and "What to do" in words(app)


def test_the_correction_is_kept_and_used_by_runs(sound):
    app = open_page("quality")
    toggle = next(t for t in app.toggle if t.key == "correct_brightness")
    assert not toggle.value
    toggle.set_value(True).run()
    assert not app.exception
    assert json.loads((sound / "answers.json").read_text())["correct_batch"] is True
    assert "were removed" in words(open_page("new_run"))


def test_before_a_run_severe_findings_are_named(shuffled):
    app = open_page("new_run")
    assert any("agree" in e.value for e in app.error)
    assert any(b.key == "start_run" for b in app.button)


def test_before_a_run_a_sound_stack_is_not_warned_about(sound):
    assert not open_page("new_run").error


def ranges(app, key):
    """Range or direction of y of a chart on the page."""
    chart = next(json.loads(c.proto.spec) for c in app.get("plotly_chart") if key in c.proto.id)
    axis = chart["layout"]["yaxis"]
    return axis.get("range") or axis.get("autorange")


def test_y_downwards_is_one_setting_of_all_pages(sound):
    app = open_page("quality")
    low, high = ranges(app, "quality_strip")
    assert low < high, "no images say otherwise"
    next(t for t in app.toggle if t.label == "y downwards").set_value(True).run()
    assert ranges(app, "quality_strip") == [high, low]
    app.switch_page("pages/sections.py").run()
    assert next(t for t in app.toggle if t.label == "y downwards").value
    low, high = ranges(app, "strip")
    assert low > high
    app.switch_page("pages/registration.py").run()
    assert next(t for t in app.toggle if t.label == "y downwards").value
    assert not app.exception
