"""Start a run: its folder, and the process that works on it."""

import secrets
from typing import Any

from isost_core.config import Config
from isost_core.jobs.job import Job, Kind
from isost_core.runs.store import create_run
from isost_core.sections.stack import Sections
from ui.jobs import my_runs
from ui.shell import visitor


def start_run(sections: Sections, config: Config, name: str, source: dict[str, Any],
              expected_s: float | None = None) -> str:
    """Write a run with a new unguessable id, hand it to a process of its own, return the id.

    `source` says what it was made from: files, device, hold_out; `expected_s` how many seconds the page promised.
    """
    run_id = secrets.token_hex(12)
    path = create_run(my_runs.runs_folder() / run_id, sections, config, name=name, source=source,
                      expected_s=expected_s)
    Job(Kind.RECONSTRUCT, path, visitor.visitor_hash()).submit()
    return run_id
