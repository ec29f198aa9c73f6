"""A run: one reconstruction in a folder on disk. Written so that a reader never sees half a file.

config.json     settings and provenance        status.json    state, stage, progress (replaced atomically)
process.json, process.txt    the process that works on it, what it printed
sections.h5ad   the training sections          losses.csv, log.txt, model.pt and decoder.npz (the trained model)
lattice/        the finished tissue; written last
validation/     how well its sections are predicted when they are left out, where that was asked for
"""

import shutil
import time
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path

import numpy as np

from isost_core import __version__
from isost_core.config import Config
from isost_core.errors import InputError
from isost_core.files import read_json, write_json
from isost_core.jobs.status import Status, read_status, write_status

DEEP = 0.5  # of the deepest place: well within the tissue
FIELD_BYTES = 48_000_000  # of decoded genes that an open run keeps
FORMAT = 2  # of a run's folder: raised when an older one can no longer be read


@dataclass(frozen=True)
class RunCard:
    """What a list of runs shows."""

    path: Path
    id: str
    name: str
    created: float
    state: str
    n_sections: int
    n_cells: int
    n_genes: int
    preset: str


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
        from isost_core.sections.stack import Sections

        return Sections.load(self.path / "sections.h5ad")

    @cached_property
    def genes(self):
        return self.sections.genes

    @cached_property
    def model(self):
        from isost_core.model.store import load_model

        return load_model(self.path, self.sections)

    @cached_property
    def decoder(self):
        """From latent values to genes (Decoder); opened without the model."""
        from isost_core.model.decoder import Decoder

        return Decoder.load(self.path / "decoder.npz")

    @cached_property
    def clearest_gene(self):
        """The gene with the largest share of spatial variance: what a view opens with."""
        return self.genes[int(np.argmax(self.decoder.structure))]

    @cached_property
    def lattice(self):
        from isost_core.reconstruction.lattice import Lattice

        return Lattice.load(self.path / "lattice")

    def lattice_around(self, depth):  # a trained stack without a run makes two layers
        return self.lattice

    @cached_property
    def tissue_cells(self):
        """Virtual cells through the whole tissue (TissueCells)."""
        from isost_core.reconstruction.virtual_cells import TissueCells

        return TissueCells.load(self.path / "lattice")

    @cached_property
    def measured_xyz(self):
        """Positions (n, 3) um of the measured cells, in the order of `sections.cells`."""
        from isost_core.sections.stack import stack_positions

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


def create_run(path, sections, config, name=None, overwrite=False, source=None):
    """Make the folder of a new run; `execute` does the work.

    Parameters
    ----------
    path : folder of the run; an existing run is an InputError unless overwrite, and then stays until the new
        one has finished
    source : dict, what the user gave (files, options, device, hold-out), kept as provenance

    Returns
    -------
    Path of the folder to give to `execute`
    """
    path = Path(path)
    check_target(path, overwrite)
    replaces = str(path.resolve()) if is_run(path) else None
    folder = path.with_name(path.name + ".new") if replaces else path
    if replaces and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sections.save(folder / "sections.h5ad")
    about = {"name": name or path.name, "created": time.time(), "version": __version__, "format": FORMAT,
             "config": config.to_dict(),
             "source": source or {}, "frame": sections.frame, "normalize": sections.normalize,
             "input_hashes": sections.hashes, "notes": list(sections.notes), "synthetic": bool(sections.synthetic),
             "sections": [{"name": n, "depth_um": float(d), "cells": len(sections.rows(n))}
                          for n, d in zip(sections.names, sections.depths, strict=True)],
             "n_cells": int(sections.n_cells), "n_genes": len(sections.genes), "replaces": replaces}
    write_json(folder / "config.json", about)
    write_status(folder, Status())
    return folder


def check_target(path, overwrite=False):
    """InputError where a new run cannot be put: something else is there, or a run and no leave to replace it."""
    path = Path(path)
    if is_run(path) and not overwrite:
        raise InputError(f"{path} already holds a run. Choose another folder, or overwrite it (--overwrite).")
    if not is_run(path) and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{path} exists and is not a run. Choose another folder.")


def is_run(path):
    return (Path(path) / "config.json").is_file()


def load_run(path):
    """Open a finished run; an InputError says what is wrong where it is not one."""
    path = Path(path)
    if not is_run(path):
        raise InputError(f"{path} is not a run: it has no config.json. Give the folder that `fit --out` wrote.")
    status = read_status(path)
    if status.state != "done":
        reason = f" {status.message}" if status.message else ""
        raise InputError(f"Run '{path.name}' is not finished: it is {status.state}.{reason}")
    if not is_readable(path):
        raise InputError(f"Run '{path.name}' was made by another version of isoST Studio and cannot be opened by this "
                         "one. Run it again from its sections.")
    return Run(path)


def is_readable(path):
    """Whether this version can read a run."""
    return read_json(Path(path) / "config.json").get("format") == FORMAT


def list_runs(workspace):
    """RunCards of the runs in a folder, newest first."""
    cards = []
    for path in Path(workspace).glob("*"):
        if is_run(path) and path.suffix not in (".new", ".old"):
            about = read_json(path / "config.json")
            cards.append(RunCard(path, path.name, about["name"], about["created"], read_status(path).state,
                                 len(about["sections"]), about["n_cells"], about["n_genes"],
                                 about["config"]["preset"]))
    return sorted(cards, key=lambda c: -c.created)
