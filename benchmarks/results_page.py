"""docs/results.md from the files in benchmarks/results; `python docs/generate.py` writes it.

A result of the engine measured before ENGINE_SINCE is of an engine that is gone, and is refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import results_tables as tables
from benchmarks.cases import RESULTS

# day of the engine that a part's numbers have to be of; the parts that are not here have nothing of it
ENGINE_SINCE = (dict.fromkeys(("accuracy", "choices", "gradients"), "2026-11-30")
                | dict.fromkeys(("moving", "niches", "scaling", "speed", "interactive"), "2026-11-25"))
INTRO = """# Results

This page is written by `python docs/generate.py` from the files in `benchmarks/results`. Change it there, not here.

All numbers were measured on public data or on phantoms. A phantom is a synthetic tissue, so its truth is known. The
computer had two cores and no graphics card. Each part names the file with all its numbers.
"""


@dataclass(frozen=True)
class Part:
    """One part of the page: a result (NAME.json, NAME.md), its title, and words in which {} stands for each table."""

    name: str
    title: str
    words: str
    made: Callable[[], list[str]]


def _stored(name: str) -> Callable[[], list[str]]:
    return lambda: tables.stored_tables(name)


PARTS = (
    Part("accuracy", "Accuracy on hidden sections", """
Measured sections were hidden. They were predicted from the other sections and compared with what was measured.

Each cell of the table shows isoST Studio first and the best simple method second. The better one is bold. The simple
methods are: copying a section, blending both neighbours, optimal transport, a barycentre, means of the nearest cells,
Gaussian kernels, radial basis functions and kernel ridge. Each column has its own best method. It counts at the places
that suit it best.

{}

- **pattern**: correlation of predicted and measured means over small squares, median over genes. Higher is better.
- **single cells**: correlation of each measured cell with the nearest predicted one. Higher is better.
- **genes together**: how well genes that vary together still do so. Higher is better.
- **distance**: from a cell to the nearest cell of the other section (Chamfer distance). Lower is better.
- **density**: correlation of the numbers of cells in small squares. Higher is better.
- **inside the range**: share of measured values inside the predicted 80 % range. It should be 0.8.
- **range score**: punishes ranges that are too wide or that miss. Lower is better.
- **limits met**: how many limits were met that were set beforehand.
""", lambda: [tables.accuracy_table()]),
    Part("choices", "What is chosen for you", """
The engine chooses how smooth expression is, on hidden sections of the stack. On phantoms of many kinds the choice is
compared with the best one, which only the truth can tell.

{}
""", _stored("choices")),
    Part("moving", "Structures that move between sections", """
Three kinds of phantoms hold a structure that moves from section to section. The table gives the distance in µm from
predicted cells to the true tissue (Chamfer distance). Lower is better.

{}
""", lambda: [tables.moving_table()]),
    Part("gradients", "Gradients", """
Phantoms hold genes that change with distance from a point, called the focus. The table gives the slope that was found,
divided by the true one: 1 is exact. In brackets are the least and the most of single genes, and the share of genes
within 5 %. The *2D estimate* is what the nearest section alone shows.

{}

The gene eve has stripes in the fruit fly embryo. Every second slab was hidden, and the profile along depth was
predicted. The table counts the hidden stripes that were found.

{}

Slices at an angle were compared with the nuclei next to them. The last column is the same for a cut that is not tilted.

{}
""", _stored("gradients")),
    Part("niches", "Niches", """
Niches were compared with domains that experts annotated. The number is the adjusted Rand index: 1 is full agreement
and 0 is chance. The domains were not used to find niches. The column *2D* uses the cells of single sections only. The
first rows are for measured cells, the last ones for cells of hidden sections.

{}
""", _stored("niches")),
    Part("registration", "Registration", """
Sections of a stack were moved on purpose and then registered. The table counts the stacks that came back.

{}

Agreement of two neighbouring sections is a correlation of their expression at the same places. The next table gives its
mean over whole stacks of real sections. The authors of the synovium registered it by hand.

{}

The last table compares single pairs with the registration of the authors of the data, and with two published ways that
use optimal transport.

{}
""", lambda: [tables.registration_table(), tables.stacks_table(), tables.agreement_table()]),
    Part("scaling", "Time and memory", """
Synthetic stacks of growing size were reconstructed with the preset *standard*. The time includes reading the file. The
last column is the most that was needed afterwards, for volumes and virtual sections.

{}

![Time and memory against the number of cells](../benchmarks/results/scaling.svg)
""", lambda: [tables.needs_table()]),
    Part("speed", "Beside the published training", """
The preset *paper* trains with the published objective. Its time was measured over a few steps and extrapolated to the
published number of steps. Both are for the five MERFISH sections.

{}
""", lambda: [tables.speed_table()]),
    Part("interactive", "What you wait for in the app", """
Times for the five MERFISH sections.

{}
""", lambda: [tables.waits_table()]),
    Part("explorer", "The Explorer without a graphics card", """
A browser drew the pictures with the processor alone.

{}
""", lambda: [tables.explorer_table()]),
    Part("reading", "Reading large files", """
The memory is what reading added.

{}
""", lambda: [tables.reading_table()]),
    Part("fuzz", "Damaged files", """
Files of every format were damaged at random and read. A damaged file must be refused with a reason, or be read.

{}
""", lambda: [tables.damage_table()]),
)


def page() -> str:
    """docs/results.md as text."""
    return "\n".join([INTRO, *(_part(part) for part in PARTS)])


def _part(part: Part) -> str:
    check_date(part.name)
    body = part.words.strip().format(*part.made())
    return (f"## {part.title}\n\n{body}\n\n*Machine: {_machine(part.name)}. All numbers: "
            f"[{part.name}.md](../benchmarks/results/{part.name}.md).*\n")


def _machine(name: str) -> str:
    """Machines, code and dates of a result; for one that does not store them, what its table says of the machine."""
    held = _provenance(tables.read(name))
    if not held:
        return re.search(r"x86_64[^;.]*", (RESULTS / f"{name}.md").read_text()).group(0)
    said = (dict.fromkeys(p[key] for p in held) for key in ("machine", "code", "date"))
    machines, codes, dates = (", ".join(values) for values in said)
    return f"{machines}; code {codes}; {dates}"


def _provenance(found: object) -> list[dict]:
    """The parts of a result that say machine, code and date."""
    if not isinstance(found, dict):
        return []
    own = [found] if {"machine", "code", "date"} <= found.keys() else []
    return own + [p for value in found.values() for p in _provenance(value)]


def check_date(name: str) -> None:
    """ValueError where a part of a result was measured with an engine that is gone."""
    for held in _provenance(tables.read(name)):
        if held["date"] < ENGINE_SINCE.get(name, ""):
            raise ValueError(f"{name}.json holds numbers of {held['date']}, code {held['code']}. Measure them again.")
