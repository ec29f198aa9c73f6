"""Reports as pages that open anywhere without a network: quality of a stack, and validation.

The public names are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isost_core.reports.quality_page import write_quality
    from isost_core.reports.validation_page import headline, write_report

_HOME = {
    "write_quality": "quality_page",
    "headline": "validation_page",
    "write_report": "validation_page",
}

__all__ = ["headline", "write_quality", "write_report"]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
