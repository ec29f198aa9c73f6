"""A run: one reconstruction in a folder on disk. Written so that a reader never sees half a file.

config.json     settings and provenance        status.json    state, stage, progress (replaced atomically)
process.json, process.txt    the process that works on it, what it printed
sections.h5ad   the training sections          losses.csv, log.txt, model.pt and decoder.npz (the trained model)
lattice/        the finished tissue; written last
validation/     how well its sections are predicted when they are left out, where that was asked for
"""

import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from isost_core import __version__
from isost_core.axis import DEPTH
from isost_core.config import Config
from isost_core.errors import InputError
from isost_core.files import write_json
from isost_core.jobs.layout import CANCEL, LOG, LOSSES, PROCESS
from isost_core.jobs.status import State, Status, read_status, write_status
from isost_core.runs.folder import FORMAT, check_target, is_readable, is_run
from isost_core.runs.run import Run
from isost_core.sections.scale import check_scale
from isost_core.sections.stack import Sections


def create_run(path: str | Path, sections: Sections, config: Config, name: str | None = None, overwrite: bool = False,
               source: dict[str, Any] | None = None, expected_s: float | None = None) -> Path:
    """Make the folder of a new run; `execute` does the work.

    Parameters
    ----------
    path : folder of the run; an existing run is an InputError unless overwrite, and then stays until the new
        one has finished
    source : dict, what the user gave (files, options, device, hold-out), kept as provenance
    expected_s : seconds that the user was told it takes

    Returns
    -------
    Path of the folder to give to `execute`
    """
    path = Path(path)
    check_target(path, overwrite)
    check_scale(sections)
    replaces = str(path.resolve()) if is_run(path) else None
    folder = path.with_name(path.name + ".new") if replaces else path
    if replaces and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sections.save(folder / "sections.h5ad")
    about = {"name": name or path.name, "created": time.time(), "version": __version__, "format": FORMAT,
             "config": config.to_dict(),
             "source": source or {}, "frame": sections.frame, "normalize": sections.normalize,
             "input_hashes": sections.hashes, "notes": list(sections.notes), "synthetic": bool(sections.synthetic),
             "sections": [{"name": n, "depth_um": float(d), "cells": len(sections.rows(n))}
                          for n, d in zip(sections.names, sections.depths, strict=True)],
             "noun": sections.noun, "y_down": sections.y_down, "n_cells": int(sections.n_cells),
             "n_genes": len(sections.genes),
             "replaces": replaces, "expected_s": expected_s}
    if sections.axis != DEPTH:
        about["axis"] = asdict(sections.axis)
    write_json(folder / "config.json", about)
    write_status(folder, Status())
    return folder


def start_over(path: str | Path) -> None:
    """Queue a run that failed or was cancelled once more, with the sections and settings that its folder has."""
    path = Path(path)
    if read_status(path).state not in (State.FAILED, State.CANCELLED):
        raise InputError("Only a run that failed or was cancelled can be started again.")
    for name in (CANCEL, PROCESS, LOG, LOSSES):
        (path / name).unlink(missing_ok=True)
    write_status(path, Status())


def load_run(path: str | Path) -> Run:
    """Open a finished run; an InputError says what is wrong where it is not one."""
    path = Path(path)
    if not is_run(path):
        raise InputError(f"{path} is not a run: it has no config.json. Give the folder that `fit --out` wrote.")
    status = read_status(path)
    if status.state != "done":
        reason = f" {status.message}" if status.message else ""
        raise InputError(f"Run '{path.name}' is not finished. It is {status.state}.{reason}")
    if not is_readable(path):
        raise InputError(f"Run '{path.name}' was made by another version of isoST Studio and cannot be opened by this "
                         "one. Run it again from its sections.")
    return Run(path)
