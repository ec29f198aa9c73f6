"""Registration: neighbouring sections brought over each other, by position and expression.

The public names are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isost_core.registration.alignment import Alignment, PairFit, Warp
    from isost_core.registration.stackwise import align, aligned_positions, apply_alignment
    from isost_core.registration.store import write_aligned

_HOME = {
    "Alignment": "alignment",
    "PairFit": "alignment",
    "Warp": "alignment",
    "align": "stackwise",
    "aligned_positions": "stackwise",
    "apply_alignment": "stackwise",
    "write_aligned": "store",
}

__all__ = ["Alignment", "PairFit", "Warp", "align", "aligned_positions", "apply_alignment", "write_aligned"]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
