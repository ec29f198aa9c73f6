"""Sections: the measured stack.

Public names are imported when first used, so that the wing costs nothing to import.
"""

import importlib
from typing import Any

_HOME = {
    "Sections": "stack",
    "SectionImage": "images",
    "cell_spacing": "spacing",
    "irregularity": "spacing",
    "stack_agreement": "agreement",
}

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
