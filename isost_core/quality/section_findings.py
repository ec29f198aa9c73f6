"""What was measured of single sections, as findings: counts, genes, brightness, tissue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isost_core.quality.batch import Offsets
from isost_core.quality.coverage import OTHER_SCALE
from isost_core.quality.findings import Finding, Row
from isost_core.words import both, count, listed, mm2, number, percent, times

MISSING_SEVERE, MISSING_WARNING = 0.1, 0.01  # share of the genes that the neighbours have
FEW_SHARED, HARDLY_SHARED = 0.5, 0.1  # share of all genes of the files that every file has
BATCH, STRONG_BATCH = 0.12, 0.6  # offsets between sections over the spread of cells within them
DEPTH_RATIO, LIKE_OTHERS = 2.0, 1.5  # of the totals of sections
GRADIENT = 0.1  # log1p, end to end, on average over genes
IN_TISSUE, SMALL = 0.95, 0.5  # share of cells with neighbours; area over the smaller of the neighbours'
ZERO_CELLS = 0.1  # share of a section's cells without counts
FEW_CELLS, SPARSE = 50, 0.35  # cells; cells over the fewer of the neighbours'
SAME_AREA = 0.6  # over the smaller of the neighbours'


def count_findings(rows: Sequence[Row]) -> list[Finding]:
    """Sections without counts, with many cells without, or with few cells."""
    found = []
    for k, row in enumerate(rows):
        name, zero = row["name"], row["zero_cells"]
        if row["empty"]:
            found.append(Finding(
                "counts", "severe", name, f"{name} has no counts",
                f"100 % of its {count(row['cells'], 'cell')} are zero in every gene. The other findings leave this "
                "section out.", "Leave this section out, or upload its file again. The zeros would count as "
                "measurements.", 1.0, (name,)))
        elif zero >= ZERO_CELLS:
            found.append(Finding(
                "counts", "warning", name, f"Many cells of {name} have no counts",
                f"{percent(zero)} of its {count(row['cells'], 'cell')} are zero in every gene.",
                "Remove these cells. They may lie outside the tissue.", float(zero), (name,)))
        found += _few_cells(row, [rows[j] for j in (k - 1, k + 1) if 0 <= j < len(rows)])
    return found


def _few_cells(row: Row, beside: Sequence[Row]) -> list[Finding]:
    name, least = row["name"], min(r["cells"] for r in beside)
    same_area = row["area_mm2"] >= SAME_AREA * min(r["area_mm2"] for r in beside)
    sparse = row["cells"] < SPARSE * least and same_area
    if not sparse and row["cells"] >= FEW_CELLS:
        return []
    share = row["cells"] / max(least, 1)
    than = f" The neighbour with fewer has {least:,}." if len(beside) > 1 else f" Its neighbour has {least:,}."
    return [Finding(
        "counts", "warning", name, f"{name} has few cells", f"It has {count(row['cells'], 'cell')}.{than}",
        "Check that its file is complete and that no cells were filtered out by mistake.", float(share), (name,))]


def shared_gene_findings(names: Sequence[str], n_genes: int, dropped: int) -> list[Finding]:
    """Whether the files have few genes in common."""
    share = n_genes / max(n_genes + dropped, 1)
    if share >= FEW_SHARED:
        return []
    return [Finding(
        "genes", "severe" if share < HARDLY_SHARED else "warning", "all sections", "The files share few genes",
        f"Of {n_genes + dropped:,} genes, {n_genes:,} ({percent(share)}) are in every file. The others were left out.",
        "Check that all files have the same panel and name their genes in the same way. Or leave out the section that "
        "lacks most of them.", float(share), tuple(names))]


def gene_findings(rows: Sequence[Row]) -> list[Finding]:
    """Genes that are all zero in one section and present in its neighbours."""
    found = []
    for row in rows:
        absent, share = row["absent"], len(row["absent"]) / max(row["expected_genes"], 1)
        if not absent:
            continue
        severity = "severe" if share >= MISSING_SEVERE else "warning" if share >= MISSING_WARNING else "note"
        what = "gene is" if len(absent) == 1 else "genes are"
        found.append(Finding(
            "genes", severity, row["name"], f"{len(absent):,} {what} missing in {row['name']}",
            f"They are zero in all cells of this section but not in its neighbours: {listed(absent)} ({percent(share)} "
            "of the genes that the neighbours have)." if len(absent) > 1 else
            f"{absent[0]} is zero in all cells of this section but not in its neighbours.",
            "Check whether these genes were measured in this section. If not, leave out the genes or the section. "
            "Otherwise the zeros count as measurements.", float(share), (row["name"],)))
    return found


def brightness_findings(rows: Sequence[Row], offsets: Offsets, counts: bool) -> list[Finding]:
    """Sections whose brightness jumps, apart from what changes steadily along depth; counts : whether the values are
    counts."""
    found = []
    names = tuple(row["name"] for row in rows)
    total = np.log(np.maximum([row["total"] for row in rows], 1e-9))
    if offsets.share >= BATCH and len(rows) > 2:
        worst = int(np.argmax(np.abs(offsets.values).mean(1)))
        found.append(Finding(
            "brightness", "severe" if offsets.share >= STRONG_BATCH and np.abs(np.diff(total)).max() > np.log(3)
            else "warning", "all sections", "Brightness jumps between sections",
            f"The brightness of genes jumps by {percent(offsets.share)} of the spread of cells within a section. "
            f"This is more than change along depth explains. The largest jump is at {names[worst]}.",
            "Switch on 'Correct brightness between sections'. Steady changes along depth are kept.",
            float(offsets.share), (names[worst],)))
    found += _total_findings(names, total, "counts" if counts else "signal")
    steady = float(np.abs(offsets.trend[-1] - offsets.trend[0]).mean())
    if steady >= GRADIENT and offsets.share < BATCH:
        found.append(Finding(
            "gradient", "note", "all sections", "Expression changes steadily along depth",
            f"The average gene changes by {number(steady)} (log1p) from the first to the last section, without jumps.",
            "Nothing. This looks like the tissue itself, and it is kept.", steady, names))
    return found


def _total_findings(names: Sequence[str], total: np.ndarray, what: str) -> list[Finding]:
    """Where the log totals of neighbours differ: the sections that differ from all others, or else the widest step."""
    found, step = [], np.abs(np.diff(total))
    usual = np.median(total)
    for k, name in enumerate(names if len(names) > 2 else ()):
        beside = [abs(total[k] - total[j]) for j in (k - 1, k + 1) if 0 <= j < len(names)]
        if min(beside) < np.log(DEPTH_RATIO) or abs(total[k] - usual) < np.log(DEPTH_RATIO):
            continue
        if any(abs(total[j] - usual) > np.log(LIKE_OTHERS) for j in (k - 1, k + 1) if 0 <= j < len(names)):
            continue
        ratio = float(np.exp(abs(total[k] - usual)))
        words = (f"far more {what}", "this section", "the others") if total[k] > usual else (
            f"far {'fewer' if what == 'counts' else 'less'} {what}", "the other sections", "this one")
        found.append(_total_finding(name, f"{name} has {words[0]} than the other sections",
                                    f"The median cell of {words[1]} has {times(ratio)} the total of {words[2]}.",
                                    ratio, (name,)))
    worst = int(np.argmax(step))
    if not found and step[worst] >= np.log(DEPTH_RATIO):
        pair, ratio = names[worst:worst + 2], float(np.exp(step[worst]))
        high, low = pair if total[worst] > total[worst + 1] else pair[::-1]
        found.append(_total_finding(
            f"{pair[0]} – {pair[1]}", f"{high} is much brighter than {low}",
            f"Its median cell has {times(ratio)} the total of the median cell of {low}.", ratio, tuple(pair)))
    return found


def _total_finding(where: str, title: str, detail: str, ratio: float, names: tuple[str, ...]) -> Finding:
    return Finding("brightness", "warning", where, title, detail,
                   "Check that all sections were measured and normalised in the same way.", ratio, names)


def tissue_findings(rows: Sequence[Row], lacking: Sequence[str] = ()) -> list[Finding]:
    """Cells that lie apart, sections in more pieces than the others, or much smaller than their neighbours; lacking :
    sections of which it is known what they lack."""
    found, usual = [], np.median([len(row["pieces"]) for row in rows])
    for k, row in enumerate(rows):
        name = row["name"]
        if len(row["pieces"]) > max(usual, 1):
            found.append(Finding(
                "tissue", "warning", name, f"{name} is in {len(row['pieces'])} pieces",
                f"The pieces have {both(percent(p) for p in row['pieces'])} of its cells. Other sections have "
                f"{count(int(usual), 'piece')}.",
                "Check whether the section is torn, or whether something else lies next to it. Put displaced pieces "
                "back or leave them out, then upload the section again.", float(len(row["pieces"])), (name,)))
        found += [] if name in lacking else _small(row, [rows[j] for j in (k - 1, k + 1) if 0 <= j < len(rows)])
        if row["in_tissue"] < IN_TISSUE:
            found.append(Finding(
                "tissue", "warning", name, f"Many cells of {name} lie apart from the tissue",
                f"{percent(1 - row['in_tissue'])} of its cells have no close neighbours.",
                "Remove debris, or check the coordinates.", float(row["in_tissue"]), (name,)))
    return found


def _small(row: Row, beside: Sequence[Row]) -> list[Finding]:
    """A section with a much smaller area than its neighbours of the same scale. At an end, tissue may taper."""
    beside = [r for r in beside if max(r["spacing_um"], row["spacing_um"])
              <= OTHER_SCALE * min(r["spacing_um"], row["spacing_um"])]
    share = row["area_mm2"] / max(min((r["area_mm2"] for r in beside), default=1.0), 1e-12)
    if not beside or share >= SMALL:
        return []
    end = len(beside) == 1
    return [Finding(
        "tissue", "note" if end else "warning", row["name"],
        f"{row['name']} is much smaller than its neighbour" + ("" if end else "s"),
        f"It covers {mm2(row['area_mm2'])}, which is {percent(share)} of "
        + ("its neighbour's area. Tissue may taper off there." if end else "the area of the smaller neighbour."),
        "Check its µm per unit, and whether part of the section is missing.", float(share), (row["name"],))]
