"""Commands that make runs: fit and validate."""

from __future__ import annotations

import argparse
import functools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isost_core.cli.arguments import command, names, read, reading_options, warn_of_sizes
from isost_core.config import PRESETS, Config
from isost_core.errors import InputError
from isost_core.quality.batch import correct_batch
from isost_core.reports.page import check_folder
from isost_core.reports.validation_page import FILES, headline, write_report
from isost_core.runs.folder import check_target
from isost_core.runs.store import create_run
from isost_core.sections.stack import Sections
from isost_core.workflows.reconstruct import execute

if TYPE_CHECKING:
    from isost_core.cli.arguments import Commands


def add_fit(commands: Commands) -> None:
    """Add the command `fit`."""
    c = command(commands, "fit", _fit, "Reconstruct the tissue in 3D.")
    _input_options(c)
    c.add_argument("--out", required=True, type=Path, metavar="RUN", help="folder to write the run to")
    c.add_argument("--hold-out", type=names, default=(), metavar="A,B", help="sections that are not used")
    c.add_argument("--correct-batch", action="store_true", help="remove jumps in brightness between sections")
    c.add_argument("--overwrite", action="store_true")


def add_validate(commands: Commands) -> None:
    """Add the command `validate`."""
    c = command(commands, "validate", _validate, "Hide sections, predict them, and report how close the prediction "
                                                 "comes.")
    _input_options(c)
    c.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for report.json and report.html")
    c.add_argument("--hold-out", type=names, default=("each",), metavar="each|A,B", help="sections to hide together "
                                                                                         "(default: each one alone)")


def _input_options(c: argparse.ArgumentParser) -> None:
    """What is read and how it is reconstructed."""
    reading_options(c)
    c.add_argument("--preset", choices=list(PRESETS), default="standard")
    c.add_argument("--config", type=Path, metavar="FILE.json", help="settings that differ from the preset")
    c.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    c.add_argument("--seed", type=int, default=None, metavar="N", help="default 0")


def _fit(o: argparse.Namespace) -> dict[str, Any]:
    check_target(o.out, o.overwrite)
    config = _config(o)
    sections, used = read(o, o.hold_out)
    warn_of_sizes(sections)
    if o.correct_batch:
        sections = _corrected(sections)
    source = {"files": [Path(p).name for p in o.input], "device": o.device, "hold_out": list(o.hold_out)}
    folder = create_run(o.out, sections, config, overwrite=o.overwrite, source=source)
    final = execute(folder)
    return {"run": str(final), "sections": len(sections.names), "cells": sections.n_cells,
            "genes": len(sections.genes), "depth_um": [float(d) for d in sections.depths],
            "preset": config.preset} | used


def _corrected(sections: Sections) -> Sections:
    corrected, _ = correct_batch(sections)
    print(f"note: {corrected.notes[-1]}", file=sys.stderr)
    return corrected


def _validate(o: argparse.Namespace) -> dict[str, Any]:
    from isost_core.validation.hold_out import validate

    check_folder(o.out, FILES)
    config, hold_out = _config(o), "each" if o.hold_out == ("each",) else o.hold_out
    say = functools.cache(lambda what: print(what, file=sys.stderr, flush=True))
    sections, used = read(o)
    warn_of_sizes(sections)
    report = validate(sections, hold_out, config, o.device,
                      lambda stage, _, where: say(f"{where}: {stage}"))
    return {"out": str(write_report(report, o.out))} | headline(report) | used


def _config(o: argparse.Namespace) -> Config:
    changes = {}
    if o.config:
        try:
            changes = json.loads(o.config.read_text())
        except OSError as error:
            raise InputError(f"{o.config} cannot be read: {error.strerror}. Give a JSON file of settings.") from None
        except ValueError as error:
            raise InputError(f"{o.config} is not JSON: {error}. Correct the file.") from None
        if not isinstance(changes, dict):
            raise InputError(f"{o.config} must hold one JSON object of settings, found {type(changes).__name__}.")
    preset = changes.pop("preset", o.preset)
    if o.seed is not None:
        changes["seed"] = o.seed
    return Config.of_preset(preset, **changes)
