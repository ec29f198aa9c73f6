"""The page of niches: what they are found by, how many, their 3D map, a slice, their tables."""

import streamlit as st

from isost_core.analysis.neighbourhoods import least_reach, usual_reach
from isost_core.figures.niches import niche_slice
from isost_core.figures.tissue import tissue_3d
from isost_core.jobs.job import Job
from isost_core.jobs.status import State
from isost_core.reconstruction.isosurfaces import Surface
from isost_core.workflows.find_niches import niches_job
from ui.jobs import my_runs, panel
from ui.niches import tables
from ui.open_run import cache, uncertainty
from ui.open_run import niches as niches_data
from ui.shell import layout, state

WORDS = ("A niche is a part of the tissue whose neighbourhoods, in 3D, hold the same mixture of cells. It is "
         "*predicted* between the sections.")
SUGGESTED = "suggested"
NUMBERS = [SUGGESTED, *map(str, range(2, 25))]
NAMED = {"labels": "Niches are named after the labels they hold more of than the whole tissue does.",
         "expression": "Niches are named after the gene that stands out most in them."}
DARKER = "places of the slice where no niche holds half of the nearest cells are darker."
TEXTS = panel.Texts(
    key="niches", failed="The niches were not found.", cancelled="Finding these niches was cancelled.",
    going=f"Niches are found in a process of its own. {panel.OUTLIVES}", cancel="Cancel finding niches",
    cancelling="Finding these niches stops now; others that were found stay.")
FARTHER = 1.5  # than in a wide picture: this one is as high as wide


def controls(run):
    """What to find niches by, how far a neighbourhood reaches and how many niches; starts finding them when asked.
    Returns the job of finding them."""

    columns, usual, least = niches_data.columns(run), usual_reach(run), least_reach(run)
    names = ["by expression" if c is None else f"by {c}" for c in columns]
    name = st.selectbox("Find niches", names, **state.control("niches_by", names[0],
                                                              lambda n: n if n in names else names[0]))
    reach = st.number_input("Reach of a neighbourhood (µm)", min_value=least, format="%.5g",
                            help="Cells within this distance, in 3D, make the neighbourhood of a place: the wider, the "
                                 "larger the niches.",
                            **state.control("niche_reach", usual, lambda r: max(r, least)))
    number = st.selectbox("Number of niches", NUMBERS, help=tables.NUMBER_HELP, **state.control(
        "n_niches", SUGGESTED, lambda n: n if n in NUMBERS else SUGGESTED))
    asked = (columns[names.index(name)], None if number == SUGGESTED else int(number), reach)
    job = niches_job(run.path, *asked)
    if niches_data.at(job.folder) is not None:
        niches_data.choose(job.folder)
    elif not job.going() and st.button(
            "Find niches", type="primary", icon=":material/hub:", key="find_niches", width="stretch"):
        niches_data.start(run, *asked)
        st.rerun()
    return job


def show(run, job: Job):
    """The niches that a job found, or how far it is."""
    niches, status = niches_data.at(job.folder), job.status()
    if niches is not None:
        _found(run, job.folder, niches)
    elif status is not None and status.state != State.DONE:
        panel.show(job, TEXTS, lambda: my_runs.may_cancel(job, run.path))
    else:
        st.info("No niches were found in this way yet. Press **Find niches**: it takes half a minute or so, and they "
                "are kept with the run.", icon=":material/hub:")


def _found(run, folder, niches):
    """All that is known of the niches in a folder."""
    pick, where, sure = st.columns([4, 3, 3], gap="medium", vertical_alignment="bottom")
    chosen = pick.multiselect("Niches shown", niches.names, default=niches.names,
                              key=state.key_here(f"shown.{folder.name}"))
    low, high = map(float, run.depth_range)
    depth = where.slider("Depth of the slice (µm)", low, high, format="%.6g", **state.control(
        "niche_depth", (low + high) / 2, lambda z: min(max(z, low), high)))
    with sure:
        mode = uncertainty.control(run, DARKER, "these places are left out.", threshold_for=()).mode
    shown = [k for k, name in enumerate(niches.names) if name in chosen]
    map_, flat = st.columns(2, gap="medium")
    with map_:
        st.plotly_chart(_map(run, folder, shown), theme=None, key="niche_map")
    with flat:
        st.plotly_chart(_slice(run, niches, shown, depth, mode), theme=None, key="niche_slice")
    st.caption("Both *predicted*. Left, surfaces around more than half of the nearest cells; right, the niche of most. "
               + NAMED["expression" if niches.column is None else "labels"])
    _explore(niches)
    tables.show(run, folder, niches)


def _map(run, folder, shown):

    surfaces = [niches_data.surface(run, folder, k) for k in shown]
    figure = tissue_3d(surfaces, Surface("tissue", *cache.outline(run), opacity=0.12), height=430)
    eye = figure.layout.scene.camera.eye
    return figure.update_layout(scene_camera_eye={axis: FARTHER * eye[axis] for axis in "xyz"},
                                scene_camera_center={"x": 0, "y": 0, "z": -0.15},
                                legend={"orientation": "h", "x": 0.02, "y": 0.01, "yanchor": "bottom"})


def _slice(run, niches, shown, depth, unsure):
    return niche_slice(run, niches, depth, shown, height=430, unsure=unsure)


def _explore(niches):
    with st.container(horizontal=True):
        if st.button("Look at the largest three in the Explorer", icon=":material/view_in_ar:", key="niches_explorer"):
            state.set_view("genes", list(niches.names[:3]))
            layout.go("explorer")
