"""Training: sections -> Model."""

import numpy as np

from isost_core.bridges import draw_bridges
from isost_core.device import mixed
from isost_core.masking import agreement, masked_cells, masked_mean, own_section_mean
from isost_core.model import Model
from isost_core.sections.spacing import cell_spacing, irregularity
from isost_core.sections.stack import stack_positions
from isost_core.space import Stack, axes_of, choose_space

FEATURES = 8  # leading latent axes that the drift networks see of a measured cell
GAPS_PER_STEP = 4
GENES_AT_ONCE = 2000
Z80 = 1.2815515655446004


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
        from isost_core.sinkhorn import train_clouds

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


def make_surroundings(sections, features, config, spacing_um, device):
    """What SectionDrift attends to: positions and smoothed leading latent values of the measured cells."""
    import torch

    from isost_core.drift import Surroundings

    parts = []
    for name, f in zip(sections.names, features, strict=True):
        xy = sections.cells.obsm["spatial"][sections.rows(name)]
        parts.append(tuple(torch.as_tensor(np.asarray(a), dtype=torch.float32).to(device) for a in (xy, f)))
    return Surroundings(parts, config.neighbours, 4 * spacing_um)


def make_networks(sections, latent, config, device):
    """Untrained (shape, expression) drift networks for a stack."""
    from torch import nn

    from isost_core.drift import CloudDrift, SectionDrift

    axes = latent.encode.shape[1]
    if config.objective == "sinkhorn":
        def pair(n_latent, out):
            return nn.ModuleList(CloudDrift(n_latent, out, config.width, config.neighbours) for _ in range(2))

        return pair(0, 2).to(device), pair(axes, axes).to(device)
    gaps, seen = len(sections.names) - 1, min(FEATURES, axes)
    return tuple(SectionDrift(gaps, seen, out, config.width).to(device) for out in (2, axes))


def _own_anchor(field, xyz, number):
    """Number (n,) of the anchor of its own section that lies nearest to each measured cell."""
    anchor = np.empty(len(xyz), dtype=int)
    for s in range(len(field.depths)):
        rows, tree = field._tree(s)
        here = number == s
        anchor[here] = rows[tree.query(xyz[here, :2], workers=-1)[1]]
    return anchor


def _fit_drifts(model, smooth, anchor, rng, tell):
    """Regress both drifts on the displacements of paired cells (bridges).

    smooth : (anchors, axes) mean field; anchor : (n,) that of each cell
    """
    import torch

    config, names = model.config, model.sections.names
    parts = [(model.sections.cells.obsm["spatial"][rows], anchor[rows], smooth)
             for rows in map(model.sections.rows, names)]
    gaps = len(names) - 1
    first = [draw_bridges(parts[k], parts[k + 1], k, config, model.spread_um, rng) for k in range(gaps)]
    size_x = max(np.sqrt(np.mean(np.concatenate([b.move for b in first]) ** 2)), 1e-6)
    size_g = np.sqrt(np.mean(np.concatenate([b.change for b in first]) ** 2, 0)) + 1e-6
    model.sizes = tuple(torch.as_tensor(s, dtype=torch.float32).to(model.device) for s in (size_x, size_g))
    both = torch.nn.ModuleList([model.shape, model.expression])
    steps = int(np.ceil(config.train_steps * max(1, gaps / GAPS_PER_STEP)))
    optimiser = torch.optim.NAdam(both.parameters(), lr=config.learning_rate)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for step in range(steps):
        chosen = rng.permutation(gaps)[:GAPS_PER_STEP]
        losses = [_bridge_loss(model, draw_bridges(parts[k], parts[k + 1], int(k), config, model.spread_um, rng))
                  for k in chosen]
        loss = torch.stack(losses).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        slower.step()
        tell("drift", (step + 1) / steps, float(loss.detach()))
    both.eval()


def _bridge_loss(model, bridges):
    import torch

    x, t, move, change = (torch.as_tensor(a, dtype=torch.float32).to(model.device)
                          for a in (bridges.x, bridges.t, bridges.move, bridges.change))
    size_x, size_g = model.sizes
    seen = model.around.seen_from(x, t, bridges.gap)
    with mixed(model.device):
        v, h = model.shape(*seen), model.expression(*seen)
    return (v - move / size_x).square().mean() + (h - change / size_g).square().mean()


def _choose_field(model, candidates, rng, tell):
    """Predict masked training sections from the others; keep the covariance, and the way of reading it, that does best.

    Candidates are covariances (of each group of axes, more or less shrunk to that of all), each read at fixed places
    or along the shape drift. The score is the correlation of predicted and measured expression over the cells of a
    masked section, and over those predicted with the rest of their section, mean over genes and sections: the one
    alone is taken from a gap twice as wide, and smooths too much. The predicted sd is then scaled so that 80 %
    intervals hold 80 % of such cells.
    """
    masks = masked_cells(model, rng)
    scores = {}
    for n, covariance in enumerate(candidates):
        model.field = model.field.reading_with(covariance)
        near = np.mean([agreement(truth, own_section_mean(model, mask)[0]) for mask, truth in masks])
        for follow in (False, True):
            far = np.mean([agreement(truth, masked_mean(model, mask, follow)[0]) for mask, truth in masks])
            scores[n, follow] = near + far
        tell("calibration", (n + 1) / (len(candidates) + 1), None)
    best, model.follow = max(scores, key=scores.get)
    model.field = model.field.reading_with(candidates[best])
    _calibrate(model, masks)
    tell("calibration", 1.0, None)


def _flat_spread(genes):
    """calibration, slope and level before anything is known of them."""
    return np.ones(genes), np.zeros(genes), np.ones(genes)


def _calibrate(model, masks):
    """How the spread of a cell about its mean grows with the mean, and the factor with which 80 % intervals hold 80 %.

    The squared miss over the field's variance is fitted by a + b mean, gene by gene, with neither below 0. Of two
    sections a masked one lies beyond the other, not between two: there cells predicted within their section count too.
    """
    ways = [lambda mask: masked_mean(model, mask, model.follow)]
    if len(model.depths) == 2:
        ways.append(lambda mask: own_section_mean(model, mask))
    parts = [(*way(mask), truth) for mask, truth in masks for way in ways]
    mean, truth = (np.concatenate([p[k] for p in parts]) for k in (0, 2))
    variance = np.concatenate([p[1] for p in parts])
    model.level = np.maximum(mean.mean(0), 1e-6)

    def spreads(genes):
        """Misses of some genes in predicted standard deviations, (n, genes)."""
        return np.abs(truth[:, genes] - mean[:, genes]) / model.decoder.value_sd(variance, mean[:, genes], genes)

    def growth(genes):
        ratio, from_mean = spreads(genes) ** 2, mean[:, genes] / model.level[genes] - 1
        rise = (from_mean * ratio).mean(0) / np.maximum((from_mean**2).mean(0), 1e-6)
        return np.clip(rise / np.maximum(ratio.mean(0), 1e-12), 0, 0.95)

    blocks = [slice(lo, lo + GENES_AT_ONCE) for lo in range(0, mean.shape[1], GENES_AT_ONCE)]
    model.slope = np.concatenate([growth(genes) for genes in blocks])
    del model.decoder
    factor = np.concatenate([np.quantile(spreads(genes), 0.8, axis=0) for genes in blocks]) / Z80
    model.calibration = np.clip(np.where(np.isfinite(factor), factor, 1), 0.2, 3)
    del model.decoder
