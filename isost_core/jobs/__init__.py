"""One job on disk: asked for, handed to a process of its own, followed, cancelled. Knows nothing of tissue.

The public names are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isost_core.jobs.job import Job, Kind, owner_of
    from isost_core.jobs.progress import Cancelled, Reporter
    from isost_core.jobs.stages import Stage
    from isost_core.jobs.status import State, Status, read_status, write_status

_HOME = {
    "Job": "job",
    "Kind": "job",
    "owner_of": "job",
    "Cancelled": "progress",
    "Reporter": "progress",
    "Stage": "stages",
    "State": "status",
    "Status": "status",
    "read_status": "status",
    "write_status": "status",
}

__all__ = ["Cancelled", "Job", "Kind", "Reporter", "Stage", "State", "Status", "owner_of", "read_status",
           "write_status"]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
