"""What the Explore pages share: the open run, its picker, the gene box, the link to this view."""

from collections.abc import Iterable

import streamlit as st

from isost_core.errors import InputError
from isost_core.genes import find_genes
from isost_core.jobs.status import State
from isost_core.runs.run import Run
from ui.jobs import my_runs, words
from ui.open_run import cached_run, kept_niches, trust_badges
from ui.open_run.shown import Shown
from ui.shell import layout, state, widgets

NO_RUN = ("Explore shows a finished reconstruction. Open the demo, or make one from your own sections.")
MOST_RECENT = 6  # genes that the list begins with
WAYS_OUT = [("Go to start", ":material/home:", "start"), ("Upload sections", ":material/upload:", "sections"),
            ("Runs", ":material/checklist:", "runs")]


def header(title: str, most_genes: int = 1, with_niches: bool = False) -> Shown:
    """Title, run picker, gene box (none where `most_genes` is 0; `with_niches` can be chosen in it too), share button.

    Stops where there is nothing to show.
    """
    layout.begin_page(title)
    heading, picker, genes_box, share = st.columns([5, 6, 8, 3], vertical_alignment="bottom", gap="small")
    heading.title(title, anchor=False)
    run_id = state.open_run_id()
    if run_id is None:
        layout.empty_state("No run is open", NO_RUN, WAYS_OUT)
    run = finished_run(run_id)
    shown = Shown(run, niches=kept_niches.of_view(run))
    with picker:
        run_picker(run_id, run)
    if most_genes:
        with genes_box:
            shown = Shown(run, tuple(_gene_box(shown, most_genes, with_niches)), shown.niches)
    with share, st.popover("Share", icon=":material/link:", width="stretch"):
        st.markdown("This link opens the same run in the same view, in any browser.")
        state.put(state.SHARE_BOX, st.empty())
    if run.synthetic:
        st.markdown(":orange-badge[:material/science: synthetic phantom] :gray[An invented tissue, not a "
                    "measurement.]")
    if most_genes:
        trust_badges.badges(run, shown.genes)
    if most_genes and not shown.chosen:
        st.info("Choose a gene above to see it.", icon=":material/search:")
        finish()
        st.stop()
    return shown


def finish() -> None:
    """The last line of an Explore page: the link of this view, in the address and in the share box."""
    state.get(state.SHARE_BOX).code(state.share_link(), language=None, wrap_lines=True)
    state.publish_link()


def finished_run(run_id: str) -> Run:
    """The open run; a page stops here where it is not there or not finished, and says what to do."""
    path = my_runs.run_path(run_id)
    if path is None:
        layout.empty_state("This run is not here", "The link names a run that is not on this server. It may have been "
                           "deleted, or the link was cut off. Ask the sender to copy the link again.", WAYS_OUT)
    run_state = cached_run.run_state(path)
    if run_state.going:
        layout.empty_state("This run is still going", "It can be opened once it has finished.",
                           [("See its progress", ":material/checklist:", "runs")])
    if run_state != State.DONE:
        layout.empty_state(f"This run was {words.STATE_WORDS[run_state]}" if run_state == State.CANCELLED else
                           "This run failed", "This run has nothing to show.",
                           [("See why", ":material/checklist:", "runs"), WAYS_OUT[0]])
    try:
        with widgets.waiting("Opening the run"):
            return cached_run.run(path)
    except InputError as error:
        layout.empty_state("This run can't be opened", widgets.plain(error), WAYS_OUT)


def run_picker(run_id: str, run: Run) -> None:
    """Choose the run that this and the other pages show."""
    names = my_runs.finished_runs()
    names.setdefault(run_id, f"{run.name} · from a link")
    key = state.key_here(state.PICKER)
    if state.get(key) != run_id:
        state.put(key, run_id)
    st.selectbox("Run", list(names), format_func=names.__getitem__, key=key, on_change=_picked, args=(key,))


def _picked(key: str) -> None:
    state.open_run(state.get(key))


def _gene_box(shown: Shown, most: int, with_niches: bool) -> list[str]:
    """Genes to look at, found by typing part of a name or id in any case, at most `most`."""
    run, niches = shown.run, shown.niches.names if with_niches and shown.niches else []
    label = f"{'Genes and niches' if niches else 'Genes'} (up to {most})" if most > 1 else "Gene"
    recent = [gene for gene in state.get(state.RECENT, []) if gene in run.genes]
    chosen = st.multiselect(
        label, list(dict.fromkeys([*recent, *run.genes, *niches])), max_selections=most, filter_mode="contains",
        placeholder="Type a gene name or id", accept_new_options=True, select_all=False,
        **state.control("genes", [cached_run.first_gene(run)], lambda names: _known(shown, names, with_niches)[:most]))
    state.put(state.RECENT, list(dict.fromkeys([*[g for g in chosen if g in run.genes], *recent]))[:MOST_RECENT])
    return chosen


def _known(shown: Shown, names: Iterable[str], with_niches: bool) -> list[str]:
    """The names that are genes of this run, in its own spelling, or niches; a box says which are neither. Niches chosen
    in the Explorer are passed over elsewhere."""
    run, found = shown.run, []
    by_id = {other.casefold(): gene for gene, other in run.sections.other_names.items()}
    for name in names:
        if shown.niche_number(name) is None:
            with widgets.shows_input_errors("This gene can't be shown"):
                found.append(by_id.get(str(name).casefold()) or run.genes[find_genes([name], run.genes)[0]])
        elif with_niches:
            found.append(name)
    return list(dict.fromkeys(found))
