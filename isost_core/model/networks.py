"""Drift networks: attention over a fixed-k graph of measured cells, or of the moving cells themselves."""

import numpy as np
import torch
from torch import nn

FEATURES = 8  # leading latent axes that the drift networks see of a measured cell

HEADS = 4


class Attention(nn.Module):
    """Multi-head attention of n queries over k gathered tokens each: (n, w), (n, k, w) -> (n, w).

    Keys and values are linear in the tokens, so the query is taken back through the keys and the weighted sum of the
    tokens through the values: per query and not per token. (A bias of the keys adds the same to each token's score.)
    """

    def __init__(self, width):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.mix = nn.Sequential(nn.LayerNorm(2 * width), nn.Linear(2 * width, width), nn.SiLU())

    def forward(self, query, tokens):
        n, k, w = tokens.shape
        q = self.query(query).view(n, HEADS, w // HEADS).transpose(0, 1) * (w // HEADS) ** -0.5
        asked = (q @ self.key.weight.view(HEADS, -1, w)).transpose(0, 1)
        share = (asked @ tokens.transpose(1, 2)).softmax(2)
        seen = (share @ tokens).transpose(0, 1) @ self.value.weight.view(HEADS, -1, w).transpose(1, 2)
        seen = seen.transpose(0, 1).reshape(n, w) + self.value.bias
        return self.mix(torch.cat([query, seen], 1))


class GraphAttention(nn.Module):
    """The same attention over a graph of the cells themselves, edges added to keys and values: (n, w) -> (n, w)."""

    def __init__(self, width):
        super().__init__()
        self.query, self.both = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.edge = nn.Linear(3, 2 * width, bias=False)
        self.mix = nn.Sequential(nn.LayerNorm(2 * width), nn.Linear(2 * width, width), nn.SiLU())

    def forward(self, h, index, to):
        """h (n, w); index (n, k) neighbours; to (n, k, 3) offset and distance of each."""
        n, k = index.shape
        both = (self.both(h)[index] + self.edge(to)).view(n, k, 2, HEADS, -1).permute(2, 0, 3, 1, 4)
        q = self.query(h).view(n, HEADS, 1, -1)
        seen = torch.nn.functional.scaled_dot_product_attention(q, both[0], both[1]).reshape(n, -1)
        return self.mix(torch.cat([h, seen], 1))


class SectionDrift(nn.Module):
    """Change per um of depth of a cell between two measured sections, from the measured cells around it.

    Each query attends to its k nearest cells in the section below and in the section above. Everything
    geometric enters in um over `length_um`; the output is scaled by `size`. Zero before training.

    Parameters
    ----------
    n_gaps : int, gaps of the stack; each has an embedding
    n_features : int, latent values of a measured cell that the attention sees
    out : int, 2 for the shape drift, the number of latent axes for the expression drift
    """

    def __init__(self, n_gaps, n_features, out, width):
        super().__init__()
        width = -(-width // HEADS) * HEADS
        self.token = nn.Sequential(nn.Linear(5 + n_features, width), nn.SiLU())
        self.of_neighbours = [0, 1, *range(4, 5 + n_features), 2]
        self.gap = nn.Embedding(n_gaps, 8)
        self.query = nn.Sequential(nn.Linear(3 + 8, width), nn.SiLU(), nn.Linear(width, width))
        self.attend = Attention(width)
        self.out = nn.Linear(width, out)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, place, gap, near):
        """Drift in units of its scale, (n, out); the arguments are those that `Surroundings.seen_from` gives."""
        query = self.query(torch.cat([place, self.gap(gap)], 1))
        return self.out(self.attend(query, self._tokens(near, place[:, 2])))

    def _tokens(self, near, t):
        """(n, k, width): what is known of each neighbour, and t (n,), go through one layer; t is the same for all
        neighbours and enters after the product."""
        when, rest = self.token[0].weight[:, 3], self.token[0].weight[:, self.of_neighbours]
        h = near @ rest.T
        h += torch.outer(t, when).add(self.token[0].bias)[:, None]
        return self.token[1](h)


class Surroundings:
    """The measured cells that SectionDrift looks at, on the device.

    sections : list of (xy (n, 2) um, features (n, f)) per section, in the order of depth
    """

    def __init__(self, sections, k, length_um):
        self.sections, self.k, self.length_um = sections, k, length_um
        every = torch.cat([xy for xy, _ in sections])
        self.middle, self.half = every.mean(0), (every - every.mean(0)).abs().max().clamp(min=1e-6)
        self.below, self.above = ([self._table(part, side) for part in parts]
                                  for side, parts in ((0.0, sections[:-1]), (1.0, sections[1:])))

    def _table(self, section, side):
        """Per cell: place in `length_um` from the middle, side, features, room for a distance."""
        xy, features = section
        side, room = torch.full_like(xy[:, :1], side), torch.zeros_like(xy[:, :1])
        return torch.cat([(xy - self.middle) / self.length_um, side, features, room], 1)

    def seen_from(self, x, t, gap):
        """What a drift network takes for cells at x (n, 2) um and t (n,), 0 to 1 within gap number `gap`.

        Returns
        -------
        place (n, 3), gap (n,), near (n, 2 k, 4 + f) of the neighbours below and above: offset in `length_um`, side,
        features, distance
        """
        place = x - self.middle
        sides = (self.below[gap], self.sections[gap][0]), (self.above[gap], self.sections[gap + 1][0])
        near = torch.cat([table[nearest(x, xy, min(self.k, len(xy)))] for table, xy in sides], 1)
        near[:, :, :2] -= place[:, None] / self.length_um
        near[:, :, -1] = near[:, :, :2].square().sum(2).sqrt_()
        place = torch.cat([place / self.half, t[:, None]], 1)
        return place, torch.full((len(x),), gap, device=x.device), near


class CloudDrift(nn.Module):
    """The published form: attention layers on the k-nearest-neighbour graph of the moving cells.

    Input positions (n, 2) in tissue widths, depth within the stack (n, 1) and optionally latent values.
    """

    def __init__(self, n_latent, out, width, k, layers=3):
        super().__init__()
        width = -(-width // HEADS) * HEADS
        self.k = k
        self.inside = nn.Sequential(nn.Linear(3 + n_latent, width), nn.SiLU(), nn.Linear(width, width))
        self.layers = nn.ModuleList(GraphAttention(width) for _ in range(layers))
        self.out = nn.Linear(width, out)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x, depth, latent=None):
        index = nearest(x, x.detach(), min(self.k + 1, len(x)))[:, 1:]
        to = x[index] - x[:, None]
        to = torch.cat([to, to.norm(dim=2, keepdim=True)], 2)
        parts = [x, depth] if latent is None else [x, depth, latent]
        h = self.inside(torch.cat(parts, 1))
        for layer in self.layers:
            h = h + layer(h, index, to)
        return self.out(h)


def make_surroundings(sections, features, config, spacing_um, device):
    """What SectionDrift attends to: positions and smoothed leading latent values of the measured cells."""
    import torch


    parts = []
    for name, f in zip(sections.names, features, strict=True):
        xy = sections.cells.obsm["spatial"][sections.rows(name)]
        parts.append(tuple(torch.as_tensor(np.asarray(a), dtype=torch.float32).to(device) for a in (xy, f)))
    return Surroundings(parts, config.neighbours, 4 * spacing_um)


def make_networks(sections, latent, config, device):
    """Untrained (shape, expression) drift networks for a stack."""
    from torch import nn


    axes = latent.encode.shape[1]
    if config.objective == "sinkhorn":
        def pair(n_latent, out):
            return nn.ModuleList(CloudDrift(n_latent, out, config.width, config.neighbours) for _ in range(2))

        return pair(0, 2).to(device), pair(axes, axes).to(device)
    gaps, seen = len(sections.names) - 1, min(FEATURES, axes)
    return tuple(SectionDrift(gaps, seen, out, config.width).to(device) for out in (2, axes))


def nearest(query, reference, k):
    """Indices (n, k) of the k reference points nearest to each query point, nearest first.

    Parameters
    ----------
    query : (n, d) torch tensor, um
    reference : (m, d) torch tensor, um, on the same device; k <= m
    """
    import torch

    if query.device.type == "cpu":
        workers = -1 if len(query) > 4096 else 1
        index = _tree_of(reference).query(query.detach().numpy(), k=k, workers=workers)[1]
        return torch.from_numpy(np.asarray(index, dtype=np.int64).reshape(len(query), k))
    chunks = query.detach().split(max(1, 2**26 // max(1, len(reference))))
    return torch.cat([torch.cdist(c, reference).topk(k, largest=False).indices for c in chunks])


def _tree_of(reference):
    from scipy.spatial import cKDTree

    tree = getattr(reference, "_tree", None)
    if tree is None:
        tree = cKDTree(reference.numpy())
        reference._tree = tree  # a tensor is a plain Python object: the tree lives as long as it does
    return tree
