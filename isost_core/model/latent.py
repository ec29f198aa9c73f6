"""The latent expression space: axes ordered by how much of their variance is spatial."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from isost_core.sections.expression import Matrix, dense, squared

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Genes = slice | list[int] | np.ndarray  # which ones, by index
Pairs = tuple[np.ndarray, np.ndarray]  # rows of the first and of the second cell of each

MAX_EXACT_GENES = 2000
MAX_EXACT_CELLS = 3000
EXTRA_AXES, PASSES = 20, 4  # of approximate components, where there are more genes and more cells
VALUES_AT_ONCE = 20_000_000


@dataclass(frozen=True, eq=False)
class Latent:
    """A linear latent space. Each axis has unit variance within sections.

    centre, scale : (genes,) mean, and standard deviation within sections, of log1p expression
    encode : (genes, axes), decode : (axes, genes) in units of `scale`
    signal : (axes,) share of an axis' variance that neighbouring cells have in common, decreasing
    """

    centre: np.ndarray
    scale: np.ndarray
    encode: np.ndarray
    decode: np.ndarray
    signal: np.ndarray

    def transform(self, X: Matrix) -> np.ndarray:
        """Latent values (n, axes) of log1p expression X (n, genes), dense or sparse."""
        matrix = (self.encode / self.scale[:, None]).astype(np.float32)
        values = np.asarray(X @ matrix, dtype=np.float32)
        values -= (self.centre @ matrix).astype(np.float32)
        return values

    def change(self, delta: np.ndarray, genes: Genes = slice(None)) -> np.ndarray:
        """Change in log1p expression (n, genes) for a change in latent values (n, axes)."""
        return delta @ (self.decode[:, genes] * self.scale[genes]).astype(np.float32)

    def expression(self, values: np.ndarray, genes: Genes = slice(None)) -> np.ndarray:
        """Log1p expression (n, genes) of latent values (n, axes), not below zero."""
        made = self.raw_expression(values, genes)
        return np.maximum(made, 0, out=made)

    def raw_expression(self, values: np.ndarray, genes: Genes = slice(None)) -> np.ndarray:
        """The same before what lies below zero is cut off: linear in the latent values."""
        made = self.change(values, genes)
        made += self.centre[genes].astype(np.float32)
        return made


def fit_latent(X: Matrix, number: np.ndarray, pairs: Pairs, components: int, max_axes: int) -> Latent:
    """Latent space whose axes maximise shared variance of neighbouring cells over total variance.

    Both variances are those within sections: what sets whole sections apart (their brightness, say) is no reason
    for an axis.

    Parameters
    ----------
    X : (cells, genes) log1p expression of the training cells, dense or csr
    number : (cells,) number of each cell's section
    pairs : (i, j) row indices of cell pairs of one section, a few cell spacings apart
    components : int, leading principal components that the axes live in
    max_axes : int, most axes kept, those that are most spatial

    Notes
    -----
    Solves S w = signal T w, with T the covariance of all cells and S that of neighbouring cells (maximum
    autocorrelation factors: Switzer and Green, 1984). What principal components share with each other is shrunk by as
    much of it as is chance (Schäfer and Strimmer, 2005): of few cells the axes stay principal components.
    """
    centre, means, scale = _moments(X, number)
    most = min(components, *X.shape)
    value, vector = _basis(X, number, means, most)
    keep = value > max(value.max(), 1e-12) * 1e-6
    vector, root = vector[:, keep], np.sqrt(value[keep])
    signal, turn = np.linalg.eigh(_steadied(X, number, means, (vector / root).astype(np.float32), pairs))
    order = np.argsort(-signal)[:max_axes]
    turn = turn[:, order]
    encode, decode = vector / root @ turn * scale[:, None], turn.T @ (vector * root).T / scale
    return Latent(centre, scale, encode, decode, signal[order].clip(0, 1))


def _steadied(X: Matrix, number: np.ndarray, means: np.ndarray, white: np.ndarray, pairs: Pairs) -> np.ndarray:
    """Covariance (axes, axes) of what the cells of each pair have on whitened axes (genes, axes), its off-diagonal
    shrunk by the share of its square that is chance: as much as random halves of the cells differ."""
    half = np.random.default_rng(0).random(X.shape[0]) < 0.5
    first, second = (half[side] for side in pairs)
    kinds = first & second, ~(first | second), first ^ second
    sums = [_products(X, number, means, white, (pairs[0][kind], pairs[1][kind])) for kind in kinds]
    shared = (sums[0] + sums[1] + sums[2]) / len(first)
    one, other = (part / max(kind.sum(), 1) for part, kind in zip(sums[:2], kinds[:2], strict=True))
    kept = 1 - _chance(one, other, shared)
    return kept * shared + (1 - kept) * np.diag(np.diag(shared))


def _chance(one: np.ndarray, other: np.ndarray, whole: np.ndarray) -> float:
    """Share of the squared off-diagonal of a matrix that is chance, by those of two halves of the cells."""
    off = ~np.eye(len(whole), dtype=bool)
    return float(min(1.0, ((one - other)[off] ** 2).sum() / 4 / max((whole[off] ** 2).sum(), 1e-12)))


def _products(X: Matrix, number: np.ndarray, means: np.ndarray, white: np.ndarray, pairs: Pairs) -> np.ndarray:
    """Sum (axes, axes), made symmetric, of the products of what the cells of each pair have on the axes."""
    from scipy.sparse import csr_matrix

    def values(rows: np.ndarray) -> np.ndarray:
        return np.asarray(X[rows] @ white, dtype=np.float32) - (means @ white)[number[rows]].astype(np.float32)

    (first, i), (second, j) = (np.unique(side, return_inverse=True) for side in pairs)
    together = csr_matrix((np.ones(len(i), np.float32), (i.ravel(), j.ravel())), (len(first), len(second)))
    products = values(first).T @ (together @ values(second))
    return (products + products.T) / 2


def _moments(X: Matrix, number: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of each gene; its means (sections, genes) in each section; its standard deviation within sections."""
    pick = _in_section(number)
    count = np.bincount(number)[:, None]
    sums = (pick @ part for part in (X, squared(X)))
    means, squares = (dense(a, np.float64) / count for a in sums)
    share = count / len(number)
    within = (squares - means**2).clip(0)
    sd = np.sqrt((share * within).sum(0))
    return (share * means).sum(0), means, np.where(sd > 1e-8, sd, 1.0)


def _in_section(number: np.ndarray) -> csr_matrix:
    """Sparse (sections, cells): 1 where a cell is of the section."""
    from scipy.sparse import csr_matrix

    return csr_matrix((np.ones(len(number), np.float32), (number, np.arange(len(number)))))


def _basis(X: Matrix, number: np.ndarray, means: np.ndarray,
           axes: int) -> tuple[np.ndarray, np.ndarray]:
    """Variances (axes,) and vectors (genes, axes) of the leading principal components within sections."""
    if X.shape[1] <= MAX_EXACT_GENES:
        return _exact_basis(X, number, means, axes)
    return (_few_cells_basis if X.shape[0] <= MAX_EXACT_CELLS else _leading_basis)(X, number, means, axes)


def _exact_basis(X: Matrix, number: np.ndarray, means: np.ndarray,
                 axes: int) -> tuple[np.ndarray, np.ndarray]:
    from scipy.linalg import eigh

    gram = X.T @ X
    gram = dense(gram, np.float64)
    gram = (gram - (means.T * np.bincount(number)) @ means) / len(number)
    return eigh(gram, subset_by_index=(len(gram) - axes, len(gram) - 1))


def _few_cells_basis(X: Matrix, number: np.ndarray, means: np.ndarray,
                     axes: int) -> tuple[np.ndarray, np.ndarray]:
    """The same of many genes in few cells: from products of cells, without a genes x genes matrix."""
    from scipy.linalg import eigh

    centred = np.concatenate(list(_centred(X, number, means)))
    n = len(centred)
    value, cells = eigh((centred @ centred.T).astype(np.float64), subset_by_index=(n - axes, n - 1))
    kept = value > value[-1] * 1e-9
    value, cells = value[kept], cells[:, kept]
    return value / n, centred.T @ (cells / np.sqrt(value))


def _leading_basis(X: Matrix, number: np.ndarray, means: np.ndarray,
                   axes: int) -> tuple[np.ndarray, np.ndarray]:
    """The same of many genes in many cells: randomised subspace iteration (Halko et al., 2011)."""
    most = min(axes + EXTRA_AXES, *X.shape)
    vector = np.random.default_rng(0).standard_normal((X.shape[1], most)).astype(np.float32)
    for _ in range(PASSES):
        vector = np.linalg.qr(sum(block.T @ (block @ vector) for block in _centred(X, number, means)))[0]
    seen = np.concatenate([block @ vector for block in _centred(X, number, means)])
    value, turn = np.linalg.eigh(seen.T @ seen / len(seen))
    return value[-axes:].astype(np.float64), (vector @ turn[:, -axes:]).astype(np.float64)


def _centred(X: Matrix, number: np.ndarray, means: np.ndarray) -> Iterator[np.ndarray]:
    """Dense float32 blocks of cells, less the means of their section: a product with them is faster than with sparse
    counts of a whole transcriptome."""
    rows = max(1, VALUES_AT_ONCE // X.shape[1])
    for lo in range(0, X.shape[0], rows):
        yield dense(X[lo : lo + rows]) - means[number[lo : lo + rows]].astype(np.float32)
