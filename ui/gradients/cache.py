"""What the Gradients page computes, kept between reruns and for all visitors; see ui.open_run.cache for the bounds.

A focus is a tuple (kind, centre, axis, radius); of kind 'surface' the centre is (gene, level), or (niche, when it was
found). A surface takes 8 MB.
"""

import streamlit as st

from isost_core.analysis.focus import Focus
from isost_core.analysis.focus_groups import compare_foci
from isost_core.analysis.gene_ranking import rank_genes
from isost_core.analysis.hot_spots import annotation_foci
from isost_core.analysis.niche_places import niche_border
from isost_core.analysis.profiles import profile_around
from isost_core.reconstruction.border_distance import isosurface_border
from ui.open_run import cache, niches


def profile(run, genes, focus, bin_um, beside):
    """Profile table of some genes."""
    return _profile(run, cache.run_key(run), tuple(genes), focus, bin_um, tuple(beside))


@st.cache_data(max_entries=32, show_spinner=False)
def _profile(_opened, key, genes, focus, bin_um, beside):
    return profile_around(_opened, list(genes), _focus_of(_opened, key, focus), bin_um, beside)


def usual_bin(run, focus):
    """Bin (um) that shows the profile around a focus well."""
    return _usual_bin(run, cache.run_key(run), focus)


@st.cache_data(max_entries=32, show_spinner=False)
def _usual_bin(_opened, key, focus):
    from isost_core.analysis.profiles import usual_bin as compute

    return compute(_opened, _focus_of(_opened, key, focus))


def ranked(run, focus):
    """All genes by their gradient."""
    return _ranked(run, cache.run_key(run), focus)


@st.cache_data(max_entries=8, show_spinner=False)
def _ranked(_opened, key, focus):
    return rank_genes(_opened, _focus_of(_opened, key, focus))


def _focus_of(run, key, focus):
    kind, centre, axis, radius = focus
    return Focus(kind, _surface(run, key, *centre) if kind == "surface" else centre, axis, radius)


@st.cache_resource(max_entries=4, show_spinner=False)
def _surface(_opened, key, gene, level):

    niche = niches.number_of(_opened, gene)
    if niche is not None:
        return niche_border(_opened, niches.chosen(_opened), niche)
    return isosurface_border(_opened, gene, level)


def hot_spots(run, gene, most=8):
    """Hot spots of a gene."""
    return _hot_spots(run, cache.run_key(run), gene, most)


@st.cache_data(max_entries=32, show_spinner=False)
def _hot_spots(_opened, key, gene, most):
    from isost_core.analysis.hot_spots import hot_spots as compute

    return compute(_opened, gene, most)


def annotations(run):
    """{column: values} of the measured cells."""
    return _annotations(run, cache.run_key(run))


@st.cache_data(max_entries=8, show_spinner=False)
def _annotations(_opened, key):
    from isost_core.analysis.hot_spots import annotations as compute

    return compute(_opened)


def clumps(run, column, value):
    """Clumps of cells of an annotation."""
    return _clumps(run, cache.run_key(run), column, value)


@st.cache_data(max_entries=32, show_spinner=False)
def _clumps(_opened, key, column, value):
    return annotation_foci(_opened, column, value)


def groups(run, gene, foci, radius_um, bin_um):
    """Profiles and slopes of groups of foci; `foci` is a tuple of (name, places)."""
    return _groups(run, cache.run_key(run), gene, foci, radius_um, bin_um)


@st.cache_data(max_entries=16, show_spinner=False)
def _groups(_opened, key, gene, foci, radius_um, bin_um):
    return compare_foci(_opened, gene, dict(foci), radius_um, bin_um)
