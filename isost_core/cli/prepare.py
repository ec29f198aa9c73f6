"""`python -m isost_core align`: sections registered to each other, as an AnnData file that everything else reads."""

import functools
import sys
from pathlib import Path

import numpy as np

from isost_core.cli.arguments import command, names, read, reading_options
from isost_core.errors import InputError
from isost_core.quality.check import check
from isost_core.registration.align import align, moved
from isost_core.registration.store import write_aligned
from isost_core.reports.page import check_folder
from isost_core.reports.quality_page import FILES, write_quality


def add_align(commands):
    """Add the command `align`."""
    c = command(commands, "align", _align, "Register sections to each other by position and expression.")
    reading_options(c)
    c.add_argument("--out", required=True, type=Path, metavar="FILE.h5ad")
    c.add_argument("--hold-out", type=names, default=(), metavar="A,B", help="sections that move no other, placed last")
    c.add_argument("--no-mirror", action="store_true", help="no section lies mirrored")
    c.add_argument("--scale", action="store_true", help="sections may be stretched as a whole")
    c.add_argument("--smooth", action="store_true", help="bend sections after the rigid fit, where that helps")
    c.add_argument("--seed", type=int, default=0, metavar="N")


def _align(o):
    if o.out.suffix != ".h5ad" or not o.out.parent.is_dir():
        raise InputError(f"--out {o.out.name} must be an .h5ad file in a folder that exists.")
    sections = read(o)
    say = functools.cache(lambda what: print(what, file=sys.stderr, flush=True))
    made = align(sections, o.hold_out, not o.no_mirror, o.scale, o.smooth, o.seed, lambda what, _: say(what))
    write_aligned(moved(sections, made), o.out)
    pairs = made.to_dict()["pairs"]
    for p in pairs:
        why = f" ({p['why']})" if p["why"] else ""
        say(f"{p['first']} - {p['second']}: agreement {p['agreement']:.3f}, chance {p['null']:.3f}, still "
            f"{p['residual_um']:.0f} um apart, confidence {p['confidence']}{why}")
    return {"out": str(o.out), "agreement": float(np.mean([p["agreement"] for p in pairs])), "pairs": pairs,
            "placed_last": list(made.placed_last)}


def add_qc(commands):
    """Add the command `qc`."""
    c = command(commands, "qc", _qc, "Check the quality of sections before they are reconstructed.")
    reading_options(c)
    c.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of quality.json and quality.html")
    c.add_argument("--seed", type=int, default=0, metavar="N")


def _qc(o):
    check_folder(o.out, FILES)
    say = functools.cache(lambda what: print(what, file=sys.stderr, flush=True))
    quality = check(read(o), o.seed, lambda what, _: say(what))
    for found in quality.findings:
        say(f"{found.severity}: {found.title}. {found.detail}")
    counts = {severity: len(quality.of(severity)) for severity in ("severe", "warning", "note")}
    return {"out": str(write_quality(quality, o.out)), "verdict": quality.verdict} | counts
