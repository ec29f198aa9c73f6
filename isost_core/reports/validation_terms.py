"""What the columns and the methods of a validation are, in a sentence each, for those who point at them."""

from isost_core.validation.summary import HALVES, OURS

COLUMNS = {
    "pcc_1nn": "Correlation of each measured cell with the nearest predicted one, for the median gene. 1 is best.",
    "pcc": "Correlation of measured and predicted means of square bins this wide, for the median gene. 1 is best.",
    "rmse": "Root mean square error of the predicted means of bins this wide (log1p). 0 is best.",
    "coverage": "Share of the bins with measured cells that hold predicted cells too. 1 is best.",
    "genegene_r": "How alike the correlations between genes are, in measured and in predicted cells. 1 is best.",
    "var_ratio": "Variance of a gene among predicted cells, divided by that among measured ones. 1 is best, less is "
                 "too smooth.",
    "zero_diff": "Difference between the shares of cells that are zero, measured and predicted. 0 is best.",
    "n_ratio": "Predicted cells for each measured one. 1 is best.",
    "chamfer": "Mean distance from a cell to the nearest one of the other kind, measured or predicted. Less is better.",
    "density_pcc": "Correlation of how many measured and predicted cells each bin holds. 1 is best.",
    "cov80_dense": "Share of measured values inside the predicted 80 % intervals, for genes with the fewest zeros. "
                   "0.8 is best.",
    "cov80_sparse": "Share of measured values inside the predicted 80 % intervals, for genes with the most zeros. 0.8 "
                    "is best.",
    "cov80": "Share of measured values inside the predicted 80 % intervals. A value that many cells share, such as 0, "
             "counts in part. 0.8 is best.",
    "told_expression": "How well a classifier tells predicted from measured cells by their expression (AUC). 0.5: it "
                       "cannot, which is best. 1: it always can.",
    "told_neighbours": "How well a classifier tells predicted from measured cells by their expression and that of the "
                       "ten cells around (AUC). 0.5: it cannot, which is best. 1: it always can.",
    "told_spacing": "How well a classifier tells predicted from measured cells by how far they are from their nearest, "
                    "5th and 20th cell (AUC). 0.5: it cannot, which is best. 1: it always can.",
    "interval_score": "Width of the 80 % intervals, plus ten times the distance of the values outside them (log1p). "
                      "Less is better: neither wide nor wrong intervals pay.",
}
METHODS = {
    OURS: "What this run predicts.",
    "copy of the nearest section": "The nearest section, moved to the depth of the hidden one.",
    "both neighbours, by distance": "The cells of the sections above and below, more of them from the nearer one.",
    "optimal-transport displacement": "Cells of the section above are paired with cells below, and moved part of the "
                                      "way.",
    "sliced-Wasserstein barycentre": "Cells of both neighbours, spread out as evenly as lies between the two sections, "
                                     "seen from any side.",
    "both neighbours, through 50 PCs": "Both neighbours, with their expression reduced to 50 principal components.",
    "k-NN": "Mean of so many nearest cells of the section above, and of as many of the one below.",
    "Gaussian kernel": "Mean of the cells around, nearer ones count more.",
    "radial basis": "A smooth function through the 50 nearest cells, of 50 principal components.",
    "kernel ridge": "A smooth function of x, y and depth, fitted to all sections.",
    HALVES: "A random half of the hidden section's own cells predicts its other half. Both halves are noisy, so this "
            "is no upper limit.",
}


def column_words(column: str) -> str:
    """What a column holds, by the name of its value; '' where nothing needs to be said."""
    return _of(COLUMNS, column)


def method_words(method: str) -> str:
    """What a method does, by its name."""
    return _of(METHODS, method)


def _of(words: dict[str, str], name: str) -> str:
    """The words of the longest beginning of a name; '' where none is known."""
    return words.get(max(filter(name.startswith, words), key=len, default=""), "")
