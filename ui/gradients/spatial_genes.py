"""The table of spatially variable genes, searchable, with a way to look at each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import streamlit as st

from isost_core.errors import InputError
from isost_core.jobs.status import State
from isost_core.runs.run import Run
from isost_core.workflows.spatial_genes import create_spatial_genes, ranked_genes, spatial_genes_job
from ui.jobs import my_runs, panel
from ui.open_run import trust_badges
from ui.shell import layout, state, visitor, widgets
from ui.shell.downloads import file_name

if TYPE_CHECKING:
    import pandas as pd

SHORT = "**Moran's I** tells how alike neighbouring {noun}s are in a gene: 0 is chance, 1 the most. It is *measured*."
WORDS = ("Neighbours can be in the same section or in the next one. Chance is found by shuffling the {noun}s of each "
         "section, so differences in brightness between sections don't count. The trust grade is about the "
         "*prediction* between sections.\n\n{significant} of {all} genes vary over space, at a false discovery rate "
         "of 5 %. q is computed from z with a normal distribution. Far below 0.001, use it only to rank genes.")
HEIGHT = 560

MOST = 3  # genes that the Explorer shows at once
TEXTS = panel.Texts(
    key="spatial_genes", failed="The genes were not ranked.", cancelled="Ranking the genes was cancelled.",
    going=f"The genes are being ranked in the background. {panel.OUTLIVES}", cancel="Cancel ranking genes",
    cancelling="Ranking the genes stops now. You can start it again.")


def show(run: Run) -> None:
    """The genes of a run by how much they vary over space, or how far ranking them is, or how to start it."""
    file = ranked_genes(run.path)
    if file is None:
        _not_yet(run)
    else:
        _ranked(run, file)


def _not_yet(run: Run) -> None:
    st.markdown(SHORT.format(noun=run.noun))
    job = spatial_genes_job(run.path)
    status = job.status()
    if panel.show(job, TEXTS, lambda: my_runs.may_cancel(job, run.path)):
        return
    if not my_runs.may_add_to(run.path):
        st.info("The genes of this run have not been ranked yet. Only the person who started the run can rank them.",
                icon=":material/query_stats:")
        return
    if status is None or status.state == State.DONE:
        st.info("The genes of this run have not been ranked yet. Press **Rank genes**. It usually takes "
                "less than a minute, and the table is kept with the run.", icon=":material/query_stats:")
    if st.button("Rank genes", type="primary", icon=":material/query_stats:", key="rank_genes"):
        start(run)
        st.rerun()


def start(run: Run) -> None:
    """Rank the genes in a process of its own; for who may add to the run."""
    if not my_runs.may_add_to(run.path):
        raise InputError("Only the person who started this run can rank its genes.")
    create_spatial_genes(run.path, owner=visitor.visitor_hash()).submit()


def _ranked(run: Run, file: Path) -> None:
    """Search, table, and the way to the Explorer."""
    table = _table(run, file)
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    text = (bar.text_input("Search", placeholder="Part of a gene name", icon=":material/search:", width=260,
                           label_visibility="collapsed", **state.control("search", "")) or "").strip()
    with bar:
        st.caption(SHORT.format(noun=run.noun), width="content")
        with st.popover("How to read it", icon=":material/help:", key="genes_words"):
            st.markdown(WORDS.format(noun=run.noun, significant=int((table["q"] < 0.05).sum()), all=len(table)))
    found = cast("pd.DataFrame", table[table["gene"].str.contains(text, case=False, regex=False)]) if text else table
    if found.empty:
        st.info(f"No gene has '{text}' in its name. Try another part of the name.", icon=":material/search:")
        return
    number, share = st.column_config.NumberColumn, st.column_config.ProgressColumn
    shown = widgets.rounded(found, {"morans_i": 2, "z": 0})
    chosen = st.dataframe(
        widgets.with_q_words(shown), hide_index=True, height=HEIGHT, key="variable_genes",
        on_select="rerun", selection_mode="multi-row", column_config={
            "gene": "Gene", "morans_i": share("Moran's I, measured", min_value=0, max_value=1, format="%.2f"),
            "z": number("z over chance", format="%.0f"), "trust": "Trust of the prediction", "q": number("q")})
    genes = found.iloc[chosen["selection"]["rows"]]["gene"].tolist()
    with st.container(horizontal=True):
        way_to_explorer(genes)
        st.download_button("All genes (.csv)", table.to_csv(index=False),
                           file_name(run, "variable_genes", ".csv"), "text/csv", icon=":material/table:",
                           on_click="ignore", key="csv_variable")


def way_to_explorer(genes: Sequence[str]) -> None:
    """The button that makes these the genes of the view and leads to the Explorer."""
    fits = 1 <= len(genes) <= MOST
    label = f"See {', '.join(genes)} in 3D" if fits else f"Choose one to {MOST} genes in the table to see them in 3D"
    if st.button(label, type="primary", icon=":material/view_in_ar:", disabled=not fits, key="to_explorer"):
        state.set_view("genes", genes)
        layout.go("explorer")


def _table(run: Run, file: Path) -> pd.DataFrame:
    table = _read(str(file), file.stat().st_mtime_ns)
    trust = trust_badges.of_run(run)
    trusted = table.assign(trust=[trust.of(gene).grade.replace("-", "–") for gene in table["gene"]])
    return trusted.sort_values("morans_i", ascending=False, ignore_index=True)


@st.cache_data(max_entries=4, show_spinner=False)
def _read(file: str, stamp: int) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_csv(file, dtype={"gene": str}, keep_default_na=False, na_values={"morans_i": [""], "z": [""],
                                                                                   "q": [""]})
    return cast("pd.DataFrame", table[["gene", "morans_i", "z", "q"]])
