"""Pictures and charts of what a run holds: arrays and tables in, a plotly Figure out; colours and the lit 3D scene.

The public names are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isost_core.figures.charts import loss_curve
    from isost_core.figures.colours import gene_colours, niche_colour
    from isost_core.figures.lit_scene import LitScene, export_html, export_picture
    from isost_core.figures.niches import composition_map, niche_slice, stability_line
    from isost_core.figures.profiles import focus_points, group_lines, profile_lines
    from isost_core.figures.quality import finding_picture
    from isost_core.figures.sections import section_points, sections_strip
    from isost_core.figures.slices import slice_image
    from isost_core.figures.surfaces import ColouredSurface
    from isost_core.figures.tissue import tissue_3d
    from isost_core.figures.uncertainty import UncertaintyView
    from isost_core.figures.validation import calibration_figure, gap_figure, genes_figure

_HOME = {
    "loss_curve": "charts",
    "gene_colours": "colours",
    "niche_colour": "colours",
    "LitScene": "lit_scene",
    "export_html": "lit_scene",
    "export_picture": "lit_scene",
    "composition_map": "niches",
    "niche_slice": "niches",
    "stability_line": "niches",
    "focus_points": "profiles",
    "group_lines": "profiles",
    "profile_lines": "profiles",
    "finding_picture": "quality",
    "section_points": "sections",
    "sections_strip": "sections",
    "slice_image": "slices",
    "ColouredSurface": "surfaces",
    "tissue_3d": "tissue",
    "UncertaintyView": "uncertainty",
    "calibration_figure": "validation",
    "gap_figure": "validation",
    "genes_figure": "validation",
}

__all__ = [
    "ColouredSurface", "LitScene", "UncertaintyView", "calibration_figure", "composition_map", "export_html",
    "export_picture", "finding_picture", "focus_points", "gap_figure", "gene_colours", "genes_figure", "group_lines",
    "loss_curve", "niche_colour", "niche_slice", "profile_lines", "section_points", "sections_strip", "slice_image",
    "stability_line", "tissue_3d",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
