"""The model: from sections to drifts, latent space and expected expression.

Public names are imported when first used, so that the wing costs nothing to import.
"""

import importlib
from typing import Any

_HOME = {
    "train": "training",
    "save_model": "store",
    "load_model": "store",
    "Model": "model",
    "BridgeModel": "model",
    "PublishedModel": "model",
    "load_decoder": "decoder",
    "Decoder": "decoder",
}

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
