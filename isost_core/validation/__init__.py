"""Validation: how close predictions come to sections that were held out.

Public names are imported when first used, so that the wing costs nothing to import.
"""

import importlib
from typing import Any

_HOME = {
    "validate": "hold_out",
    "plan_folds": "hold_out",
    "predict_section": "hold_out",
    "score": "metrics",
    "Measured": "metrics",
    "Predicted": "metrics",
    "Baselines": "baselines",
    "gene_trust": "trust",
    "find_doubles": "doubled_layers",
}

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
