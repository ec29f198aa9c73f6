"""Shared fixtures: where the real sections are, and small phantoms."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def real_data_dir():
    """Folder of the real sections (ISOST_DATA_DIR, else ../shared/data), or None."""
    folder = Path(os.environ.get("ISOST_DATA_DIR", ROOT.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def data_dir():
    folder = real_data_dir()
    if folder is None:
        pytest.skip("the real sections are not on this machine: set ISOST_DATA_DIR")
    return folder
