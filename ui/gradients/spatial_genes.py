"""The table of spatially variable genes, searchable, with a way to look at each."""

import streamlit as st

from isost_core.analysis.morans_i import spatially_variable
from ui.open_run import cached_run, trust_badges
from ui.shell import layout, state, widgets

WORDS = ("**Moran's I** tells whether neighbouring cells, in the same section and in the sections beside it, are alike "
         "in a gene: 0 is chance, 1 perfect likeness. Chance is judged on cells permuted within their sections, so "
         "that whole sections that differ in brightness count for nothing. All of it is *measured*; the trust grade is "
         "of the *prediction* between sections.")

MOST = 3  # genes that the Explorer shows at once


def show(run):
    """Search, table, and the way to the Explorer."""
    st.markdown(f":gray[{WORDS}]")
    table = _table(run)
    text = st.text_input("Search", placeholder="Part of a gene name", icon=":material/search:",
                         **state.control("search", ""))
    found = table[table["gene"].str.contains(text.strip(), case=False, regex=False)] if text.strip() else table
    if found.empty:
        st.info(f"No gene has '{text}' in its name.", icon=":material/search:")
        return
    number, bar = st.column_config.NumberColumn, st.column_config.ProgressColumn
    chosen = st.dataframe(
        found.assign(q=found["q"].clip(lower=widgets.LEAST_Q)), hide_index=True, height=460, key="variable_genes",
        on_select="rerun", selection_mode="multi-row", column_config={
            "gene": "Gene", "morans_i": bar("Moran's I, measured", min_value=0, max_value=1, format="%.3f"),
            "z": number("z over chance", format="%.1f"), "trust": "Trust of the prediction",
            "q": number("q", format="%.1e", help=f"Not below {widgets.LEAST_Q:g}.")})
    genes = found["gene"].iloc[chosen["selection"]["rows"]].tolist()
    with st.container(horizontal=True):
        way_to_explorer(genes)
        st.download_button("All genes (.csv)", table.to_csv(index=False), f"{run.id}_variable_genes.csv", "text/csv",
                           icon=":material/table:", on_click="ignore", key="csv_variable")
    significant = int((table["q"] < 0.05).sum())
    st.caption(f"{significant} of {len(table)} genes vary over space at a false discovery rate of 5 %. q is that "
               "of z under a normal law: far below 1e-3 it ranks genes, and is no chance.")


def way_to_explorer(genes):
    """The button that makes these the genes of the view and leads to the Explorer."""
    fits = 1 <= len(genes) <= MOST
    label = f"See {', '.join(genes)} in 3D" if fits else f"Choose one to {MOST} genes in the table to see them in 3D"
    if st.button(label, type="primary", icon=":material/view_in_ar:", disabled=not fits, key="to_explorer"):
        state.set_view("genes", genes)
        layout.go("explorer")


def _table(run):
    file = run.path / "variable_genes.csv"
    if not file.is_file():
        bar = st.progress(0.0, "Comparing genes with permuted cells")
        _make(run, file, lambda what, part: bar.progress(part, what.capitalize()))
        bar.empty()
    table = _read(cached_run.run_key(run), str(file))
    trust = trust_badges.of_run(run)
    return table.assign(trust=[trust.of(gene).grade for gene in table["gene"]])


def _make(run, file, on_step):
    table = spatially_variable(run.sections, run.measured_xyz, on_step=on_step)
    part = file.with_suffix(".part")
    table.to_csv(part, index=False)
    part.replace(file)


@st.cache_data(max_entries=4, show_spinner=False)
def _read(key, file):
    import pandas as pd

    table = pd.read_csv(file, dtype={"gene": str}, keep_default_na=False, na_values={"morans_i": [""], "z": [""],
                                                                                   "q": [""]})
    return table[["gene", "morans_i", "z", "q"]]
