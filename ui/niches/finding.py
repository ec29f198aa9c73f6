"""How niches are found: what by, how many; the job that finds them, and then what it found."""

from pathlib import Path
from typing import cast

import streamlit as st

from isost_core.analysis.neighbourhoods import least_reach, usual_reach
from isost_core.analysis.niches import MOST_NICHES
from isost_core.jobs.status import Status
from isost_core.runs.run import Run
from isost_core.workflows.find_niches import niches_folder, niches_status
from ui.jobs import my_runs, progress
from ui.niches import maps, tables
from ui.open_run import kept_niches
from ui.shell import state, visitor, widgets

WORDS = ("A niche is a part of the tissue whose neighbourhoods, in 3D, hold the same mixture of cells. It is "
         "*predicted* between the sections.")
SUGGESTED = "suggested"
NUMBERS = [SUGGESTED, *map(str, range(2, MOST_NICHES + 1))]


def controls(run: Run) -> Path:
    """What to find niches by, how far a neighbourhood reaches and how many niches; starts finding them when asked.
    Returns the folder that they belong in."""

    columns, usual, least = kept_niches.columns(run), usual_reach(run), least_reach(run)
    names = ["by expression" if c is None else f"by {c}" for c in columns]
    name = st.selectbox("Find niches", names, **state.control("niches_by", names[0],
                                                              state.one_of(names, names[0])))
    reach = cast(float, st.number_input(
        "Reach of a neighbourhood (µm)", min_value=least, format="%.5g",
        help="Cells within this distance, in 3D, make the neighbourhood of a place: the wider, the larger the niches.",
        **state.control("niche_reach", usual, lambda r: max(r, least))))
    number = st.selectbox("Number of niches", NUMBERS, help=tables.NUMBER_HELP, **state.control(
        "n_niches", SUGGESTED, state.one_of(NUMBERS, SUGGESTED)))
    column, wanted = columns[names.index(name)], None if number == SUGGESTED else int(number)
    folder = niches_folder(run.path, column, wanted, reach)
    status, kept = niches_status(folder), kept_niches.at(folder)
    if kept is not None:
        kept_niches.choose(kept)
    elif not (status and status.state in my_runs.ACTIVE) and st.button(
            "Find niches", type="primary", icon=":material/hub:", key="find_niches", width="stretch"):
        kept_niches.start(run, column, wanted, reach)
        st.rerun()
    return folder


def show(run: Run, folder: Path) -> None:
    """The niches of a folder, or how far finding them is."""
    kept, status = kept_niches.at(folder), niches_status(folder)
    if kept is not None:
        maps.show(run, kept)
        tables.show(run, kept)
    elif status and status.state in my_runs.ACTIVE:
        st.fragment(_going, run_every="1s")(folder)
    else:
        _none_yet(status)


def _going(folder: Path) -> None:
    status = niches_status(folder)
    if status is None or status.state not in my_runs.ACTIVE:
        st.rerun()
    with st.container(border=True, key="finding_niches"):
        progress.going(status, "Niches are found in a process of its own: you can close this page and come back.")
        if visitor.is_mine(folder) and st.button("Cancel", icon=":material/stop_circle:", key="cancel_niches"):
            kept_niches.cancel(folder)


def _none_yet(status: Status | None) -> None:
    if status and status.state == "failed":
        st.error(f"The niches were not found. {widgets.plain(status.message)}", icon=":material/error:")
    elif status and status.state == "cancelled":
        st.info("Finding these niches was cancelled.", icon=":material/cancel:")
    else:
        st.info("No niches were found in this way yet. Press **Find niches**: it takes half a minute or so, and they "
                "are kept with the run.", icon=":material/hub:")
