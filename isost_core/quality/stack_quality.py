"""Quality of a stack of sections: each section, each pair of neighbours, and what follows for its owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from isost_core.files import as_plain
from isost_core.quality import (
    copies,
    coverage,
    depths,
    findings,
    order,
    pair_findings,
    section_findings,
    section_pairs,
    single_sections,
)
from isost_core.quality.batch import estimate_offsets
from isost_core.quality.findings import Finding
from isost_core.quality.structure import structure_of
from isost_core.quality.units import unit_findings
from isost_core.sections.agreement import compared_genes
from isost_core.sections.noun import called
from isost_core.sections.stack import Sections

VERDICTS = {"severe": "Do not reconstruct yet", "warning": "Look at these points first", "note": "Quality check passed"}


@dataclass(frozen=True)
class Quality:
    """What was found of a stack.

    findings : the worst first; sections, pairs : a dict each, in order of depth (`single_sections.section_rows`,
    `section_pairs.pair_rows`); structure : `structure.structure_of`; cells : some cells of each section, for pictures
    (`single_sections.shown_cells`); about : n_cells, n_genes, noun, y_down, divided (whether agreement is judged
    without the cells' totals), clearest_gene (of the pattern), synthetic, notes
    """

    findings: tuple[Finding, ...]
    sections: tuple[dict[str, Any], ...]
    pairs: tuple[dict[str, Any], ...]
    structure: dict[str, Any]
    cells: dict[str, dict[str, np.ndarray]]
    about: dict[str, Any]

    @property
    def severity(self) -> str:
        """The worst severity of the findings; 'note' where there are none."""
        return self.findings[0].severity if self.findings else "note"

    @property
    def verdict(self) -> str:
        """The severity in words."""
        return VERDICTS[self.severity]

    def of(self, severity: str) -> list[Finding]:
        """The findings of a severity."""
        return [f for f in self.findings if f.severity == severity]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, as JSON can hold them."""
        held = {name: getattr(self, name) for name in ("sections", "pairs", "structure", "about")}
        plain: Any = as_plain({"verdict": self.verdict, "severity": self.severity,
                               "findings": [asdict(f) for f in self.findings]} | held)
        return plain


def check(sections: Sections, seed: int = 0, on_step: Callable[[str, float], object] | None = None) -> Quality:
    """Quality of a stack.

    Parameters
    ----------
    sections : Sections, in the frame they will be reconstructed in
    seed : of the cells that are drawn and of what chance gives
    on_step : called with what is looked at and the share done

    Returns
    -------
    Quality
    """
    say, rng = on_step or (lambda what, share: None), np.random.default_rng(seed)
    say("Checking each section", 0.0)
    rows = single_sections.section_rows(sections, rng)
    empty = [row["name"] for row in rows if row["empty"]]
    compared = sections.without(empty) if empty and len(rows) - len(empty) >= 2 else sections
    say("Comparing neighbours", 0.1)
    (parts, divided), pairs = section_pairs.parts_of(compared, rng), []
    for row in section_pairs.pair_rows(parts, rng):
        pairs.append(row)
        say(f"Comparing neighbours: {row['first']} and {row['second']}", 0.15 + 0.45 * len(pairs) / (len(parts) - 1))
    say("Trying other positions and orders", 0.6)
    better = order.find_better_order(parts, rng)
    stacked = [parts[k] for k in better.order] if better.clear else parts
    poses = section_pairs.pose_gains(stacked, pair_findings.POSE_GAIN, rng)
    lacking = coverage.coverage_findings(sections.names, coverage.coverage_rows(sections))
    better = better.unless(bool(poses or lacking))
    twins = copies.find_copies(parts, rng)
    say("Measuring structure and brightness", 0.8)
    structure, offsets = structure_of(compared, rng), estimate_offsets(compared, seed)
    jumps = dict(zip(compared.names, np.abs(offsets.values).mean(1), strict=True))
    for row in rows:
        row["offset"] = float(jumps.get(row["name"], np.nan))
    found = [*unit_findings(sections), *section_findings.count_findings(rows), *lacking,
             *depths.depth_findings(sections),
             *section_findings.tissue_findings(rows, [name for f in lacking for name in f.names]),
             *section_findings.shared_gene_findings(sections.names, len(sections.genes), sections.n_dropped_genes)]
    if not empty or compared is not sections:
        left = [row for row in rows if not row["empty"]]
        beside = set(zip(sections.names[:-1], sections.names[1:], strict=True))
        real = np.array([(pair["first"], pair["second"]) in beside for pair in pairs])  # no empty section between them
        next_to = [pair for pair, known in zip(pairs, real, strict=True) if known]
        across = [pair for pair, known in zip(pairs, real, strict=True) if not known]
        bridged = {pair[end] for pair in across for end in ("first", "second")}
        poses = [pose for pose in poses if pose.name not in bridged]
        gaps = structure | {"across": np.where(real, structure["across"], np.nan)}
        agreement = pair_findings.agreement_findings(next_to, divided)
        if any(f.severity == "severe" for f in agreement):
            better = replace(better, untold=())
        found += [*agreement, *pair_findings.pose_findings(poses),
                  *order.order_findings(compared.names, better), *copies.copy_findings(twins),
                  *section_findings.gene_findings(left), *depths.gap_findings(compared.names, gaps),
                  *section_findings.brightness_findings(left, offsets, divided)]
    gene = sections.genes[compared_genes(compared)[section_pairs.clearest(parts, rng)]]
    about = {"n_cells": sections.n_cells, "n_genes": len(sections.genes), "noun": sections.noun,
             "y_down": sections.y_down, "divided": divided,
             "clearest_gene": gene, "synthetic": bool(sections.synthetic), "offset_share": offsets.share,
             "notes": list(sections.notes)}
    say("Done", 1.0)
    found = [replace(f, **{part: called(getattr(f, part), sections.noun) for part in ("title", "detail", "advice")})
             for f in found]
    return Quality(findings.ranked(found), tuple(rows), tuple(pairs), structure,
                   single_sections.shown_cells(sections, gene, rng), about)
