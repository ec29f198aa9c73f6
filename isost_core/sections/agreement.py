"""How well neighbouring sections agree: expression of one at the places of the other.

The number: over the 50 genes of highest mean log1p expression, the median Pearson correlation between one section's
values, smoothed over its own 8 nearest cells, and the other's at the same places, the mean of its 8 nearest there; the
mean of both ways. Beside it stands what chance gives: the same with the other section's cells shuffled.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isost_core.sections.expression import brightest_genes, dense
from isost_core.sections.stack import Sections

GENES, NEAREST, SHUFFLES = 50, 8, 20


@dataclass(frozen=True, eq=False)
class PairAgreement:
    """Agreement of two neighbouring sections.

    r : median over genes, mean of both ways; null : the 95th percentile of the same over shuffled cells; by_gene :
    (genes,) mean of both ways, of the genes (by index) in `genes`
    """

    first: str
    second: str
    r: float
    null: float
    genes: np.ndarray
    by_gene: np.ndarray


def stack_agreement(sections: Sections, positions: np.ndarray | None = None) -> list[PairAgreement]:
    """PairAgreement of each pair of neighbouring sections, in the order of depth.

    positions : (cells, 2) um of all cells in another frame; by default those of the sections
    """
    xy = sections.xy if positions is None else positions
    genes = compared_genes(sections)
    parts = [(xy[rows], values_of(sections, rows, genes)) for rows in map(sections.rows, sections.names)]
    found = []
    for k, (a, b) in enumerate(zip(parts[:-1], parts[1:], strict=True)):
        by_gene = pair_agreement(*a, *b)
        null = shuffled_agreement(*a, *b)
        found.append(PairAgreement(sections.names[k], sections.names[k + 1], _median(by_gene), null, genes, by_gene))
    return found


def compared_genes(sections: Sections) -> np.ndarray:
    """Indices of the genes of highest mean log1p expression over all cells."""
    return brightest_genes(sections.X, GENES)


def values_of(sections: Sections, rows: np.ndarray, genes: np.ndarray | Sequence[int] | slice) -> np.ndarray:
    """Log1p expression (rows, genes), dense float32; genes by their number."""
    return dense(sections.X[rows][:, genes], np.float32)


def pair_agreement(xy_a: np.ndarray, a: np.ndarray, xy_b: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Correlation of each gene (genes,), mean of both ways; xy (n, 2) um, values (n, genes). NaN where constant."""
    to_b, to_a = _near(xy_b, xy_a), _near(xy_a, xy_b)
    return _both_ways((_smoothed(xy_a, a), b, to_b), (_smoothed(xy_b, b), a, to_a))


def shuffled_agreement(xy_a: np.ndarray, a: np.ndarray, xy_b: np.ndarray, b: np.ndarray,
                       shuffles: int = SHUFFLES) -> float:
    """95th percentile of the agreement with the cells of the other section shuffled; the same cells give the same."""
    rng = np.random.default_rng(0)
    smooth_a, smooth_b = _smoothed(xy_a, a), _smoothed(xy_b, b)
    to_b, to_a = _near(xy_b, xy_a), _near(xy_a, xy_b)
    chance = [_median(_both_ways((smooth_a, b[rng.permutation(len(b))], to_b),
                                 (smooth_b, a[rng.permutation(len(a))], to_a))) for _ in range(shuffles)]
    return float(np.percentile(chance, 95))


def _both_ways(*ways: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """Of each way: smoothed values of one section, values of the other, and the indices of those near each place."""
    return np.mean([_correlation(smooth, other[index].mean(1)) for smooth, other, index in ways], 0)


def _near(reference: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Indices (n, k) of the reference points nearest to each query point."""
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    k = min(NEAREST, len(reference))
    return cKDTree(reference).query(query, k=k, workers=-1)[1].reshape(len(query), k)


def _smoothed(xy: np.ndarray, values: np.ndarray) -> np.ndarray:
    return values[_near(xy, xy)].mean(1)


def _correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = a - a.mean(0), b - b.mean(0)
    size = np.sqrt((a**2).sum(0) * (b**2).sum(0))
    return np.where(size > 1e-9, (a * b).sum(0) / np.maximum(size, 1e-12), np.nan)


def _median(by_gene: np.ndarray) -> float:
    return float(np.nanmedian(by_gene)) if np.isfinite(by_gene).any() else 0.0
