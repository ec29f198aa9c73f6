"""`python -m isost_core align`: sections registered to each other, as an AnnData file that everything else reads."""

from __future__ import annotations

import argparse
import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.cli.arguments import check_out, command, names, read, reading_options, warn_of_sizes
from isost_core.quality.stack_quality import check
from isost_core.registration.stackwise import align, apply_alignment
from isost_core.registration.store import write_aligned
from isost_core.reports.page import check_folder
from isost_core.reports.quality_page import FILES, write_quality

if TYPE_CHECKING:
    from isost_core.cli.arguments import Commands


def add_align(commands: Commands) -> None:
    """Add the command `align`."""
    c = command(commands, "align", _align, "Line up sections by position and expression.")
    reading_options(c)
    c.add_argument("--out", required=True, type=Path, metavar="FILE.h5ad")
    c.add_argument("--hold-out", type=names, default=(), metavar="A,B", help="sections that must not influence the "
                                                                             "others")
    c.add_argument("--no-mirror", action="store_true", help="no section can be mirrored")
    c.add_argument("--scale", action="store_true", help="allow whole sections to grow or shrink")
    c.add_argument("--smooth", action="store_true", help="also bend sections where that helps")
    c.add_argument("--seed", type=int, default=0, metavar="N")


def _align(o: argparse.Namespace) -> dict[str, Any]:
    check_out(o.out, (".h5ad",))
    sections, used = read(o)
    warn_of_sizes(sections)
    say = functools.cache(lambda what: print(what, file=sys.stderr, flush=True))
    made = align(sections, o.hold_out, not o.no_mirror, o.scale, o.smooth, o.seed, lambda what, _: say(what))
    write_aligned(apply_alignment(sections, made), o.out)
    pairs = made.to_dict()["pairs"]
    for p in pairs:
        why = f" ({p['why']})" if p["why"] else ""
        say(f"{p['first']} - {p['second']}: agreement {p['agreement']:.3f}, chance {p['null']:.3f}, still "
            f"{p['residual_um']:.0f} µm apart, confidence {p['confidence']}{why}")
    return {"out": str(o.out), "agreement": float(np.mean([p["agreement"] for p in pairs])), "pairs": pairs,
            "placed_last": list(made.placed_last)} | used


def add_qc(commands: Commands) -> None:
    """Add the command `qc`."""
    c = command(commands, "qc", _qc, "Check the quality of sections before they are reconstructed.")
    reading_options(c)
    c.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for quality.json and quality.html")
    c.add_argument("--seed", type=int, default=0, metavar="N")


def _qc(o: argparse.Namespace) -> dict[str, Any]:
    check_folder(o.out, FILES)
    say = functools.cache(lambda what: print(what, file=sys.stderr, flush=True))
    sections, used = read(o)
    quality = check(sections, o.seed, lambda what, _: say(what))
    for found in quality.findings:
        say(f"{found.severity}: {found.title}. {found.detail}")
    counts = {severity: len(quality.of(severity)) for severity in ("severe", "warning", "note")}
    return {"out": str(write_quality(quality, o.out)), "verdict": quality.verdict} | counts | used
