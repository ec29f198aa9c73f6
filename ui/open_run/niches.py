"""Niches of a run: how they are found, which ones the view shows, and what pages read of them."""

import streamlit as st

from isost_core.analysis import niche_tables
from isost_core.analysis.niche_tables import niche_surface
from isost_core.analysis.niches import Niches, label_columns
from isost_core.reconstruction.isosurfaces import Surface
from isost_core.workflows.find_niches import create_niches, found_niches
from ui.open_run import cache
from ui.shell import state, visitor

ANY = ""  # of a view that names no niches: those found last
KEPT = "niches"


def columns(run):
    """Columns to find niches by: labels of the measured cells, and None for expression."""
    return [*label_columns(run), None]


def start(run, column, number, reach_um):
    """Find niches in a process of its own."""
    create_niches(run.path, column, number, reach_um, visitor.visitor_hash()).submit()


def at(folder):
    """The niches in a folder, or None where none were found yet."""
    file = folder / "niches.json"
    return _load(str(folder), file.stat().st_mtime_ns) if file.is_file() else None


def chosen_folder(run):
    """Folder of the niches that the view shows, by default those found last; None where there are none."""
    found = {folder.name: folder for folder in found_niches(run.path)}
    if not found:
        return None
    return found[state.view_value(KEPT, ANY, lambda key: key if key in found else next(iter(found)))]


def choose(folder):
    """Make the view show the niches of a folder."""
    state.set_view(KEPT, folder.name)


def chosen(run):
    """The niches that the view shows, or None."""
    folder = chosen_folder(run)
    return at(folder) if folder else None


def stamp(run):
    """Tells niches apart."""
    return chosen_folder(run).name


def names(run):
    """Names of the niches that the view shows; empty where none were found."""
    found = chosen(run)
    return list(found.names) if found else []


def number_of(run, name):
    """Number of the niche of this name in the view, or None: it is a gene, or nothing."""
    found = names(run) if name else []
    return found.index(name) if name in found else None


@st.cache_resource(max_entries=6, show_spinner=False)
def _load(path, stamp):
    from pathlib import Path


    return Niches.load(Path(path))


def table(run, folder, what):
    """One of the tables: 'composition', 'markers' or 'sizes'."""
    return _table(cache.run_key(run), folder.name, what, run, folder)


@st.cache_data(max_entries=12, show_spinner=False)
def _table(run_key, key, what, _run, _folder):
    niches = at(_folder)
    number = len(niches.names)
    if what == "sizes":
        return niche_tables.size_table(_run, niches)
    if what == "markers":
        made = niche_tables.marker_table(_run, niches.measured, number)
        return made.assign(niche=[niches.names[k] for k in made["niche"]])
    return niche_tables.composition_table(_run, niches.column, niches.measured, number).set_axis(list(niches.names))


def surface(run, folder, niche):
    """scene.Surface of a niche."""
    return _surface(cache.run_key(run), folder.name, niche, run, folder)


@st.cache_resource(max_entries=32, show_spinner=False)
def _surface(run_key, key, niche, _run, _folder):
    import numpy as np


    niches = at(_folder)
    mesh = niche_surface(_run, niches, niche)
    faces = np.asarray(mesh.regular_faces, np.int32).reshape(-1, 3)
    return Surface(niches.names[niche], np.asarray(mesh.points, np.float32), faces, niches.colours[niche], 0.9)
