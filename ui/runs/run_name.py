"""The name of a new run: proposed from what it is made of, or typed."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import streamlit as st

from isost_core.runs.folder import LONGEST_NAME, as_name, unused_name
from ui.jobs import my_runs
from ui.runs.config_form import PRESET_WORDS
from ui.shell import state
from ui.stack import uploads

_BOX, _PROPOSED = "run_name", "run_name_proposed"
_ENDINGS = re.compile(r"(\.(tar|csv|tsv|txt|h5ad|h5|zarr|zip|gz|ome|tif|tiff|parquet|mtx))+$", re.IGNORECASE)
LONGEST_STACK = 44  # letters of a stack's name that go into that of its run
LEAST_SHARED = 3  # letters that names of files must begin with together to be called by them


def box(folder: Path, preset: str) -> str:
    """A box with a proposed name, which follows the preset until another one is typed; returns what is in it, which
    may be no name yet."""
    proposed = of_stack(folder, preset)
    if state.get(_BOX) in (None, state.get(_PROPOSED)):
        state.put(_BOX, proposed)
    state.put(_PROPOSED, proposed)
    return st.text_input("Name of the run", max_chars=LONGEST_NAME, key=_BOX, autocomplete="off",
                         help="You can also rename it later, under Runs.")


def checked(typed: str, folder: Path, preset: str) -> str:
    """The name that was typed, or the proposed one where the box is empty; an InputError for one without a letter."""
    return as_name(typed) if typed.strip() else of_stack(folder, preset)


def of_stack(folder: Path, preset: str) -> str:
    """'merfish · Standard · 3 May', with a number behind it where a run of this visitor has that name."""
    today = date.today()
    name = f"{_stack(folder)} · {PRESET_WORDS[preset][0]} · {today.day} {today:%b}"
    return unused_name(name, {card.name for card in my_runs.my_runs()})


def _stack(folder: Path) -> str:
    """What a stack is called: the example it is, or its files."""
    example = uploads.answers(folder).get("example")
    name = example.partition(":")[0] if example else of_files([path.name for path in uploads.files(folder)])
    return name if len(name) <= LONGEST_STACK else f"{name[:LONGEST_STACK - 1].rstrip()}…"


def of_files(names: Sequence[str]) -> str:
    """What files are called together: what all their names begin with, else the first and how many more."""
    stems = [_ENDINGS.sub("", name) for name in names] or ["sections"]
    if len(stems) == 1:
        return stems[0]
    shared = re.sub(r"[\W_\d]+$", "", os.path.commonprefix(stems))
    return shared if len(shared) >= LEAST_SHARED else f"{stems[0]} and {len(stems) - 1} more"
