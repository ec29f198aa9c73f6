"""Masked training sections: each inner section predicted from the others, to choose, calibrate and judge by."""

import numpy as np

from isost_core.model.tracing import places_of


def sampled_cells(sections, most, rng):
    """Some cells of each inner section (of two sections, of each): what predictions without it are judged on.

    Returns
    -------
    list of (section number, xyz (n, 3) um, measured log1p expression (n, genes)), n at most `most`
    """
    count, parts = len(sections.names), []
    for s in range(1, count - 1) if count > 2 else range(count):
        rows = sections.rows(sections.names[s])
        cells = sections.cells[np.sort(rng.choice(rows, min(len(rows), most), replace=False))]
        xyz = np.column_stack([cells.obsm["spatial"], cells.obs["depth"].to_numpy(float)])
        parts.append((s, xyz, np.asarray(cells.X.toarray() if hasattr(cells.X, "toarray") else cells.X)))
    return parts


def masked_cells(model, rng):
    """Cells of each inner section that a trained model predicts without it.

    Returns
    -------
    list of ((section number, xyz (n, 3) um, places along the drift), measured log1p expression (n, genes))
    """
    drawn = sampled_cells(model.sections, model.config.masked_cells, rng)
    return [((s, xyz, places_of(model, xyz)), truth) for s, xyz, truth in drawn]


def masked_mean(model, mask, follow):
    """Predicted mean (n, genes) of masked cells without their section, and the field variance (n, groups).

    follow : whether the field is read along the shape drift
    """
    section, xyz, places = mask
    latent, variance = model.field.predict(xyz, places if follow else None, without=section)
    return model.latent.expression(latent), variance


def own_section_mean(model, mask):
    """The same of cells predicted with the rest of their own section too."""
    section, xyz, _ = mask
    latent, variance = model.field.predict(xyz, within=section)
    return model.latent.expression(latent), variance


def agreement(truth, mean):
    """Mean over genes of the Pearson correlation over cells; genes that do not vary are left out."""
    a, b = truth - truth.mean(0), mean - mean.mean(0)
    size = np.sqrt((a**2).sum(0) * (b**2).sum(0))
    varies = (a**2).sum(0) > 1e-12
    return float(np.mean(((a * b).sum(0) / np.maximum(size, 1e-12))[varies]))
