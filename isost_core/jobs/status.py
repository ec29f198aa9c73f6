"""How far a job is: its status on disk."""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import Any

from isost_core.files import read_json, write_json
from isost_core.jobs.executors import process_alive
from isost_core.jobs.layout import CANCEL, PROCESS, STATUS
from isost_core.jobs.stages import Stage

GONE = ("It stopped without an error message. The computer may have run out of memory, or it was restarted. Start it "
        "again. If it stops again, use fewer cells or genes.")


class State(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def going(self) -> bool:
        """Whether it waits or is being done."""
        return self in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True)
class Status:
    """How far a job is.

    Attributes
    ----------
    state, stage : where it is in its life, what it does now; where : the part of the whole that this belongs to
    fraction : 0 to 1; eta_s : seconds left, None where unknown; seconds : spent so far
    cancelling : it was asked to stop and has not stopped yet; told by the file `cancel`, not written
    message : why it ended; pid, born : its process; started, updated : seconds since 1970
    """

    state: State = State.QUEUED
    stage: str = Stage.WAITING
    fraction: float = 0.0
    eta_s: float | None = None
    message: str = ""
    pid: int | None = None
    born: int | None = None
    started: float | None = None
    updated: float | None = None
    seconds: float | None = None
    where: str = ""
    cancelling: bool = False

    @property
    def going(self) -> bool:
        """Whether the job waits or is being done."""
        return self.state.going


def read_status(folder: str | PathLike[str]) -> Status:
    """Status of a job; one whose process is gone reads as failed."""
    file = Path(folder) / STATUS
    if not file.is_file():
        return Status()
    names = {f.name for f in dataclasses.fields(Status)}
    held: dict[str, Any] = {name: value for name, value in read_json(file).items() if name in names}
    held["state"] = State(held.get("state", State.QUEUED))
    status = Status(**held)
    process = Path(folder) / PROCESS
    if status.state == State.QUEUED and process.is_file():
        status = dataclasses.replace(status, **read_json(process))
    if status.going and status.pid and not process_alive(status.pid, status.born):
        if (Path(folder) / CANCEL).is_file():
            return dataclasses.replace(status, state=State.CANCELLED, message="Cancelled.", eta_s=None)
        return dataclasses.replace(status, state=State.FAILED, message=GONE, eta_s=None)
    return dataclasses.replace(status, cancelling=status.going and (Path(folder) / CANCEL).is_file())


def write_status(folder: str | PathLike[str], status: Status) -> None:
    """Replace the status of a job; a reader never sees half of it."""
    held = dataclasses.asdict(status)
    del held["cancelling"]
    write_json(Path(folder) / STATUS, held)
