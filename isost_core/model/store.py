"""A trained model on disk: tensors and plain values only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.config import Config
from isost_core.model.anchors import AnchorIndex, Anchors
from isost_core.model.covariance import Covariance
from isost_core.model.decoder import BridgeDecoder, PublishedDecoder, load_decoder
from isost_core.model.drift import BridgeDrifts, CloudDrifts, Sizes, TissueFrame
from isost_core.model.geometry import Geometry
from isost_core.model.kriging import ExpectedExpression, Scale
from isost_core.model.model import BridgeModel, Model, PublishedModel
from isost_core.sections.stack import Sections

if TYPE_CHECKING:
    from torch import Tensor

ANCHORS = ("xyz", "section", "count", "values")  # of runs made before there were bins of several widths
LEVELS = ("fine", "coarse")


def save_model(model: Model, folder: Path) -> None:
    """Write a model into the folder of its run, beside the sections: decoder.npz and model.pt (tensors only)."""
    import torch

    model.decoder.save(folder / "decoder.npz")
    arrays, more = _bridge_parts(model) if isinstance(model, BridgeModel) else ({}, {"per_section": 0, "sizes": []})
    nets = {name: {k: v.detach().cpu() for k, v in net.state_dict().items()} for name, net in model.networks().items()}
    geometry = model.geometry
    rest = {"config": model.config.to_dict(), "spacing_um": geometry.spacing_um, "spread_um": geometry.spread_um,
            "irregular": geometry.irregular, "wide_um": geometry.wide_um, "follow": model.follows_tissue, **more}
    torch.save({"arrays": arrays, "nets": nets, "rest": rest}, folder / "model.pt")


def _bridge_parts(model: BridgeModel) -> tuple[dict[str, Tensor], dict[str, Any]]:
    import torch

    kriging, drifts = model.kriging, model.drifts
    arrays = {"depths": kriging.depths}
    for n, scale in enumerate(kriging.scales):
        arrays |= {f"{n}.axes": scale.axes, f"{n}.groups": scale.groups, f"{n}.group": scale.index.group}
        for level, anchors in zip(LEVELS, (scale.index.fine, scale.index.coarse), strict=True):
            arrays |= {f"{n}.{level}.{name}": value for name, value in vars(anchors).items()} if anchors else {}
    arrays |= {f"features.{i}": f.cpu().numpy() for i, f in enumerate(drifts.around.features)}
    held = {name: torch.as_tensor(np.asarray(value)) for name, value in arrays.items()}
    return held, {"per_section": kriging.per_section, "sizes": [drifts.sizes.shape, drifts.sizes.expression]}


def load_model(folder: Path, sections: Sections, device: str = "cpu") -> Model:
    """Read a model written by `save_model`, for the sections it was trained on."""
    import torch

    held = torch.load(folder / "model.pt", map_location="cpu", weights_only=True)
    rest, decoder = held["rest"], load_decoder(folder / "decoder.npz")
    geometry = Geometry(sections, rest["spacing_um"], rest["spread_um"], rest["irregular"],
                        rest.get("wide_um", 0.0))
    config = Config.from_dict(rest["config"])
    if isinstance(decoder, BridgeDecoder):
        return _bridge_model(held, config, geometry, decoder, device)
    assert isinstance(decoder, PublishedDecoder)
    return _published_model(held, config, geometry, decoder, device)


def _bridge_model(held: dict[str, Any], config: Config, geometry: Geometry, decoder: BridgeDecoder,
                  device: str) -> BridgeModel:
    from isost_core.model.networks import make_section_drifts, make_surroundings

    sections, rest = geometry.sections, held["rest"]
    arrays = {name: value.numpy() for name, value in held["arrays"].items()}
    kriging = _kriging(arrays, decoder.covariance, rest["per_section"], device)
    features = [arrays[f"features.{i}"] for i in range(len(sections.names))]
    around = make_surroundings(sections, features, config, geometry.spacing_um, device)
    shape, expression = make_section_drifts(len(sections.names) - 1, len(decoder.latent.signal), config, device)
    shape.load_state_dict(held["nets"]["shape"])
    expression.load_state_dict(held["nets"]["expression"])
    sizes = Sizes(*(size.to(device) for size in rest["sizes"]))
    drifts = BridgeDrifts(shape, expression, around, sizes, geometry.depths, device)
    return BridgeModel(config, geometry, device, decoder, kriging, drifts, rest["follow"])


def _kriging(arrays: dict[str, np.ndarray], covariance: Covariance, per_section: int,
             device: str) -> ExpectedExpression:
    depths = arrays["depths"]
    if "values" in arrays:
        xyz, section, count, values = (arrays[name] for name in ANCHORS)
        alone = Anchors(xyz, section, count, values, np.zeros(len(xyz)))
        return ExpectedExpression.of(alone, depths, covariance, per_section, device)
    scales = []
    while (axes := arrays.get(f"{len(scales)}.axes")) is not None:
        n = len(scales)
        levels = [{key.split(".")[2]: value for key, value in arrays.items() if key.startswith(f"{n}.{level}.")}
                  for level in LEVELS]
        fine, coarse = (Anchors(**held) if held else None for held in levels)
        assert fine is not None
        index = AnchorIndex(fine, coarse, depths, arrays[f"{n}.group"], device)
        scales.append(Scale(index, axes, arrays[f"{n}.groups"]))
    return ExpectedExpression(tuple(scales), covariance, per_section)


def _published_model(held: dict[str, Any], config: Config, geometry: Geometry, decoder: PublishedDecoder,
                     device: str) -> PublishedModel:
    from isost_core.model.networks import make_cloud_drifts

    shape, expression = make_cloud_drifts(len(decoder.latent.signal), config, device)
    shape.load_state_dict(held["nets"]["shape"])
    expression.load_state_dict(held["nets"]["expression"])
    drifts = CloudDrifts(shape, expression, TissueFrame.of(geometry.sections, device))
    return PublishedModel(config, geometry, device, decoder, drifts)
