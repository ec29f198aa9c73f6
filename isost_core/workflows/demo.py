"""`python -m isost_core.workflows.demo`: make the finished run that the start page opens, once.

From the public MERFISH sections (downloaded and checked, or a local mirror of them); where neither can be had,
from a phantom, which every page then calls synthetic.
"""

from __future__ import annotations

import os
import shutil
import sys
from os import PathLike
from pathlib import Path

from isost_core.config import Config
from isost_core.datasets.examples import EXAMPLES, fetch_example
from isost_core.datasets.phantoms import make_phantom
from isost_core.errors import InputError
from isost_core.readers import read_sections
from isost_core.runs.folder import is_finished
from isost_core.runs.store import create_run, load_run
from isost_core.sections.stack import Sections
from isost_core.workflows.reconstruct import execute

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
        print(f"note: {error}", file=sys.stderr)
        print("note: the demo is made from a synthetic phantom instead.", file=sys.stderr)
        phantom = Sections.from_anndata(make_phantom("brain", 7, 100.0, n_cells=2500, n_genes=40)[0])
        return create_run(folder, phantom, config, "Demo: synthetic phantom (no real tissue)",
                          source={"files": [], "device": "auto"})
    return create_run(folder, read_sections(paths, example.options), config, f"Demo: {example.title}",
                      source={"files": [path.name for path in paths], "device": "auto"})


if __name__ == "__main__":
    workspace = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ISOST_WORKSPACE", "workspace"))
    run = load_run(make_demo(workspace))
    print(f"Demo ready: {run.name}", file=sys.stderr)
