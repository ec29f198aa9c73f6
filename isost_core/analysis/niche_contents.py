"""What niches hold: the labels and the genes of their measured cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from isost_core.sections.agreement import values_of
from isost_core.sections.expression import dense

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_matrix

    from isost_core.reconstruction.reconstruction import Reconstruction

MOST_CELLS = 2_000  # of a niche, and of the rest, that genes are compared over
MARKER_FOLD = 0.25  # least difference of mean log1p expression of a marker


def composition_table(run: Reconstruction, column: str, measured: np.ndarray, number: int) -> pd.DataFrame:
    """Share of each label among the measured cells of each niche: DataFrame (niches, labels), rows sum to 1."""
    import pandas as pd

    labels = run.sections.cells.obs[column]
    table = pd.crosstab(pd.Categorical(measured, categories=range(number)), np.asarray(labels.astype(str)),
                        dropna=False)
    return table.div(np.maximum(table.sum(axis=1), 1), axis=0)


def marker_table(run: Reconstruction, measured: np.ndarray, number: int, seed: int = 0) -> pd.DataFrame:
    """Genes of each niche against all others, over measured cells.

    Returns
    -------
    DataFrame: niche (number from 0), gene, difference (of mean log1p expression), share_in, share_out (of cells that
    express it), p (Mann-Whitney), q (Benjamini-Hochberg over all rows), by niche and difference. Niches were found from
    the same cells, so q ranks genes and is no test of whether there are niches.
    """
    import pandas as pd
    import scipy.sparse as sp
    from scipy.stats import false_discovery_control, mannwhitneyu

    rng, tables = np.random.default_rng(seed), []
    x = sp.csr_matrix(cast("csr_matrix", run.sections.cells.X))
    (mean_in, mean_out), (share_in, share_out) = (_by_niche(values, measured, number) for values in (x, x > 0))
    for niche in range(number):
        one, rest = (_values(run, np.flatnonzero(mine), rng) for mine in (measured == niche, measured != niche))
        if len(one) < 3 or len(rest) < 3:
            continue
        p = mannwhitneyu(one, rest, axis=0, method="asymptotic").pvalue
        tables.append(pd.DataFrame({"niche": niche, "gene": run.genes,
                                    "difference": mean_in[niche] - mean_out[niche],
                                    "share_in": share_in[niche], "share_out": share_out[niche],
                                    "p": np.nan_to_num(p, nan=1.0)}))
    if not tables:
        return pd.DataFrame(columns=pd.Index(["niche", "gene", "difference", "share_in", "share_out", "p", "q"]))
    table = pd.concat(tables, ignore_index=True)
    table["q"] = false_discovery_control(table["p"].to_numpy())
    return table.sort_values(["niche", "difference"], ascending=[True, False], ignore_index=True)


def _by_niche(values: csr_matrix, measured: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Means of values (cells, genes) over the cells in each niche and over all others, each (niches, genes)."""
    import scipy.sparse as sp

    inside = sp.csr_matrix((np.ones(len(measured), np.float32), (measured, np.arange(len(measured)))),
                           shape=(number, len(measured)))
    n = np.bincount(measured, minlength=number)[:, None]
    sums, total = dense(inside @ values), np.asarray(values.sum(0)).ravel()
    return sums / np.maximum(n, 1), (total - sums) / np.maximum(len(measured) - n, 1)


def marker_genes(run: Reconstruction, measured: np.ndarray, number: int, most: int = 5) -> list[list[str]]:
    """The genes that stand out most in each niche, as lists."""
    table = marker_table(run, measured, number)
    table = table[(table["difference"] >= MARKER_FOLD) & (table["q"] < 0.05)]
    return [table.loc[table["niche"] == niche, "gene"].head(most).tolist() for niche in range(number)]


def _values(run: Reconstruction, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """log1p expression (cells, genes) of some cells, at most MOST_CELLS."""
    if len(rows) > MOST_CELLS:
        rows = np.sort(rng.choice(rows, MOST_CELLS, replace=False))
    return values_of(run.sections, rows, slice(None))
