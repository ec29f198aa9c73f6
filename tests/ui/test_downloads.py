"""Files to take away: what they are called."""

import re
from pathlib import Path

import pytest

from isost_core.files import slug
from tests.ui.test_pages import RUN_ID, finished  # noqa: F401
from ui.shell.downloads import file_name

UI = Path(__file__).resolve().parents[2] / "ui"


@pytest.mark.parametrize("text, expected", [
    ("MPOA rep 1 <b>x", "MPOA-rep-1-b-x"), ("Hirnstück/α", "Hirnstuck"), ("..\\CON: a?", "CON-a"), ("日本", ""),
    ("volume_Gad1_18.8um", "volume_Gad1_18.8um"), ("a" * 200, "a" * 60), ("a" * 59 + " b", "a" * 59)])
def test_a_text_becomes_a_part_of_a_files_name(text, expected):
    assert slug(text) == expected


def test_a_file_is_named_by_its_run_and_what_it_holds(finished):  # noqa: F811
    from isost_core.runs.run import Run

    run = Run(finished / "runs" / RUN_ID)
    assert file_name(run, "Gad1_slice", ".csv") == "small-ball_Gad1_slice.csv"


def test_a_run_without_a_letter_in_its_name_lends_its_id(finished, monkeypatch):  # noqa: F811
    from isost_core.runs.run import Run

    monkeypatch.setattr(Run, "name", "日本")
    assert file_name(Run(finished / "runs" / RUN_ID), "trust", ".csv") == f"{RUN_ID}_trust.csv"


def test_no_file_is_named_by_the_id_of_a_run():
    named = re.compile(r"run\.id\}_")
    assert not [path.name for path in UI.rglob("*.py") if named.search(path.read_text())]
