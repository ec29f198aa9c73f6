"""Training: sections -> Model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from isost_core.config import Config
from isost_core.model.bridge_training import train_bridge
from isost_core.model.geometry import measure
from isost_core.model.model import Model
from isost_core.model.published_training import train_published
from isost_core.sections.stack import Sections

OBJECTIVES = {"bridge": train_bridge, "sinkhorn": train_published}


def train(sections: Sections, config: Config, device: str = "cpu",
          on_step: Callable[[str, float, float | None], None] | None = None) -> Model:
    """Fit the reconstruction of a stack of sections.

    Parameters
    ----------
    sections : Sections
    config : Config
    device : 'cpu' or 'cuda'
    on_step : called as on_step(stage, fraction of the stage, loss or None); may raise to stop
    """
    tell = on_step or (lambda stage, done, loss: None)
    torch.manual_seed(config.seed)
    tell("latent space", 0.0, None)
    rng = np.random.default_rng(config.seed)
    return OBJECTIVES[config.objective](measure(sections, config), config, device, rng, tell)
