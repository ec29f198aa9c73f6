"""How far a job is: its status, losses and log on disk."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from isost_core.files import read_json, write_json
from isost_core.jobs.executors import process_alive

GONE = "It stopped without a word: its process is gone (out of memory, or the computer was restarted)."


@dataclass(frozen=True)
class Status:
    """State of a run; fraction is 0 to 1, eta_s the seconds left (None where unknown)."""

    state: str = "queued"
    stage: str = "waiting"
    fraction: float = 0.0
    eta_s: float | None = None
    message: str = ""
    pid: int | None = None
    born: int | None = None
    started: float | None = None
    updated: float | None = None
    seconds: float | None = None


def read_status(path):
    """Status of a run; one whose process is gone reads as failed."""
    file = Path(path) / "status.json"
    if not file.is_file():
        return Status()
    names = {f.name for f in dataclasses.fields(Status)}
    status = Status(**{k: v for k, v in read_json(file).items() if k in names})
    started = Path(path) / "process.json"
    if status.state == "queued" and started.is_file():
        status = dataclasses.replace(status, **read_json(started))
    if status.state in ("queued", "running") and status.pid and not process_alive(status.pid, status.born):
        return dataclasses.replace(status, state="failed", message=GONE, eta_s=None)
    return status


def write_status(path, status):
    write_json(Path(path) / "status.json", dataclasses.asdict(status))


def read_losses(path):
    """DataFrame of step, stage, loss."""
    import pandas as pd

    file = Path(path) / "losses.csv"
    if not file.is_file() or not file.stat().st_size:
        return pd.DataFrame({"step": [], "stage": [], "loss": []})
    return pd.read_csv(file, on_bad_lines="skip")


def read_log(path, lines=40):
    """Last lines of a run's log."""
    file = Path(path) / "log.txt"
    if not file.is_file():
        return ""
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])


def request_cancel(path):
    """Ask a run to stop; its process does so at its next step, and one that waits never starts."""
    (Path(path) / "cancel").touch()
    if read_status(path).pid is None:
        write_status(path, Status("cancelled", "cancelled", message="Cancelled before it started."))
