"""Quality of single sections: cells, genes, counts, tissue, pieces, genes that are missing."""

from __future__ import annotations

from typing import Any

import numpy as np

from isost_core import keys
from isost_core.sections.expression import dense
from isost_core.sections.spacing import even_subset, neighbour_distances
from isost_core.sections.stack import Sections

BIN = 2.0  # median distances to the third neighbour: width of a bin of tissue
ISOLATED = 5.0  # median distances to the third neighbour: farther from it, a cell lies outside the tissue
LEAST_PIECE = 0.08  # share of a section's cells that make a piece of tissue
LEAST_IN_PIECE = 50  # cells
IN_PIECES = 0.9  # share of the cells that large pieces hold together; else the tissue is sparse, not torn
SEEN = 0.05  # share of cells that a gene is above zero in where it is present
EXPECTED = 10  # cells that would be above zero in a gene that is missing
MOST_VALUES = 40_000_000  # of a section, to count genes and zeros
SHOWN_CELLS = 2500


def section_rows(sections: Sections, rng: np.random.Generator) -> list[dict[str, Any]]:
    """One dict per section: name, depth_um, cells, genes, total, zeros, zero_cells, empty, spacing_um, area_mm2,
    in_tissue, pieces, absent, expected_genes.

    genes, total : median over cells of genes above zero and of the sum of values (before log1p); zeros, zero_cells,
    in_tissue : shares, of values, of cells without any value above zero, of cells with neighbours; empty : whether no
    value is above zero; pieces : shares of cells of the parts that the section is in; absent : genes all zero here and
    present in its neighbours
    """
    rows = [_one(sections, name, rng) for name in sections.names]
    seen = np.array([row.pop("seen") for row in rows])
    for k, row in enumerate(rows):
        around = [j for j in (k - 1, k + 1) if 0 <= j < len(rows)]
        beside = seen[around].min(0)
        bright = min(1.0, *(row["total"] / max(rows[j]["total"], 1e-9) for j in around))
        absent = np.flatnonzero((seen[k] == 0) & (beside >= SEEN) & (bright * beside * row["cells"] >= EXPECTED))
        row["absent"] = [sections.genes[g] for g in absent]
        row["expected_genes"] = int((beside >= SEEN).sum())
    return rows


def _one(sections: Sections, name: str, rng: np.random.Generator) -> dict[str, Any]:
    rows = sections.rows(name)
    cells: Any = sections.cells
    X = cells.X[rows]
    some = X[even_subset(cells.obsm[keys.SPATIAL][rows], max(MOST_VALUES // X.shape[1], 500), rng)]
    some = dense(some)
    positive = some > 0
    seen = np.asarray((X > 0).mean(0), dtype=np.float64).ravel()
    xy = np.asarray(cells.obsm[keys.SPATIAL])[rows]
    depth = float(sections.depths[sections.names.index(name)])
    return {"name": name, "depth_um": depth, "cells": len(rows), "genes": float(np.median(positive.sum(1))),
            "total": float(np.median(np.expm1(some).sum(1))), "zeros": float(1 - positive.mean()),
            "zero_cells": float(1 - positive.any(1).mean()), "empty": not seen.any(), "seen": seen} | _tissue(xy)


def _tissue(xy: np.ndarray) -> dict[str, Any]:
    """Spacing, area, share of cells that have neighbours, and parts of tissue."""
    from scipy.ndimage import binary_closing, label

    xy = np.unique(xy, axis=0)  # several cells at one place are one
    if len(xy) == 1:
        return {"spacing_um": 1e-6, "area_mm2": 0.0, "in_tissue": 1.0, "pieces": [1.0]}
    spacing = float(max(np.median(neighbour_distances(xy)), 1e-6))
    third = neighbour_distances(xy, 3)[:, -1]
    inside = third <= ISOLATED * np.median(third)
    width = max(BIN * float(np.median(third)), 1e-6)
    index = np.floor((xy[inside] - xy[inside].min(0)) / width).astype(np.int64)
    index = index[(index < 4000).all(1)] + 3
    filled = np.zeros(index.max(0) + 4, dtype=bool)
    filled[tuple(index.T)] = True
    filled = binary_closing(filled, np.ones((3, 3)))
    labels: Any = label(filled, np.ones((3, 3)))[0]  # pyright: ignore[reportIndexIssue]
    part = labels[tuple(index.T)]
    shares = np.sort(np.bincount(part)[1:] / len(part))[::-1]
    large = [float(s) for s in shares if s >= max(LEAST_PIECE, LEAST_IN_PIECE / len(part))]
    return {"spacing_um": spacing, "area_mm2": float(filled.sum() * width**2 / 1e6),
            "in_tissue": float(inside.mean()), "pieces": large if sum(large) >= IN_PIECES else [1.0]}


def shown_cells(sections: Sections, gene: str, rng: np.random.Generator) -> dict[str, dict[str, np.ndarray]]:
    """Cells of each section for a picture: {name: {x, y, total, gene}}, the sum of values and one gene's, log1p."""
    cells: Any = sections.cells
    shown = {}
    for name in sections.names:
        rows = sections.rows(name)
        xy = np.asarray(cells.obsm[keys.SPATIAL])[rows]
        some = even_subset(xy, SHOWN_CELLS, rng)
        values = dense(cells.X[rows[some]])
        shown[name] = {"x": np.round(xy[some, 0], 1), "y": np.round(xy[some, 1], 1),
                       "total": np.round(np.log1p(np.expm1(values).sum(1)), 3),
                       "gene": np.round(values[:, sections.genes.index(gene)], 3)}
    return shown
