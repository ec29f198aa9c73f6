"""Runs: reconstructions in their folders.

Public names are imported when first used, so that the wing costs nothing to import.
"""

import importlib
from typing import Any

_HOME = {
    "Run": "run",
    "RunCard": "folder",
    "create_run": "store",
    "load_run": "store",
    "list_runs": "folder",
}

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
