"""Shared fixtures: where the real sections are, and small phantoms."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as `python -m isost_core` does, before torch is imported

ROOT = Path(__file__).resolve().parents[1]
BESIDE = ROOT.parent / "shared" / "data"
if BESIDE.is_dir():  # real sections beside the checkout; the app itself looks nowhere but in ISOST_DATA_DIR
    os.environ.setdefault("ISOST_DATA_DIR", str(BESIDE))


def real_data_dir():
    """Folder of the real sections (ISOST_DATA_DIR), or None."""
    folder = os.environ.get("ISOST_DATA_DIR")
    return Path(folder) if folder and Path(folder).is_dir() else None


@pytest.fixture(scope="session")
def data_dir():
    folder = real_data_dir()
    if folder is None:
        pytest.skip("the real sections are not on this machine: set ISOST_DATA_DIR")
    return folder


def finished(folder, kind, n_sections, gap_um, preset="fast", **size):
    """(Run, phantom description, truth) of a reconstructed phantom."""
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.runs.store import create_run, load_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.reconstruct import execute

    made, truth = make_phantom(kind, n_sections, gap_um, **size)
    path = execute(create_run(folder / kind, Sections.from_anndata(made), Config.of_preset(preset)))
    return load_run(path), made.uns["phantom"], truth


@pytest.fixture(scope="session")
def ball(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("runs"), "ball", 5, 60.0, n_cells=500, n_genes=12)


@pytest.fixture(scope="session")
def tube(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("runs"), "tube", 5, 50.0, n_cells=500, n_genes=12)
