"""Which function does which kind of job."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path

from isost_core.jobs.job import Kind
from isost_core.jobs.progress import Cancelled
from isost_core.workflows.find_niches import execute_niches
from isost_core.workflows.reconstruct import execute
from isost_core.workflows.register import execute_registration
from isost_core.workflows.spatial_genes import execute_spatial_genes
from isost_core.workflows.validate import execute_validation

_DOES: dict[Kind, Callable[[Path], Path]] = {
    Kind.RECONSTRUCT: execute,
    Kind.REGISTER: execute_registration,
    Kind.VALIDATE: execute_validation,
    Kind.FIND_NICHES: execute_niches,
    Kind.SPATIAL_GENES: execute_spatial_genes,
}


def work(kind: Kind, folder: str | PathLike[str]) -> bool:
    """Do a job in this process; returns whether it was finished, not cancelled."""
    try:
        _DOES[kind](Path(folder))
    except Cancelled:
        return False
    return True
