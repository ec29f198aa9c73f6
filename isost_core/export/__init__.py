"""Files for other programs: cells, volumes, slices, surfaces, and all of a run in one zip.

The public names are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isost_core.export.bundle import write_bundle
    from isost_core.export.cells import write_cells
    from isost_core.export.figure_data import mesh_table, section_table, slice_table
    from isost_core.export.surfaces import surface_of, write_surfaces
    from isost_core.export.volumes import write_slice, write_volume

_HOME = {
    "write_bundle": "bundle",
    "write_cells": "cells",
    "mesh_table": "figure_data",
    "section_table": "figure_data",
    "slice_table": "figure_data",
    "surface_of": "surfaces",
    "write_surfaces": "surfaces",
    "write_slice": "volumes",
    "write_volume": "volumes",
}

__all__ = [
    "mesh_table", "section_table", "slice_table", "surface_of", "write_bundle", "write_cells", "write_slice",
    "write_surfaces", "write_volume",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
