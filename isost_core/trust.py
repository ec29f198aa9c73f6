"""How far to trust the prediction of each gene, judged on held-out sections."""

import numpy as np

GRADES = {
    "A": "the predicted pattern follows the measured one nearly as well as these sections allow",
    "B": "the broad pattern is right; details may be wrong",
    "C": "do not read a pattern within a section from the prediction",
    "-": "could not be judged: the gene does not vary in the held-out sections",
}
A_SHARE, A_PCC = 0.75, 0.5
B_SHARE, B_PCC = 0.5, 0.3
BASELINE_SLACK = 0.05
RULE = (f"A: held-out PCC at least {A_PCC:g} and {A_SHARE:.0%} of what a repeat of the section would allow (its "
        f"split-half ceiling), and no more than {BASELINE_SLACK:g} below the best simple method. B: at least "
        f"{B_PCC:g} and {B_SHARE:.0%}. C: less. Where the ceiling is not known, the PCC alone decides.")


def grade_genes(pcc, ceiling, baseline):
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
