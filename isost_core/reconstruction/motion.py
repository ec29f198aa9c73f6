"""Whether the tissue moves from one section to the next: cells are carried along the shape drift only where it does."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from isost_core.model.drift import Drift
from isost_core.model.model import Model
from isost_core.sections.spacing import even_subset

NEARER = 0.98  # mean distance to the other section's nearest cell after the way, over that before: the tissue moves
STEPS = 3  # of the way across a gap
MOST = 1000  # cells of each section that are tried
_known: WeakKeyDictionary[Model, dict[int, bool]] = WeakKeyDictionary()  # by gap, tried once


def place_drift(model: Model, gap: int, forward: bool) -> Drift:
    """The drift of places within a gap: 0 where the tissue stays. Thin slabs cut the same cells twice, and a drift
    fitted to pairs of them would move each."""
    if model.config.objective != "bridge" or tissue_moves(model, gap):
        return model.drift(gap, forward)
    return lambda x, z, g: (x * 0, g * 0)


def tissue_moves(model: Model, gap: int) -> bool:
    """Whether cells of both sections of a gap come nearer to those of the other on the shape drift's way there."""
    known = _known.setdefault(model, {})
    if gap not in known:
        known[gap] = _moves(model, gap)
    return known[gap]


def _moves(model: Model, gap: int) -> bool:
    rng = np.random.default_rng([model.config.seed, gap])
    places = [model.sections.xy[model.sections.rows(name)] for name in model.sections.names[gap:gap + 2]]
    near = np.zeros(2)
    for forward, (start, end) in ((True, places), (False, places[::-1])):
        some = start[even_subset(start, MOST, rng)]
        near += [_nearest(xy, end) for xy in (some, _across(model, gap, forward, some))]
    return bool(near[1] < NEARER * near[0])


def _nearest(xy: np.ndarray, others: np.ndarray) -> float:
    """Mean distance (um) from points to the nearest of others."""
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    return float(cKDTree(others).query(xy, workers=-1)[0].mean())


def _across(model: Model, gap: int, forward: bool, xy: np.ndarray) -> np.ndarray:
    """Points (n, 2) um of one section of a gap where the shape drift takes them in the other."""
    import torch

    low, high = (float(z) for z in model.depths[gap:gap + 2])
    drift, way = model.drift(gap, forward), (high - low if forward else low - high) / STEPS
    x = torch.as_tensor(xy, dtype=torch.float32, device=model.device)
    z = torch.full_like(x[:, 0], low if forward else high)
    with torch.no_grad():
        for _ in range(STEPS):
            x, z = x + drift(x, z, x[:, :0])[0] * way, z + way
    return x.cpu().numpy().astype(np.float64)
