"""The list of a visitor's runs, which stays true while something goes, and the heading of the open one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from isost_core.errors import InputError
from isost_core.jobs.status import State
from isost_core.runs.folder import LONGEST_NAME, RunCard
from ui.jobs import my_runs, words
from ui.shell import state, visitor, widgets, workspace
from ui.validation import job

MOST_HEIGHT = 254  # px: six runs; more can be scrolled to
WIDTHS = {"Name": 270, "State": 112, "Started": 146}  # px: room for 'running, 100 %' and '30 Nov 2026 08:56'


def show() -> bool:
    """A table of runs, looked at again each second while one is going; choosing a row opens that run. Returns whether
    there are runs."""
    cards = my_runs.my_runs()
    if cards:
        going = _going(cards)
        with st.container(key="live_runs"):
            st.fragment(_table, run_every="1s" if going else None)(going)
    return bool(cards)


def _going(cards: Sequence[RunCard]) -> dict[Path, State]:
    """Folders of what is being made, and whether it waits: the panel beneath changes with the table."""
    return {card.path: card.status.state for card in cards if card.status.going or job.going(card.path)}


def _table(known: dict[Path, State]) -> None:
    cards = my_runs.my_runs()
    if _going(cards) != known:
        st.rerun()
    ids = [card.path.name for card in cards]
    opened = state.open_run_id()
    cells = _cells({card.noun for card in cards})
    rows = [{"State": words.state_words(card.status), "Name": card.name, "Started": words.when(card.created),
             "Sections": card.n_sections, cells: card.n_cells, "Genes": card.n_genes, "Preset": card.preset,
             "Validated": job.in_words(card.path)} for card in cards]
    default: Any = {"selection": {"rows": [ids.index(opened)] if opened in ids else []}}
    looks: dict[str, Any] = {name: st.column_config.NumberColumn(format="localized") for name in (cells, "Genes")}
    looks |= {name: st.column_config.TextColumn(width=width) for name, width in WIDTHS.items()}
    table = st.dataframe(rows, hide_index=True, column_config=looks, on_select="rerun", selection_mode="single-row",
                         key=f"runs_{opened}", selection_default=default, height=min(38 + 36 * len(rows), MOST_HEIGHT))
    chosen = table.selection.rows
    if chosen and chosen[0] < len(ids) and ids[chosen[0]] != opened:
        state.open_run(ids[chosen[0]])
        st.rerun()


def _cells(nouns: set[str]) -> str:
    """Title of the column with the numbers of cells, by what the cells of all runs are."""
    return " and ".join(f"{noun}s" for noun in sorted(nouns)).capitalize()


def heading(run_id: str) -> Path:
    """Name and size of the open run; returns its folder. An unknown one is an InputError."""
    path, card = my_runs.run_path(run_id), my_runs.card(run_id)
    if path is None or card is None:
        raise InputError("The link names a run that is not on this server. It may have been deleted, or the link was "
                         "cut off. Ask the sender, or open one of your own runs.")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(widgets.plain(card.name), anchor=False, width="content")
        if visitor.is_mine(path) and run_id != workspace.DEMO:
            _rename_box(run_id, card.name)
    st.markdown(f":gray[{widgets.count(card.n_sections, 'section')} · {widgets.count(card.n_cells, card.noun)} · "
                f"{widgets.count(card.n_genes, 'gene')} · preset {card.preset} · {words.when(card.created)}]")
    return path


def _rename_box(run_id: str, name: str) -> None:
    """Another name for a run; with its key by the name, the box closes once the run has a new one."""
    with st.popover("Rename", icon=":material/edit:", type="tertiary", key=f"rename_box {name}"), \
            st.form("rename", border=False):
        typed = st.text_input("Name of the run", value=name, max_chars=LONGEST_NAME, key=state.key_here("new_name"))
        if st.form_submit_button("Rename", type="primary"):
            with widgets.shows_input_errors("This name can't be used"):
                my_runs.rename(run_id, typed)
                st.rerun()
