"""The Gradients page: focus, profile, ranked genes and groups of foci."""

import pytest

from tests.ui.test_pages import RUN_ID, finished, open_page, with_run, words  # noqa: F401
from ui.open_run import crosshair


def control(app, label, kind="button_group"):
    return next(b for b in app.get(kind) if b.label == label)


@pytest.mark.parametrize("kind", ["depth", "radial", "spherical", "surface"])
def test_every_kind_of_profile(kind, with_run):  # noqa: F811
    app = open_page("gradients", run=RUN_ID, kind=kind)
    assert not app.error and control(app, "Profile", "selectbox").value == kind
    said = words(app)
    assert "Lines are **predicted**, points are **measured**" in said and "Bands and bars are 95 %" in said
    assert "Diamonds are the **2D estimate**" in said


def test_profile_that_holds_no_cell(with_run):  # noqa: F811
    app = open_page("gradients", run=RUN_ID, kind="spherical", radius="0.001")
    assert "No cell lies within the radius" in app.error[0].value


def test_any_axis(with_run):  # noqa: F811
    app = open_page("gradients", run=RUN_ID, kind="radial", axis="any", ax="1", ay="1")
    assert not app.error and control(app, "axis x", "text_input").value == "1"
    for letter in "x", "y", "depth":
        control(app, f"axis {letter}", "text_input").set_value("0")
    app.run()
    assert "not all 0" in app.error[0].value


def test_the_crosshair_of_the_explorer_is_the_first_focus(with_run):  # noqa: F811
    app = open_page("explorer", run=RUN_ID, cx="12.5", cy="-8", cdepth="30")
    app.switch_page("pages/gradients.py").run()
    places = [control(app, f"{axis} (µm)", "text_input").value for axis in ("x", "y", "depth")]
    assert places == ["12.5", "-8", "30"]


def test_the_focus_counts_unless_its_radius_is_emptied_and_then_it_says_so(with_run):  # noqa: F811
    app = open_page("gradients", run=RUN_ID)
    radius = control(app, "Radius (µm)", "text_input")
    assert float(radius.value) > 0 and "radius" not in app.query_params
    assert "the focus is not used" not in words(app)
    radius.set_value("").run()
    assert "All cells count, so the focus is not used" in words(app) and not app.error
    again = open_page("gradients", run=RUN_ID, radius=app.query_params["radius"])
    assert control(again, "Radius (µm)", "text_input").value == ""
    assert "This profile has no focus" in words(open_page("gradients", run=RUN_ID, kind="surface"))


def test_a_clicked_hot_spot_becomes_the_focus(with_run):  # noqa: F811
    app = open_page("gradients", run=RUN_ID, kind="spherical", focus_by="hot")
    assert "Click a row to go there" in words(app) and not app.error
    spots = next(d.value for d in app.dataframe if "radius_um" in d.value)
    assert len(spots) and spots["value"].is_monotonic_decreasing
    app = open_page("gradients", run=RUN_ID, kind="spherical", focus_by="clump")
    assert "no annotation" in words(app)


def test_a_row_that_is_clicked_moves_the_view(monkeypatch):
    import pandas as pd

    from ui.gradients import ranking_tables
    from ui.shell import state

    view = {"genes": ["A", "B"]}
    monkeypatch.setattr(state, "set_view", view.__setitem__)
    monkeypatch.setattr(state, "view_value", lambda name, default: view.get(name, default))
    crosshair.go_to(pd.DataFrame({"x": [1.0, 2.26], "y": [3.0, 4.0], "depth": [5.0, 6.0]}), [1])
    ranking_tables.draw(pd.DataFrame({"gene": ["C", "B"]}), [1])
    assert view == {"cx": 2, "cy": 4, "cdepth": 6, "genes": ["B", "A"]}


def test_what_is_drawn_can_be_left_out(with_run):  # noqa: F811
    app = open_page("gradients", run=RUN_ID, kind="spherical", flat="0", shuffled="0", intervals="0")
    said = words(app)
    assert "Diamonds" not in said and "shuffled" not in said and "intervals" not in said


def open_tab(app, name):
    app.session_state["gradient_tabs"] = name
    app.run()
    assert not app.exception and not app.error, words(app)
    return app


def test_genes_are_ranked(with_run):  # noqa: F811
    app = open_tab(open_page("gradients", run=RUN_ID, kind="spherical"), "Ranked genes")
    table = next(d.value for d in app.dataframe if "q" in d.value)
    assert len(table) == 6 and table["correlation"].abs().is_monotonic_decreasing
    assert "at a false discovery rate of 5" in words(app)
    assert any(b.label == "All genes (.csv)" for b in app.get("download_button"))


def test_groups_of_foci_are_compared_or_said_to_be_missing(with_run):  # noqa: F811
    app = open_tab(open_page("gradients", run=RUN_ID, kind="spherical", genes="Depth1"), "Groups of foci")
    said = words(app)
    assert "intervals of the mean over foci" in said or "no focus" in said


def test_a_new_widget_is_set_again_until_the_visitor_has_touched_it(with_run):  # noqa: F811
    app = open_page("gradients", run=RUN_ID, kind="spherical")

    def place():
        return control(app, "x (µm)", "text_input")

    app.run()  # the browser may mount the widget only now
    assert place().proto.set_value and place().proto.value == place().value
    place().set_value("3").run()
    app.run()
    assert place().value == "3" and float(app.query_params["cx"][0]) == 3.0


def test_a_table_shows_no_minus_zero():
    import pandas as pd

    from ui.shell import widgets

    shown = widgets.rounded(pd.DataFrame({"gene": ["A", "B"], "z": [-0.2, -1.6]}), {"z": 0})
    assert [f"{value:.0f}" for value in shown["z"]] == ["0", "-2"] and list(shown["gene"]) == ["A", "B"]
