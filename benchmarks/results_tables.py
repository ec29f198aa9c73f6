"""Results of benchmarks/results as small tables in Markdown, in words for people who have not seen the benchmarks."""

import json
import re

import numpy as np

from benchmarks.accuracy_bars import Field, bars
from benchmarks.cases import RESULTS
from benchmarks.scaling import sizes_of
from benchmarks.scaling_tables import FIT, fit_of

BEFORE_FIT = ("read", "start")
TRUST = {"merfish": "mouse hypothalamus, MERFISH", "bdtnp": "fruit fly embryo, in situ hybridisation",
         "breast": "breast cancer, Spatial Transcriptomics spots"}
METHODS = {"k-NN 100 a side": "mean of the nearest cells", "copy of the nearest section": "copied section",
           "optimal-transport displacement": "optimal transport",
           "sliced-Wasserstein barycentre": "barycentre", "radial basis on 50 PCs": "radial basis functions"}
PHANTOMS = {"branch": "a tube that drifts and branches", "lobe": "a lobe that turns",
            "horn": "a horn that ends between two sections"}
WAYS = ("reconstruction", "both neighbours, by distance", "copy of the nearest section",
        "optimal-transport displacement")
WAITS = (("app", "first page (s)", "first page of the app", "{:.1f} s"),
         ("merfish", "slice 512 x 512 (ms)", "a slice of 512 x 512 pixels", "{:.0f} ms"),
         ("merfish", "volume 256 (ms)", "the volume of a gene, 256 voxels along its longest side", "{:.0f} ms"),
         ("merfish", "volume 128, a gene not seen before (ms)", "the volume of a gene that is new, 128 voxels",
          "{:.0f} ms"),
         ("merfish", "isosurface (ms)", "a surface of a gene", "{:.0f} ms"))


def read(name):
    """The stored result NAME.json."""
    return json.loads((RESULTS / f"{name}.json").read_text())


def stored_tables(name: str) -> list[str]:
    """The tables in NAME.md, in their order."""
    text = (RESULTS / f"{name}.md").read_text()
    return [found.strip() for found in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)]


def table(heads: tuple[str, ...], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def trust_table() -> str:
    """Three data sets with hidden sections: the reconstruction beside the best simple method of each column."""
    found = read("accuracy")
    return table(("hidden sections of", "correlation", "distance of cells", "inside the range"),
                 [_trust_row(words, found[case]) for case, words in TRUST.items()])


def _trust_row(words, found):
    field = Field(found["presets"]["standard"])
    pcc = f"pcc_{sorted(found['widths'])[1]:g}"
    gap = re.search(r"\((gap .+)\)", found["title"]).group(1)
    _, best_pcc, by = field.rival(pcc)
    _, best_um, placed_by = field.rival("chamfer_um", field.placed)
    return [f"{words}, {gap}", f"{_pair(field.ours[pcc], best_pcc)} ({_method(by)})",
            f"{_pair(field.ours['chamfer_um'], best_um, 2, higher=False)} µm ({_method(placed_by)})",
            f"{100 * field.ours['cov80']:.0f} %"]


def _method(by):
    """A method's name in plain words, from 'name: value'."""
    name = by.rpartition(":")[0]
    return METHODS.get(name, name)


def _pair(ours, rival, digits=3, higher=True):
    """'ours / rival' with the better one in bold; neither where they look alike."""
    shown = [f"{ours:.{digits}f}", f"{rival:.{digits}f}"]
    if shown[0] != shown[1]:
        best = 0 if (ours > rival) == higher else 1
        shown[best] = f"**{shown[best]}**"
    return " / ".join(shown)


def accuracy_table() -> str:
    """All data sets and the most important columns."""
    heads = ("hidden sections", "pattern", "single cells", "genes together", "distance, µm", "density",
             "inside the range", "range score", "limits met")
    return table(heads, [_accuracy_row(name, found) for name, found in read("accuracy").items()])


def _accuracy_row(name, found):
    result = found["presets"]["standard"]
    field, judged = Field(result), bars(name, result, found["widths"])
    middle = f"pcc_{sorted(found['widths'])[1]:g}"
    pairs = [_pair(field.ours[c], field.rival(c)[1]) for c in (middle, "pcc_1nn", "genegene_r")]
    pairs.append(_pair(field.ours["chamfer_um"], field.rival("chamfer_um", field.placed)[1], 2, higher=False))
    pairs.append(_pair(field.ours["density_pcc"], field.rival("density_pcc", field.placed)[1]))
    pairs += [f"{field.ours['cov80']:.3f}",
              _pair(field.ours["interval_score"], field.rival("interval_score")[1], higher=False)]
    return [found["title"], *pairs, f"{sum(b.met for b in judged)} of {len(judged)}"]


def moving_table() -> str:
    """Distance of predicted cells from the true tissue, mean over phantoms of a kind."""
    rows = []
    for kind, found in read("moving")["kinds"].items():
        means = [np.mean([row[way] for row in found]) for way in WAYS]
        rows.append([PHANTOMS[kind], str(len(found)), *(f"{value:.2f}" for value in means)])
    return table(("structure", "phantoms", "reconstruction", "blend of both neighbours", "copied section",
                  "optimal transport"), rows)


def registration_table() -> str:
    """What was done to stacks, and how far off they came back."""
    found = read("registration")
    rows = [[f"MERFISH, {words}", f"{sum(r['met'] for r in found[name]['rows'])} of {len(found[name]['rows'])}"]
            for name, words in (("turned", "sections turned and shifted"), ("mirrored", "one section mirrored too"))]
    large = found["large"]["rows"][0]
    degrees, um = large["error (degrees)"], large["error (µm)"]
    rows.append([f"one synthetic tissue of {large['cells']:,} cells, all of this",
                 f"{int(degrees <= 1 and um <= 20)} of 1: off by {degrees:.1f}° and {um:.0f} µm"])
    return table(("stack", "stacks within 1° and 20 µm of the truth"), rows)


def stacks_table() -> str:
    """Mean agreement of whole stacks of spots before and after registration, beside that of their authors."""
    rows = [[row["stack"], *(row[way] if isinstance(row[way], str) else f"{row[way]:.2f}"
                             for way in ("raw", "authors", "registered"))]
            for row in read("registration")["authors"]["rows"]]
    return table(("stack", "as it came", "by the authors", "isoST Studio"), rows)


def agreement_table() -> str:
    """Agreement of neighbours before and after registration, beside other ways."""
    ways = ("as it came", "authors", "registration", "fused", "partial")
    rows = [[row["stack"], row["pair"], *(f"{row[way]:.2f}" for way in ways)]
            for row in read("registration")["pot"]["rows"]]
    return table(("stack", "sections", "as it came", "by the authors", "isoST Studio", "fused transport",
                  "partial transport"), rows)


def needs_table() -> str:
    """Time and memory of stacks of several sizes."""
    results, rows = read("scaling"), []
    for case in ("grow", "million", "transcriptome"):
        sections = sizes_of(case, [1])[0][0]
        rows += [_needs_row(sections, row) for row in results[case]["rows"]]
    return table(("sections", "cells", "genes", "time", "memory of the run", "memory to explore it"), rows)


def _needs_row(sections, row):
    stages = row["stages"]
    seconds = fit_of(row)[0] + sum(stages[name]["seconds"] for name in BEFORE_FIT)
    run = max(fit_of(row)[2], *(stages[name]["peak_gib"] for name in BEFORE_FIT))
    explore = max(stage["peak_gib"] for name, stage in stages.items() if name not in (*FIT, *BEFORE_FIT))
    return [str(sections), f"{row['cells']:,}", f"{row['genes']:,}", f"{seconds / 60:.1f} min", f"{run:.1f} GiB",
            f"{explore:.1f} GiB"]


def speed_table() -> str:
    """The default preset beside the published schedule."""
    found = read("speed")
    return table(("preset", "training"), [
        ["*standard*, measured", f"{found['standard_s']:.0f} s"],
        [f"*paper*, {found['published_steps']:,} steps as published, extrapolated",
         f"{found['paper_s_extrapolated'] / 60:.0f} min"]])


def waits_table() -> str:
    """What a visitor waits for."""
    runs = read("interactive")["runs"]
    return table(("what", "time"), [[words, form.format(runs[run][name])] for run, name, words, form in WAITS])


def explorer_table() -> str:
    """How soon the Explorer draws without a graphics card."""
    return table(("grid", "first picture", "next picture while you drag", "surface in full detail after a drag"), [
        [f"{row['n']}³", f"{row['first_picture_s']:.1f} s", f"{row['slider_ms']:.0f} ms",
         f"{row['surface_in_full_s']:.1f} s"] for row in read("explorer")])


def reading_table() -> str:
    """Time and memory to read large files."""
    return table(("format", "file", "cells", "time", "memory"), [
        [row["format"], f"{row['file_mb']:.0f} MB", f"{row['cells']:,}", f"{row['seconds']:.1f} s",
         f"{row['peak_mb'] / 1000:.1f} GB"] for row in read("reading")])


def damage_table() -> str:
    """What became of damaged files of all formats together."""
    formats = read("fuzz")["formats"].values()
    count = {key: sum(found[key] for found in formats) for key in ("refused", "read", "other", "crash", "hang")}
    return table(("files", "refused with a reason", "read", "unexpected errors", "crashes", "endless"),
                 [[f"{n:,}" for n in (sum(count.values()), *count.values())]])
