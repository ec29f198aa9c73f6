"""The open run and what pages read of it, kept between reruns and for all visitors together.

Each loader holds a bounded number of results of bounded size: an open run its sections, its lattice (mapped from disk)
and 48 MB of decoded genes; a volume as many voxels as a lattice (5 MB), a surface isosurfaces.MOST_TRIANGLES (1.4 MB).
"""

from pathlib import Path
from typing import TypeAlias

import numpy as np
import streamlit as st

from isost_core.figures.colours import colour_range
from isost_core.jobs.status import State, read_status
from isost_core.reconstruction import isosurfaces
from isost_core.reconstruction.interpolation import sample
from isost_core.reconstruction.isosurfaces import level_of_percentile
from isost_core.reconstruction.volume import Volume, make_volume
from isost_core.runs.run import Run
from isost_core.runs.store import load_run

RunKey: TypeAlias = tuple[str, int]  # folder, and when the run in it was made: what tells runs apart
Mesh: TypeAlias = tuple[np.ndarray, np.ndarray]  # vertices (n, 3) µm, faces (m, 3)
PERCENTILES = (5, 10, 20, 30, 40, 50, 55, 60, 65, 70, 75, 80, 84, 88, 90, 92, 94, 95, 96, 97, 98, 99)


def run_state(path: Path) -> State:
    """Where the run in a folder is in its life."""
    return read_status(path).state


def run(path: Path) -> Run:
    """The finished run in a folder."""
    return _run(str(path), _stamp(path))


def run_key(run: Run) -> RunKey:
    """What tells a run, as it is now, apart from all others."""
    return str(run.path), _stamp(run.path)


def _stamp(path: Path) -> int:
    """Changes when a run is made anew under the same id."""
    return (path / "status.json").stat().st_mtime_ns


@st.cache_resource(max_entries=4, show_spinner=False)
def _run(path: str, stamp: int) -> Run:
    return load_run(path)


def volume_of(run: Run, gene: str) -> Volume:
    """Volume of one gene at the run's own spacing."""
    return _volume(*run_key(run), gene)


@st.cache_resource(max_entries=8, show_spinner=False)
def _volume(path: str, stamp: int, gene: str) -> Volume:
    return make_volume(_run(path, stamp), [gene])


def first_gene(run: Run) -> str:
    """The gene that a run opens with."""
    return _first_gene(*run_key(run))


@st.cache_data(max_entries=32, show_spinner=False)
def _first_gene(path: str, stamp: int) -> str:
    return _run(path, stamp).clearest_gene


def colour_limits(run: Run, gene: str) -> tuple[float, float]:
    """(low, high) that a gene's colours span unless chosen otherwise, log1p."""
    return _colour_limits(*run_key(run), gene)


@st.cache_data(max_entries=64, show_spinner=False)
def _colour_limits(path: str, stamp: int, gene: str) -> tuple[float, float]:
    low, high = colour_range(_volume(path, stamp, gene).values)
    return round(low, 3), round(high, 3)


def levels(run: Run, gene: str) -> dict[int, float]:
    """{percentile: level} of a gene in the tissue, for the level slider."""
    return _levels(*run_key(run), gene)


@st.cache_data(max_entries=64, show_spinner=False)
def _levels(path: str, stamp: int, gene: str) -> dict[int, float]:
    levels_ = level_of_percentile(_volume(path, stamp, gene), gene, PERCENTILES)
    return dict(zip(PERCENTILES, levels_.tolist(), strict=True))


def opening_percentile(run: Run, gene: str) -> int:
    """The percentile at which a gene's surface opens, one of PERCENTILES."""
    return _opening_percentile(*run_key(run), gene)


@st.cache_data(max_entries=256, show_spinner=False)
def _opening_percentile(path: str, stamp: int, gene: str) -> int:
    return isosurfaces.opening_percentile(_run(path, stamp), gene)


def isosurface(run: Run, gene: str, level: float, least_known: float = 0.0) -> Mesh:
    """Vertices and faces of the isosurface of a gene, cut away where less of its pattern is known."""
    return _isosurface(*run_key(run), gene, level, least_known)


@st.cache_resource(max_entries=24, show_spinner=False)
def _isosurface(path: str, stamp: int, gene: str, level: float, least_known: float) -> Mesh:
    return isosurfaces.isosurface(_run(path, stamp), gene, level, least_known)


def known_on(run: Run, gene: str, level: float) -> np.ndarray | None:
    """Known share (vertices,) of a gene's pattern on its isosurface; None where a run doesn't know it."""
    return _known_on(*run_key(run), gene, level)


@st.cache_resource(max_entries=48, show_spinner=False)
def _known_on(path: str, stamp: int, gene: str, level: float) -> np.ndarray | None:
    vertices, _ = _isosurface(path, stamp, gene, level, 0.0)
    return sample(_run(path, stamp), gene, vertices)[2]


def outline(run: Run) -> Mesh:
    """Vertices and faces of the outline of the tissue."""
    return _outline(*run_key(run))


@st.cache_resource(max_entries=4, show_spinner=False)
def _outline(path: str, stamp: int) -> Mesh:
    return isosurfaces.tissue_surface(_run(path, stamp))
