"""The expected expression at any 3D point: kriging of latent expression from the measured sections.

Local simple kriging on bins of cells ("anchors") of the sections nearby, fine ones close by and coarse ones beyond
them. Each group of axes has bins of its own: the noisier its cells, the wider they are. Where the tissue moves between
sections, `places` says where a query point lies in each of them, and the anchors are shifted accordingly, so that
structures are followed and not blurred.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from isost_core.device import one_thread_each
from isost_core.model.anchors import COARSER, AnchorIndex, Anchors, Found, Wanted, anchor_area, make_anchors
from isost_core.model.covariance import Covariance

if TYPE_CHECKING:
    from torch import Tensor

CHUNK = {"cpu": 256, "cuda": 8192}  # points solved at once: by a CPU's thread so few that they stay in its cache
BEYOND = 40.0  # lengths: an anchor farther away says nothing, and float32 cannot tell its neighbours apart
LEAST = 1e-6  # weight of a length that counts
JITTER = 1e-4  # of the variance, so that every system can be solved


@dataclass(frozen=True, eq=False)
class Scale:
    """Anchors of the groups of axes that have bins of one width: axes (m,) and groups (k,), by number."""

    index: AnchorIndex
    axes: np.ndarray
    groups: np.ndarray


@dataclass(frozen=True, eq=False)
class ExpectedExpression:
    """Kriging from anchors with a covariance; per_section : fine anchors of a section that are looked at."""

    scales: tuple[Scale, ...]
    covariance: Covariance
    per_section: int

    @classmethod
    def of(cls, anchors: Anchors, depths: np.ndarray, covariance: Covariance, per_section: int,
           device: str = "cpu") -> ExpectedExpression:
        """That of anchors of one resolution, of sections at `depths` (sections,) um."""
        index = AnchorIndex(anchors, None, depths, covariance.group, device)
        whole = Scale(index, np.arange(len(covariance.group)), np.arange(len(covariance.weight)))
        return cls((whole,), covariance, per_section)

    @property
    def depths(self) -> np.ndarray:
        return self.scales[0].index.depths

    @property
    def device(self) -> str:
        return self.scales[0].index.device

    def reading_with(self, covariance: Covariance) -> ExpectedExpression:
        """The same with another covariance of the same groups of axes."""
        return replace(self, covariance=covariance)

    def predict(self, xyz: np.ndarray, places: np.ndarray | None = None, without: int | None = None,
                within: int | None = None, around: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Mean of the latent values at points, and the variance of that mean.

        Parameters
        ----------
        xyz : (n, 3) um
        places : (n, sections, 2) um or None: where each point's tissue lies in each section's plane;
            None where the tissue does not move
        without : section number left out, or None
        within : number of the section that the points are cells of: the bin of each itself is left out; or None
        around : (p, 3) or (n, p, 3) um or None: predict at these offsets from each point, from the point's anchors;
            points of a small block share one solve. None predicts at the points themselves

        Returns
        -------
        mean (n, axes) float32, variance (n, groups) float32: of the mean of a cell there, without the nugget.
        With `around`, (n, p, axes) and (n, p, groups).
        """
        import torch

        wanted = Wanted(np.atleast_2d(np.asarray(xyz, dtype=np.float64)), places, without, within)
        device, count = self.device, len(wanted.xyz)
        local = torch.zeros(1, 3) if around is None else torch.as_tensor(around, dtype=torch.float32)
        local = local.to(device).expand(count, -1, -1)
        widths = len(self.covariance.group), len(self.covariance.weight)
        mean, variance = (np.empty((*local.shape[:2], width), np.float32) for width in widths)
        chunk = CHUNK[device]

        def solve(lo: int) -> None:
            here = slice(lo, lo + chunk)
            for scale in self.scales:
                found = scale.index.around(wanted.of(here), self.per_section)
                with torch.no_grad():
                    values, left = self._solve(scale, found, local[here])
                mean[here, :, scale.axes] = values.cpu().numpy()
                variance[here, :, scale.groups] = left.cpu().numpy()

        with one_thread_each(None if device == "cpu" else 1) as pool:
            list(pool.map(solve, range(0, count, chunk)))
        return (mean[:, 0], variance[:, 0]) if around is None else (mean, variance)

    def _solve(self, scale: Scale, found: Found, local: Tensor) -> tuple[Tensor, Tensor]:
        """Mean (n, p, axes) and variance (n, p, groups) of a scale at the offsets `local` (n, p, 3) from each point."""
        import torch

        cov, dev, held = self.covariance, self.device, scale.index.grouped
        beyond = np.abs(found.offset).max(-1) > BEYOND * float(np.max(cov.lengths_um))
        none = beyond | (found.number < 0)
        absent = torch.from_numpy(none).to(dev)
        number = torch.from_numpy(np.where(none, 0, found.number)).to(dev)
        off = torch.from_numpy(np.where(none[..., None], 0, found.offset).astype(np.float32)).to(dev)
        cells, seen = held.count[number], held.values.index_select(0, number.ravel()).view(*number.shape, -1)
        mean = torch.zeros(*local.shape[:2], held.values.shape[1], device=dev)
        variance = torch.zeros(*local.shape[:2], len(scale.groups), device=dev)
        far = _apart(off, local, held.spread[number])
        weights = cov.weight[scale.groups]
        decays = {n: [torch.exp(d * (-1 / float(cov.lengths_um[n]))) for d in far]
                  for n in np.flatnonzero((weights > LEAST).any(0))}
        weights, same = np.unique(weights, axis=0, return_inverse=True)
        for n, weight in enumerate(weights):
            terms = [(float(weight[length]), decay) for length, decay in decays.items() if weight[length] > LEAST]
            if not terms:
                continue
            K, k = (_summed([(w, decay[side]) for w, decay in terms]) for side in (0, 1))
            k.masked_fill_(absent[:, :, None], 0)
            diagonal = K.diagonal(dim1=1, dim2=2)
            diagonal.add_(((1 - diagonal) / cells + JITTER).masked_fill(absent, 1e6))
            w = torch.cholesky_solve(k, torch.linalg.cholesky(K))
            left = (float(weight.sum()) - (k * w).sum(1)).clamp(min=0)
            for g in np.flatnonzero(same.ravel() == n):
                mine = slice(held.ends[g], held.ends[g + 1])
                mean[:, :, mine] = w.transpose(1, 2) @ seen[:, :, mine]
                variance[:, :, g] = left
        return mean[:, :, held.back], variance


def _apart(off: Tensor, local: Tensor, spread: Tensor) -> tuple[Tensor, Tensor]:
    """Distances (n, k, k) of anchors from each other and (n, k, p) from the points: root mean squares over the cells
    of a bin, on the diagonal of two different cells of one."""
    import torch

    between, there = torch.cdist(off, off), torch.cdist(off, local)
    if not bool(spread.any()):
        return between, there
    return ((between**2 + spread[:, :, None] + spread[:, None]).sqrt_(), (there**2 + spread[:, :, None]).sqrt_())


def _summed(terms: list[tuple[float, Tensor]]) -> Tensor:
    """Sum of weight * tensor, in a new tensor."""
    total = terms[0][0] * terms[0][1]
    for weight, tensor in terms[1:]:
        total.add_(tensor, alpha=weight)
    return total


@dataclass(frozen=True, eq=False)
class LatentCells:
    """Measured cells in the latent space: xyz (n, 3) um, section (n,) number, values (n, axes)."""

    xyz: np.ndarray
    section: np.ndarray
    values: np.ndarray

    @property
    def by_section(self) -> list[np.ndarray]:
        """Positions (cells, 2) um of each section."""
        return [self.xyz[self.section == s, :2] for s in np.unique(self.section)]


def make_expected(cells: LatentCells, depths: np.ndarray, covariance: Covariance, widths: np.ndarray,
                  per_section: int, device: str) -> ExpectedExpression:
    """Kriging from cells of sections at `depths` (sections,) um; widths : (groups,) um of the fine bins of each group
    of axes, 0 for the cells themselves."""
    spacing = np.sqrt(anchor_area(cells.by_section))
    scales = []
    for width in np.unique(widths):
        groups = np.flatnonzero(widths == width)
        axes = np.flatnonzero(np.isin(covariance.group, groups))
        values = cells.values[:, axes]
        fine, coarse = (make_anchors(cells.xyz, cells.section, values, w)
                        for w in (width, COARSER * (width or spacing)))
        local = np.searchsorted(groups, covariance.group[axes])
        scales.append(Scale(AnchorIndex(fine, coarse, depths, local, device), axes, groups))
    return ExpectedExpression(tuple(scales), covariance, per_section)
