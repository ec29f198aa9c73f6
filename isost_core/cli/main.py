"""The command line. Logs go to stderr, results to stdout; bad input exits 2 with one line."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from isost_core.cli.arguments import check_out, command, number
from isost_core.cli.derive import add_profile, add_section, add_slice, add_volume
from isost_core.cli.export import add_export
from isost_core.cli.prepare import add_align, add_qc
from isost_core.cli.reconstruct import add_fit, add_validate
from isost_core.datasets.phantoms import make_phantom
from isost_core.errors import InputError
from isost_core.jobs import executors
from isost_core.jobs.job import Kind
from isost_core.workflows.run_job import work

if TYPE_CHECKING:
    from isost_core.cli.arguments import Commands

_NEGATIVE = re.compile(r"-\.?\d")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}. See `python -m isost_core {self.prog.split()[-1]} --help`.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, or 2 for bad input."""
    argv = _join_negative(sys.argv[1:] if argv is None else list(argv))
    try:
        options = _parser(argv[:1] == [executors.COMMAND]).parse_args(argv)
        result = options.act(options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(result))
    return 0


def _join_negative(argv: Sequence[str]) -> list[str]:
    """`--centre -10,20,30` as `--centre=-10,20,30`, since argparse takes the value for an option."""
    out: list[str] = []
    for word in argv:
        if out and out[-1].startswith("--") and "=" not in out[-1] and _NEGATIVE.match(word):
            out[-1] += f"={word}"
        else:
            out.append(word)
    return out


def _parser(for_job: bool) -> argparse.ArgumentParser:
    """Of all commands; that of a job's own process is there for that process only, and so in nobody's help."""
    top = _Parser(prog="python -m isost_core", description="From a stack of 2D sections to the 3D tissue.")
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)
    for add in (add_fit, add_validate, add_section, add_volume, add_slice, add_profile, _add_phantom, add_qc, add_align,
                add_export):
        add(commands)
    if for_job:
        _add_job(commands)
    return top


def _add_phantom(commands: Commands) -> None:
    c = command(commands, "phantom", _phantom, "Make a synthetic tissue whose true expression is known.")
    c.add_argument("--kind", choices=["ball", "layers", "tube", "embryo", "brain"], required=True)
    c.add_argument("--sections", type=int, required=True, metavar="K")
    c.add_argument("--gap", type=number, required=True, metavar="UM")
    c.add_argument("--out", type=Path, required=True, metavar="FILE.h5ad")
    c.add_argument("--truth", type=Path, metavar="FILE.h5ad", help="cells at all depths")
    c.add_argument("--cells", type=int, default=800, metavar="N", help="cells per section")
    c.add_argument("--genes", type=int, default=30, metavar="N")
    c.add_argument("--sparse", action="store_true")
    c.add_argument("--seed", type=int, default=0, metavar="N")


def _add_job(commands: Commands) -> None:
    c = command(commands, executors.COMMAND, _job)
    c.add_argument("kind", type=Kind, choices=list(Kind))
    c.add_argument("folder", type=Path)


def _phantom(o: argparse.Namespace) -> dict[str, Any]:
    for path in filter(None, (o.out, o.truth)):
        check_out(path, (".h5ad",))
    made, truth = make_phantom(o.kind, o.sections, o.gap, o.cells, o.genes, o.sparse, o.seed)
    made.write_h5ad(o.out)
    if o.truth:
        truth.write_h5ad(o.truth)
    return {"out": str(o.out), "cells": made.n_obs, "genes": made.n_vars, "truth_cells": truth.n_obs}


def _job(o: argparse.Namespace) -> dict[str, Any]:
    return {"folder": str(o.folder), "finished": work(o.kind, o.folder)}
