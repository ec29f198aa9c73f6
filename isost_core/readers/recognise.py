"""What a file or a folder is, told from its content, and the headers of the sections in it.

Each format (see `formats`) has a module with the two functions of `Reader`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from isost_core.errors import InputError
from isost_core.readers.formats import folders_in_words, modules
from isost_core.readers.header import Header
from isost_core.readers.options import ReadOptions

LEVELS = 3  # of folders below the one given in which sections are looked for


class Reader(Protocol):
    """What the module of a format has."""

    def is_one(self, path: Path) -> bool:
        """Whether this file or folder is of the format."""
        ...

    def read_headers(self, path: Path, options: ReadOptions) -> list[Header]:
        """The sections in it; InputError where they cannot be read."""
        ...


def _readers() -> Iterator[Reader]:
    """The modules of the formats, the more particular ones first, each imported when its turn comes."""
    return (cast(Reader, import_module(f"isost_core.readers.{name}")) for name in modules())


def is_layout(folder: Path) -> bool:
    """Whether the files of a folder make up one of the formats together."""
    return folder.is_dir() and any(reader.is_one(folder) for reader in _readers())


def _sections_in(folder: Path, levels: int = LEVELS) -> list[Path]:
    """Vendor folders and .h5ad files in or below a folder; what a system hides there is passed over."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__MACOSX")):
            continue
        if path.is_dir() and not is_layout(path):
            found += _sections_in(path, levels - 1) if levels else []
        elif path.is_dir() or path.suffix.lower() == ".h5ad":
            found.append(path)
    return found


def headers_of(path: Path, options: ReadOptions) -> list[Header]:
    """Headers of the sections in a file or folder; an InputError that says what can be read where it is none of it."""
    if not path.exists():
        raise InputError(f"{path} was not found. Check the path.")
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"{path.name} is empty (0 bytes). Copy or export it again.")
    for reader in _readers():
        if reader.is_one(path):
            return reader.read_headers(path, options)
    inside = _sections_in(path) if path.is_dir() else []
    if len(inside) == 1 and inside[0].is_dir():  # a folder around the one that counts: the section is named by it
        return [replace(header, path=path) for header in headers_of(inside[0], options)]
    if inside:
        return [header for place in inside for header in headers_of(place, options)]
    raise InputError(f"{path.name} cannot be read, because its format is not known. Give .h5ad, .csv, .tsv or .parquet "
                     f"files, a GEM table, or the whole output folder of {folders_in_words()}.")
