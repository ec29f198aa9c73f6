"""The box of genes to look at, and what it says of a name that is no gene of the run."""

from collections.abc import Iterable

import streamlit as st

from isost_core.errors import InputError
from isost_core.genes import find_genes, near_genes
from isost_core.runs.run import Run
from ui.open_run import cached_run
from ui.open_run.shown import Shown
from ui.shell import state
from ui.shell.widgets import plain

MOST_RECENT = 6  # genes that the list begins with
MOST_UNKNOWN = 3  # names that are no genes, answered at once


def gene_box(shown: Shown, most: int, with_niches: bool) -> tuple[str, ...]:
    """Genes to look at, at most `most`; niches too where they can be chosen (`with_niches`)."""
    run, niches = shown.run, shown.niches.names if with_niches and shown.niches else []
    label = f"{'Genes and niches' if niches else 'Genes'} (up to {most})" if most > 1 else "Gene"
    recent = [gene for gene in state.get(state.RECENT, []) if gene in run.genes]
    chosen = st.multiselect(
        label, list(dict.fromkeys([*recent, *run.genes, *niches])), max_selections=most, filter_mode="contains",
        placeholder="Type a gene name", label_visibility="collapsed", select_all=False, wrap=False,
        **state.control("genes", [cached_run.first_gene(run)], lambda names: _found(shown, names, with_niches)[:most]))
    state.put(state.RECENT, list(dict.fromkeys([*[g for g in chosen if g in run.genes], *recent]))[:MOST_RECENT])
    _unknown_names(run, chosen, most)
    return tuple(chosen)


def _found(shown: Shown, names: Iterable[str], with_niches: bool) -> list[str]:
    """The names that are genes of this run, in its own spelling, or niches. The box says which are neither; where none
    is left, the run's first gene stands in. Niches chosen in the Explorer are passed over elsewhere."""
    found, unknown, names = [], [], [name for name in names if name.strip()]
    for name in names:
        if shown.niche_number(name) is None:
            gene = gene_of(shown.run, name)
            (unknown if gene is None else found).append(gene or name)
        elif with_niches:
            found.append(name)
    if unknown:
        state.put(state.NO_GENES, (shown.run.id, unknown[:MOST_UNKNOWN]))
    return list(dict.fromkeys(found)) or ([cached_run.first_gene(shown.run)] if names else [])


def gene_of(run: Run, name: str) -> str | None:
    """The gene of this name or id, in any case; None where there is none."""
    by_id = {other.casefold(): gene for gene, other in run.sections.other_names.items()}
    if name.strip().casefold() in by_id and name not in run.genes:
        return by_id[name.strip().casefold()]
    try:
        return run.genes[find_genes([name], run.genes)[0]]
    except InputError:
        return None


def _unknown_names(run: Run, chosen: list[str], most: int) -> None:
    """A card below the box, over the page: names that are no genes, and the nearest ones as buttons."""
    run_id, names = state.get(state.NO_GENES, (run.id, ()))
    if not names or run_id != run.id:
        return
    with st.container(key="no_gene", gap="xsmall"):
        for number, name in enumerate(names):
            near = [gene for gene in near_genes(name, run.genes) if gene not in chosen]
            st.markdown(f"No gene '{plain(name)}'. " + ("Did you mean:" if near else "No name is like it."))
            with st.container(horizontal=True, gap="xsmall"):
                for gene in near:
                    st.button(plain(gene), key=f"near_{number}_{gene}", on_click=_take, args=(gene, chosen, most))
        st.button("Close", icon=":material/close:", type="tertiary", key="close_no_gene", on_click=_close)


def _take(gene: str, chosen: list[str], most: int) -> None:
    """Show this gene beside those chosen, in place of the last where the box is full."""
    state.set_view("genes", [*chosen[:most - 1], gene])
    _close()


def _close() -> None:
    state.put(state.NO_GENES, ("", ()))
