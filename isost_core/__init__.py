"""isoST Studio core: from a stack of 2D tissue sections to the 3D tissue.

The public names are imported when first used, so that `import isost_core` costs nothing.
"""

import importlib

__version__ = "0.1.0"

_HOME = {
    "Config": "config",
    "InputError": "errors",
    "Sections": "sections",
    "read_sections": "readers",
    "create_run": "runs",
    "execute": "work",
    "load_run": "runs",
    "virtual_section": "reconstruct",
    "make_volume": "volume",
    "oblique": "slices",
    "profile": "profiles",
    "Around": "around",
    "rank_genes": "gradients",
    "find_niches": "niches",
    "make_phantom": "phantoms",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(f"isost_core.{_HOME[name]}"), name)
    raise AttributeError(f"module 'isost_core' has no attribute '{name}'")
