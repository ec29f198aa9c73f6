"""The work of a run: train, evaluate the lattice, and report on the way."""

from __future__ import annotations

import os
import shutil
from os import PathLike
from pathlib import Path

from isost_core.config import Config
from isost_core.files import read_json, write_json
from isost_core.jobs.progress import Reporter
from isost_core.jobs.stages import Stage
from isost_core.reconstruction.timing import SHARES, reference_seconds
from isost_core.runs.folder import add_to_about, is_run


def execute(folder: str | PathLike[str]) -> Path:
    """Do the work of a run made by `create_run`, in this process.

    Returns
    -------
    Path of the finished run (of the one it replaced, where it replaces one)
    """
    folder = Path(folder)
    about = read_json(folder / "config.json")
    config = Config.from_dict(about["config"])
    with Reporter(folder, SHARES[config.objective], about.get("expected_s")) as report:
        from isost_core.device import resolve_device
        from isost_core.model.store import save_model
        from isost_core.model.training import train
        from isost_core.reconstruction.evaluate import make_lattice
        from isost_core.sections.stack import Sections
        from isost_core.validation.provisional_trust import provisional_trust

        device = resolve_device(about["source"].get("device", "auto"))
        sections = Sections.load(folder / "sections.h5ad")
        report.log(f"{len(sections.names)} sections, {sections.n_cells} cells, {len(sections.genes)} genes; "
                   f"preset {config.preset} on {device}")
        model = train(sections, config, device, report.step)
        save_model(model, folder)
        report.step(Stage.TISSUE, 0.0)
        lattice, cells = make_lattice(model, config.seed, lambda f: report.step(Stage.TISSUE, f))
        lattice.save(folder / "lattice")
        cells.save(folder / "lattice")
        write_json(folder / "trust.json", provisional_trust(model, lambda f: report.step(Stage.TRUST, f)))
        add_to_about(folder, cell_spacing_um=model.spacing_um, device=device, follows_tissue=model.follows_tissue,
                     reference_s=reference_seconds(sections, config, device))
    return _settle(folder, about.get("replaces"))


def _settle(folder: Path, replaces: str | None) -> Path:
    """Put a finished run in the place of the one it replaces."""
    if not replaces:
        return folder
    final = Path(replaces)
    old = final.with_name(final.name + ".old")
    if is_run(final):
        os.replace(final, old)
    os.replace(folder, final)
    shutil.rmtree(old, ignore_errors=True)
    return final
