"""Sections: what is asked, how it is filled in, and what other pages know of it."""

import json

import pytest

from tests.ui.test_pages import button, empty, fill, h5ad, open_page, upload, words  # noqa: F401 (a fixture)
from tests.ui.test_upload import type_in
from ui.stack.table import gap_of, unit_of, with_gap, with_unit

GAP, UNIT = "Gap between sections (µm)", "Size of one unit (µm)"


def two():
    return upload({"a.h5ad": h5ad(), "b.h5ad": h5ad()})


def column(workspace, name):
    """A column of the table as it is kept with the stack."""
    kept = next(workspace.glob("uploads/*/*/answers.json"))
    return [row[name] for row in json.loads(kept.read_text())["table"]]


def box(app, label):
    return next(n for n in app.text_input if n.label == label).value


def test_a_number_that_is_typed_fills_its_column_at_once(empty):  # noqa: F811
    app = type_in(two(), GAP, "50")
    assert column(empty, "depth") == [0, 50] and "Fill in **µm per unit**" in words(app)
    app = type_in(app, UNIT, "0.5")
    assert column(empty, "scale") == [0.5, 0.5] and not button(app, "Continue to Quality").disabled
    app = type_in(app, GAP, "20")
    assert column(empty, "depth") == [0, 20] and (box(app, GAP), box(app, UNIT)) == ("20", "0.5")
    app = button(app, "Undo").click().run()
    assert column(empty, "depth") == [0, 50] and box(app, GAP) == "50"
    assert not app.query_params and "Undo" not in {b.label for b in app.button}


def test_the_boxes_say_what_is_in_the_table_after_a_reload(empty):  # noqa: F811
    fill(two(), gap=30, scale=2)
    app = open_page("sections")
    assert (box(app, GAP), box(app, UNIT)) == ("30", "2")
    app = app.button(key="confirm_start_over").click().run()
    app.file_uploader[0].set_value([("c.h5ad", h5ad(), ""), ("d.h5ad", h5ad(), "")])
    app = app.run()
    assert (box(app, GAP), box(app, UNIT)) == ("", "")


def row(name, order, depth, scale=1.0, use=True):
    return {"name": name, "order": order, "depth": depth, "scale": scale, "use": use, "depth_in_units": None}


@pytest.mark.parametrize("depths, gap", [((0, 5, 10), 5), ((3, 8, 13), 5), ((0, 5, 11), None), ((0, None, 10), None),
                                         ((10, 5, 0), None), ((4,), None)])
def test_a_gap_is_one_that_is_the_same_everywhere(depths, gap):
    assert gap_of([row(str(k), k, depth) for k, depth in enumerate(depths)]) == gap


def test_sections_that_are_not_used_are_not_filled():
    rows = [row("a", 3, None, None), row("b", 1, None, None), row("c", 2, 7.0, 3.0, use=False)]
    assert [r["depth"] for r in with_gap(rows, 10)] == [10, 0, 7]
    assert [r["scale"] for r in with_unit(rows, 2)] == [2, 2, 3]
    assert gap_of(with_gap(rows, 10)) == 10 and unit_of(with_unit(rows, 2)) == 2 and unit_of(rows) is None


def test_files_of_no_format_are_refused_by_name_and_the_others_kept(empty):  # noqa: F811
    app = upload({"notes.docx": b"text", "a.h5ad": h5ad(), ".DS_Store": b"x"})
    assert "1 file not added" in app.error[0].value and "notes.docx" in app.error[0].value
    assert "DS" not in app.error[0].value and "1 section" in words(app)
    app.file_uploader[0].set_value([("b.h5ad", h5ad(), "")])
    app = app.run()
    assert not app.error and "2 sections" in words(app)


def test_only_files_of_no_format_make_no_stack(empty):  # noqa: F811
    app = upload({"notes.docx": b"text"})
    assert "notes.docx" in app.error[0].value and "Upload the sections" in app.subheader[0].value
    assert not list(empty.glob("uploads/*/*"))


def test_a_stack_that_was_left_before_its_table_is_known_to_other_pages(empty):  # noqa: F811
    two()
    for answers in empty.glob("uploads/*/*/answers.json"):
        answers.unlink()
    said = words(open_page("new_run"))
    assert "Some information about your sections is missing" in said and "Fill in **Depth (µm)**" in said


def test_a_file_that_came_after_the_table_is_asked_about_on_other_pages(empty):  # noqa: F811
    fill(two())
    folder = next(path for path in empty.glob("uploads/*/*") if path.is_dir())
    (folder / "c.h5ad").write_bytes(h5ad())
    app = open_page("quality")
    assert not app.exception and not app.error
    assert "Fill in **Depth (µm)** for c." in words(app)


def test_the_table_has_no_column_of_nothing(empty):  # noqa: F811
    from ui.sections.sections_table import _shown

    rows = [{"name": "a", "file": "a.h5ad", "found": ""}, {"name": "b", "file": "b.h5ad", "found": ""}]
    assert not {"file", "found"} & set(_shown(rows))
    assert "found" in _shown([*rows, {"name": "c", "file": "c.h5ad", "found": "unit: µm"}])
    assert "file" in _shown([*rows, {"name": "S1", "file": "c.h5ad", "found": ""}])
    assert "file" not in _shown([{"name": "S1", "file": "c.h5ad", "found": ""}])
