"""Training: sections -> Model."""

import numpy as np

from isost_core.model.bridge_training import _fit_drifts, _own_anchor
from isost_core.model.calibration import _choose_field, _flat_spread
from isost_core.model.model import Model
from isost_core.model.networks import FEATURES, make_networks, make_surroundings
from isost_core.model.selection import Stack, axes_of, choose_space
from isost_core.sections.spacing import cell_spacing, irregularity
from isost_core.sections.stack import stack_positions


def train(sections, config, device="cpu", on_step=None):
    """Fit the reconstruction of a stack of sections.

    Parameters
    ----------
    sections : Sections
    config : Config
    device : 'cpu' or 'cuda'
    on_step : called as on_step(stage, fraction of the stage, loss or None); may raise to stop

    Returns
    -------
    Model
    """
    import torch

    tell = on_step or (lambda *_: None)
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    tell("latent space", 0.0, None)
    spacing, irregular = cell_spacing(sections), irregularity(sections)
    spread = config.diffusion * spacing * float(np.clip((irregular - 0.1) / 0.5, 0, 1))
    xyz, number = stack_positions(sections)
    stack = Stack(sections, xyz, number, spacing, irregular)
    if config.objective == "sinkhorn":
        from isost_core.model.published_training import train_clouds

        latent = axes_of(stack, config, config.factors, rng)
        values = latent.transform(sections.cells.X)
        return train_clouds(sections, config, device, tell, (spacing, spread, irregular, latent, values))
    tell("mean field", 0.0, None)
    space = choose_space(stack, config, device, rng)
    latent, field = space.latent, space.field
    smooth, anchor = field.predict(field.xyz)[0], _own_anchor(field, xyz, number)
    features = [smooth[anchor[sections.rows(name)], :FEATURES] for name in sections.names]
    around = make_surroundings(sections, features, config, spacing, device)
    shape, expression = make_networks(sections, latent, config, device)
    model = Model(config, sections, spacing, spread, irregular, latent, field, shape, expression, around,
                  (torch.ones(()), torch.ones(())), False, *_flat_spread(len(latent.scale)), device)
    _fit_drifts(model, smooth, anchor, rng, tell)
    _choose_field(model, space.candidates, rng, tell)
    return model
