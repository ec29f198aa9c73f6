"""The box of genes to look at, and what it says of a name that is no gene of the run."""

from collections.abc import Iterable

import streamlit as st

from isost_core.errors import InputError
from isost_core.genes import find_genes, near_genes
from isost_core.runs.run import Run
from ui.open_run import cached_run, typed_gene
from ui.open_run.shown import Shown
from ui.shell import state
from ui.shell.widgets import plain

BOX = "slim_genes"  # key of the container that the bar puts the box in
MOST_RECENT = 6  # genes that the list begins with
MOST_UNKNOWN = 3  # names that are no genes, answered at once
_NONE = ("", (), "", None)


def gene_box(shown: Shown, most: int, with_niches: bool) -> tuple[str, ...]:
    """Genes to look at, at most `most`; niches too where they can be chosen (`with_niches`)."""
    run, niches = shown.run, shown.niches.names if with_niches and shown.niches else []
    label = f"{'Genes and niches' if niches else 'Genes'} (up to {most})" if most > 1 else "Gene"
    recent = [gene for gene in state.get(state.RECENT, []) if gene in run.genes]
    names = list(dict.fromkeys([*recent, *run.genes, *niches]))
    chosen = st.multiselect(
        label, names, max_selections=most, filter_mode="contains",
        placeholder="Type a gene name or id", label_visibility="collapsed", select_all=False, wrap=False,
        **state.control("genes", [cached_run.first_gene(run)], lambda names: _found(shown, names, with_niches)[:most]))
    state.put(state.RECENT, list(dict.fromkeys([*[g for g in chosen if g in run.genes], *recent]))[:MOST_RECENT])
    typed_gene.watch(BOX, names, lambda text: state.put(state.NO_GENES, (run.id, [text], "typed", chosen)))
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
        state.put(state.NO_GENES, (shown.run.id, unknown[:MOST_UNKNOWN], "linked", None))
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
    """A card below the box, over the page: names that are no genes, and the nearest ones as buttons. It goes when other
    genes are chosen."""
    run_id, names, how, beside = state.get(state.NO_GENES, _NONE)
    if not names or run_id != run.id or beside not in (None, chosen):
        _close()
        return
    state.put(state.NO_GENES, (run_id, names, how, chosen))
    with st.container(key=f"no_gene_{how}", gap="xsmall"):
        for number, name in enumerate(names):
            text, near = _answer(run, name)
            st.markdown(text)
            with st.container(horizontal=True, gap="xsmall"):
                for gene in near:
                    st.button(plain(gene), key=f"near_{number}_{gene}", on_click=_take, args=(gene, chosen, most),
                              disabled=gene in chosen)
        st.button("Close", icon=":material/close:", type="tertiary", key="close_no_gene", on_click=_close)


def _answer(run: Run, name: str) -> tuple[str, list[str]]:
    """What is said of a name that the list does not have, and the genes that may be meant."""
    if gene := gene_of(run, name):
        return f"'{plain(name)}' is the gene **{plain(gene)}**:", [gene]
    near = near_genes(name, run.genes)
    return f"No gene '{plain(name)}'. " + ("Did you mean:" if near else "No name is like it."), near


def _take(gene: str, chosen: list[str], most: int) -> None:
    """Show this gene beside those chosen, in place of the last where the box is full."""
    state.set_view("genes", [*chosen[:most - 1], gene])
    _close()


def _close() -> None:
    state.put(state.NO_GENES, _NONE)
