"""Quality of a stack of sections: each section, each pair of neighbours, and what follows for its owner."""

from dataclasses import asdict, dataclass

import numpy as np

from isost_core.files import as_plain
from isost_core.quality import findings as qc_findings
from isost_core.quality import section_pairs, single_sections
from isost_core.quality import structure as qc_structure
from isost_core.quality.batch import estimate_offsets
from isost_core.sections.agreement import compared_genes

VERDICTS = {"severe": "Do not reconstruct yet", "warning": "Look at these first", "note": "Good to reconstruct"}


@dataclass(frozen=True)
class Quality:
    """What was found of a stack.

    findings : Finding, the worst first; sections, pairs : a dict each, in order of depth (`qc_sections.section_rows`,
    `qc_pairs.pair_rows`); structure : `qc_structure.structure_of`; cells : some cells of each section, for pictures;
    about : n_cells, n_genes, divided (whether agreement is judged without the cells' totals), clearest_gene (of
    the pattern), synthetic, notes
    """

    findings: tuple
    sections: tuple
    pairs: tuple
    structure: dict
    cells: dict
    about: dict

    @property
    def severity(self):
        """The worst severity of the findings; 'note' where there are none."""
        return self.findings[0].severity if self.findings else "note"

    @property
    def verdict(self):
        """The severity in words."""
        return VERDICTS[self.severity]

    def of(self, severity):
        """The findings of a severity."""
        return [f for f in self.findings if f.severity == severity]

    def to_dict(self):
        """The same as plain values, as JSON can hold them."""
        held = {name: getattr(self, name) for name in ("sections", "pairs", "structure", "about")}
        return as_plain({"verdict": self.verdict, "severity": self.severity,
                         "findings": [asdict(f) for f in self.findings]} | held)


def check(sections, seed=0, on_step=None):
    """Quality of a stack.

    Parameters
    ----------
    sections : Sections, in the frame they will be reconstructed in
    seed : int
    on_step : called with what is looked at and the share done

    Returns
    -------
    Quality
    """
    say, rng = on_step or (lambda what, share: None), np.random.default_rng(seed)
    say("Looking at each section", 0.0)
    rows = single_sections.section_rows(sections, rng)
    say("Comparing neighbours", 0.1)
    (parts, divided), pairs = section_pairs.parts_of(sections, rng), []
    for row in section_pairs.pair_rows(parts, rng):
        pairs.append(row)
        say(f"Comparing neighbours: {row['first']} and {row['second']}", 0.15 + 0.45 * len(pairs) / (len(parts) - 1))
    say("Trying other positions and orders", 0.6)
    order, gain, mean = _order(parts, rng)
    disorder = qc_findings.order_findings(sections.names, order, gain, mean)
    poses = section_pairs.pose_rows([parts[k] for k in order] if disorder else parts, qc_findings.POSE_GAIN, rng)
    say("Measuring structure and brightness", 0.8)
    structure = qc_structure.structure_of(sections, rng)
    offsets = estimate_offsets(sections, seed)
    for row, values in zip(rows, offsets.values, strict=True):
        row["offset"] = float(np.abs(values).mean())
    found = [*qc_findings.agreement_findings(pairs, divided), *qc_findings.pose_findings(poses), *disorder,
             *qc_findings.gene_findings(rows), *qc_findings.gap_findings(sections.names, structure),
             *qc_findings.brightness_findings(rows, offsets), *qc_findings.tissue_findings(rows)]
    gene = sections.genes[compared_genes(sections)[section_pairs.clearest(parts, rng)]]
    about = {"n_cells": sections.n_cells, "n_genes": len(sections.genes), "divided": divided,
             "clearest_gene": gene, "synthetic": bool(sections.synthetic), "offset_share": offsets.share,
             "notes": list(sections.notes)}
    say("Done", 1.0)
    return Quality(qc_findings.ranked(found), tuple(rows), tuple(pairs), structure,
                   single_sections.shown_cells(sections, gene, rng), about)


def _order(parts, rng):
    """A better order, what it gains in the mean agreement of neighbours, and that mean now."""
    if len(parts) < 3:
        return list(range(len(parts))), 0.0, 0.0
    table = section_pairs.agreement_table(parts, rng)
    return *section_pairs.better_order(table), float(np.diag(table, 1).mean())
