"""The work of a run: train, evaluate the lattice, and report on the way."""

import contextlib
import dataclasses
import os
import shutil
import sys
import time
import traceback
from pathlib import Path

from isost_core.config import Config
from isost_core.errors import InputError
from isost_core.runs import Status, is_run, process_born, read_json, write_json, write_status

SHARES = {  # of a run's time, by objective: what the progress bar and the time left are made of
    "bridge": {"latent space": 0.06, "mean field": 0.08, "drift": 0.5, "calibration": 0.06, "tissue": 0.3},
    "sinkhorn": {"latent space": 0.02, "shape": 0.25, "expression": 0.3, "joint": 0.4, "tissue": 0.03},
}


class Cancelled(BaseException):
    """The user asked the run to stop. Not an error, so nothing that handles errors may swallow it."""


class Reporter(contextlib.AbstractContextManager):
    """Writes status.json, losses.csv and log.txt of a run, and notes how it ended."""

    def __init__(self, folder, objective):
        self.folder, self.shares = Path(folder), SHARES[objective]
        self.started = self.written = time.time()
        self.status = Status("running", "reading", pid=os.getpid(), born=process_born(os.getpid()),
                             started=self.started)
        self.steps = 0

    def __enter__(self):
        self._write()
        (self.folder / "losses.csv").write_text("step,stage,loss\n")
        return self

    def step(self, stage, fraction, loss=None):
        """Progress of a stage; raises Cancelled when the user asked to stop."""
        if (self.folder / "cancel").exists():
            raise Cancelled
        if stage != self.status.stage:
            self.log(f"{stage}")
        if loss is not None:
            self.steps += 1
            with open(self.folder / "losses.csv", "a") as file:
                file.write(f"{self.steps},{stage},{loss:.6g}\n")
        before = 0.0
        for name, share in self.shares.items():
            if name == stage:
                break
            before += share
        done = min(0.999, before + self.shares.get(stage, 0) * fraction)
        spent = time.time() - self.started
        eta = spent * (1 - done) / done if done > 0.02 else None
        new_stage = stage != self.status.stage
        self.status = dataclasses.replace(self.status, stage=stage, fraction=done, eta_s=eta, seconds=spent)
        if new_stage or time.time() - self.written > 0.5:
            self._write()

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
            end |= {"state": "failed", "message": f"An unexpected error stopped the run ({kind.__name__}: {error}). "
                    "The log has the details."}
            self.log("".join(traceback.format_exception(kind, error, trace)))
        self.status = dataclasses.replace(self.status, **end)
        self._write()

    def _write(self):
        self.written = time.time()
        write_status(self.folder, dataclasses.replace(self.status, updated=self.written))


def execute(folder):
    """Do the work of a run made by `create_run`, in this process.

    Returns
    -------
    Path of the finished run (of the one it replaced, where it replaces one)
    """
    folder = Path(folder)
    about = read_json(folder / "config.json")
    config = Config.from_dict(about["config"])
    with Reporter(folder, config.objective) as report:
        from isost_core.device import resolve_device
        from isost_core.lattice import make_lattice
        from isost_core.model import save_model
        from isost_core.sections import Sections
        from isost_core.train import train

        device = resolve_device(about["source"].get("device", "auto"))
        sections = Sections.load(folder / "sections.h5ad")
        report.log(f"{len(sections.names)} sections, {sections.n_cells} cells, {len(sections.genes)} genes; "
                   f"preset {config.preset} on {device}")
        model = train(sections, config, device, report.step)
        save_model(model, folder)
        report.step("tissue", 0.0)
        lattice, cells = make_lattice(model, config.seed, lambda f: report.step("tissue", f))
        lattice.save(folder / "lattice")
        cells.save(folder / "lattice")
        write_json(folder / "config.json", about | {"cell_spacing_um": model.spacing_um, "device": device,
                                                    "follows_tissue": model.follow})
    return _settle(folder, about.get("replaces"))


def _settle(folder, replaces):
    """Put a finished run in the place of the one it replaces."""
    if not replaces:
        return folder
    final = Path(replaces)
    old = final.with_name(final.name + ".old")
    if is_run(final):
        os.replace(final, old)
    os.replace(folder, final)
    shutil.rmtree(old, ignore_errors=True)
    return final
