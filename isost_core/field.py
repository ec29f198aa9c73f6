"""The mean field: kriging of latent expression from the measured sections to any 3D point.

Local simple kriging on bins of cells ("anchors"), with the nearest anchors of each nearby section. Where the
tissue moves between sections, `places` says where a query point lies in each of them, and the anchors are
shifted accordingly, so that structures are followed and not blurred.
"""

from dataclasses import dataclass

import numpy as np

MAX_SECTIONS = 4  # nearest sections that a prediction is made from
CHUNK = 2048


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
        around : (p, 3) um or None: predict at these offsets from each point, from the point's anchors; points of
            a small block share one solve. None predicts at the points themselves

        Returns
        -------
        mean (n, axes) float32, variance (n, groups) float32: of the mean of a cell there, without the nugget.
        With `around`, (n, p, axes) and (n, p, groups).
        """
        import torch

        xyz = np.atleast_2d(np.asarray(xyz, dtype=np.float64))
        local = torch.zeros(1, 3) if around is None else torch.as_tensor(around, dtype=torch.float32)
        parts = []
        for lo in range(0, max(len(xyz), 1), CHUNK):
            here = slice(lo, lo + CHUNK)
            anchor, offset = self._neighbourhood(xyz[here], None if places is None else places[here], without, within)
            with torch.no_grad():
                parts.append(self._solve(anchor, offset, local.to(self.device)))
        mean, variance = (torch.cat(p).cpu().numpy() for p in zip(*parts, strict=True))
        return (mean[:, 0], variance[:, 0]) if around is None else (mean, variance)

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
        """Mean (n, p, axes) and variance (n, p, groups) at the offsets `local` (p, 3) from each point."""
        import torch

        cov, dev = self.covariance, self.device
        absent = torch.from_numpy(anchor < 0).to(dev)
        index = torch.from_numpy(np.maximum(anchor, 0)).to(dev)
        off = torch.from_numpy(offset.astype(np.float32)).to(dev)
        scale = [-1 / float(length) for length in cov.lengths_um]
        between, to_point = torch.cdist(off, off), torch.cdist(off, local.expand(len(off), -1, -1))
        value, count = self._tensors()
        cells = count[index]
        mean = torch.zeros(len(anchor), len(local), value.shape[1], device=dev)
        variance = torch.zeros(len(anchor), len(local), len(cov.weight), device=dev)
        for g, weight in enumerate(cov.weight):
            terms = [(float(w), s) for w, s in zip(weight, scale, strict=True) if w > 1e-6]
            if not terms:
                continue
            K, k = (sum(w * torch.exp(d * s) for w, s in terms) for d in (between, to_point))
            k = k.masked_fill(absent[:, :, None], 0)
            noise = float(cov.nugget[g]) / cells + 1e-4
            K.diagonal(dim1=1, dim2=2).add_(noise.masked_fill(absent, 1e6))
            w = torch.cholesky_solve(k, torch.linalg.cholesky(K))
            axes = torch.from_numpy(np.flatnonzero(cov.group == g)).to(dev)
            mean[:, :, axes] = torch.einsum("nmp,nma->npa", w, value[:, axes][index])
            variance[:, :, g] = (float(weight.sum()) - (k * w).sum(1)).clamp(min=0)
        return mean, variance

    def _tensors(self):
        import torch

        held = self.__dict__.get("_held")
        if held is None:
            held = tuple(torch.as_tensor(a, dtype=torch.float32, device=self.device)
                         for a in (self.values, self.count))
            self.__dict__["_held"] = held
        return held


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
    return average @ xyz, cells[:, 0], count.astype(float), average @ values


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


def _area_per_cell(xy):
    """Tissue area over cells, um2: counted on a coarse grid, so that holes and outlines do not count."""
    low, high = xy.min(0), xy.max(0)
    box = max(float(np.prod(high - low)), 1e-9)
    side = np.sqrt(box / len(xy)) * 3
    filled = len(np.unique(np.floor((xy - low) / side), axis=0))
    return min(filled * side**2, box) / len(xy)
