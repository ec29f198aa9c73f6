"""How niches are found: what by, how many; the job that finds them, and then what it found."""

from typing import cast

import streamlit as st

from isost_core.analysis.neighbourhoods import least_reach, usual_reach
from isost_core.analysis.niches import MOST_NICHES
from isost_core.jobs.job import Job
from isost_core.jobs.status import State
from isost_core.runs.run import Run
from isost_core.workflows.find_niches import niches_job
from ui.jobs import my_runs, panel
from ui.niches import tables
from ui.open_run import kept_niches
from ui.shell import layout, state
from ui.shell.number_box import number_box

WORDS = ("A niche is a part of the tissue with a similar mix of {noun}s in 3D. Niches are *predicted* between your "
         "sections.")
SUGGESTED = "suggested"
NUMBERS = [SUGGESTED, *map(str, range(2, MOST_NICHES + 1))]
TEXTS = panel.Texts(
    key="niches", failed="The niches were not found.", cancelled="Finding these niches was cancelled.",
    going=f"The niches are being found in the background. {panel.OUTLIVES}", cancel="Cancel finding niches",
    cancelling="Finding these niches stops now. Niches you found before are kept.")


def controls(run: Run) -> Job:
    """What to find niches by, how far a neighbourhood reaches and how many niches; starts finding them when asked.
    Returns the job of finding them."""

    columns, usual, least = kept_niches.columns(run), usual_reach(run), least_reach(run)
    names = ["by expression" if c is None else f"by {c}" for c in columns]
    by, within, how_many = layout.columns([1, 1, 1], 9, "niche_finding")
    name = by.selectbox(f"Group {run.noun}s", names, **state.control("niches_by", names[0],
                                                              state.one_of(names, names[0])))
    with within:
        reach = cast(float, number_box(
            "Neighbours within (µm)", "niche_reach", usual, least,
            help=f"{run.noun.capitalize()}s within this distance in 3D count as neighbours. A larger distance gives "
                 "larger niches."))
    number = how_many.selectbox("Number of niches", NUMBERS, help=tables.NUMBER_HELP, **state.control(
        "n_niches", SUGGESTED, state.one_of(NUMBERS, SUGGESTED)))
    column, wanted = columns[names.index(name)], None if number == SUGGESTED else int(number)
    st.caption(WORDS.format(noun=run.noun))
    job = niches_job(run.path, column, wanted, reach)
    kept = kept_niches.at(job.folder)
    if kept is not None:
        kept_niches.choose(kept)
    elif not job.going() and st.button(
            "Find niches", type="primary", icon=":material/hub:", key="find_niches", width="stretch"):
        kept_niches.start(run, column, wanted, reach)
        st.rerun()
    return job


def show(run: Run, job: Job) -> None:
    """The niches that a job found, or how far it is."""
    kept, status = kept_niches.at(job.folder), job.status()
    if kept is not None:
        tables.show(run, kept)
    elif status is not None and status.state != State.DONE:
        panel.show(job, TEXTS, lambda: my_runs.may_cancel(job, run.path))
    else:
        st.info("You have not looked for niches with these settings yet. Press **Find niches**. It takes about half a "
                "minute, and they are kept with the run.", icon=":material/hub:")
