"""What a long job writes into its folder while it works: status.json, log.txt, and how it ended."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from isost_core.errors import InputError
from isost_core.jobs.executors import process_born
from isost_core.jobs.layout import CANCEL, LOG, LOSSES
from isost_core.jobs.stages import Stage
from isost_core.jobs.status import State, Status, write_status

LEAST_DONE = 0.02  # share of a job that tells its pace


class Cancelled(BaseException):
    """The user asked the job to stop. Not an error, so nothing that handles errors may swallow it."""


def time_left(spent: float, done: float, expected_s: float | None = None) -> float | None:
    """Seconds left of a job, None where nothing tells yet: first by what was expected of the whole, then more and more
    by its own pace, and by that alone once a third is done."""
    by_pace = spent / done if done > LEAST_DONE else None
    if expected_s is None:
        return None if by_pace is None else by_pace - spent
    own = min(1.0, 3 * done) if by_pace is not None else 0.0
    return max((1 - own) * expected_s + own * (by_pace or 0.0) - spent, 1.0)


class Reporter(contextlib.AbstractContextManager["Reporter"]):
    """Writes status.json, losses.csv and log.txt of a job, and notes how it ended.

    shares : {stage: its share of the whole time}, for jobs that report by `step`
    expected_s : seconds that the user was told it takes: the time left begins with these
    """

    def __init__(self, folder: str | os.PathLike[str], shares: Mapping[str, float] | None = None,
                 expected_s: float | None = None) -> None:
        self.folder, self.shares, self.expected_s = Path(folder), shares or {}, expected_s
        self.started = self.written = time.time()
        self.status = Status(State.RUNNING, Stage.READING, eta_s=expected_s, pid=os.getpid(),
                             born=process_born(os.getpid()), started=self.started)
        self.steps = 0

    def __enter__(self) -> Reporter:
        self._write()
        return self

    def step(self, stage: str, fraction: float, loss: float | None = None) -> None:
        """Progress of a stage, and the loss there; raises Cancelled when the user asked to stop."""
        if loss is not None:
            self._write_loss(stage, loss)
        before = 0.0
        for name, share in self.shares.items():
            if name == stage:
                break
            before += share
        self.progress(stage, before + self.shares.get(stage, 0) * fraction)

    def progress(self, stage: str, done: float, where: str = "") -> None:
        """What is done now, the fraction of the whole, and the part of the whole that the stage belongs to; raises
        Cancelled when the user asked to stop."""
        if (self.folder / CANCEL).exists():
            raise Cancelled
        done, spent = min(0.999, done), time.time() - self.started
        eta = time_left(spent, done, self.expected_s)
        new_stage = (stage, where) != (self.status.stage, self.status.where)
        if new_stage:
            self.log(f"{where}: {stage}" if where else stage)
        self.status = dataclasses.replace(self.status, stage=stage, where=where, fraction=done, eta_s=eta,
                                          seconds=spent)
        if new_stage or time.time() - self.written > 0.5:
            self._write()

    def _write_loss(self, stage: str, loss: float) -> None:
        self.steps += 1
        with open(self.folder / LOSSES, "w" if self.steps == 1 else "a") as file:
            if self.steps == 1:
                file.write("step,stage,loss\n")
            file.write(f"{self.steps},{stage},{loss:.6g}\n")

    def log(self, text: str) -> None:
        """Add a line with the time to the log and to stderr."""
        line = f"{time.strftime('%H:%M:%S')}  {text}"
        print(line, file=sys.stderr, flush=True)
        with open(self.folder / LOG, "a") as file:
            file.write(line + "\n")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        spent = time.time() - self.started
        end: dict[str, Any] = {"seconds": spent, "eta_s": None}
        if kind is None:
            end |= {"state": State.DONE, "stage": Stage.DONE, "where": "", "fraction": 1.0}
            self.log(f"done in {spent:.1f} s")
        elif issubclass(kind, Cancelled | KeyboardInterrupt):
            end |= {"state": State.CANCELLED, "message": "Cancelled."}
            self.log("cancelled")
        elif issubclass(kind, InputError):
            end |= {"state": State.FAILED, "message": str(error)}
            self.log(f"failed: {error}")
        else:
            end |= {"state": State.FAILED, "message": f"An unexpected error stopped it ({kind.__name__}: {error}). "
                    "The log has the details."}
            self.log("".join(traceback.format_exception(kind, error, trace)))
        self.status = dataclasses.replace(self.status, **end)
        self._write()

    def _write(self) -> None:
        self.written = time.time()
        write_status(self.folder, dataclasses.replace(self.status, updated=self.written))
