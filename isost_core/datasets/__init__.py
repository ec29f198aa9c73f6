"""Data to try things on: synthetic tissue whose truth is known, and public sets of real sections.

The public names are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isost_core.datasets.examples import EXAMPLES, Example, fetch_example
    from isost_core.datasets.phantom_shapes import Shape
    from isost_core.datasets.phantoms import make_phantom, shape_of, true_rate

_HOME = {
    "EXAMPLES": "examples",
    "Example": "examples",
    "fetch_example": "examples",
    "Shape": "phantom_shapes",
    "make_phantom": "phantoms",
    "shape_of": "phantoms",
    "true_rate": "phantoms",
}

__all__ = ["EXAMPLES", "Example", "Shape", "fetch_example", "make_phantom", "shape_of", "true_rate"]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
