"""The mean field: kriging of latent expression from the measured sections to any 3D point.

Local simple kriging on bins of cells ("anchors"), with the nearest anchors of each nearby section. Where the
tissue moves between sections, `places` says where a query point lies in each of them, and the anchors are
shifted accordingly, so that structures are followed and not blurred.
"""

from dataclasses import dataclass, replace

import numpy as np

from isost_core.device import one_thread_each
from isost_core.sections.spacing import _area_per_cell

MAX_SECTIONS = 4  # nearest sections that a prediction is made from
CHUNK = {"cpu": 256, "cuda": 8192}  # points solved at once: by a CPU's thread so few that they stay in its cache
LEAST = 1e-6  # weight of a length that counts


@dataclass(frozen=True)
class Field:
    """Anchors of all sections and the covariance between them.

    xyz : (anchors, 3) um; section : (anchors,) section number; count : (anchors,) cells in the bin
    values : (anchors, axes) mean latent values; depths : (sections,) um
    """

    xyz: np.ndarray
    section: np.ndarray
    count: np.ndarray
    values: np.ndarray
    depths: np.ndarray
    covariance: object
    per_section: int
    device: str = "cpu"

    def predict(self, xyz, places=None, without=None, within=None, around=None):
        """Mean and field variance of the latent values at points.

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
        local = torch.zeros(1, 3) if around is None else torch.as_tensor(around, dtype=torch.float32)
        local = local.to(self.device).expand(len(xyz), -1, -1)
        mean, variance = self._room(*local.shape[:2])

        chunk = CHUNK[self.device]

        def solve(lo):
            here = slice(lo, lo + chunk)
            anchor, offset = self._neighbourhood(xyz[here], None if places is None else places[here], without, within)
            with torch.no_grad():
                found = self._solve(anchor, offset, local[here])
            mean[here], variance[here] = (part.cpu().numpy() for part in found)

        with one_thread_each(None if self.device == "cpu" else 1) as pool:
            list(pool.map(solve, range(0, len(xyz), chunk)))
        return (mean[:, 0], variance[:, 0]) if around is None else (mean, variance)

    def _room(self, n, points):
        widths = self.values.shape[1], len(self.covariance.weight)
        return tuple(np.empty((n, points, width), np.float32) for width in widths)

    def _neighbourhood(self, xyz, places, without, within):
        """Anchors (n, m) near each point and their position relative to it, (n, m, 3) um; -1 where none."""
        away = np.abs(xyz[:, 2:] - self.depths)
        if without is not None:
            away[:, without] = np.inf
        usable = int(np.isfinite(away[0]).sum())
        chosen = np.argsort(away, axis=1, kind="stable")[:, : min(MAX_SECTIONS, usable)]
        anchor = np.full((len(xyz), chosen.shape[1], self.per_section), -1, dtype=np.int64)
        offset = np.zeros((*anchor.shape, 3))
        for s in np.unique(chosen):
            row, slot = np.nonzero(chosen == s)
            rows, tree = self._tree(s)
            place = xyz[row, :2] if places is None else places[row, s]
            own = int(s == within)
            k = min(self.per_section, len(rows) - own)
            index = tree.query(place, k=k + own, workers=-1)[1].reshape(len(row), k + own)[:, own:]
            anchor[row, slot, :k] = rows[index]
            offset[row, slot, :k, :2] = self.xyz[rows[index], :2] - place[:, None]
            offset[row, slot, :k, 2] = self.xyz[rows[index], 2] - xyz[row, 2][:, None]
        shape = (len(xyz), -1)
        return anchor.reshape(shape), offset.reshape(*shape, 3)

    def _tree(self, s):
        from scipy.spatial import cKDTree

        trees = self.__dict__.setdefault("_trees", {})
        if s not in trees:
            rows = np.flatnonzero(self.section == s)
            trees[s] = rows, cKDTree(self.xyz[rows, :2])
        return trees[s]

    def _solve(self, anchor, offset, local):
        """Mean (n, p, axes) and variance (n, p, groups) at the offsets `local` (n, p, 3) from each point."""
        import torch

        cov, dev = self.covariance, self.device
        absent = torch.from_numpy(anchor < 0).to(dev)
        index = torch.from_numpy(np.maximum(anchor, 0)).to(dev)
        off = torch.from_numpy(offset.astype(np.float32)).to(dev)
        value, count, back, ends = self._tensors()
        cells, seen = count[index], value.index_select(0, index.ravel()).view(*index.shape, -1)
        mean = torch.zeros(*local.shape[:2], value.shape[1], device=dev)
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
                mean[:, :, ends[g]:ends[g + 1]] = w.transpose(1, 2) @ seen[:, :, ends[g]:ends[g + 1]]
                variance[:, :, g] = left
        return mean[:, :, back], variance

    def _tensors(self):
        """On the device: values (anchors, axes) with the axes of each group side by side, count; the place of each
        axis there, and where each group's axes begin."""
        import torch

        if "_held" not in self.__dict__:
            group = self.covariance.group
            order = np.argsort(group, kind="stable")
            held = (torch.as_tensor(a, dtype=torch.float32, device=self.device)
                    for a in (self.values[:, order], self.count))
            back = torch.from_numpy(np.argsort(order)).to(self.device)
            ends = np.searchsorted(group[order], np.arange(len(self.covariance.weight) + 1))
            self.__dict__["_held"] = *held, back, ends
        return self.__dict__["_held"]

    def reading_with(self, covariance):
        """This field with another covariance of the same groups of axes; what was prepared of the anchors is kept."""
        made = replace(self, covariance=covariance)
        self._tensors()
        made.__dict__.update({name: self.__dict__[name] for name in ("_held", "_trees") if name in self.__dict__})
        return made


def _summed(terms):
    """Sum of weight * tensor, in a new tensor."""
    total = terms[0][0] * terms[0][1]
    for weight, tensor in terms[1:]:
        total.add_(tensor, alpha=weight)
    return total


def make_anchors(xyz, section, values, bin_um):
    """Average cells over square bins of each section; bin_um 0 keeps the cells.

    Returns
    -------
    xyz (anchors, 3), section (anchors,), count (anchors,), values (anchors, axes)
    """
    if bin_um <= 0:
        return xyz, section, np.ones(len(xyz)), values
    key = np.column_stack([section, np.floor(xyz[:, :2] / bin_um)]).astype(np.int64)
    cells, label, count = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    from scipy.sparse import csr_matrix

    n = len(xyz)
    average = csr_matrix((1 / count[label.ravel()], (label.ravel(), np.arange(n))), shape=(len(count), n))
    return average @ xyz, cells[:, 0], count.astype(float), (average @ values).astype(np.float32)


def bin_width(sections_xy, covariance, latent_share):
    """Width (um) of bins that hold about nugget/signal cells (1 to 8): noisy cells are averaged, clear ones kept.

    latent_share : (axes,) weight of each axis in the genes' variance
    """
    signal = float((covariance.signal[covariance.group] * latent_share).sum() / latent_share.sum())
    cells = np.clip((1 - signal) / max(signal, 1e-3), 1, 8)
    if cells < 2:
        return 0.0
    areas = [_area_per_cell(xy) for xy in sections_xy]
    return float(np.sqrt(cells * np.median(areas)))
