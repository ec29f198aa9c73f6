"""The latent expression space: axes ordered by how much of their variance is spatial."""

from dataclasses import dataclass

import numpy as np

MAX_EXACT_GENES = 2000


@dataclass(frozen=True)
class Latent:
    """A linear latent space. Each axis has unit variance over the measured cells.

    centre, scale : (genes,) mean and standard deviation of log1p expression
    encode : (genes, axes), decode : (axes, genes) in units of `scale`
    signal : (axes,) share of an axis' variance that neighbouring cells have in common, decreasing
    """

    centre: np.ndarray
    scale: np.ndarray
    encode: np.ndarray
    decode: np.ndarray
    signal: np.ndarray

    @property
    def rest(self):
        """Share of each gene's variance that no axis carries, (genes,)."""
        return np.clip(1 - (self.decode**2).sum(0), 0, 1)

    def transform(self, X):
        """Latent values (n, axes) of log1p expression X (n, genes), dense or sparse."""
        matrix = (self.encode / self.scale[:, None]).astype(np.float32)
        return np.asarray(X @ matrix) - (self.centre @ matrix)

    def change(self, delta, genes=slice(None)):
        """Change in log1p expression (n, genes) for a change in latent values (n, axes)."""
        return delta @ (self.decode[:, genes] * self.scale[genes]).astype(np.float32)

    def expression(self, values, genes=slice(None)):
        """Log1p expression (n, genes) of latent values (n, axes), not below zero."""
        return np.maximum(self.change(values, genes) + self.centre[genes].astype(np.float32), 0)


def fit_latent(X, pairs, max_axes):
    """Latent space whose axes maximise shared variance of neighbouring cells over total variance.

    Parameters
    ----------
    X : (cells, genes) log1p expression of the training cells, dense or csr
    pairs : (i, j) row indices of cell pairs a few cell spacings apart
    max_axes : int, most axes kept. Up to 2,000 genes nothing else is truncated; above, the axes live in
        the leading principal components.

    Notes
    -----
    Solves S w = signal T w, with T the covariance of all cells and S that of neighbouring cells (maximum
    autocorrelation factors: Switzer and Green, 1984).
    """
    centre, scale = _moments(X)
    n, genes = X.shape
    max_axes = int(max(2, min(max_axes, n // 10)))
    if genes <= MAX_EXACT_GENES:
        whiten, colour = _exact_basis(X, centre, scale, n)
    else:
        scale = np.ones_like(scale)
        whiten, colour = _leading_basis(X, min(max_axes, n - 1))
    part = (whiten / scale[:, None]).astype(np.float32)
    white = np.asarray(X @ part) - centre @ part
    shared = white[pairs[0]].T @ white[pairs[1]] / len(pairs[0])
    signal, turn = np.linalg.eigh((shared + shared.T) / 2)
    order = np.argsort(-signal)[:max_axes]
    turn = turn[:, order]
    return Latent(centre, scale, whiten @ turn, turn.T @ colour, signal[order].clip(0, 1))


def _moments(X):
    mean = np.asarray(X.mean(0), dtype=np.float64).ravel()
    square = np.asarray((X.multiply(X) if hasattr(X, "multiply") else X * X).mean(0), dtype=np.float64).ravel()
    sd = np.sqrt(np.maximum(square - mean**2, 0))
    return mean, np.where(sd > 1e-8, sd, 1.0)


def _exact_basis(X, centre, scale, n):
    gram = X.T @ X
    gram = np.asarray(gram.toarray() if hasattr(gram, "toarray") else gram, dtype=np.float64) / n
    corr = (gram - np.outer(centre, centre)) / np.outer(scale, scale)
    value, vector = np.linalg.eigh(corr)
    keep = value > max(value[-1], 1e-12) * 1e-6
    root = np.sqrt(value[keep])
    return vector[:, keep] / root, (vector[:, keep] * root).T


def _leading_basis(X, axes):
    from sklearn.decomposition import PCA

    fitted = PCA(axes, svd_solver="arpack", random_state=0).fit(X)
    root = np.sqrt(np.maximum(fitted.explained_variance_, 1e-12))
    return fitted.components_.T / root, root[:, None] * fitted.components_
