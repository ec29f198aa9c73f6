"""Drift networks: attention over a fixed-k graph of measured cells, or of the moving cells themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from isost_core.config import Config
from isost_core.model.points import PointIndex
from isost_core.sections.stack import Sections

FEATURES = 8  # leading latent axes that the drift networks see of a measured cell

HEADS = 4


class Attention(nn.Module):
    """Multi-head attention of n queries over k gathered tokens each: (n, w), (n, k, w) -> (n, w).

    Keys and values are linear in the tokens, so the query is taken back through the keys and the weighted sum of the
    tokens through the values: per query and not per token. (A bias of the keys adds the same to each token's score.)
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.mix = nn.Sequential(nn.LayerNorm(2 * width), nn.Linear(2 * width, width), nn.SiLU())

    def forward(self, query: Tensor, tokens: Tensor) -> Tensor:
        n, k, w = tokens.shape
        q = self.query(query).view(n, HEADS, w // HEADS).transpose(0, 1) * (w // HEADS) ** -0.5
        asked = (q @ self.key.weight.view(HEADS, -1, w)).transpose(0, 1)
        share = (asked @ tokens.transpose(1, 2)).softmax(2)
        seen = (share @ tokens).transpose(0, 1) @ self.value.weight.view(HEADS, -1, w).transpose(1, 2)
        seen = seen.transpose(0, 1).reshape(n, w) + self.value.bias
        return self.mix(torch.cat([query, seen], 1))


class GraphAttention(nn.Module):
    """The same attention over a graph of the cells themselves, edges added to keys and values: (n, w) -> (n, w)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query, self.both = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.edge = nn.Linear(3, 2 * width, bias=False)
        self.mix = nn.Sequential(nn.LayerNorm(2 * width), nn.Linear(2 * width, width), nn.SiLU())

    def forward(self, h: Tensor, index: Tensor, to: Tensor) -> Tensor:
        """h (n, w); index (n, k) neighbours; to (n, k, 3) offset and distance of each."""
        n, k = index.shape
        both = (self.both(h)[index] + self.edge(to)).view(n, k, 2, HEADS, -1).permute(2, 0, 3, 1, 4)
        q = self.query(h).view(n, HEADS, 1, -1)
        seen = torch.nn.functional.scaled_dot_product_attention(q, both[0], both[1]).reshape(n, -1)
        return self.mix(torch.cat([h, seen], 1))


@dataclass(frozen=True, eq=False)
class Seen:
    """What a drift network takes for n cells within one gap.

    place : (n, 3), from the middle of the stack and t within the gap; gap : (n,) its number
    near : (n, 2 k, 4 + f) of the neighbours below and above: offset in `length_um`, side, features, distance
    """

    place: Tensor
    gap: Tensor
    near: Tensor


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

    def __init__(self, n_gaps: int, n_features: int, out: int, width: int) -> None:
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

    def forward(self, seen: Seen) -> Tensor:
        """Drift in units of its scale, (n, out)."""
        query = self.query(torch.cat([seen.place, self.gap(seen.gap)], 1))
        return self.out(self.attend(query, self._tokens(seen.near, seen.place[:, 2])))

    def _tokens(self, near: Tensor, t: Tensor) -> Tensor:
        """(n, k, width): what is known of each neighbour, and t (n,), go through one layer; t is the same for all
        neighbours and enters after the product."""
        when, rest = self.token[0].weight[:, 3], self.token[0].weight[:, self.of_neighbours]
        h = near @ rest.T
        h += torch.outer(t, when).add(self.token[0].bias)[:, None]
        return self.token[1](h)


class Surroundings:
    """The measured cells that SectionDrift looks at, on the device.

    positions : (n, 2) um of the cells of each section, in the order of depth; features : (n, f) of each
    """

    def __init__(self, positions: Sequence[Tensor], features: Sequence[Tensor], k: int, length_um: float) -> None:
        self.positions, self.features = tuple(positions), tuple(features)
        self.k, self.length_um = k, length_um
        every = torch.cat(self.positions)
        self.middle, self.half = every.mean(0), (every - every.mean(0)).abs().max().clamp(min=1e-6)
        self._index = [PointIndex(xy) for xy in self.positions]
        self._below, self._above = ([self._table(s, side) for s in range(first, len(self.positions) - 1 + first)]
                                    for first, side in ((0, 0.0), (1, 1.0)))

    def _table(self, s: int, side: float) -> Tensor:
        """Per cell of section s: place in `length_um` from the middle, side, features, room for a distance."""
        xy = self.positions[s]
        sides, room = torch.full_like(xy[:, :1], side), torch.zeros_like(xy[:, :1])
        return torch.cat([(xy - self.middle) / self.length_um, sides, self.features[s], room], 1)

    def seen_from(self, x: Tensor, t: Tensor, gap: int) -> Seen:
        """What a drift network takes for cells at x (n, 2) um and t (n,), 0 to 1 within gap number `gap`."""
        place = x - self.middle
        sides = (self._below[gap], self._index[gap]), (self._above[gap], self._index[gap + 1])
        near = torch.cat([table[index.nearest(x, min(self.k, len(table)))] for table, index in sides], 1)
        near[:, :, :2] -= place[:, None] / self.length_um
        near[:, :, -1] = near[:, :, :2].square().sum(2).sqrt_()
        place = torch.cat([place / self.half, t[:, None]], 1)
        return Seen(place, torch.full((len(x),), gap, device=x.device), near)


class CloudDrift(nn.Module):
    """The published form: attention layers on the k-nearest-neighbour graph of the moving cells.

    Input positions (n, 2) in tissue widths, depth within the stack (n, 1) and optionally latent values.
    """

    def __init__(self, n_latent: int, out: int, width: int, k: int, layers: int = 3) -> None:
        super().__init__()
        width = -(-width // HEADS) * HEADS
        self.k = k
        self.inside = nn.Sequential(nn.Linear(3 + n_latent, width), nn.SiLU(), nn.Linear(width, width))
        self.layers = nn.ModuleList(GraphAttention(width) for _ in range(layers))
        self.out = nn.Linear(width, out)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, depth: Tensor, latent: Tensor | None = None) -> Tensor:
        index = PointIndex(x.detach()).nearest(x, min(self.k + 1, len(x)))[:, 1:]
        to = x[index] - x[:, None]
        to = torch.cat([to, to.norm(dim=2, keepdim=True)], 2)
        parts = [x, depth] if latent is None else [x, depth, latent]
        h = self.inside(torch.cat(parts, 1))
        for layer in self.layers:
            h = h + layer(h, index, to)
        return self.out(h)


def make_surroundings(sections: Sections, features: Sequence[np.ndarray], config: Config, spacing_um: float,
                      device: str) -> Surroundings:
    """What SectionDrift attends to: positions and smoothed leading latent values (n, f) of the measured cells."""
    positions = [sections.cells.obsm["spatial"][sections.rows(name)] for name in sections.names]
    return Surroundings([_on_device(xy, device) for xy in positions], [_on_device(f, device) for f in features],
                        config.neighbours, 4 * spacing_um)


def _on_device(values: np.ndarray, device: str) -> Tensor:
    return torch.as_tensor(np.asarray(values), dtype=torch.float32).to(device)


def make_section_drifts(gaps: int, axes: int, config: Config, device: str) -> tuple[SectionDrift, SectionDrift]:
    """Untrained (shape, expression) networks of the bridge objective, for all gaps and both directions."""
    shape, expression = (SectionDrift(gaps, min(FEATURES, axes), out, config.width).to(device) for out in (2, axes))
    return shape, expression


def make_cloud_drifts(axes: int, config: Config, device: str) -> tuple[nn.ModuleList, nn.ModuleList]:
    """Untrained (shape, expression) networks of the published objective, each a (forward, backward) pair."""
    shape, expression = (nn.ModuleList(CloudDrift(n_latent, out, config.width, config.neighbours) for _ in range(2))
                         .to(device) for n_latent, out in ((0, 2), (axes, axes)))
    return shape, expression
