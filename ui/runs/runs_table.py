"""The sortable list of a visitor's runs, and the heading of the open one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from isost_core.errors import InputError
from isost_core.runs.folder import RunCard
from ui.jobs import my_runs, words
from ui.shell import state, widgets
from ui.validation import job


def show(cards: Sequence[RunCard]) -> None:
    """A table of runs; choosing a row opens that run."""
    if not cards:
        return
    ids = [card.path.name for card in cards]
    opened = state.open_run_id()
    rows = [{"Name": card.name, "State": words.STATE_WORDS[card.state], "Sections": card.n_sections,
             "Cells": card.n_cells, "Genes": card.n_genes, "Preset": card.preset,
             "Validated": job.in_words(card.path), "Started": words.when(card.created)}
            for card in cards]
    default: Any = {"selection": {"rows": [ids.index(opened)] if opened in ids else []}}
    numbers = {name: st.column_config.NumberColumn(format="localized") for name in ("Cells", "Genes")}
    table = st.dataframe(rows, hide_index=True, column_config=numbers, on_select="rerun", selection_mode="single-row",
                         key=f"runs_{opened}", selection_default=default, height=min(38 + 36 * len(rows), 300))
    chosen = table.selection.rows
    if chosen and ids[chosen[0]] != opened:
        state.open_run(ids[chosen[0]])
        st.rerun()


def heading(run_id: str) -> Path:
    """Name and size of the open run; returns its folder. An unknown one is an InputError."""
    path, card = my_runs.run_path(run_id), my_runs.card(run_id)
    if path is None or card is None:
        raise InputError("The link names a run that is not on this server. It may have been deleted, or the link was "
                         "cut off. Ask the sender, or open one of your own runs.")
    st.subheader(widgets.plain(card.name), anchor=False)
    st.markdown(f":gray[{widgets.count(card.n_sections, 'section')} · {widgets.count(card.n_cells, 'cell')} · "
                f"{widgets.count(card.n_genes, 'gene')} · preset {card.preset} · {words.when(card.created)}]")
    return path
