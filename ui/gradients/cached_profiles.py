"""What the Gradients page computes, kept for all visitors between reruns; ui.open_run.cached_run tells the bounds.

A surface to measure distances from takes 8 MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import streamlit as st

from isost_core.analysis import hot_spots as foci_in_data
from isost_core.analysis import profiles
from isost_core.analysis.focus import Focus
from isost_core.analysis.focus_groups import compare_foci
from isost_core.analysis.gene_ranking import rank_genes
from isost_core.analysis.niche_places import niche_border
from isost_core.reconstruction.border_distance import Border, isosurface_border
from isost_core.runs.run import Run
from ui.gradients.focus_choice import AnnotatedCells, FocusChoice, GeneSurface, NicheBorder, Vector
from ui.open_run.cached_run import RunKey, run_key
from ui.open_run.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Groups: TypeAlias = tuple[tuple[str, tuple[Vector, ...]], ...]  # name and places of each


def profile(shown: Shown, focus: FocusChoice, bin_um: float, beside: Iterable[str]) -> pd.DataFrame:
    """Profile table of the genes shown; `beside` names the sources beyond predicted and measured."""
    return _profile(shown, run_key(shown.run), tuple(shown.genes), focus, bin_um, tuple(beside))


@st.cache_data(max_entries=32, show_spinner=False)
def _profile(_shown: Shown, key: RunKey, genes: tuple[str, ...], focus: FocusChoice, bin_um: float,
             beside: tuple[str, ...]) -> pd.DataFrame:
    return profiles.profile_around(_shown.run, list(genes), _focus_of(_shown, key, focus), bin_um, beside)


def usual_bin(shown: Shown, focus: FocusChoice) -> float:
    """Bin (µm) that shows the profile around a focus well."""
    return _usual_bin(shown, run_key(shown.run), focus)


@st.cache_data(max_entries=32, show_spinner=False)
def _usual_bin(_shown: Shown, key: RunKey, focus: FocusChoice) -> float:
    return profiles.usual_bin(_shown.run, _focus_of(_shown, key, focus))


def ranked(shown: Shown, focus: FocusChoice) -> pd.DataFrame:
    """All genes by their gradient."""
    return _ranked(shown, run_key(shown.run), focus)


@st.cache_data(max_entries=8, show_spinner=False)
def _ranked(_shown: Shown, key: RunKey, focus: FocusChoice) -> pd.DataFrame:
    return rank_genes(_shown.run, _focus_of(_shown, key, focus))


def _focus_of(shown: Shown, key: RunKey, focus: FocusChoice) -> Focus:
    centre = focus.centre if isinstance(focus.centre, tuple) else _border(shown, key, focus.centre)
    return Focus(focus.kind, centre, focus.axis, focus.radius_um)


@st.cache_resource(max_entries=4, show_spinner=False)
def _border(_shown: Shown, key: RunKey, chosen: GeneSurface | NicheBorder) -> Border:
    if isinstance(chosen, GeneSurface):
        return isosurface_border(_shown.run, chosen.gene, chosen.level)
    assert _shown.niches is not None  # the picker offers borders of these alone
    return niche_border(_shown.run, _shown.niches.niches, chosen.number)


def hot_spots(run: Run, gene: str, most: int = 8) -> pd.DataFrame:
    """Hot spots of a gene."""
    return _hot_spots(run, run_key(run), gene, most)


@st.cache_data(max_entries=32, show_spinner=False)
def _hot_spots(_run: Run, key: RunKey, gene: str, most: int) -> pd.DataFrame:
    return foci_in_data.find_hot_spots(_run, gene, most)


def annotation_values(run: Run) -> dict[str, list[str]]:
    """{column: values} of the measured cells."""
    return _annotation_values(run, run_key(run))


@st.cache_data(max_entries=8, show_spinner=False)
def _annotation_values(_run: Run, key: RunKey) -> dict[str, list[str]]:
    return foci_in_data.annotations(_run)


def clumps(run: Run, cells: AnnotatedCells) -> pd.DataFrame:
    """Clumps that the cells of an annotation form."""
    return _clumps(run, run_key(run), cells)


@st.cache_data(max_entries=32, show_spinner=False)
def _clumps(_run: Run, key: RunKey, cells: AnnotatedCells) -> pd.DataFrame:
    return foci_in_data.annotation_foci(_run, cells.column, cells.value)


def groups(run: Run, gene: str, foci: Mapping[str, pd.DataFrame], radius_um: float,
           bin_um: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Profiles and slopes of groups of foci, {name: table of x, y, depth}."""
    places = tuple((name, tuple((float(x), float(y), float(z)) for x, y, z in part.to_numpy()))
                   for name, part in foci.items())
    return _groups(run, run_key(run), gene, places, radius_um, bin_um)


@st.cache_data(max_entries=16, show_spinner=False)
def _groups(_run: Run, key: RunKey, gene: str, foci: Groups, radius_um: float,
            bin_um: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    return compare_foci(_run, gene, dict(foci), radius_um, bin_um)
