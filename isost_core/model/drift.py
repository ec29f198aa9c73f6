"""The drift of a trained model as a function of position, depth and latent expression."""

import numpy as np

from isost_core.device import one_thread_each

PART = 512  # cells that a thread carries at once

def cloud_drift(model, forward, expression=True, train_shape=True):
    """The drift (x, z, g) -> (v, h) of one direction, per um of increasing depth.

    expression : without it h is 0; train_shape : without it v has no gradient
    """
    import torch

    side = 0 if forward else 1
    frame = _Frame(model)

    def drift(x, z, g):
        place, depth = frame.inside(x), frame.depth(z)
        with torch.set_grad_enabled(torch.is_grad_enabled() and train_shape):
            v = model.shape[side](place, depth) * frame.rate_um
        return v, model.expression[side](place, depth, g) * frame.rate if expression else g * 0

    return drift


class _Frame:
    """Tissue widths from um: both axes share one scale; depth is the place within the stack."""

    def __init__(self, model):
        xy = model.sections.cells.obsm["spatial"]
        low, high = xy.min(0), xy.max(0)
        self.middle, self.width = float_tensor((low + high) / 2, model), float(max((high - low).max(), 1e-6))
        self.low, self.range = float(model.depths[0]), float(model.depths[-1] - model.depths[0])
        gap = float(np.mean(np.diff(model.depths)))
        self.rate, self.rate_um = 1 / gap, 0.1 * self.width / gap

    def inside(self, x):
        return (x - self.middle) / self.width

    def depth(self, z):
        return ((z - self.low) / self.range)[:, None]


def float_tensor(values, model):
    import torch

    return torch.as_tensor(np.asarray(values), dtype=torch.float32).to(model.device)


def _in_parts(drift, x, z, g):
    """A drift of many cells, part by part on all cores: what each cell sees of its neighbours stays in their caches."""
    import torch

    if len(x) <= PART or torch.is_grad_enabled():
        return drift(x, z, g)
    with one_thread_each() as pool:
        parts = list(pool.map(torch.no_grad()(drift), x.split(PART), z.split(PART), g.split(PART)))
    return tuple(map(torch.cat, zip(*parts, strict=True)))
