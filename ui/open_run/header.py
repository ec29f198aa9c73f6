"""What the Explore pages share: the open run, its picker, the gene box, the link to this view."""

from collections.abc import Callable

import streamlit as st

from isost_core.errors import InputError
from isost_core.jobs.status import State
from isost_core.runs.run import Run
from ui.jobs import my_runs, words
from ui.open_run import cached_run, kept_niches, trust_badges
from ui.open_run.gene_box import BOX, gene_box
from ui.open_run.shown import Shown
from ui.open_run.slim_bar import slim_bar
from ui.shell import layout, state, way_up, widgets

NO_RUN = ("Explore shows a finished reconstruction. Open the demo, or make one from your own sections.")
PHANTOM = "An invented tissue, not a measurement."
SHARE = ("This link opens the same run in the same view, in any browser. **Whoever has it can see this run**, also one "
         "that only you see in your list. Nobody else can change or delete it.")
WAYS_OUT = [("Go to start", ":material/home:", "start"), ("Upload sections", ":material/upload:", "sections"),
            ("Runs", ":material/checklist:", "runs")]


def header(title: str, most_genes: int = 1, with_niches: bool = False,
           download: Callable[[Shown], None] | None = None) -> Shown:
    """The bar of an Explore page: title, run picker, gene box (none where `most_genes` is 0; `with_niches` can be
    chosen in it too), trust, what there is to take away (`download` writes it), share.

    Stops where there is nothing to show.
    """
    layout.begin_page(title)
    bar = slim_bar(title)
    run_id = state.open_run_id()
    if run_id is None:
        layout.empty_state("No run is open", NO_RUN, WAYS_OUT)
    run = finished_run(run_id)
    shown = Shown(run, niches=kept_niches.of_view(run))
    with bar:
        with st.container(key="slim_run"):
            run_picker(run_id, run)
        if most_genes:
            with st.container(key=BOX):
                shown = Shown(run, gene_box(shown, most_genes, with_niches), shown.niches)
        if run.synthetic:
            with st.container(key="slim_phantom"):
                st.badge("synthetic phantom", icon=":material/science:", color="orange", help=PHANTOM)
        if shown.genes:
            trust_badges.popover(run, shown.genes)
        if download and shown.chosen:
            with st.popover("Download", icon=":material/download:", key="download"):
                download(shown)
        with st.popover("Share", icon=":material/link:", key="share"):
            st.markdown(SHARE)
            state.put(state.SHARE_BOX, st.empty())
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
            run = cached_run.run(path)
    except InputError as error:
        layout.empty_state("This run can't be opened", widgets.plain(error), WAYS_OUT)
    way_up.opens(run.y_down)
    return run


def run_picker(run_id: str, run: Run) -> None:
    """Choose the run that this and the other pages show."""
    names = my_runs.finished_runs()
    names.setdefault(run_id, f"{run.name} · from a link")
    key = state.key_here(state.PICKER)
    if state.get(key) != run_id:
        state.put(key, run_id)
    st.selectbox("Run", list(names), format_func=names.__getitem__, key=key, on_change=_picked, args=(key,),
                 label_visibility="collapsed")


def _picked(key: str) -> None:
    state.open_run(state.get(key))
