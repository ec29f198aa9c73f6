"""A notice on whichever page when what this visitor started has ended: a message, the tab's title and its icon."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from isost_core.files import read_json
from isost_core.jobs.status import State, Status, read_status
from ui.jobs import my_runs
from ui.shell import state, visitor, widgets, workspace

LOOK_EVERY = "4s"
TITLES = {State.DONE: "Done", State.FAILED: "Failed"}  # what was cancelled is known to who did it


def watch() -> None:
    """Tell what has ended since the last look, and keep looking while something of this visitor is going."""
    visitor.recognise()
    with st.container(key="notice"):
        _tell_ended()
        state.put(state.GOING, going())
        if state.get(state.GOING):
            st.fragment(_tell_ended, run_every=LOOK_EVERY)()


def going() -> dict[Path, str]:
    """{folder: name} of this visitor's runs, validations and searches for niches that wait or are being done."""
    found = {}
    for run in [*my_runs.runs_folder().glob("*"), workspace.folder() / workspace.DEMO]:
        for folder, what in {run: "", run / "validation": "Validation of ",
                             **dict.fromkeys(run.glob("niches/*"), "Niches of ")}.items():
            if visitor.is_mine(folder) and read_status(folder).going:
                found[folder] = what + str(read_json(run / "config.json")["name"])
    return found


def _tell_ended() -> None:
    watched: dict[Path, str] = state.get(state.GOING, {})
    for folder, name in list(watched.items()):
        status = read_status(folder)
        if not folder.is_dir() or not status.going:
            del watched[folder]
            _tell(folder, name, status)


def _tell(folder: Path, name: str, status: Status) -> None:
    title = TITLES.get(status.state)
    if title is None or not folder.is_dir():
        return
    done = status.state == State.DONE
    st.toast(f"**{widgets.plain(name)}** {'is finished' if done else 'has failed'}. You find it under **Runs**.",
             icon=":material/check_circle:" if done else ":material/error:", duration="infinite")
    _marker()(data={"id": f"{folder.parent.name} {folder.name} {status.updated}", "title": f"{title} · isoST Studio",
                    "done": done}, key="mark_tab", height=1)


@st.cache_resource(show_spinner=False)
def _marker() -> Callable[..., Any]:
    return component("isost_notice", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"))
