"""Where the tissue at a 3D point lies in each measured section: the shape drift followed without noise."""

from __future__ import annotations

import numpy as np

from isost_core.model.drift import BridgeDrifts

STEPS_PER_GAP = 3
REACH = 2  # sections followed on either side


def trace_to_sections(drifts: BridgeDrifts, xyz: np.ndarray) -> np.ndarray:
    """Follow the shape drift from each point (n, 3) um to the sections around it.

    Returns
    -------
    (n, sections, 2) um. Sections beyond the second on either side get the place in the last one reached.
    """
    import torch

    sections = len(drifts.depths)
    places = np.repeat(np.asarray(xyz, dtype=np.float64)[:, None, :2], sections, axis=1)
    nearest_gap = np.clip(np.searchsorted(drifts.depths, xyz[:, 2], side="right") - 1, 0, sections - 2)
    with torch.no_grad():
        for gap in np.unique(nearest_gap):
            rows = np.flatnonzero(nearest_gap == gap)
            for way in (1, -1):
                places[rows] = _follow(drifts, xyz[rows], int(gap), way, places[rows])
    return places


def _follow(drifts: BridgeDrifts, xyz: np.ndarray, gap: int, way: int, places: np.ndarray) -> np.ndarray:
    """`places` (n, sections, 2) with those of the sections above (way 1) or below (way -1) a gap."""
    import torch

    x = torch.as_tensor(xyz[:, :2], dtype=torch.float32, device=drifts.device)
    z = torch.as_tensor(xyz[:, 2], dtype=torch.float32, device=drifts.device)
    target = gap + 1 if way > 0 else gap
    for _ in range(REACH):
        if not 0 <= target < len(drifts.depths):
            break
        drift = drifts.shape_drift(target - 1 if way > 0 else target)
        none = x[:, :0]
        step = (float(drifts.depths[target]) - z) / STEPS_PER_GAP
        for _ in range(STEPS_PER_GAP):
            x = x + drift(x, z, none)[0] * step[:, None]
            z = z + step
        here = x.cpu().numpy().astype(np.float64)
        outward = slice(target, None) if way > 0 else slice(None, target + 1)
        places[:, outward] = here[:, None]
        target += way
    return places
