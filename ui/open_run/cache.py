"""Loaders that keep what several pages and reruns need, for all visitors together.

Each holds a bounded number of results of bounded size: an open run its sections, its lattice (mapped from disk) and
48 MB of decoded genes; a volume as many voxels as a lattice (5 MB), a surface meshes.MOST_TRIANGLES (1.4 MB).
"""

import importlib
import threading

import streamlit as st

from isost_core.figures.colours import colour_range
from isost_core.jobs.status import read_status
from isost_core.reconstruction import isosurfaces
from isost_core.reconstruction.interpolation import sample
from isost_core.reconstruction.isosurfaces import USUAL_PERCENTILE, level_of_percentile
from isost_core.reconstruction.volume import make_volume
from isost_core.runs.store import load_run

OPENING_LEVEL = USUAL_PERCENTILE
PERCENTILES = (5, 10, 20, 30, 40, 50, 55, 60, 65, 70, 75, 80, 84, 88, 90, 92, 94, 95, 96, 97, 98, 99)


def run_state(path):
    return read_status(path).state


def run(path):
    """The finished run in a folder."""
    return _run(str(path), _stamp(path))


def volume_of(run, gene):
    """Volume of one gene at the run's own spacing."""
    return _volume(*run_key(run), gene)


def _stamp(path):
    """Changes when a run is made anew under the same id."""
    return (path / "status.json").stat().st_mtime_ns


@st.cache_resource(max_entries=4, show_spinner=False)
def _run(path, stamp):
    return load_run(path)


@st.cache_resource(max_entries=8, show_spinner=False)
def _volume(path, stamp, gene):
    return make_volume(_run(path, stamp), [gene])


@st.cache_data(max_entries=32, show_spinner=False)
def _first_gene(path, stamp):
    return _run(path, stamp).clearest_gene


def first_gene(run):
    """The gene that a run opens with."""
    return _first_gene(*run_key(run))


def levels(run, gene):
    """{percentile: level} of a gene in the tissue, for the level slider."""
    return _levels(*run_key(run), gene)


def colour_limits(run, gene):
    """(low, high) that a gene's colours span unless chosen otherwise, log1p."""
    return _colour_limits(*run_key(run), gene)


@st.cache_data(max_entries=64, show_spinner=False)
def _colour_limits(path, stamp, gene):
    return tuple(round(limit, 3) for limit in colour_range(_volume(path, stamp, gene).values))


@st.cache_data(max_entries=64, show_spinner=False)
def _levels(path, stamp, gene):
    levels_ = level_of_percentile(_volume(path, stamp, gene), gene, PERCENTILES)
    return dict(zip(PERCENTILES, levels_.tolist(), strict=True))


def isosurface(run, gene, level, least_known=0.0):
    """Vertices and faces of the isosurface of a gene, cut away where less of its pattern is known."""
    return _isosurface(*run_key(run), gene, level, least_known)


@st.cache_resource(max_entries=24, show_spinner=False)
def _isosurface(path, stamp, gene, level, least_known):
    return isosurfaces.isosurface(_run(path, stamp), gene, level, least_known)


def known_on(run, gene, level):
    """Known share (vertices,) of a gene's pattern on its isosurface."""
    return _known_on(*run_key(run), gene, level)


@st.cache_resource(max_entries=48, show_spinner=False)
def _known_on(path, stamp, gene, level):
    vertices, _ = _isosurface(path, stamp, gene, level, 0.0)
    return sample(_run(path, stamp), gene, vertices)[2]


def outline(run):
    """Vertices and faces of the outline of the tissue."""
    return _outline(*run_key(run))


@st.cache_resource(max_entries=4, show_spinner=False)
def _outline(path, stamp):
    return isosurfaces.tissue_surface(_run(path, stamp))


def run_key(run):
    """What tells a run, as it is now, apart from all others."""
    return str(run.path), _stamp(run.path)


@st.cache_resource(show_spinner=False)
def warm_up(demo):
    """Make ready what the demo's first picture needs while the visitor reads the first page; once for each server."""
    threading.Thread(target=_prepare, args=(demo,), daemon=True).start()


def _prepare(demo):
    for name in ("plotly.graph_objects", "pyvista", "isost_core.figures.sections",
                 "isost_core.reconstruction.isosurfaces", "isost_core.sections.stack"):
        importlib.import_module(name)
    if demo is not None:
        opened = run(demo)
        gene = first_gene(opened)
        isosurface(opened, gene, levels(opened, gene)[OPENING_LEVEL])
        outline(opened)
