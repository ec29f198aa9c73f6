"""How far to trust the prediction of each gene, judged on held-out sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from isost_core.files import read_json
from isost_core.words import percent

if TYPE_CHECKING:
    import anndata as ad
    import pandas as pd

GRADES = {
    "A": "the predicted pattern follows the measured one nearly as well as your sections allow",
    "B": "the broad pattern is right, but details may be wrong",
    "C": "the pattern within a section cannot be trusted",
    "-": "could not be judged: the gene does not vary in the held-out sections",
}
A_SHARE, A_PCC = 0.75, 0.5
B_SHARE, B_PCC = 0.5, 0.3
BASELINE_SLACK = 0.05
REGIONS = (("A", 0.75), ("B", 0.5), ("C", 0.0))  # least known share of a gene's pattern at a place
VALIDATED = "held-out sections of the validation"
PROVISIONAL = "masked training sections"
RULE = (f"A: r on hidden sections is at least {A_PCC:g} and {percent(A_SHARE)} of the best possible (what a repeat of "
        f"the section would reach, by its halves), and at most {BASELINE_SLACK:g} below the best simple method. B: at "
        f"least {B_PCC:g} and {percent(B_SHARE)}. C: less. If the best possible is not known, r alone decides.")


def grade_genes(pcc: np.ndarray, ceiling: np.ndarray, baseline: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Grade and score of each gene.

    Parameters
    ----------
    pcc : (genes,) held-out PCC over bins, NaN where the measured gene is constant
    ceiling : (genes,) PCC that a perfect mean would reach, NaN where not known
    baseline : (genes,) PCC of the best simple method

    Returns
    -------
    grades (genes,) of 'A', 'B', 'C', '-'; share (genes,) of the ceiling that was reached, NaN where not known
    """
    share = np.full(len(pcc), np.nan)
    known = np.isfinite(ceiling) & (ceiling > 0)
    share[known] = pcc[known] / ceiling[known]
    enough = np.where(known, share, np.where(np.isnan(ceiling), np.inf, -np.inf))
    good = (pcc >= A_PCC) & (enough >= A_SHARE) & ~(pcc < baseline - BASELINE_SLACK)
    fair = (pcc >= B_PCC) & (enough >= B_SHARE)
    grades = np.where(good, "A", np.where(fair, "B", "C"))
    return np.where(np.isnan(pcc), "-", grades), share


@dataclass(frozen=True)
class GeneTrust:
    """Grade of one gene: 'A', 'B', 'C' or '-'; pcc, ceiling and share (None where not known) as in `grade_genes`.

    provisional : judged on masked training sections, which also chose the settings, and not by a validation
    """

    grade: str = "-"
    pcc: float | None = None
    ceiling: float | None = None
    share: float | None = None
    provisional: bool = True


@dataclass(frozen=True)
class Trust:
    """What is known of how far a run can be trusted.

    genes : name -> GeneTrust; doubles : list of dicts (see isost_core.validation.doubled_layers)
    source : what judged the genes, or why nothing did
    """

    genes: dict[str, GeneTrust]
    doubles: tuple[dict[str, Any], ...]
    source: str

    def of(self, gene: str) -> GeneTrust:
        return self.genes.get(gene, GeneTrust())

    def doubles_of(self, gene: str) -> list[dict[str, Any]]:
        return [double for double in self.doubles if double["gene"] == gene]


def gene_trust(run_dir: Path) -> Trust:
    """Trust of the run in a folder: each gene by its validation, else provisionally by `trust.json`."""
    own = _read(run_dir / "trust.json")
    report = _read(run_dir / "validation" / "report.json")
    genes = {name: _trust_in(row, provisional=True) for name, row in own.get("genes", {}).items()}
    genes |= {row["gene"]: _trust_in(row, provisional=False) for row in report.get("genes", [])}
    source = VALIDATED if report else own.get("source", "not judged, because the run was made with an older version")
    return Trust(genes, tuple(own.get("doubles", ())), source)


def _trust_in(row: dict[str, Any], provisional: bool) -> GeneTrust:
    """The trust in a stored row. The best possible is an estimate, which a noisy gene can pass: then it reached all."""
    share = row.get("share")
    return GeneTrust(row["grade"], row.get("pcc"), row.get("ceiling"), None if share is None else min(share, 1.0),
                     provisional)


def trust_table(genes: Sequence[str], trust: Trust) -> pd.DataFrame:
    """One row per gene: trust_grade, trust_pcc, trust_ceiling, trust_share, trust_source."""
    import pandas as pd

    rows = [trust.of(gene) for gene in genes]
    table = pd.DataFrame({f"trust_{name}": [getattr(row, name) for row in rows] for name in
                          ("grade", "pcc", "ceiling", "share")}, index=pd.Index(genes))
    table[["trust_pcc", "trust_ceiling", "trust_share"]] = table.iloc[:, 1:].astype(float)
    judged = [PROVISIONAL if row.provisional else VALIDATED for row in rows]
    return table.assign(trust_source=["not judged" if row.grade == "-" else by
                                      for row, by in zip(rows, judged, strict=True)])


def with_trust(cells: ad.AnnData, run_dir: Path) -> ad.AnnData:
    """Virtual cells with the trust in each gene of their run, by its folder, as columns of `var`."""
    cells.var = cast("pd.DataFrame", cells.var).join(trust_table(list(cells.var_names), gene_trust(run_dir)))
    return cells


def _read(path: Path) -> dict[str, Any]:
    return read_json(path) if Path(path).is_file() else {}


def region_shares(known: np.ndarray) -> dict[str, float]:
    """Share of the tissue in each region grade, {'A': ..., 'B': ..., 'C': ...}, from known shares (NaN outside)."""
    inside = known[np.isfinite(known)]
    grade = np.digitize(inside, [least for _, least in REGIONS[-2::-1]])  # 0 for C, up to 2 for A
    return {name: float((grade == rank).mean()) for (name, _), rank in zip(REGIONS, (2, 1, 0), strict=True)}


def share_below(known: np.ndarray, least: float) -> float:
    """Share of the tissue where less than this share of a gene's pattern is known."""
    return float((known < least).sum() / max(np.isfinite(known).sum(), 1))
