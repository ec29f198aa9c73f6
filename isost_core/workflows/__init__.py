"""What each job does, from what was asked for to what is kept.

The public names are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isost_core.workflows.demo import make_demo
    from isost_core.workflows.find_niches import (
        create_niches,
        execute_niches,
        found_niches,
        keep_niches,
        niches_job,
    )
    from isost_core.workflows.reconstruct import execute
    from isost_core.workflows.register import (
        create_registration,
        execute_registration,
        registration_job,
        registration_result,
    )
    from isost_core.workflows.run_job import work
    from isost_core.workflows.spatial_genes import (
        create_spatial_genes,
        execute_spatial_genes,
        ranked_genes,
        spatial_genes_job,
    )
    from isost_core.workflows.validate import create_validation, execute_validation, has_report, validation_job

_HOME = {
    "make_demo": "demo",
    "create_niches": "find_niches",
    "execute_niches": "find_niches",
    "found_niches": "find_niches",
    "keep_niches": "find_niches",
    "niches_job": "find_niches",
    "execute": "reconstruct",
    "create_registration": "register",
    "execute_registration": "register",
    "registration_job": "register",
    "registration_result": "register",
    "work": "run_job",
    "create_spatial_genes": "spatial_genes",
    "execute_spatial_genes": "spatial_genes",
    "ranked_genes": "spatial_genes",
    "spatial_genes_job": "spatial_genes",
    "create_validation": "validate",
    "execute_validation": "validate",
    "has_report": "validate",
    "validation_job": "validate",
}

__all__ = [
    "create_niches", "create_registration", "create_spatial_genes", "create_validation", "execute",
    "execute_niches", "execute_registration", "execute_spatial_genes", "execute_validation", "found_niches",
    "has_report", "keep_niches", "make_demo", "niches_job", "ranked_genes", "registration_job", "registration_result",
    "spatial_genes_job", "validation_job", "work",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
