"""A finished run, opened."""

from functools import cached_property, lru_cache, partial
from pathlib import Path

import numpy as np

from isost_core.config import Config
from isost_core.files import read_json
from isost_core.model.decoder import load_decoder
from isost_core.model.store import load_model
from isost_core.reconstruction.lattice import Lattice
from isost_core.reconstruction.tissue_cells import TissueCells
from isost_core.sections.stack import Sections, stack_positions

DEEP = 0.5  # of the deepest place: well within the tissue
FIELD_BYTES = 48_000_000  # of decoded genes that an open run keeps


class Run:
    """A finished run, opened. Model and lattice are read when first used.

    Attributes
    ----------
    id, path, name, config; sections : Sections it was trained on; genes : list of names
    depth_range : (lowest, highest) measured depth, um; cell_spacing_um : median nearest-neighbour distance
    extent_um : ((x, y, z), (x, y, z)) corners of the reconstructed box; synthetic : whether it is a phantom
    """

    def __init__(self, path):
        self.path = Path(path)
        self.id = self.path.name
        self.about = read_json(self.path / "config.json")
        self.name = self.about["name"]
        self.config = Config.from_dict(self.about["config"])
        self.synthetic = bool(self.about.get("synthetic"))

    @cached_property
    def sections(self):
        return Sections.load(self.path / "sections.h5ad")

    @cached_property
    def genes(self):
        return self.sections.genes

    @cached_property
    def model(self):
        return load_model(self.path, self.sections)

    @cached_property
    def decoder(self):
        """From latent values to genes (Decoder); opened without the model."""
        return load_decoder(self.path / "decoder.npz")

    @cached_property
    def clearest_gene(self):
        """The gene with the largest share of spatial variance: what a view opens with."""
        return self.genes[int(np.argmax(self.decoder.structure))]

    @cached_property
    def lattice(self):
        return Lattice.load(self.path / "lattice")

    def lattice_around(self, depth):  # a trained stack without a run makes two layers
        return self.lattice

    @cached_property
    def tissue_cells(self):
        """Virtual cells through the whole tissue (TissueCells)."""
        return TissueCells.load(self.path / "lattice")

    @cached_property
    def measured_xyz(self):
        """Positions (n, 3) um of the measured cells, in the order of `sections.cells`."""
        return stack_positions(self.sections)[0]

    @property
    def depth_range(self):
        return float(self.sections.depths[0]), float(self.sections.depths[-1])

    @property
    def cell_spacing_um(self):
        return float(self.about["cell_spacing_um"])

    @property
    def extent_um(self):
        low, high = self.lattice.extent_um
        return low, (*high[:2], self.depth_range[1])

    @cached_property
    def middle_um(self):
        """(x, y, z) um of the middle of the box, or of the place well within the tissue that is nearest to it."""
        low, high = self.extent_um
        middle, lattice = (np.array(low) + high) / 2, self.lattice
        at = np.rint((middle - lattice.origin_um) / lattice.step_um).astype(int)
        if lattice.inside[tuple(at)] > 0:
            return tuple(middle.tolist())
        deep = np.argwhere(lattice.inside > DEEP * lattice.inside.max()) * lattice.step_um + lattice.origin_um
        nearest = deep[np.linalg.norm(deep - middle, axis=1).argmin()]
        return tuple(np.clip(nearest, low, high).tolist())

    @cached_property
    def gene_fields(self):
        """Function of a gene's index that returns its fields on the lattice (see `Lattice.gene_fields`); keeps those
        last asked for, FIELD_BYTES of them."""
        each = self.lattice.inside.size * 4 * np.dtype(np.float32).itemsize
        return lru_cache(max(1, FIELD_BYTES // each))(partial(self.lattice.gene_fields, self.decoder))
