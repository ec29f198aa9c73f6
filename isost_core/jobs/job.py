"""One job: something asked for, done by a process of its own, kept in a folder that every other process can read.

A job is queued by `ask`, handed to an executor by `submit`, and followed by `status` and `log` from anywhere. The
process that does it reports with a `Reporter`, and stops at its next step once `cancel` was called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isost_core.errors import InputError
from isost_core.files import read_json, write_json
from isost_core.jobs import executors
from isost_core.jobs.layout import CANCEL, LOG, LOSSES, OWNER, PROCESS, REQUEST, STATUS
from isost_core.jobs.stages import Stage
from isost_core.jobs.status import State, Status, read_status, write_status

if TYPE_CHECKING:
    import pandas as pd

    from isost_core.jobs.executors import Executor


class Kind(StrEnum):
    """What a job does. `workflows.run_job` has the function of each."""

    RECONSTRUCT = "reconstruct"
    REGISTER = "register"
    VALIDATE = "validate"
    FIND_NICHES = "find_niches"
    SPATIAL_GENES = "spatial_genes"


@dataclass(frozen=True)
class Job:
    """A job of a kind in its folder.

    Attributes
    ----------
    owner : who asks for it, as it may be written to disk (see `owner_of`); None: nobody in particular
    """

    kind: Kind
    folder: Path
    owner: str | None = None

    def ask(self, request: dict[str, Any], busy: str, put: Callable[[Path], object] | None = None) -> Job:
        """Queue this job; `submit` has it done.

        Parameters
        ----------
        request : plain values, for who does it
        busy : message of the InputError where the job is going already
        put : called with the folder, to write what the job reads, before it counts as asked for
        """
        if self.going():
            raise InputError(busy)
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in (CANCEL, PROCESS, LOG):
            (self.folder / name).unlink(missing_ok=True)
        if put:
            put(self.folder)
        write_json(self.folder / REQUEST, request)
        write_status(self.folder, Status())
        return self

    def request(self) -> dict[str, Any]:
        """What was asked for."""
        return read_json(self.folder / REQUEST)

    def submit(self, executor: Executor | None = None) -> int:
        """Have the job done, by default in a process of its own on this computer; returns the process's number."""
        if self.owner is not None:
            (self.folder / OWNER).write_text(self.owner)
        return (executor or executors.in_own_process)(self.kind, self.folder)

    def status(self) -> Status | None:
        """How far it is, or None where it was never asked for."""
        return read_status(self.folder) if (self.folder / STATUS).is_file() else None

    def going(self) -> bool:
        """Whether it waits or is being done."""
        status = self.status()
        return status is not None and status.going

    def cancel(self) -> None:
        """Ask it to stop; its process does so at its next step, and one that waits never starts."""
        (self.folder / CANCEL).touch()
        if read_status(self.folder).pid is None:
            write_status(self.folder, Status(State.CANCELLED, Stage.CANCELLED, message="Cancelled before it started."))

    def log(self, lines: int = 40) -> str:
        """The last lines of its log."""
        file = self.folder / LOG
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:]) if file.is_file() else ""

    def losses(self) -> pd.DataFrame:
        """DataFrame of step, stage, loss: empty for a job that trains nothing."""
        import pandas as pd

        file = self.folder / LOSSES
        if not file.is_file() or not file.stat().st_size:
            return pd.DataFrame({"step": [], "stage": [], "loss": []})
        return pd.read_csv(file, on_bad_lines="skip")


def owner_of(folder: Path) -> str | None:
    """Who asked for the job of a folder, as `Job.submit` wrote it down, or None."""
    file = folder / OWNER
    return file.read_text() if file.is_file() else None
