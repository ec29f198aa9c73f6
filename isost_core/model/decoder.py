"""From latent values to genes and their uncertainty. Opened without torch, so that a page is quick to show."""

from dataclasses import dataclass

import numpy as np

from isost_core.model.covariance import Covariance
from isost_core.model.latent import Latent


@dataclass(frozen=True)
class Decoder:
    """Latent space, covariance (None with the sinkhorn objective) and calibration of a trained model.

    calibration : (genes,) factor of the predicted sd; with the sinkhorn objective the sd itself
    slope : (genes,) share of the variance that grows with the expected expression, 0 to 1; level : (genes,) the
        expected expression at which the variance is that of the field alone
    """

    latent: Latent
    covariance: Covariance | None
    calibration: np.ndarray
    slope: np.ndarray
    level: np.ndarray

    def value_sd(self, variance, mean, genes=slice(None)):
        """Predictive sd (n, genes) of one cell's log1p value.

        variance : (n, groups) of the field; mean : (n, genes) expected expression. Counts spread more where there
        is more: a share `slope` of the variance is proportional to the mean.
        """
        if self.covariance is None:
            return np.tile(self.calibration[genes].astype(np.float32), (len(variance), 1))
        share = self.group_share(genes)
        total = (variance + self.covariance.nugget) @ share + np.clip(1 - share.sum(0), 0, 1)
        growth = 1 + self.slope[genes] * (mean / self.level[genes] - 1)
        scale = self.latent.scale[genes] * self.calibration[genes]
        return (np.sqrt(np.maximum(total * np.maximum(growth, 1e-3), 1e-12)) * scale).astype(np.float32)

    def mean_sd(self, variance, genes=slice(None)):
        """Standard error (n, genes) of the predicted mean itself, from the field variance (n, groups)."""
        if self.covariance is None:
            return np.zeros((len(variance), len(self.calibration[genes])), np.float32)
        total = variance @ self.group_share(genes)
        return (np.sqrt(np.maximum(total, 0)) * self.latent.scale[genes]).astype(np.float32)

    def known_share(self, variance, genes=slice(None)):
        """Share (n, genes) of the variance of each gene's pattern that the sections fix at a place, 0 to 1; None with
        the sinkhorn objective.

        variance : (n, groups) of the field, what is left unknown there. What varies from one cell to the next (the
        shortest length of the covariance) is no pattern, and nothing between cells can fix it: it is left out. The
        mean of a region is known better than any of its places.
        """
        if self.covariance is None:
            return None
        fine = self.covariance.weight[:, 0]
        share = self.group_share(genes)
        pattern = np.maximum((self.covariance.signal - fine) @ share, 1e-9)
        return (1 - np.clip(np.maximum(variance - fine, 0) @ share / pattern, 0, 1)).astype(np.float32)

    def group_share(self, genes=slice(None)):
        """Share (groups, genes) of each gene's variance that a group of axes carries."""
        group, decode = self.covariance.group, self.latent.decode[:, genes]
        return np.stack([(decode[group == g] ** 2).sum(0) for g in range(group.max() + 1)])

    @property
    def structure(self):
        """Share of each gene's variance that is spatial, (genes,)."""
        if self.covariance is None:
            return self.latent.signal @ self.latent.decode**2
        return self.covariance.signal @ self.group_share()

    def save(self, path):
        parts = {"latent": self.latent, "covariance": self.covariance}
        held = {f"{p}.{k}": v for p, part in parts.items() if part is not None for k, v in vars(part).items()}
        np.savez(path, calibration=self.calibration, slope=self.slope, level=self.level, **held)

    @classmethod
    def load(cls, path):
        with np.load(path) as file:
            held = {k: file[k] for k in file.files}
        latent, covariance = ({k.split(".")[1]: v for k, v in held.items() if k.startswith(f"{part}.")}
                              for part in ("latent", "covariance"))
        return cls(Latent(**latent), Covariance(**covariance) if covariance else None, held["calibration"],
                   held["slope"], held["level"])
