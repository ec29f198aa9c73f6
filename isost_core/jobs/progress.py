"""What a long job writes into its folder while it works: status.json, log.txt, and how it ended."""

import contextlib
import dataclasses
import os
import sys
import time
import traceback
from pathlib import Path

from isost_core.errors import InputError
from isost_core.jobs.executors import process_born
from isost_core.jobs.status import Status, write_status


class Cancelled(BaseException):
    """The user asked the job to stop. Not an error, so nothing that handles errors may swallow it."""


class Reporter(contextlib.AbstractContextManager):
    """Writes status.json, losses.csv and log.txt of a job, and notes how it ended.

    shares : {stage: its share of the whole time}, for jobs that report by `step`
    """

    def __init__(self, folder, shares=None):
        self.folder, self.shares = Path(folder), shares or {}
        self.started = self.written = time.time()
        self.status = Status("running", "reading", pid=os.getpid(), born=process_born(os.getpid()),
                             started=self.started)
        self.steps = 0

    def __enter__(self):
        self._write()
        return self

    def step(self, stage, fraction, loss=None):
        """Progress of a stage, and the loss there; raises Cancelled when the user asked to stop."""
        if loss is not None:
            self._write_loss(stage, loss)
        before = 0.0
        for name, share in self.shares.items():
            if name == stage:
                break
            before += share
        self.progress(stage, before + self.shares.get(stage, 0) * fraction)

    def progress(self, stage, done):
        """What is done now, and the fraction of the whole; raises Cancelled when the user asked to stop."""
        if (self.folder / "cancel").exists():
            raise Cancelled
        done, spent = min(0.999, done), time.time() - self.started
        eta = spent * (1 - done) / done if done > 0.02 else None
        new_stage = stage != self.status.stage
        if new_stage:
            self.log(stage)
        self.status = dataclasses.replace(self.status, stage=stage, fraction=done, eta_s=eta, seconds=spent)
        if new_stage or time.time() - self.written > 0.5:
            self._write()

    def _write_loss(self, stage, loss):
        self.steps += 1
        with open(self.folder / "losses.csv", "w" if self.steps == 1 else "a") as file:
            if self.steps == 1:
                file.write("step,stage,loss\n")
            file.write(f"{self.steps},{stage},{loss:.6g}\n")

    def log(self, text):
        line = f"{time.strftime('%H:%M:%S')}  {text}"
        print(line, file=sys.stderr, flush=True)
        with open(self.folder / "log.txt", "a") as file:
            file.write(line + "\n")

    def __exit__(self, kind, error, trace):
        spent = time.time() - self.started
        end = {"seconds": spent, "eta_s": None}
        if kind is None:
            end |= {"state": "done", "stage": "done", "fraction": 1.0}
            self.log(f"done in {spent:.1f} s")
        elif issubclass(kind, Cancelled | KeyboardInterrupt):
            end |= {"state": "cancelled", "message": "Cancelled."}
            self.log("cancelled")
        elif issubclass(kind, InputError):
            end |= {"state": "failed", "message": str(error)}
            self.log(f"failed: {error}")
        else:
            end |= {"state": "failed", "message": f"An unexpected error stopped it ({kind.__name__}: {error}). "
                    "The log has the details."}
            self.log("".join(traceback.format_exception(kind, error, trace)))
        self.status = dataclasses.replace(self.status, **end)
        self._write()

    def _write(self):
        self.written = time.time()
        write_status(self.folder, dataclasses.replace(self.status, updated=self.written))
