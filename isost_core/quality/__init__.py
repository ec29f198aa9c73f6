"""Quality of a stack of sections: what is found of it before it is reconstructed, and what can be corrected.

The public names are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isost_core.quality.batch import Offsets, correct_batch, estimate_offsets
    from isost_core.quality.findings import Finding
    from isost_core.quality.stack_quality import Quality, check

_HOME = {
    "Finding": "findings",
    "Quality": "stack_quality",
    "check": "stack_quality",
    "Offsets": "batch",
    "correct_batch": "batch",
    "estimate_offsets": "batch",
}

__all__ = ["Finding", "Offsets", "Quality", "check", "correct_batch", "estimate_offsets"]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
