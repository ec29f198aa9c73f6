"""Analysis of a reconstruction: profiles around a focus, ranked genes, hot spots, niches, drawn regions.

The public names are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isost_core.analysis.focus import Focus
    from isost_core.analysis.focus_groups import compare_foci
    from isost_core.analysis.gene_ranking import rank_genes
    from isost_core.analysis.hot_spots import annotation_foci, find_hot_spots
    from isost_core.analysis.morans_i import spatially_variable
    from isost_core.analysis.niche_contents import composition_table, marker_table
    from isost_core.analysis.niche_places import (
        measured_with_niches,
        niche_border,
        niche_surface,
        size_table,
        with_niches,
    )
    from isost_core.analysis.niches import Niches, find_niches
    from isost_core.analysis.profiles import profile, profile_around
    from isost_core.analysis.regions import Region

_HOME = {
    "Focus": "focus",
    "compare_foci": "focus_groups",
    "rank_genes": "gene_ranking",
    "annotation_foci": "hot_spots",
    "find_hot_spots": "hot_spots",
    "spatially_variable": "morans_i",
    "composition_table": "niche_contents",
    "marker_table": "niche_contents",
    "measured_with_niches": "niche_places",
    "niche_border": "niche_places",
    "niche_surface": "niche_places",
    "size_table": "niche_places",
    "with_niches": "niche_places",
    "Niches": "niches",
    "find_niches": "niches",
    "profile": "profiles",
    "profile_around": "profiles",
    "Region": "regions",
}

__all__ = [
    "Focus", "Niches", "Region", "annotation_foci", "compare_foci", "composition_table",
    "find_hot_spots", "find_niches", "marker_table", "measured_with_niches", "niche_border", "niche_surface",
    "profile", "profile_around", "rank_genes", "size_table", "spatially_variable", "with_niches",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
