"""From latent values to genes and their uncertainty. Opened without torch, so that a page is quick to show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from isost_core.model.covariance import Covariance
from isost_core.model.intervals import CellValues, Distribution, Normal
from isost_core.model.latent import Genes, Latent
from isost_core.sections.expression import Matrix, dense

EVERY = slice(None)
Z80 = 1.2815515655446004  # half width of the central 80 % interval of a normal distribution, in sd
CELLS_AT_ONCE = 1024  # whose values are computed together: few enough for the processor's cache


@dataclass(frozen=True, eq=False)
class Calibration:
    """How wide the predicted intervals of each gene are, (genes,) each.

    scale : factor of the predicted sd; slope : share of the variance that grows with the expected expression, 0 to 1
    level : the expected expression at which the variance is that of kriging alone
    values : distribution of a cell's value about it; None in runs of older versions
    """

    scale: np.ndarray
    slope: np.ndarray
    level: np.ndarray
    values: CellValues | None = None


@dataclass(frozen=True, eq=False)
class Decoder(ABC):
    """What turns latent values into genes, without the networks."""

    latent: Latent
    tells_known_share: ClassVar[bool]

    @abstractmethod
    def value_sd(self, variance: np.ndarray, mean: np.ndarray, genes: Genes = EVERY) -> np.ndarray:
        """Predictive sd (n, genes) of one cell's log1p value.

        variance : (n, groups) of the expected latent values; mean : (n, genes) expected expression
        """

    def distribution(self, genes: Genes = EVERY) -> Distribution:
        """Of one cell's log1p value in some genes, given its mean and sd."""
        return Normal()

    @abstractmethod
    def mean_sd(self, variance: np.ndarray, genes: Genes = EVERY) -> np.ndarray:
        """Standard error (n, genes) of the expected expression itself; variance : (n, groups)."""

    @abstractmethod
    def known_share(self, variance: np.ndarray, genes: Genes = EVERY) -> np.ndarray | None:
        """Share (n, genes) of the variance of each gene's pattern that the sections fix at a place, 0 to 1; None where
        it cannot be told. variance : (n, groups), what is left unknown there."""

    @abstractmethod
    def changed(self, X: Matrix, change: np.ndarray, genes: Genes = EVERY) -> np.ndarray:
        """Sampled log1p expression (n, genes) of measured cells X (n, all genes) after a change (n, axes) of their
        latent expression."""

    @abstractmethod
    def error_lengths(self, gene: int, gap_um: float) -> tuple[np.ndarray, np.ndarray]:
        """Lengths (um) over which a gene's expected expression errs alike between sections so far apart, and the share
        of the error at each."""

    @property
    @abstractmethod
    def structure(self) -> np.ndarray:
        """Share of each gene's variance that is spatial, (genes,)."""

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write what `load_decoder` reads."""


@dataclass(frozen=True, eq=False)
class BridgeDecoder(Decoder):
    """That of the bridge objective, whose expected expression has a covariance. Calibrated on masked sections."""

    covariance: Covariance
    calibration: Calibration
    tells_known_share = True

    def value_sd(self, variance: np.ndarray, mean: np.ndarray, genes: Genes = EVERY) -> np.ndarray:
        """Counts spread more where there is more: a share `slope` of the variance is proportional to the mean."""
        share, calibration = self.group_share(genes), self.calibration
        slope, level, scale = (part[genes] for part in (calibration.slope, calibration.level, calibration.scale))
        rest = self.covariance.nugget @ share + np.clip(1 - share.sum(0), 0, 1)
        sd = variance @ share.astype(np.float32) + rest.astype(np.float32)
        sd *= np.maximum(mean * (slope / level).astype(np.float32) + (1 - slope).astype(np.float32), 1e-3)
        np.sqrt(np.maximum(sd, 1e-12, out=sd), out=sd)
        return (sd * (self.latent.scale[genes] * scale).astype(np.float32)).astype(np.float32)

    def distribution(self, genes: Genes = EVERY) -> Distribution:
        values = self.calibration.values
        return super().distribution(genes) if values is None else values.of(genes)

    def mean_sd(self, variance: np.ndarray, genes: Genes = EVERY) -> np.ndarray:
        total = variance @ self.group_share(genes)
        return (np.sqrt(np.maximum(total, 0)) * self.latent.scale[genes]).astype(np.float32)

    def known_share(self, variance: np.ndarray, genes: Genes = EVERY) -> np.ndarray:
        """What varies from one cell to the next (the shortest length of the covariance) is no pattern, and nothing
        between cells can fix it: it is left out. The mean of a region is known better than any of its places."""
        fine = self.covariance.weight[:, 0]
        share = self.group_share(genes)
        pattern = np.maximum((self.covariance.signal - fine) @ share, 1e-9)
        return (1 - np.clip(np.maximum(variance - fine, 0) @ share / pattern, 0, 1)).astype(np.float32)

    def changed(self, X: Matrix, change: np.ndarray, genes: Genes = EVERY) -> np.ndarray:
        """The measured values change; what was not detected stays 0."""
        X = X[:, genes]
        made = self.latent.change(change, genes)
        for lo in range(0, len(made), CELLS_AT_ONCE):
            here = slice(lo, lo + CELLS_AT_ONCE)
            measured = dense(X[here])
            np.maximum(np.add(made[here], measured, out=made[here]), 0, out=made[here])
            made[here] *= measured > 0
        return made

    def error_lengths(self, gene: int, gap_um: float) -> tuple[np.ndarray, np.ndarray]:
        """In the middle of a gap a part tanh(gap / 2 l) of the covariance of length l is unknown (an Ornstein-Uhlenbeck
        process between two known ends). In the plane the sections fix all that is wider than half a gap, so errors
        are alike over half a gap at most."""
        lengths = self.covariance.lengths_um
        weight = self.group_share([gene])[:, 0] @ self.covariance.weight
        unknown = weight * np.tanh(gap_um / 2 / lengths) + 1e-12
        return np.minimum(lengths, gap_um / 2), unknown / unknown.sum()

    def group_share(self, genes: Genes = EVERY) -> np.ndarray:
        """Share (groups, genes) of each gene's variance that a group of axes carries."""
        group, decode = self.covariance.group, self.latent.decode[:, genes]
        return np.stack([(decode[group == g] ** 2).sum(0) for g in range(group.max() + 1)])

    @property
    def structure(self) -> np.ndarray:
        return self.covariance.signal @ self.group_share()

    def save(self, path: Path) -> None:
        _save(path, {"latent": self.latent, "covariance": self.covariance}, self.calibration)


@dataclass(frozen=True, eq=False)
class PublishedDecoder(Decoder):
    """That of the published objective: latent values alone are decoded, and a cell's value has one sd everywhere.

    sd : (genes,)
    """

    sd: np.ndarray
    tells_known_share = False

    def value_sd(self, variance: np.ndarray, mean: np.ndarray, genes: Genes = EVERY) -> np.ndarray:
        return np.tile(self.sd[genes].astype(np.float32), (len(variance), 1))

    def mean_sd(self, variance: np.ndarray, genes: Genes = EVERY) -> np.ndarray:
        return np.zeros((len(variance), len(self.sd[genes])), np.float32)

    def known_share(self, variance: np.ndarray, genes: Genes = EVERY) -> None:
        return None

    def changed(self, X: Matrix, change: np.ndarray, genes: Genes = EVERY) -> np.ndarray:
        """As published, the latent expression alone is decoded."""
        return self.latent.expression(self.latent.transform(X) + change, genes)

    def error_lengths(self, gene: int, gap_um: float) -> tuple[np.ndarray, np.ndarray]:
        """It says nothing of them: one of 1 um."""
        return np.ones(1), np.ones(1)

    @property
    def structure(self) -> np.ndarray:
        return self.latent.signal @ self.latent.decode**2

    def save(self, path: Path) -> None:
        ones = np.ones(len(self.sd))
        _save(path, {"latent": self.latent}, Calibration(self.sd, ones, ones))


def _save(path: Path, parts: dict[str, Latent | Covariance], calibration: Calibration) -> None:
    held = {f"{name}.{k}": v for name, part in parts.items() for k, v in vars(part).items()}
    if calibration.values is not None:
        held |= {f"values.{k}": v for k, v in vars(calibration.values).items()}
    np.savez(path, calibration=calibration.scale, slope=calibration.slope, level=calibration.level, **held)


def load_decoder(path: Path) -> Decoder:
    """The decoder that was saved, of either objective."""
    with np.load(path) as file:
        held = {k: file[k] for k in file.files}
    latent, covariance, values = ({k.split(".")[1]: v for k, v in held.items() if k.startswith(f"{part}.")}
                                  for part in ("latent", "covariance", "values"))
    if not covariance:
        return PublishedDecoder(Latent(**latent), held["calibration"])
    calibration = Calibration(held["calibration"], held["slope"], held["level"],
                              CellValues(**values) if values else None)
    return BridgeDecoder(Latent(**latent), Covariance(**covariance), calibration)
