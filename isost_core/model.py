"""A trained reconstruction: drifts, mean field and calibration. Saved as tensors and plain values only."""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from isost_core.config import Config
from isost_core.decoder import Decoder
from isost_core.device import mixed, one_thread_each
from isost_core.field import Field
from isost_core.latent import Latent

PART = 512  # cells that a thread carries at once
JITTER = 0.25  # of the diffusion over a gap: a section has a thickness, so a path does not start on a point
LEAST_JITTER = 0.05  # cell spacings, on lattices of spots


@dataclass
class Model:
    """What `train` returns.

    sections : Sections it was trained on (log1p expression)
    spacing_um : cell spacing; spread_um : noise of a path over one gap; irregular : see graph.irregularity
    latent, field : latent space and mean field; `field` is None with the sinkhorn objective
    shape, expression : drift networks; one each with the bridge objective, a (forward, backward) pair each with
        the sinkhorn objective
    around : what the networks attend to (Surroundings), None with the sinkhorn objective
    sizes : scale of the two drifts' outputs: um per gap, and (axes,) latent units per gap
    follow : whether the mean field is read along the shape drift (chosen on masked training sections)
    calibration, slope, level : (genes,) of the predicted standard deviation, from masked training sections (Decoder)
    """

    config: Config
    sections: object
    spacing_um: float
    spread_um: float
    irregular: float
    latent: Latent
    field: object
    shape: object
    expression: object
    around: object
    sizes: tuple
    follow: bool
    calibration: np.ndarray
    slope: np.ndarray
    level: np.ndarray
    device: str = "cpu"

    @property
    def depths(self):
        return self.sections.depths

    @property
    def jitter_um(self):
        return max(JITTER * self.spread_um, LEAST_JITTER * self.spacing_um)

    def gap_of(self, depth):
        """Number of the gap that holds a depth (the lower one at an inner section)."""
        return int(np.clip(np.searchsorted(self.depths, depth, side="right") - 1, 0, len(self.depths) - 2))

    def drift(self, gap, forward=True, expression=True, shape=True):
        """The drift (x, z, g) -> (v, h) of one gap, per um of increasing depth.

        Without expression h is 0; without shape (bridge objective) v is.
        """
        if self.config.objective == "sinkhorn":
            from isost_core.sinkhorn import cloud_drift

            return cloud_drift(self, forward, expression)
        low, high = float(self.depths[gap]), float(self.depths[gap + 1])
        size_x, size_g = (size / (high - low) for size in self.sizes)

        def of_some(x, z, g):
            seen = self.around.seen_from(x, ((z - low) / (high - low)).clamp(0, 1), gap)
            with mixed(self.device):
                v, h = (net(*seen) if wanted else None for net, wanted in ((self.shape, shape),
                                                                           (self.expression, expression)))
            return (v.float() * size_x if shape else x * 0, h.float() * size_g if expression else g * 0)

        return of_some if self.device != "cpu" else partial(_in_parts, of_some)

    @cached_property
    def decoder(self):
        """What turns latent values into genes, without the networks."""
        return Decoder(self.latent, getattr(self.field, "covariance", None), self.calibration, self.slope,
                       self.level)


def _in_parts(drift, x, z, g):
    """A drift of many cells, part by part on all cores: what each cell sees of its neighbours stays in their caches."""
    import torch

    if len(x) <= PART or torch.is_grad_enabled():
        return drift(x, z, g)
    with one_thread_each() as pool:
        parts = list(pool.map(torch.no_grad()(drift), x.split(PART), z.split(PART), g.split(PART)))
    return tuple(map(torch.cat, zip(*parts, strict=True)))


def save_model(model, folder):
    """Write a model into the folder of its run, beside the sections: decoder.npz and model.pt (tensors only)."""
    import torch

    model.decoder.save(folder / "decoder.npz")
    arrays, field = {}, model.field
    if field is not None:
        arrays = {k: getattr(field, k) for k in ("xyz", "section", "count", "values", "depths")}
        arrays |= {f"features.{i}": f.cpu().numpy() for i, (_, f) in enumerate(model.around.sections)}
    nets = {name: _state(getattr(model, name)) for name in ("shape", "expression")}
    rest = {"config": model.config.to_dict(), "spacing_um": model.spacing_um, "spread_um": model.spread_um,
            "irregular": model.irregular,
            "follow": model.follow, "per_section": getattr(field, "per_section", 0),
            "sizes": [torch.as_tensor(s) for s in model.sizes]}
    arrays = {k: torch.as_tensor(np.asarray(v)) for k, v in arrays.items()}
    torch.save({"arrays": arrays, "nets": nets, "rest": rest}, folder / "model.pt")


def load_model(folder, sections, device="cpu"):
    """Read a model written by `save_model`, for the sections it was trained on."""
    import torch

    from isost_core.train import make_networks, make_surroundings

    held = torch.load(folder / "model.pt", map_location="cpu", weights_only=True)
    arrays = {k: v.numpy() for k, v in held["arrays"].items()}
    rest, config = held["rest"], Config.from_dict(held["rest"]["config"])
    decoder = Decoder.load(folder / "decoder.npz")
    latent = decoder.latent
    field = around = None
    if arrays:
        features = [arrays.pop(f"features.{i}") for i in range(len(sections.names))]
        field = Field(**arrays, covariance=decoder.covariance, per_section=rest["per_section"], device=device)
        around = make_surroundings(sections, features, config, rest["spacing_um"], device)
    shape, expression = make_networks(sections, latent, config, device)
    for name, net in (("shape", shape), ("expression", expression)):
        net.load_state_dict(held["nets"][name])
    sizes = tuple(s.to(device) for s in rest["sizes"])
    return Model(config, sections, rest["spacing_um"], rest["spread_um"], rest["irregular"], latent, field, shape,
                 expression, around, sizes, rest["follow"], decoder.calibration, decoder.slope, decoder.level, device)


def _state(net):
    return {k: v.detach().cpu() for k, v in net.state_dict().items()}

