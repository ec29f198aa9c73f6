"""Virtual cells through the whole tissue, made with the lattice: what profiles are counted from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class TissueCells:
    """Virtual cells through the whole tissue: xyz (n, 3) um, the measured cell (row) each one started from, and
    the change (n, axes) of its latent expression on the way."""

    xyz: np.ndarray
    source: np.ndarray
    change: np.ndarray

    def save(self, folder):
        np.savez(Path(folder) / "cells.npz", xyz=self.xyz, source=self.source, change=self.change)

    @classmethod
    def load(cls, folder):
        with np.load(Path(folder) / "cells.npz") as held:
            return cls(held["xyz"].astype(np.float64), held["source"], held["change"])

    def expression(self, run, genes, rows):
        """Sampled log1p expression (rows, genes): the measured cell's own, changed by what its path says."""
        from isost_core.reconstruct import changed_expression

        change = self.change[rows].astype(np.float32)
        X, latent = run.sections.cells.X[self.source[rows]], run.decoder.latent
        if run.config.objective == "sinkhorn":  # as published, the latent expression alone is decoded
            return latent.expression(latent.transform(X) + change, genes)
        return changed_expression(X, change, latent, genes)


def tissue_cells(clouds, depths, model, rng):
    """The cells of all layers, each at a depth drawn from the thickness of its layer."""
    step = depths[1] - depths[0] if len(depths) > 1 else 0
    z = np.repeat(depths, [len(c.xy) for c in clouds])
    z = np.clip(z + rng.uniform(-step / 2, step / 2, len(z)), model.depths[0], model.depths[-1])
    xyz = np.column_stack([np.concatenate([c.xy for c in clouds]), z]).astype(np.float32)
    return TissueCells(xyz, np.concatenate([c.source for c in clouds]).astype(np.int32),
                       np.concatenate([c.change for c in clouds]))
