"""The command line. Logs go to stderr, results to stdout; bad input exits 2 with one line."""

import argparse
import json
import re
import sys
from pathlib import Path

from isost_core.cli.arguments import command, number
from isost_core.cli.derive import _add_profile, _add_section, _add_slice, _add_volume, _check_ending
from isost_core.cli.export import add_export
from isost_core.cli.prepare import add_align, add_qc
from isost_core.cli.reconstruct import _add_fit, _add_validate
from isost_core.datasets.phantoms import make_phantom
from isost_core.errors import InputError
from isost_core.jobs.executors import NICHES, RECONSTRUCT, REGISTER, VALIDATE
from isost_core.workflows.run_job import work

_NEGATIVE = re.compile(r"-\.?\d")


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise InputError(f"{message}. See `python -m isost_core {self.prog.split()[-1]} --help`.")


def main(argv=None):
    """Run one command; returns the exit status: 0, or 2 for bad input."""
    argv = _join_negative(sys.argv[1:] if argv is None else list(argv))
    try:
        options = _parser().parse_args(argv)
        result = options.act(options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(result))
    return 0


def _join_negative(argv):
    """`--centre -10,20,30` as `--centre=-10,20,30`, since argparse takes the value for an option."""
    out = []
    for word in argv:
        if out and out[-1].startswith("--") and "=" not in out[-1] and _NEGATIVE.match(word):
            out[-1] += f"={word}"
        else:
            out.append(word)
    return out


def _parser():
    top = _Parser(prog="python -m isost_core", description="From a stack of 2D sections to the 3D tissue.")
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)
    for add in (_add_fit, _add_validate, _add_section, _add_volume, _add_slice, _add_profile, _add_phantom, _add_jobs,
                add_qc, add_align, add_export):
        add(commands)
    return top


def _add_phantom(commands):
    c = command(commands, "phantom", _phantom, "Synthetic tissue with known truth.")
    c.add_argument("--kind", choices=["ball", "layers", "tube", "embryo", "brain"], required=True)
    c.add_argument("--sections", type=int, required=True, metavar="K")
    c.add_argument("--gap", type=number, required=True, metavar="UM")
    c.add_argument("--out", type=Path, required=True, metavar="FILE.h5ad")
    c.add_argument("--truth", type=Path, metavar="FILE.h5ad", help="cells at all depths")
    c.add_argument("--cells", type=int, default=800, metavar="N", help="cells per section")
    c.add_argument("--genes", type=int, default=30, metavar="N")
    c.add_argument("--sparse", action="store_true")
    c.add_argument("--seed", type=int, default=0, metavar="N")


def _add_jobs(commands):
    for job in (RECONSTRUCT, REGISTER, VALIDATE, NICHES):
        command(commands, job, _job).add_argument("folder", type=Path)


def _phantom(o):
    for path in filter(None, (o.out, o.truth)):
        _check_ending(path, (".h5ad",))
    made, truth = make_phantom(o.kind, o.sections, o.gap, o.cells, o.genes, o.sparse, o.seed)
    made.write_h5ad(o.out)
    if o.truth:
        truth.write_h5ad(o.truth)
    return {"out": str(o.out), "cells": made.n_obs, "genes": made.n_vars, "truth_cells": truth.n_obs}


def _job(o):
    return {"folder": str(o.folder), "finished": work(o.command, o.folder)}
