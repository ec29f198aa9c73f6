"""A notice on whichever page when what this visitor started has ended: a message, the tab's title and its icon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Watched:
    """Something that is going: its name, and the page that shows it."""

    name: str
    page: str


def watch(page: str) -> None:
    """Tell what has ended since the last look, and keep looking while something of this visitor is going; page : the
    one that is open, by its title."""
    visitor.recognise()
    with st.container(key="notice"):
        _tell_ended(page)
        state.put(state.GOING, going())
        if state.get(state.GOING):
            st.fragment(_tell_ended, run_every=LOOK_EVERY)(page)


def going() -> dict[Path, Watched]:
    """What this visitor started that waits or is being done, by its folder."""
    found = {}
    for run in [*my_runs.runs_folder().glob("*"), workspace.folder() / workspace.DEMO]:
        for folder, what in {run: ("{}", "Runs"), run / "validation": ("Validation of {}", "Validate"),
                             **dict.fromkeys(run.glob("niches/*"), ("Niches of {}", "Niches")),
                             **dict.fromkeys(run.glob("spatial_genes/*"), ("Ranking the genes of {}", "Genes in 3D")),
                             }.items():
            if visitor.is_mine(folder) and read_status(folder).going:
                found[folder] = Watched(what[0].format(read_json(run / "config.json")["name"]), what[1])
    return found


def _tell_ended(page: str) -> None:
    watched: dict[Path, Watched] = state.get(state.GOING, {})
    for folder, what in list(watched.items()):
        status = read_status(folder)
        if not folder.is_dir() or not status.going:
            del watched[folder]
            _tell(folder, what, status, page)


def _tell(folder: Path, what: Watched, status: Status, page: str) -> None:
    title = TITLES.get(status.state)
    if title is None or not folder.is_dir():
        return
    done = status.state == State.DONE
    way = "" if page == what.page else f" See the page **{what.page}**."
    st.toast(f"{'Finished' if done else 'Failed'}: **{widgets.plain(what.name)}**.{way}",
             icon=":material/check_circle:" if done else ":material/error:", duration="infinite")
    _marker()(data={"id": f"{folder.parent.name} {folder.name} {status.updated}", "title": f"{title} · isoST Studio",
                    "done": done}, key="mark_tab", height=1)


@st.cache_resource(show_spinner=False)
def _marker() -> Callable[..., Any]:
    return component("isost_notice", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"))
