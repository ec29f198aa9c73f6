"""Virtual cells through the whole tissue, as a run keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isost_core.model.decoder import Decoder, Genes
from isost_core.model.nearest_cells import Layers
from isost_core.sections.stack import Sections


@dataclass(frozen=True, eq=False)
class TissueCells:
    """Virtual cells through the whole tissue: xyz (n, 3) um, the measured cell (row) each one started from, and
    the change (n, axes) of its latent expression on the way."""

    xyz: np.ndarray
    source: np.ndarray
    change: np.ndarray

    def save(self, folder: Path) -> None:
        np.savez(Path(folder) / "cells.npz", xyz=self.xyz, source=self.source, change=self.change)

    @classmethod
    def load(cls, folder: Path) -> TissueCells:
        with np.load(Path(folder) / "cells.npz") as held:
            return cls(held["xyz"].astype(np.float64), held["source"], held["change"])

    def expression(self, sections: Sections, decoder: Decoder, genes: Genes, rows: np.ndarray) -> np.ndarray:
        """Sampled log1p expression (rows, genes): the measured cell's own, changed by what its path says."""
        X = sections.cells.X[self.source[rows]]
        return decoder.changed(X, self.change[rows].astype(np.float32), genes)


def tissue_cells(layers: Layers, measured: np.ndarray, rng: np.random.Generator) -> TissueCells:
    """The cells of all layers, each at a depth drawn from the thickness of its layer, within the `measured` depths
    (sections,) um."""
    clouds, depths = layers.clouds, layers.depths
    step = depths[1] - depths[0] if len(depths) > 1 else 0
    z = np.repeat(depths, [len(c.xy) for c in clouds])
    z = np.clip(z + rng.uniform(-step / 2, step / 2, len(z)), measured[0], measured[-1])
    xyz = np.column_stack([np.concatenate([c.xy for c in clouds]), z]).astype(np.float32)
    return TissueCells(xyz, np.concatenate([c.source for c in clouds]).astype(np.int32),
                       np.concatenate([c.change for c in clouds]))
