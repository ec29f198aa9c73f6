"""The reconstruction: the tissue of a trained model, and what is read from it.

Public names are imported when first used, so that the wing costs nothing to import.
"""

import importlib
from typing import Any

_HOME = {
    "Reconstruction": "reconstruction",
    "TrainedReconstruction": "trained",
    "make_lattice": "evaluate",
    "virtual_section": "virtual_cells",
    "virtual_tissue": "virtual_cells",
    "make_volume": "volume",
    "oblique": "slices",
    "sample": "interpolation",
    "isosurface": "isosurfaces",
    "tissue_surface": "isosurfaces",
    "isosurface_border": "border_distance",
    "border_of": "border_distance",
    "estimate_seconds": "timing",
}

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
