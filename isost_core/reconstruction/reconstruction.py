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
from isost_core.reconstruction.lattice import Corner, Lattice
from isost_core.reconstruction.tissue_cells import TissueCells
from isost_core.sections.stack import Sections, stack_positions

DEEP = 0.5  # of the deepest place: well within the tissue
AROUND = 2.0  # lattice points, over which expression around a place is averaged
FIELD_BYTES = 48_000_000  # of decoded genes that are kept


class Reconstruction(ABC):
    """A trained model, the sections it was trained on, and the lattice that its tissue is read from.

    Either kept in the folder of a run (`runs.run.Run`), or of a model in memory (`trained.TrainedReconstruction`).

    id : what outputs say they were made by; config : settings
    """

    id: str
    config: Config

    @cached_property
    @abstractmethod
    def sections(self) -> Sections:
        """Those it was trained on."""

    @cached_property
    @abstractmethod
    def model(self) -> Model:
        """The trained model."""

    @cached_property
    @abstractmethod
    def decoder(self) -> Decoder:
        """From latent values to genes."""

    @cached_property
    @abstractmethod
    def lattice(self) -> Lattice:
        """The finished tissue on a regular lattice."""

    @abstractmethod
    def lattice_around(self, depth: float) -> Lattice:
        """A lattice that holds at least the layers on either side of a depth (um)."""

    @cached_property
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
    def noun(self) -> str:
        """What one of the measured cells is: a 'cell', 'spot', 'bead' or 'bin'."""
        return self.sections.noun

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
    def telling_um(self) -> Corner:
        """(x, y, z) um of the place to look at first: where the clearest gene is highest, well within the tissue at the
        middle of the stack (or in the layer with tissue that is nearest to it)."""
        low, high = self.extent_um
        lattice, middle = self.lattice, (np.array(low) + high) / 2
        deep = lattice.inside > DEEP * lattice.inside.max()
        layers = np.flatnonzero(deep.any((0, 1)))
        layer = int(layers[np.abs(layers - (middle[2] - low[2]) / lattice.layer_um).argmin()])
        place = np.array([*self._highest(deep[:, :, layer], layer), layer]) * lattice.step_um + lattice.origin_um
        near = np.abs(place[2] - middle[2]) <= lattice.layer_um
        x, y, z = np.clip([place[0], place[1], middle[2] if near else place[2]], low, high).tolist()
        return x, y, z

    def _highest(self, places: np.ndarray, layer: int) -> np.ndarray:
        """Indices (2,) of the one of some places (x, y) of a layer around which the clearest gene is highest."""
        from scipy.ndimage import gaussian_filter

        values = self.gene_fields(self.genes.index(self.clearest_gene))[1][:, :, layer]
        weight = gaussian_filter(places.astype(float), AROUND)
        around = gaussian_filter(np.where(places, np.maximum(values, 0), 0.0), AROUND) / np.maximum(weight, 1e-9)
        return np.array(np.unravel_index(np.where(places, around, -1).argmax(), places.shape))

    @cached_property
    def gene_fields(self) -> Callable[[int], np.ndarray]:
        """Function of a gene's index that returns its fields on the lattice (see `Lattice.gene_fields`); keeps those
        last asked for, FIELD_BYTES of them."""
        each = self.lattice.inside.size * 4 * np.dtype(np.float32).itemsize
        return lru_cache(max(1, FIELD_BYTES // each))(partial(self.lattice.gene_fields, self.decoder))

    def sampled_expression(self, genes: list[int] | slice, rows: np.ndarray) -> np.ndarray:
        """Sampled log1p expression (rows, genes) of some of the tissue's virtual cells; genes : by index."""
        return self.tissue_cells.expression(self.sections, self.decoder, genes, rows)
