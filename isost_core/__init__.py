"""isoST Studio core: from a stack of 2D tissue sections to the 3D tissue.

The public names are imported when first used, so that `import isost_core` costs nothing.
"""

import importlib

__version__ = "0.1.0"

_HOME = {
    "Config": "config",
    "InputError": "errors",
    "Sections": "sections.stack",
    "read_sections": "readers",
    "create_run": "runs.store",
    "execute": "workflows.reconstruct",
    "load_run": "runs.store",
    "virtual_section": "reconstruction.virtual_cells",
    "make_volume": "reconstruction.volume",
    "oblique": "reconstruction.slices",
    "profile": "analysis.profiles",
    "Focus": "analysis.focus",
    "rank_genes": "analysis.gene_ranking",
    "find_niches": "analysis.niches",
    "make_phantom": "datasets.phantoms",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(f"isost_core.{_HOME[name]}"), name)
    raise AttributeError(f"module 'isost_core' has no attribute '{name}'")
