"""`python -m isost_core qc`: the quality of a stack, as a page and as numbers."""

import functools
import sys
from pathlib import Path

from isost_core.cli_input import command, read, reading_options


def add_qc(commands):
    """Add the command `qc`."""
    c = command(commands, "qc", _qc, "Check the quality of sections before they are reconstructed.")
    reading_options(c)
    c.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of quality.json and quality.html")
    c.add_argument("--seed", type=int, default=0, metavar="N")


def _qc(o):
    from isost_core.quality.check import check
    from isost_core.reports.page import check_folder
    from isost_core.reports.quality_page import FILES, write_quality

    check_folder(o.out, FILES)
    say = functools.cache(lambda what: print(what, file=sys.stderr, flush=True))
    quality = check(read(o), o.seed, lambda what, _: say(what))
    for found in quality.findings:
        say(f"{found.severity}: {found.title}. {found.detail}")
    counts = {severity: len(quality.of(severity)) for severity in ("severe", "warning", "note")}
    return {"out": str(write_quality(quality, o.out)), "verdict": quality.verdict} | counts
