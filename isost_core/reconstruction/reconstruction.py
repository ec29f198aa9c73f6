"""The reconstructed tissue of a stack: what every output is read from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property, lru_cache, partial

import numpy as np

from isost_core.axis import Axis
from isost_core.config import Config
from isost_core.model.decoder import Decoder
from isost_core.model.model import Model
from isost_core.reconstruction.lattice import Lattice
from isost_core.reconstruction.tissue_cells import TissueCells
from isost_core.sections.stack import Sections, stack_positions

DEEP = 0.5  # of the deepest place: well within the tissue
FIELD_BYTES = 48_000_000  # of decoded genes that are kept

Corner = tuple[float, float, float]


class Reconstruction(ABC):
    """A trained model, the sections it was trained on, and the lattice that its tissue is read from.

    Either kept in the folder of a run (`runs.run.Run`), or of a model in memory (`trained.TrainedReconstruction`).

    id : what outputs say they were made by; config : settings
    """

    id: str
    config: Config

    @property
    @abstractmethod
    def sections(self) -> Sections:
        """Those it was trained on."""

    @property
    @abstractmethod
    def model(self) -> Model:
        """The trained model."""

    @property
    @abstractmethod
    def decoder(self) -> Decoder:
        """From latent values to genes."""

    @property
    @abstractmethod
    def lattice(self) -> Lattice:
        """The finished tissue on a regular lattice."""

    @abstractmethod
    def lattice_around(self, depth: float) -> Lattice:
        """A lattice that holds at least the layers on either side of a depth (um)."""

    @property
    @abstractmethod
    def tissue_cells(self) -> TissueCells:
        """Virtual cells through the whole tissue."""

    @property
    @abstractmethod
    def cell_spacing_um(self) -> float:
        """Median nearest-neighbour distance of the measured cells."""

    @property
    def axis(self) -> Axis:
        """The axis along which the sections are stacked."""
        return self.sections.axis

    @cached_property
    def genes(self) -> list[str]:
        return self.sections.genes

    @cached_property
    def clearest_gene(self) -> str:
        """The gene with the largest share of spatial variance: what a view opens with."""
        return self.genes[int(np.argmax(self.decoder.structure))]

    @cached_property
    def measured_xyz(self) -> np.ndarray:
        """Positions (n, 3) um of the measured cells, in the order of `sections.cells`."""
        return stack_positions(self.sections)[0]

    @property
    def depth_range(self) -> tuple[float, float]:
        """(lowest, highest) measured depth, um."""
        return float(self.sections.depths[0]), float(self.sections.depths[-1])

    @property
    def extent_um(self) -> tuple[Corner, Corner]:
        """((x, y, z), (x, y, z)) corners of the reconstructed box."""
        low, high = self.lattice.extent_um
        return low, (high[0], high[1], self.depth_range[1])

    @cached_property
    def middle_um(self) -> Corner:
        """(x, y, z) um of the middle of the box, or of the place well within the tissue that is nearest to it."""
        low, high = self.extent_um
        middle, lattice = (np.array(low) + high) / 2, self.lattice
        at = np.rint((middle - lattice.origin_um) / lattice.step_um).astype(int)
        if lattice.inside[tuple(at)] <= 0:
            deep = np.argwhere(lattice.inside > DEEP * lattice.inside.max()) * lattice.step_um + lattice.origin_um
            middle = np.clip(deep[np.linalg.norm(deep - middle, axis=1).argmin()], low, high)
        x, y, z = middle.tolist()
        return x, y, z

    @cached_property
    def gene_fields(self) -> Callable[[int], np.ndarray]:
        """Function of a gene's index that returns its fields on the lattice (see `Lattice.gene_fields`); keeps those
        last asked for, FIELD_BYTES of them."""
        each = self.lattice.inside.size * 4 * np.dtype(np.float32).itemsize
        return lru_cache(max(1, FIELD_BYTES // each))(partial(self.lattice.gene_fields, self.decoder))

    def sampled_expression(self, genes: list[int] | slice, rows: np.ndarray) -> np.ndarray:
        """Sampled log1p expression (rows, genes) of some of the tissue's virtual cells; genes : by index."""
        return self.tissue_cells.expression(self.sections, self.decoder, genes, rows)
