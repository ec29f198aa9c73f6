"""Niches of a run: where they are kept, how they are made with progress, and what pages read of them."""

import streamlit as st

from ui import cache

EXPRESSION = "expression"


def folder(run, column):
    return run.path / "niches" / (EXPRESSION if column is None else f"by_{column}")


def columns(run):
    """Columns to find niches by: labels of the measured cells, and None for expression."""
    from isost_core.niches import label_columns

    return [*label_columns(run), None]


def held(run, column):
    """The niches found before, or None."""
    file = folder(run, column) / "niches.json"
    return _load(str(file.parent), file.stat().st_mtime_ns) if file.is_file() else None


def latest(run):
    """The niches found last, by whatever column, or None."""
    files = sorted((run.path / "niches").glob("*/niches.json"), key=lambda file: file.stat().st_mtime_ns)
    return _load(str(files[-1].parent), files[-1].stat().st_mtime_ns) if files else None


def stamp(run):
    """Changes when other niches are the latest."""
    return max(file.stat().st_mtime_ns for file in (run.path / "niches").glob("*/niches.json"))


def names(run):
    """Names of the niches found last; empty where none were."""
    found = latest(run)
    return list(found.names) if found else []


def number_of(run, name):
    """Number of the niche of this name among those found last, or None: it is a gene, or nothing."""
    found = names(run) if name else []
    return found.index(name) if name in found else None


@st.cache_resource(max_entries=6, show_spinner=False)
def _load(path, stamp):
    from isost_core.niches import Niches

    return Niches.load(path)


def find(run, column, number):
    """Find the niches, with progress, and keep them with the run."""
    from isost_core.niches import find_niches

    bar = st.progress(0.0, "Reading the tissue")
    found = find_niches(run, column, number, on_step=lambda what, part: bar.progress(part, what.capitalize()))
    found.save(folder(run, column))
    bar.empty()


def table(run, column, what):
    """One of the tables: 'composition', 'markers' or 'sizes'."""
    stamp = (folder(run, column) / "niches.json").stat().st_mtime_ns
    return _table(cache.run_key(run), column, what, stamp, run)


@st.cache_data(max_entries=12, show_spinner=False)
def _table(key, column, what, stamp, _run):
    from isost_core import niche_tables

    niches = held(_run, column)
    number = len(niches.names)
    if what == "sizes":
        return niche_tables.size_table(_run, niches)
    if what == "markers":
        made = niche_tables.marker_table(_run, niches.measured, number)
        return made.assign(niche=[niches.names[k] for k in made["niche"]])
    return niche_tables.composition_table(_run, column, niches.measured, number).set_axis(list(niches.names))


@st.cache_resource(max_entries=32, show_spinner=False)
def surface(key, column, niche, stamp, _run):
    """scene.Surface of a niche."""
    import numpy as np

    from isost_core.niche_tables import niche_surface
    from isost_core.scene import Surface

    niches = held(_run, column)
    mesh = niche_surface(_run, niches, niche)
    faces = np.asarray(mesh.regular_faces, np.int32).reshape(-1, 3)
    return Surface(niches.names[niche], np.asarray(mesh.points, np.float32), faces, niches.colours[niche], 0.9)
