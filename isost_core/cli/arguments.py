"""What several commands share: how a command is added, how its input is read, numbers and names on the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isost_core.cli.stack_table import stack_rows, stack_table
from isost_core.errors import InputError
from isost_core.readers import ReadOptions, Scan, read_sections
from isost_core.readers.formats import input_in_words
from isost_core.readers.options import NORMALIZE
from isost_core.sections.scale import check_scale, scale_doubts, sizes_in_words, sizes_of
from isost_core.sections.stack import Sections

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Any]
    Act = Callable[[argparse.Namespace], dict[str, Any]]  # carries a command out; what `--json` prints


def command(commands: Commands, name: str, act: Act, help_: str | None = None) -> argparse.ArgumentParser:
    """Add a command that `act` carries out; returns its parser."""
    made = commands.add_parser(name, help=help_, description=help_, allow_abbrev=False)
    made.add_argument("--json", action="store_true", help="print the result as one JSON line")
    made.set_defaults(act=act)
    return made


def reading_options(c: argparse.ArgumentParser) -> None:
    """What is read, and how."""
    c.add_argument("input", nargs="+", help=input_in_words())
    c.add_argument("--section-key", metavar="K", help="column that names the section")
    c.add_argument("--depth-key", metavar="K", help="column with the depth in µm")
    c.add_argument("--depths", type=number_of_each, metavar="UM,UM,...", help="depth of each section in stacking "
                   "order, or by name (A=0,B=50)")
    c.add_argument("--gap", type=number, metavar="UM", help="gap between neighbouring sections, if it is the same "
                                                            "everywhere")
    c.add_argument("--order", type=names, metavar="A,B,...", help="sections in stacking order; with ; between names "
                   "that have a comma")
    c.add_argument("--spatial-key", metavar="K", help="key in obsm that holds the positions")
    c.add_argument("--um-per-unit", type=one_or_each, metavar="U|A=U,B=U", help="µm per unit of x and y, one for all "
                   "sections or by name")
    c.add_argument("--normalize", choices=NORMALIZE, default="auto", help="log1p: take it; median_log1p: "
                   "scale the counts of each cell to the median total first; none: the values are log1p already; log2: "
                   "they are log2(1 + value)")
    c.add_argument("--layer", type=one_name_or_each, metavar="NAME|FILE=NAME", help="matrix of an AnnData file to read "
                   "in place of X: a layer, or raw; one for all files or by file")
    c.add_argument("--keep-all-cells", action="store_true", help="keep cells off the tissue, far from all others or "
                                                                 "without any counts")
    c.add_argument("--as-genes", type=names, default=(), metavar="A,B", help="columns of tables that are genes, though "
                                                                            "they are called like annotation (area)")


def read(o: argparse.Namespace, hold_out: Sequence[str] = ()) -> tuple[Sections, dict[str, Any]]:
    """Sections of the input, with what was noted on the way; their order, depth and unit (`stack_rows`), which are
    printed before any value is used."""
    used: dict[str, Any] = {}

    def show(scan: Scan) -> None:
        print(stack_table(scan), file=sys.stderr, flush=True)
        used.update(stack_rows(scan))

    _check_files(o)
    options = ReadOptions(section_key=o.section_key, depth_key=o.depth_key, spatial_key=o.spatial_key,
                          um_per_unit=o.um_per_unit, depths=o.depths, gap=o.gap, order=o.order,
                          hold_out=tuple(hold_out), normalize=o.normalize, layer=o.layer,
                          keep_all_cells=o.keep_all_cells, as_genes=o.as_genes)
    sections = read_sections([Path(p) for p in o.input], options, show)
    for note in sections.notes:
        print(f"note: {note}", file=sys.stderr)
    return sections, used


def _check_files(o: argparse.Namespace) -> None:
    """Refuse a layer of a file that is not among those given."""
    given = [Path(p).name for p in o.input]
    for file in o.layer if isinstance(o.layer, dict) else ():
        if file not in given:
            raise InputError(f"--layer names '{file}', which is not one of the files: {', '.join(given)}.")


def one_name_or_each(text: str) -> str | dict[str, str]:
    """One name, or a name for each file: A.h5ad=counts,B.h5ad=raw."""
    if "=" not in text:
        return text.strip()
    parts = [part.rpartition("=") for part in names(text)]
    if not all(file.strip() and name.strip() for file, _, name in parts):
        raise argparse.ArgumentTypeError(f"'{text}' needs FILE=NAME for each file")
    return {file.strip(): name.strip() for file, _, name in parts}


def number(text: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None
    if not abs(value) < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a finite number")
    return value


def numbers(text: str) -> tuple[float, ...]:
    """Numbers between commas."""
    return tuple(number(part) for part in text.split(","))


def names(text: str) -> tuple[str, ...]:
    """Names between commas; between semicolons where there are some."""
    return tuple(part.strip() for part in text.split(";" if ";" in text else ",") if part.strip())


def number_of_each(text: str) -> tuple[float, ...] | dict[str, float]:
    """Numbers between commas, or a number for each name: A=0,B=50."""
    if "=" not in text:
        return numbers(text)
    found: dict[str, float] = {}
    for part in names(text):
        name, is_given, value = part.rpartition("=")
        if not is_given or not name.strip():
            raise argparse.ArgumentTypeError(f"'{part}' has no name and number with = between them")
        if name.strip() in found:
            raise argparse.ArgumentTypeError(f"'{name.strip()}' is given twice")
        found[name.strip()] = number(value)
    return found


def one_or_each(text: str) -> float | dict[str, float]:
    """One number, or a number for each name."""
    found = number_of_each(text)
    if isinstance(found, dict):
        return found
    if len(found) != 1:
        raise argparse.ArgumentTypeError("give one number, or one for each section by name (A=1,B=0.5)")
    return next(iter(found))


def warn_of_sizes(sections: Sections) -> None:
    """Say what the sizes of a stack are, and which look wrong; an InputError where nothing can be computed."""
    print(sizes_in_words(sizes_of(sections), sections.noun), file=sys.stderr, flush=True)
    check_scale(sections)
    for doubt in scale_doubts(sections):
        print(f"warning: {doubt.title}. {doubt.detail} {doubt.advice}", file=sys.stderr, flush=True)


def check_out(path: Path, endings: Iterable[str] = ("",)) -> Path:
    """The path of a file to write; an InputError where its ending is none of these or its folder is not there."""
    if not path.name.endswith(tuple(endings)):
        raise InputError(f"--out {path.name} must end in {' or '.join(endings)}.")
    if not path.parent.is_dir():
        raise InputError(f"The folder {path.parent} does not exist. Make it first, or choose another.")
    return path
