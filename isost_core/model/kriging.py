"""The expected expression at any 3D point: kriging of latent expression from the measured sections.

Local simple kriging on bins of cells ("anchors"), with the nearest anchors of each nearby section. Where the
tissue moves between sections, `places` says where a query point lies in each of them, and the anchors are
shifted accordingly, so that structures are followed and not blurred.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from isost_core.device import one_thread_each
from isost_core.model.covariance import Covariance
from isost_core.sections.spacing import area_per_cell

if TYPE_CHECKING:
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]
    from torch import Tensor

MAX_SECTIONS = 4  # nearest sections that a prediction is made from
CHUNK = {"cpu": 256, "cuda": 8192}  # points solved at once: by a CPU's thread so few that they stay in its cache
BEYOND = 40.0  # lengths: an anchor farther away says nothing, and float32 cannot tell its neighbours apart
LEAST = 1e-6  # weight of a length that counts


@dataclass(frozen=True, eq=False)
class Anchors:
    """Bins of cells, or single cells, that a prediction is made from.

    xyz : (anchors, 3) um; section : (anchors,) section number; count : (anchors,) cells in the bin
    values : (anchors, axes) mean latent values
    """

    xyz: np.ndarray
    section: np.ndarray
    count: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class SectionIndex:
    """Anchors of one section: their rows among all, and a k-d tree of their positions in the plane."""

    rows: np.ndarray
    tree: cKDTree


@dataclass(frozen=True, eq=False)
class GroupedValues:
    """Anchors on the device. values : (anchors, axes) with the axes of each group side by side; count : (anchors,)
    back : (axes,) place of each axis there; ends : (groups + 1,) where each group's axes begin"""

    values: Tensor
    count: Tensor
    back: Tensor
    ends: np.ndarray


class AnchorIndex:
    """Anchors made ready to be searched and solved, once for all covariances of the same groups of axes.

    depths : (sections,) um; group : (axes,) group of each axis
    """

    def __init__(self, anchors: Anchors, depths: np.ndarray, group: np.ndarray, device: str = "cpu") -> None:
        self.anchors, self.depths, self.group, self.device = anchors, depths, group, device

    @cached_property
    def sections(self) -> list[SectionIndex]:
        from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

        rows = [np.flatnonzero(self.anchors.section == s) for s in range(len(self.depths))]
        return [SectionIndex(mine, cKDTree(self.anchors.xyz[mine, :2])) for mine in rows]

    @cached_property
    def grouped(self) -> GroupedValues:
        import torch

        order = np.argsort(self.group, kind="stable")
        values, count = (torch.as_tensor(a, dtype=torch.float32, device=self.device)
                         for a in (self.anchors.values[:, order], self.anchors.count))
        ends = np.searchsorted(self.group[order], np.arange(self.group.max() + 2))
        return GroupedValues(values, count, torch.from_numpy(np.argsort(order)).to(self.device), ends)

    def own(self, xyz: np.ndarray, number: np.ndarray) -> np.ndarray:
        """(n,) the anchor of its own section that lies nearest to each cell, at xyz (n, 3) um in section `number`."""
        anchor = np.empty(len(xyz), dtype=int)
        for s, index in enumerate(self.sections):
            here = number == s
            anchor[here] = index.rows[index.tree.query(xyz[here, :2], workers=-1)[1]]
        return anchor


@dataclass(frozen=True, eq=False)
class ExpectedExpression:
    """Kriging from anchors with a covariance, from the `per_section` nearest of each section."""

    index: AnchorIndex
    covariance: Covariance
    per_section: int

    @classmethod
    def of(cls, anchors: Anchors, depths: np.ndarray, covariance: Covariance, per_section: int,
           device: str = "cpu") -> ExpectedExpression:
        """That of anchors of sections at `depths` (sections,) um."""
        return cls(AnchorIndex(anchors, depths, covariance.group, device), covariance, per_section)

    @property
    def anchors(self) -> Anchors:
        return self.index.anchors

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

        xyz = np.atleast_2d(np.asarray(xyz, dtype=np.float64))
        device = self.index.device
        local = torch.zeros(1, 3) if around is None else torch.as_tensor(around, dtype=torch.float32)
        local = local.to(device).expand(len(xyz), -1, -1)
        widths = self.anchors.values.shape[1], len(self.covariance.weight)
        mean, variance = (np.empty((*local.shape[:2], width), np.float32) for width in widths)
        chunk = CHUNK[device]

        def solve(lo: int) -> None:
            here = slice(lo, lo + chunk)
            anchor, offset = self._neighbourhood(xyz[here], None if places is None else places[here], without, within)
            with torch.no_grad():
                found = self._solve(anchor, offset, local[here])
            mean[here], variance[here] = (part.cpu().numpy() for part in found)

        with one_thread_each(None if device == "cpu" else 1) as pool:
            list(pool.map(solve, range(0, len(xyz), chunk)))
        return (mean[:, 0], variance[:, 0]) if around is None else (mean, variance)

    def _neighbourhood(self, xyz: np.ndarray, places: np.ndarray | None, without: int | None,
                       within: int | None) -> tuple[np.ndarray, np.ndarray]:
        """Anchors (n, m) near each point and their position relative to it, (n, m, 3) um; -1 where none."""
        at = self.anchors.xyz
        away = np.abs(xyz[:, 2:] - self.index.depths)
        if without is not None:
            away[:, without] = np.inf
        usable = int(np.isfinite(away[0]).sum())
        chosen = np.argsort(away, axis=1, kind="stable")[:, : min(MAX_SECTIONS, usable)]
        anchor = np.full((len(xyz), chosen.shape[1], self.per_section), -1, dtype=np.int64)
        offset = np.zeros((*anchor.shape, 3))
        for s in np.unique(chosen):
            row, slot = np.nonzero(chosen == s)
            rows, tree = self.index.sections[s].rows, self.index.sections[s].tree
            place = xyz[row, :2] if places is None else places[row, s]
            own = int(s == within)
            k = min(self.per_section, len(rows) - own)
            near = tree.query(place, k=k + own, workers=-1)[1].reshape(len(row), k + own)[:, own:]
            anchor[row, slot, :k] = rows[near]
            offset[row, slot, :k, :2] = at[rows[near], :2] - place[:, None]
            offset[row, slot, :k, 2] = at[rows[near], 2] - xyz[row, 2][:, None]
        beyond = np.abs(offset).max(axis=-1) > BEYOND * float(np.max(self.covariance.lengths_um))
        anchor[beyond], offset[beyond] = -1, 0
        shape = (len(xyz), -1)
        return anchor.reshape(shape), offset.reshape(*shape, 3)

    def _solve(self, anchor: np.ndarray, offset: np.ndarray, local: Tensor) -> tuple[Tensor, Tensor]:
        """Mean (n, p, axes) and variance (n, p, groups) at the offsets `local` (n, p, 3) from each point."""
        import torch

        cov, dev, held = self.covariance, self.index.device, self.index.grouped
        absent = torch.from_numpy(anchor < 0).to(dev)
        index = torch.from_numpy(np.maximum(anchor, 0)).to(dev)
        off = torch.from_numpy(offset.astype(np.float32)).to(dev)
        cells, seen = held.count[index], held.values.index_select(0, index.ravel()).view(*index.shape, -1)
        mean = torch.zeros(*local.shape[:2], held.values.shape[1], device=dev)
        variance = torch.zeros(*local.shape[:2], len(cov.weight), device=dev)
        far = torch.cdist(off, off), torch.cdist(off, local)
        decays = {n: [torch.exp(d * (-1 / float(cov.lengths_um[n]))) for d in far]
                  for n in np.flatnonzero((cov.weight > LEAST).any(0))}
        weights, same = np.unique(cov.weight, axis=0, return_inverse=True)
        for n, weight in enumerate(weights):
            terms = [(float(weight[length]), decay) for length, decay in decays.items() if weight[length] > LEAST]
            if not terms:
                continue
            K, k = (_summed([(w, decay[side]) for w, decay in terms]) for side in (0, 1))
            k.masked_fill_(absent[:, :, None], 0)
            noise = float(1 - weight.sum()) / cells + 1e-4
            K.diagonal(dim1=1, dim2=2).add_(noise.masked_fill(absent, 1e6))
            w = torch.cholesky_solve(k, torch.linalg.cholesky(K))
            left = (float(weight.sum()) - (k * w).sum(1)).clamp(min=0)
            for g in np.flatnonzero(same.ravel() == n):
                mine = slice(held.ends[g], held.ends[g + 1])
                mean[:, :, mine] = w.transpose(1, 2) @ seen[:, :, mine]
                variance[:, :, g] = left
        return mean[:, :, held.back], variance


def _summed(terms: list[tuple[float, Tensor]]) -> Tensor:
    """Sum of weight * tensor, in a new tensor."""
    total = terms[0][0] * terms[0][1]
    for weight, tensor in terms[1:]:
        total.add_(tensor, alpha=weight)
    return total


def make_anchors(xyz: np.ndarray, section: np.ndarray, values: np.ndarray, bin_um: float) -> Anchors:
    """Average cells at xyz (n, 3) um over square bins of each section; bin_um 0 keeps the cells."""
    if bin_um <= 0:
        return Anchors(xyz, section, np.ones(len(xyz)), values)
    key = np.column_stack([section, np.floor(xyz[:, :2] / bin_um)]).astype(np.int64)
    cells, label, count = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    from scipy.sparse import csr_matrix

    n = len(xyz)
    average = csr_matrix((1 / count[label.ravel()], (label.ravel(), np.arange(n))), shape=(len(count), n))
    return Anchors(average @ xyz, cells[:, 0], count.astype(float), (average @ values).astype(np.float32))


def bin_width(sections_xy: list[np.ndarray], covariance: Covariance, latent_share: np.ndarray) -> float:
    """Width (um) of bins that hold about nugget/signal cells (1 to 8): noisy cells are averaged, clear ones kept.

    latent_share : (axes,) weight of each axis in the genes' variance
    """
    signal = float((covariance.signal[covariance.group] * latent_share).sum() / latent_share.sum())
    cells = np.clip((1 - signal) / max(signal, 1e-3), 1, 8)
    if cells < 2:
        return 0.0
    areas = [area_per_cell(xy) for xy in sections_xy]
    return float(np.sqrt(cells * np.median(areas)))
