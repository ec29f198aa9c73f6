"""Niches that a run keeps: which ones the view shows, how they are found, and what pages read of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from isost_core.analysis import niche_contents, niche_places
from isost_core.analysis.niche_places import niche_surface
from isost_core.analysis.niches import Niches, label_columns
from isost_core.figures.colours import niche_colour
from isost_core.figures.surfaces import ColouredSurface
from isost_core.reconstruction.isosurfaces import MOST_TRIANGLES
from isost_core.runs.run import Run
from isost_core.workflows.find_niches import create_niches, found_niches
from ui.open_run import cached_run
from ui.shell import state, visitor

if TYPE_CHECKING:
    import pandas as pd

ANY = ""  # of a view that names no niches: those found last
KEPT = "niches"


@dataclass(frozen=True)
class KeptNiches:
    """Niches, and the folder of the run that keeps them: its name tells them apart from others of the run."""

    folder: Path
    niches: Niches

    @property
    def names(self) -> list[str]:
        return list(self.niches.names)

    def number_of(self, name: str) -> int | None:
        """Number of the niche of this name, or None."""
        return self.names.index(name) if name in self.niches.names else None


def columns(run: Run) -> list[str | None]:
    """Columns to find niches by: labels of the measured cells, and None for expression."""
    return [*label_columns(run), None]


def start(run: Run, column: str | None, number: int | None, reach_um: float) -> None:
    """Find niches in a process of its own."""
    create_niches(run.path, column, number, reach_um, visitor.visitor_hash()).submit()


def at(folder: Path) -> KeptNiches | None:
    """The niches in a folder, or None where none were found yet."""
    file = folder / "niches.json"
    return KeptNiches(folder, _load(str(folder), file.stat().st_mtime_ns)) if file.is_file() else None


def of_view(run: Run) -> KeptNiches | None:
    """The niches that the view shows, by default those found last; None where there are none.

    Looks through the run's folder: the header does it once a rerun and hands the answer down in `Shown`.
    """
    found = {folder.name: folder for folder in found_niches(run.path)}
    if not found:
        return None
    return at(found[state.view_value(KEPT, ANY, lambda key: key if key in found else next(iter(found)))])


def choose(kept: KeptNiches) -> None:
    """Make the view show these niches."""
    state.set_view(KEPT, kept.folder.name)


@st.cache_resource(max_entries=6, show_spinner=False)
def _load(path: str, stamp: int) -> Niches:
    return Niches.load(Path(path))


def composition(run: Run, kept: KeptNiches) -> pd.DataFrame:
    """Share of each label among the measured cells of each niche (niches, labels)."""
    return _composition(cached_run.run_key(run), kept.folder.name, run, kept.niches)


@st.cache_data(max_entries=4, show_spinner=False)
def _composition(run_key: cached_run.RunKey, kept_in: str, _run: Run, _niches: Niches) -> pd.DataFrame:
    assert _niches.column is not None  # niches by expression have no composition
    number = len(_niches.names)
    made = niche_contents.composition_table(_run, _niches.column, _niches.measured, number)
    return made.set_axis(list(_niches.names))


def sizes(run: Run, kept: KeptNiches) -> pd.DataFrame:
    """Cells, share of the tissue, volume and surface of each niche."""
    return _sizes(cached_run.run_key(run), kept.folder.name, run, kept.niches)


@st.cache_data(max_entries=4, show_spinner=False)
def _sizes(run_key: cached_run.RunKey, kept_in: str, _run: Run, _niches: Niches) -> pd.DataFrame:
    return niche_places.size_table(_run, _niches)


def markers(run: Run, kept: KeptNiches) -> pd.DataFrame:
    """Genes of each niche against all others, by the niche's name."""
    return _markers(cached_run.run_key(run), kept.folder.name, run, kept.niches)


@st.cache_data(max_entries=4, show_spinner=False)
def _markers(run_key: cached_run.RunKey, kept_in: str, _run: Run, _niches: Niches) -> pd.DataFrame:
    made = niche_contents.marker_table(_run, _niches.measured, len(_niches.names))
    return made.assign(niche=[_niches.names[k] for k in made["niche"]])


def surface(run: Run, kept: KeptNiches, niche: int) -> ColouredSurface:
    """Surface of a niche, by its number."""
    return _surface(cached_run.run_key(run), kept.folder.name, niche, run, kept.niches)


@st.cache_resource(max_entries=32, show_spinner=False)
def _surface(run_key: cached_run.RunKey, kept_in: str, niche: int, _run: Run, _niches: Niches) -> ColouredSurface:
    niches = _niches
    mesh = niche_surface(_run, niches, niche, MOST_TRIANGLES // len(niches.names))
    faces = np.asarray(mesh.regular_faces, np.int32).reshape(-1, 3)
    return ColouredSurface(niches.names[niche], np.asarray(mesh.points, np.float32), faces, colour=niche_colour(niche),
                           opacity=0.9)
