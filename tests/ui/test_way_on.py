"""From the sections to the run: each page leads to the next, and says what was done to the sections on the way."""

import json

import numpy as np
import pytest

from isost_core.registration.alignment import Alignment, Warp
from isost_core.registration.moves import move_of
from isost_core.reports import quality_words
from tests.ui.test_quality_page import open_page, sound, words  # noqa: F401
from ui.registration.moves import rows


def labels(app):
    return [b.label for b in app.button]


@pytest.mark.parametrize("page, to, past, title", [
    ("sections", "Continue to Quality", "Skip to New run", "Quality"),
    ("quality", "Continue to Registration", "Skip to New run", "Registration"),
    ("registration", "Continue to New run", None, "New run")])
def test_each_page_leads_to_the_next(page, to, past, title, sound):  # noqa: F811
    app = open_page(page)
    assert labels(app).count(to) == 1
    assert [label for label in labels(app) if label.startswith("Skip")] == ([past] if past else [])
    next(b for b in app.button if b.label == to).click().run()
    assert not app.exception and [t.value for t in app.title] == [title]


def register(folder, stack, alignment):
    from ui.stack.reading import signature_of

    answers = json.loads((folder / "answers.json").read_text())
    answers["registration"] = {"signature": signature_of(stack), "alignment": alignment.to_dict(), "on": True,
                               "undo": [], "made": 1e9}
    (folder / "answers.json").write_text(json.dumps(answers))


def test_what_was_done_to_each_section_stands_beside_the_agreement(sound):  # noqa: F811
    from isost_core.readers import read_sections

    app = open_page("registration")
    assert "Each section since upload" not in words(app) and "Sections as uploaded" in words(app)
    stack = read_sections([sound / "stack.h5ad"])
    middle = stack.xy[stack.rows("S02")].mean(0)
    moved = Alignment.identity(stack).with_correction("S02", middle, (30, 40), 12, mirror=False)
    register(sound, stack, moved)
    app = open_page("registration")
    assert "Uses the registration of 09 Sep 2001" in words(app) and "1 section corrected by hand" in words(app)
    table = next(d.value for d in app.dataframe if "Moved (µm)" in d.value)
    assert list(table["Moved (µm)"]) == [0, 50, 0, 0] and list(table["Turned (°)"]) == [0, 12, 0, 0]
    assert set(table["Mirrored"]) == {"–"} and "Bent" not in table and "Size (%)" not in table
    app = open_page("new_run")
    assert "Uses the registration of 09 Sep 2001" in words(app)


def test_a_section_that_grew_or_was_bent_gets_its_column():
    matrices = np.tile(np.eye(3), (2, 1, 1))
    matrices[1, :2, :2] *= 1.1
    alignment = Alignment(("A", "B"), matrices, {"A": Warp([[0.0, 0.0]], [[0.0, 0.0]], 10.0)})
    made = rows(alignment.names, [move_of(alignment, name, np.zeros(2)) for name in alignment.names])
    assert [row["Size (%)"] for row in made] == [100, 110] and [row["Bent"] for row in made] == ["yes", "–"]


def test_an_agreement_that_is_not_known_yet_is_no_number(sound, monkeypatch):  # noqa: F811
    app = open_page("registration")
    metric = next(m for m in app.metric if m.label == "Agreement (r)")
    assert 0 < float(metric.value) <= 1 and metric.delta == "as uploaded"
    monkeypatch.setattr("ui.registration.by_hand.agreement", lambda stack: None)
    monkeypatch.setattr("ui.registration.automatic.compute", lambda stack: None)
    metric = next(m for m in app.run().metric if m.label == "Agreement (r)")
    assert (metric.value, metric.delta) == ("…", "computing r …")


def test_each_preset_says_how_long_it_takes_here(sound):  # noqa: F811
    captions = next(r for r in open_page("new_run").radio if r.label == "Preset").proto.captions
    assert len(captions) == 3 and all("About " in text for text in captions) and len(set(captions)) == 3


def test_headings_that_are_no_everyday_words_are_explained():
    keys = {key for key, _, _ in quality_words.SECTION_COLUMNS + quality_words.PAIR_COLUMNS}
    assert keys - set(quality_words.COLUMN_HELP) == {"depth_um", "cells", "gap_um"}
    assert set(quality_words.COLUMN_HELP) <= keys
