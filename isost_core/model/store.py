"""A trained model on disk: tensors and plain values only."""

import numpy as np

from isost_core.config import Config
from isost_core.model.decoder import Decoder
from isost_core.model.kriging import Field
from isost_core.model.model import Model


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

    from isost_core.model.networks import make_networks, make_surroundings

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
