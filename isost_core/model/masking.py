"""Masked training sections: each inner section predicted from the others, to choose, calibrate and judge by."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from isost_core.model.drift import BridgeDrifts
from isost_core.model.kriging import ExpectedExpression
from isost_core.model.latent import Latent
from isost_core.model.tracing import trace_to_sections
from isost_core.sections.expression import dense
from isost_core.sections.stack import Sections


@dataclass(frozen=True, eq=False)
class Mask:
    """Cells of one section that predictions without it are judged on.

    section : its number; xyz : (n, 3) um; truth : (n, genes) measured log1p expression
    places : (n, sections, 2) um, where the shape drift takes them; None before there is one
    """

    section: int
    xyz: np.ndarray
    truth: np.ndarray
    places: np.ndarray | None = None


def sampled_cells(sections: Sections, most: int, rng: np.random.Generator) -> list[Mask]:
    """At most `most` cells of each inner section; of two sections, of each."""
    count, masks = len(sections.names), []
    for s in range(1, count - 1) if count > 2 else range(count):
        rows = sections.rows(sections.names[s])
        cells = sections.cells[np.sort(rng.choice(rows, min(len(rows), most), replace=False))]
        xyz = np.column_stack([cells.obsm["spatial"], cells.obs["depth"].to_numpy(float)])
        masks.append(Mask(s, xyz, dense(cells.X)))
    return masks


def masked_cells(sections: Sections, drifts: BridgeDrifts, most: int, rng: np.random.Generator) -> list[Mask]:
    """The same, with the places where the tissue of each cell lies in every section."""
    return [replace(mask, places=trace_to_sections(drifts, mask.xyz)) for mask in sampled_cells(sections, most, rng)]


def masked_mean(expected: ExpectedExpression, latent: Latent, mask: Mask,
                follow: bool) -> tuple[np.ndarray, np.ndarray]:
    """Predicted mean (n, genes) of masked cells without their section, and the variance (n, groups) of its latent
    values; along the shape drift where `follow`."""
    values, variance = expected.predict(mask.xyz, mask.places if follow else None, without=mask.section)
    return latent.expression(values), variance


def own_section_mean(expected: ExpectedExpression, latent: Latent, mask: Mask) -> tuple[np.ndarray, np.ndarray]:
    """The same of cells predicted with the rest of their own section too."""
    values, variance = expected.predict(mask.xyz, within=mask.section)
    return latent.expression(values), variance


def agreement(truth: np.ndarray, mean: np.ndarray) -> float:
    """Mean over genes of the Pearson correlation over cells (n, genes); genes that do not vary are left out."""
    a, b = truth - truth.mean(0), mean - mean.mean(0)
    size = np.sqrt((a**2).sum(0) * (b**2).sum(0))
    varies = (a**2).sum(0) > 1e-12
    return float(np.mean(((a * b).sum(0) / np.maximum(size, 1e-12))[varies]))
