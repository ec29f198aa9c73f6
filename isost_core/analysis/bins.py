"""Sums over labelled bins of cells without a loop over cells."""

import numpy as np

PERMUTATIONS = 200
BAND = (2.5, 97.5)  # percentiles


class ProfileBins:
    """Bins by label (n,) of cells; `count` cells in each, in increasing order of the label."""

    def __init__(self, label: np.ndarray):
        self.label: np.ndarray = np.unique(label, return_inverse=True)[1].ravel()
        self.count: np.ndarray = np.bincount(self.label)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Mean of values (n,) in each bin."""
        return np.bincount(self.label, weights=values) / self.count

    def mean_and_error(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and its standard error per bin."""
        mean = self.mean(values)
        return mean, np.sqrt(np.maximum(self.mean(values**2) - mean**2, 0) / np.maximum(self.count - 1, 1))

    def shuffled(self, values: np.ndarray, permutations: int = PERMUTATIONS, seed: int = 0) -> np.ndarray:
        """2.5 % and 97.5 % of the bin means of values (n, genes) dealt out to the cells at random, (2, bins, genes).

        What a gene without any pattern would show. Neighbouring cells are alike in tissue, so a profile can leave this
        band without a gradient: ranked genes are tested against a null that knows so (`rank_genes`).
        """
        from scipy.sparse import csr_matrix

        n, bins = len(values), len(self.count)
        dealt = np.random.default_rng(seed).permuted(np.tile(self.label, (permutations, 1)), axis=1)
        row = dealt + bins * np.arange(permutations)[:, None]
        share = (1 / self.count)[dealt]
        pick = csr_matrix((share.ravel(), (row.ravel(), np.tile(np.arange(n), permutations))), (permutations * bins, n))
        return np.percentile((pick @ values).reshape(permutations, bins, -1), BAND, axis=0)
