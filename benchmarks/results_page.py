"""docs/results.md and the tables of numbers in the README, from benchmarks/results: `python docs/generate.py` writes them.

A result measured before ENGINE_SINCE is of an engine that is gone, and is refused.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.accuracy_bars import Field
from benchmarks.cases import RESULTS
from benchmarks.scaling import sizes_of
from benchmarks.scaling_tables import FIT, fit_of

ENGINE_SINCE = "2026-11-25"
BEFORE_FIT = ("read", "start")
TRUST = {"merfish": "mouse hypothalamus, MERFISH", "bdtnp": "fruit fly embryo, in situ hybridisation",
         "breast": "breast cancer, Spatial Transcriptomics spots"}
INTRO = """# Results

This page is written by `python docs/generate.py` from the files in `benchmarks/results`. Change it there, not here.

All numbers were measured on public data or on phantoms, which are synthetic tissues with a known truth. Each part names
its machine: a computer with two cores and no graphics card. Each part also names the version of the code, as the short
name of a commit.
"""


def _whole(text: str) -> str:
    return text


def _summary(text: str) -> str:
    """What stands before the tables of single data sets."""
    return text.split("\n## ")[0].split("Reconstruction / best", 1)[1].join(["Reconstruction / best", ""])


def _with_bar(text: str) -> str:
    """Without the rows of a table that have no bar."""
    return "\n".join(line for line in text.splitlines() if not line.endswith("| | |") or line.startswith("| |"))


@dataclass(frozen=True)
class Part:
    """One part of the page: a result (NAME.json, NAME.md), its title, what it shows in plain words, what is kept."""

    name: str
    title: str
    words: str
    keep: Callable[[str], str] = _whole


PARTS = (
    Part("accuracy", "Accuracy on hidden sections", """
Measured sections are hidden. They are predicted from the other sections and compared with what was measured.
Each cell of the table shows the reconstruction first and the best simple method second. The better one is bold.
The simple methods are: copying a section, blending both neighbours, optimal transport, averages over nearest cells,
Gaussian kernels, radial basis functions and kernel ridge. Each simple method counts at the places that suit it best.

- **PCC** is the correlation of a gene's predicted and measured pattern, median over genes. Higher is better.
- **PCC, middle bins** compares means over small squares. **PCC 1-NN** compares each measured cell with the nearest
  predicted one.
- **gene-gene r** says how well genes that vary together still do so. Higher is better.
- **Chamfer** is the distance from a cell to the nearest cell of the other section. Lower is better.
- **density PCC** is the correlation of the numbers of cells in small squares. Higher is better.
- **80 % held** is the share of measured values inside the predicted range. It should be 0.80.
- **interval score** punishes ranges that are too wide or that miss. Lower is better.
- **bars met** counts the limits that were set beforehand and that were met.

All methods and columns are in [accuracy.md](../benchmarks/results/accuracy.md).
""", _summary),
    Part("moving", "Structures that move between sections", """
Three phantoms hold a structure that moves from section to section. The table compares predicted positions of cells with
the true ones. The last column says how much worse it is to leave cells where they are.
"""),
    Part("gradients", "Gradients", """
A phantom holds genes that fall off from a point. The table says how well the slope is recovered: 1 is exact. "2D" is
what the nearest section alone would show. The second part asks how many stripes of the gene eve are found where they
were hidden.
"""),
    Part("niches", "Niches", """
Niches are compared with domains that experts annotated. The adjusted Rand index is 1 for full agreement and 0 for chance.
The domains were never used to find niches.
"""),
    Part("registration", "Registration", """
Sections are turned, shifted or mirrored on purpose and then registered. The result is compared with the true position,
or with the registration of the authors of the data. Agreement is a correlation between neighbouring sections.
"""),
    Part("scaling", "Time and memory", """
Synthetic stacks of growing size are reconstructed from reading to the finished tissue. Times are in seconds.

![Time and memory against the number of cells](../benchmarks/results/scaling.svg)
"""),
    Part("speed", "Beside the published training", """
The preset *paper* trains with the published objective. Its time is measured over a few steps and extrapolated to the
published number of steps.
"""),
    Part("interactive", "What you wait for in the app", """
Only rows with a bar are shown. A bar is a limit that was set beforehand.
""", _with_bar),
    Part("explorer", "The Explorer without a graphics card", """
Times to draw one picture while you turn the wheel, press keys or drag a slider.
"""),
    Part("reading", "Reading large files", """
Memory and time to read large files of several formats.
"""),
    Part("fuzz", "Damaged files", """
Files of every format were damaged at random and read. A file must be read, or be refused with a clear message.
"""),
)


def page() -> str:
    """docs/results.md as text."""
    return "\n".join([INTRO, *(_part(part) for part in PARTS)])


def trust_table() -> str:
    """Three hidden data sets: the reconstruction beside the best simple method of each column (Markdown)."""
    found = json.loads((RESULTS / "accuracy.json").read_text())
    lines = ["| hidden sections of | correlation | distance, µm | inside the range |",
             "|---|---|---|---|"]
    return "\n".join([*lines, *(_trust_row(words, found[case]) for case, words in TRUST.items())])


def _trust_row(words: str, found: dict) -> str:
    field = Field(found["presets"]["standard"])
    pcc = f"pcc_{sorted(found['widths'])[1]:g}"
    gap = re.search(r"\((gap .+)\)", found["title"]).group(1)
    _, best_pcc, by = field.rival(pcc)
    _, best_um, copied = field.rival("chamfer_um", field.placed)
    pair = _pair(field.ours[pcc], best_pcc, 3, higher=True) + f" ({by.rpartition(':')[0]})"
    moved = _pair(field.ours["chamfer_um"], best_um, 2, higher=False) + f" ({copied.rpartition(':')[0]})"
    return f"| {words}, {gap} | {pair} | {moved} | {field.ours['cov80']:.0%} |".replace("%", " %")


def _pair(ours: float, rival: float, digits: int, higher: bool) -> str:
    """'ours / rival' with the better one in bold; both where they are alike as shown."""
    shown = [f"{ours:.{digits}f}", f"{rival:.{digits}f}"]
    if shown[0] == shown[1]:
        return " / ".join(shown)
    best = 0 if (ours > rival) == higher else 1
    shown[best] = f"**{shown[best]}**"
    return " / ".join(shown)


def needs_table() -> str:
    """Time and memory of stacks of several sizes (Markdown)."""
    results = json.loads((RESULTS / "scaling.json").read_text())
    lines = ["| sections | cells | genes | time | memory of the run | memory to explore it |", "|---|---|---|---|---|---|"]
    for case in ("grow", "million", "transcriptome"):
        rows = results[case]["rows"]
        sections = sizes_of(case, [1])[0][0]
        lines += [_needs_row(sections, row) for row in rows]
    return "\n".join(lines)


def _needs_row(sections: int, row: dict) -> str:
    stages = row["stages"]
    seconds = fit_of(row)[0] + sum(stages[name]["seconds"] for name in BEFORE_FIT)
    run = max(fit_of(row)[2], *(stages[name]["peak_gib"] for name in BEFORE_FIT))
    look = max(stage["peak_gib"] for name, stage in stages.items() if name not in (*FIT, *BEFORE_FIT))
    return (f"| {sections} | {row['cells']:,} | {row['genes']:,} | {seconds / 60:.1f} min | {run:.1f} GiB | "
            f"{look:.1f} GiB |")


def _part(part: Part) -> str:
    check_date(part.name)
    text = (RESULTS / f"{part.name}.md").read_text()
    body = part.keep(text.partition("\n")[2]).strip()
    body = re.sub(r"^## ", "### ", re.sub(r"\n{3,}", "\n\n", body), flags=re.MULTILINE)
    machine = _machine(part.name)
    said = f"\n\nMeasured on: {machine}." if machine and machine.partition(";")[0] not in body else ""
    return f"## {part.title}\n\n{part.words.strip()}{said}\n\n{body}\n"


def _machine(name: str) -> str:
    """Machines, code and dates of a result; empty where its table says so itself."""
    held = _provenance(json.loads((RESULTS / f"{name}.json").read_text()))
    return " and ".join(dict.fromkeys(f"{p['machine']}; code {p['code']}, {p['date']}" for p in held))


def _provenance(found: object) -> list[dict]:
    """The parts of a result that say machine, code and date."""
    if not isinstance(found, dict):
        return []
    own = [found] if {"machine", "code", "date"} <= found.keys() else []
    return own + [p for value in found.values() for p in _provenance(value)]


def check_date(name: str) -> None:
    """ValueError where a part of a result was measured with an engine that is gone."""
    for held in _provenance(json.loads((RESULTS / f"{name}.json").read_text())):
        if held["date"] < ENGINE_SINCE:
            raise ValueError(f"{name}.json holds numbers of {held['date']}, code {held['code']}. Measure them again.")
