"""Quality of a stack of sections: each section, each pair of neighbours, and what follows for its owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from isost_core.files import as_plain
from isost_core.quality import findings, section_pairs, single_sections
from isost_core.quality.batch import estimate_offsets
from isost_core.quality.findings import Finding
from isost_core.quality.structure import structure_of
from isost_core.quality.units import unit_findings
from isost_core.sections.agreement import compared_genes
from isost_core.sections.stack import Sections

VERDICTS = {"severe": "Do not reconstruct yet", "warning": "Look at these points first", "note": "Good to reconstruct"}


@dataclass(frozen=True)
class Quality:
    """What was found of a stack.

    findings : the worst first; sections, pairs : a dict each, in order of depth (`single_sections.section_rows`,
    `section_pairs.pair_rows`); structure : `structure.structure_of`; cells : some cells of each section, for pictures
    (`single_sections.shown_cells`); about : n_cells, n_genes, divided (whether agreement is judged without the cells'
    totals), clearest_gene (of the pattern), synthetic, notes
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
    say("Comparing neighbours", 0.1)
    (parts, divided), pairs = section_pairs.parts_of(sections, rng), []
    for row in section_pairs.pair_rows(parts, rng):
        pairs.append(row)
        say(f"Comparing neighbours: {row['first']} and {row['second']}", 0.15 + 0.45 * len(pairs) / (len(parts) - 1))
    say("Trying other positions and orders", 0.6)
    better = _order(parts, rng)
    disorder = findings.order_findings(sections.names, better)
    poses = section_pairs.pose_gains([parts[k] for k in better.order] if disorder else parts, findings.POSE_GAIN, rng)
    say("Measuring structure and brightness", 0.8)
    structure = structure_of(sections, rng)
    offsets = estimate_offsets(sections, seed)
    for row, values in zip(rows, offsets.values, strict=True):
        row["offset"] = float(np.abs(values).mean())
    found = [*unit_findings(sections), *findings.agreement_findings(pairs, divided), *findings.pose_findings(poses), *disorder,
             *findings.gene_findings(rows), *findings.gap_findings(sections.names, structure),
             *findings.brightness_findings(rows, offsets), *findings.tissue_findings(rows)]
    gene = sections.genes[compared_genes(sections)[section_pairs.clearest(parts, rng)]]
    about = {"n_cells": sections.n_cells, "n_genes": len(sections.genes), "divided": divided,
             "clearest_gene": gene, "synthetic": bool(sections.synthetic), "offset_share": offsets.share,
             "notes": list(sections.notes)}
    say("Done", 1.0)
    return Quality(findings.ranked(found), tuple(rows), tuple(pairs), structure,
                   single_sections.shown_cells(sections, gene, rng), about)


def _order(parts: list[section_pairs.Part], rng: np.random.Generator) -> section_pairs.BetterOrder:
    if len(parts) < 3:
        return section_pairs.BetterOrder(list(range(len(parts))), 0.0, 0.0)
    return section_pairs.better_order(section_pairs.agreement_table(parts, rng))
