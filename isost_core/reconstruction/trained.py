"""The reconstruction of a model in memory: what validation predicts sections with."""

from __future__ import annotations

from functools import cached_property

from isost_core.model.decoder import Decoder
from isost_core.model.model import Model
from isost_core.reconstruction.evaluate import layers_around, make_lattice
from isost_core.reconstruction.lattice import Lattice
from isost_core.reconstruction.reconstruction import Reconstruction
from isost_core.reconstruction.tissue_cells import TissueCells
from isost_core.sections.stack import Sections


class TrainedReconstruction(Reconstruction):
    """That of a trained model, with its seed; the lattice is made when first asked for."""

    def __init__(self, model: Model, name: str) -> None:
        self._model, self.id, self.config = model, name, model.config

    @property
    def model(self) -> Model:
        return self._model

    @property
    def sections(self) -> Sections:
        return self.model.sections

    @property
    def decoder(self) -> Decoder:
        return self.model.decoder

    @property
    def cell_spacing_um(self) -> float:
        return self.model.spacing_um

    @cached_property
    def _tissue(self) -> tuple[Lattice, TissueCells]:
        return make_lattice(self.model, self.config.seed)

    @property
    def lattice(self) -> Lattice:
        return self._tissue[0]

    @property
    def tissue_cells(self) -> TissueCells:
        return self._tissue[1]

    def lattice_around(self, depth: float) -> Lattice:
        """The two layers alone: a section needs no more, and the whole lattice takes longer to make."""
        return layers_around(self.model, depth, self.config.seed)
