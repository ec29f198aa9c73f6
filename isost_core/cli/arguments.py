"""What several commands share: how a command is added, how its input is read, numbers and names on the command line."""

import argparse
import sys
from pathlib import Path

from isost_core.readers import ReadOptions, read_sections
from isost_core.readers.formats import input_in_words


def command(commands, name, act, help_=None):
    """Add a command that `act` carries out; returns its parser."""
    made = commands.add_parser(name, help=help_, description=help_, allow_abbrev=False)
    made.add_argument("--json", action="store_true", help="print the result as one JSON line")
    made.set_defaults(act=act)
    return made


def reading_options(c):
    """What is read, and how."""
    c.add_argument("input", nargs="+", help=input_in_words())
    c.add_argument("--section-key", metavar="K", help="column that names the section")
    c.add_argument("--depth-key", metavar="K", help="column with the depth in um")
    c.add_argument("--depths", type=numbers, metavar="UM,UM,...", help="depth of each section")
    c.add_argument("--gap", type=number, metavar="UM", help="one gap between all sections")
    c.add_argument("--order", type=names, metavar="A,B,...", help="sections in stacking order")
    c.add_argument("--spatial-key", metavar="K", help="obsm key of the positions")
    c.add_argument("--um-per-unit", type=number, metavar="U", help="um per unit of x and y")
    c.add_argument("--normalize", choices=["auto", "log1p", "none"], default="auto")


def read(o, hold_out=()):
    """Sections of the input, with what was noted on the way."""
    options = ReadOptions(o.section_key, o.depth_key, o.spatial_key, o.um_per_unit, o.depths, o.gap, o.order, hold_out,
                          o.normalize)
    sections = read_sections([Path(p) for p in o.input], options)
    for note in sections.notes:
        print(f"note: {note}", file=sys.stderr)
    return sections


def number(text):
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None
    if not abs(value) < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a finite number")
    return value


def numbers(text):
    """Numbers between commas."""
    return tuple(number(part) for part in text.split(","))


def names(text):
    """Names between commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
