"""`python -m isost_core.workflows.demo`: make the finished run that the start page opens, once.

From the public MERFISH sections (downloaded and checked, or a local mirror of them); where neither can be had,
from a phantom, which every page then calls synthetic. Its niches are found and its genes ranked in the background.
Its validation is put in place from what was computed in advance or, where that does not fit, done there too.
"""

from __future__ import annotations

import os
import shutil
import sys
from os import PathLike
from pathlib import Path

from isost_core.analysis.neighbourhoods import usual_reach
from isost_core.analysis.niches import label_columns
from isost_core.config import Config
from isost_core.datasets.examples import EXAMPLES, fetch_example
from isost_core.datasets.phantoms import make_phantom
from isost_core.errors import InputError
from isost_core.readers import read_sections
from isost_core.runs.folder import is_finished
from isost_core.runs.run import Run
from isost_core.runs.store import create_run, load_run
from isost_core.sections.stack import Sections
from isost_core.workflows import demo_validation
from isost_core.workflows.find_niches import create_niches, found_niches, niches_job
from isost_core.workflows.reconstruct import execute
from isost_core.workflows.spatial_genes import create_spatial_genes, ranked_genes, spatial_genes_job
from isost_core.workflows.validate import create_validation, has_report, keep_report, validation_job

DEMO = "demo"


def make_demo(workspace: str | PathLike[str], preset: str = "standard") -> Path:
    """Make the demo run unless it is there; returns its folder."""
    folder = Path(workspace) / DEMO
    if is_finished(folder):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    execute(create_demo(folder, Config.of_preset(preset)))
    return folder


def create_demo(folder: Path, config: Config) -> Path:
    """Write what the demo is made from; returns the folder to give to `execute`."""
    example = EXAMPLES["merfish"]
    try:
        paths = fetch_example("merfish")
    except InputError as error:
        _note(str(error))
        _note("the demo is made from a synthetic phantom instead.")
        phantom = Sections.from_anndata(make_phantom("brain", 7, 100.0, n_cells=2500, n_genes=40)[0])
        return create_run(folder, phantom, config, "Demo: synthetic phantom (no real tissue)",
                          source={"files": [], "device": "auto"})
    return create_run(folder, read_sections(paths, example.options), config, f"Demo: {example.title}",
                      source={"files": [path.name for path in paths], "device": "auto"})


def complete(run: Run) -> None:
    """See to it that the demo has its niches and its validation, now or by a process in the background."""
    find_first_niches(run)
    rank_genes(run)
    if has_report(run.path) or validation_job(run.path).going():
        return
    if demo_validation.fits(run):
        keep_report(run, demo_validation.report(), "It was computed in advance, from the same files with the same "
                                                   "settings and version as this demo.")
    else:
        create_validation(run.path).submit()
        _note("the demo is being validated in the background. Its page shows how far it is.")


def find_first_niches(run: Run) -> None:
    """Have the niches found that the page of niches opens with."""
    column = next(iter(label_columns(run)), None)
    job = niches_job(run.path, column, None, usual_reach(run))
    if not found_niches(run.path) and not job.going():
        create_niches(run.path, column, None, usual_reach(run)).submit()
        _note("the demo's niches are being found in the background: about half a minute.")


def rank_genes(run: Run) -> None:
    """Have the genes ranked by how much they vary over space."""
    if ranked_genes(run.path) is None and not spatial_genes_job(run.path).going():
        create_spatial_genes(run.path).submit()
        _note("the demo's genes are being ranked in the background: within a minute.")


def _note(text: str) -> None:
    print(f"note: {text}", file=sys.stderr)


if __name__ == "__main__":
    workspace = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ISOST_WORKSPACE", "workspace"))
    if not is_finished(workspace / DEMO):
        _note("making the demo, once: 1 to 2 minutes on two cores.")
    made = load_run(make_demo(workspace))
    complete(made)
    print(f"Demo ready: {made.name}", file=sys.stderr)
