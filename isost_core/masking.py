"""Masked training sections: each inner section predicted from the others, to choose, calibrate and judge by."""

import numpy as np


def masked_cells(model, rng):
    """Cells of each inner section that are predicted without it (of two sections, of each).

    Returns
    -------
    list of ((section number, xyz (n, 3) um, places along the drift), measured log1p expression (n, genes))
    """
    from isost_core.places import places_of

    sections, count = model.sections, len(model.depths)
    masks = []
    for s in range(1, count - 1) if count > 2 else range(count):
        rows = sections.rows(sections.names[s])
        rows = np.sort(rng.choice(rows, min(len(rows), model.config.masked_cells), replace=False))
        cells = sections.cells[rows]
        xyz = np.column_stack([cells.obsm["spatial"], cells.obs["depth"].to_numpy(float)])
        truth = np.asarray(cells.X.toarray() if hasattr(cells.X, "toarray") else cells.X)
        masks.append(((s, xyz, places_of(model, xyz)), truth))
    return masks


def masked_mean(model, mask, follow):
    """Predicted mean (n, genes) of masked cells without their section, and the field variance (n, groups).

    follow : whether the field is read along the shape drift
    """
    section, xyz, places = mask
    latent, variance = model.field.predict(xyz, places if follow else None, without=section)
    return model.latent.expression(latent), variance
