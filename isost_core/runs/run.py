"""A finished run, opened."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from isost_core.axis import DEPTH, Axis
from isost_core.config import Config
from isost_core.files import read_json, slug
from isost_core.model.decoder import Decoder, load_decoder
from isost_core.model.model import Model
from isost_core.model.store import load_model
from isost_core.reconstruction.lattice import Lattice
from isost_core.reconstruction.reconstruction import Reconstruction
from isost_core.reconstruction.tissue_cells import TissueCells
from isost_core.sections.stack import Sections


class Run(Reconstruction):
    """A finished run, opened: the reconstruction in its folder. Each part is read when first used.

    id, path, name, config; about : what config.json says; synthetic : whether it is a phantom
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.id = self.path.name
        self.about: dict[str, Any] = read_json(self.path / "config.json")
        self.config = Config.from_dict(self.about["config"])
        self.synthetic = bool(self.about.get("synthetic"))

    @property
    def name(self) -> str:
        """As its owner calls it now."""
        return read_json(self.path / "config.json")["name"]

    @property
    def file_stem(self) -> str:
        """What names of files that are taken away begin with: its name, or its id where no letter of that is left."""
        return slug(self.name) or self.id

    @property
    def axis(self) -> Axis:
        return Axis(**self.about["axis"]) if "axis" in self.about else DEPTH

    @cached_property
    def sections(self) -> Sections:
        return Sections.load(self.path / "sections.h5ad")

    @property
    def noun(self) -> str:
        """What one of its measured cells is: a 'cell', 'spot', 'bead' or 'bin'."""
        return str(self.about.get("noun", "")) or self.sections.noun

    @property
    def y_down(self) -> bool:
        """Whether y goes downwards in pictures, as it does in the images of its instrument."""
        return bool(self.about.get("y_down", False))

    @cached_property
    def model(self) -> Model:
        return load_model(self.path, self.sections)

    @cached_property
    def decoder(self) -> Decoder:
        """From latent values to genes; opened without the model."""
        return load_decoder(self.path / "decoder.npz")

    @cached_property
    def lattice(self) -> Lattice:
        return Lattice.load(self.path / "lattice")

    def lattice_around(self, depth: float) -> Lattice:
        """The whole lattice: it is finished."""
        return self.lattice

    @cached_property
    def tissue_cells(self) -> TissueCells:
        return TissueCells.load(self.path / "lattice")

    @property
    def cell_spacing_um(self) -> float:
        return float(self.about["cell_spacing_um"])
