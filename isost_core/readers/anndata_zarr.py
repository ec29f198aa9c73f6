"""AnnData as a zarr store (.zarr folder, as anndata.write_zarr writes it)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from isost_core.readers import zarr_store
from isost_core.readers.header import Header
from isost_core.readers.options import ReadOptions

KIND = "AnnData"


def is_one(path: Path) -> bool:
    """Whether a path is a zarr folder with the tables of cells and genes."""
    return zarr_store.is_store(path) and all((path / name).is_dir() for name in ("obs", "var"))


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of the store; one that cannot be read is an InputError that says why."""
    return [zarr_store.guarded(path, KIND, partial(zarr_store.described, path, "", path.name, KIND, options))]
