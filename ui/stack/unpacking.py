"""Uploaded files as they enter a stack: archives become folders, loose files of one layout are put together."""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

from isost_core.readers import tenx_h5, tenx_mtx
from isost_core.readers.recognise import is_layout, is_whole
from isost_core.readers.unpack import is_archive, stem, unpack

_OF_VENDORS = ("cell", "filtered", "raw", "tissue", "spatial", "matrix", "section")  # beginnings that name no section


def name_of(path: Path) -> str:
    """Name that a file gets in the stack: an archive that of the folder it becomes."""
    return stem(path.name) if is_archive(path) else path.name


def take(folder: Path, path: Path) -> None:
    """Move a file that arrived into the stack, an archive as the folder that it holds."""
    name = name_of(path)
    opened(path).rename(folder / name)


def opened(path: Path) -> Path:
    """A file that arrived; of an archive the folder that it holds, in its place. InputError where it is damaged."""
    if not is_archive(path):
        return path
    made = unpack(path, path.parent / ".unpacked")
    path.unlink()
    return made


def put_together(loose: list[Path]) -> None:
    """Loose files of a stack that make up a vendor's layout together become a folder of it, with folders `spatial` and
    those of a matrix; what is a section by itself stays so."""
    loose = [path for path in loose if _is_part(path)]
    if len(loose) < 2:
        return
    folder = loose[0].parent
    trial = folder / ".together"
    trial.mkdir()
    for path in loose:
        path.rename(trial / path.name)
    if is_layout(trial):
        trial.rename(folder / _shared_name(folder, [path.name for path in loose]))
        return
    for path in loose:
        (trial / path.name).rename(path)
    trial.rmdir()


def _is_part(path: Path) -> bool:
    """Whether a file or folder may be a part of a layout, and is no section by itself."""
    if path.is_dir():
        has_matrix = bool(tenx_mtx.parts_in(path) or tenx_mtx.parts_in(tenx_h5.inmost(path)))
        return (has_matrix or path.name.lower().endswith("spatial")) and not is_layout(path)
    return not path.name.lower().endswith((".h5ad", ".h5ad.gz")) and not is_whole(path)


def _shared_name(folder: Path, names: list[str]) -> str:
    """What the names of the files have in common, or the next free 'section_1', 'section_2', ..."""
    shared = re.sub(r"[\W_]*[^\W_]*$", "", os.path.commonprefix(names))
    if len(shared) > 1 and not shared.casefold().startswith(_OF_VENDORS) and not (folder / shared).exists():
        return shared
    return next(f"section_{k}" for k in itertools.count(1) if not (folder / f"section_{k}").exists())
