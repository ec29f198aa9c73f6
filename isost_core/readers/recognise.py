"""What a file or a folder is, told from its content, and the headers of the sections in it.

Each format (see `formats`) has a module with the two functions of `Reader`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from isost_core.errors import InputError
from isost_core.readers import not_readable, stereoseq, table
from isost_core.readers.formats import folders_in_words, modules
from isost_core.readers.header import Header
from isost_core.readers.names import is_rubbish, visible, without
from isost_core.readers.options import ReadOptions
from isost_core.readers.unpack import Limits, is_archive, is_not_needed, plain, unpacked

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


@dataclass
class _Room:
    """How many archives may still be opened, and into how many bytes they may unpack in all."""

    archives: int = 500
    size: int = Limits().size


def _sections_in(folder: Path, room: _Room, levels: int = LEVELS) -> list[Path]:
    """Vendor folders and .h5ad files in or below a folder, also in archives that lie in it; what a system hides there
    is passed over."""
    found = []
    for path in visible(folder):
        packed = is_archive(path) and levels and not is_not_needed(path.name)
        place = _opened(path, room) if packed else path
        if place.is_dir() and not is_layout(place):
            found += _sections_in(place, room, levels - 1) if levels else []
        elif place.is_dir() or without(place.name, (".gz",)).lower().endswith(".h5ad"):
            found.append(place)
    return found


def _opened(archive: Path, room: _Room) -> Path:
    """The folder that an archive in a folder unpacks to; too many or too big ones are an InputError."""
    if room.archives <= 0 or room.size <= 0:
        raise InputError(f"{archive.parent.name} has too many or too big archives in it. Unpack what belongs to the "
                         "sections, and give the files.")
    folder = unpacked(archive, archive.stat().st_mtime_ns)
    room.archives -= 1
    room.size -= sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return folder


def headers_of(path: Path, options: ReadOptions) -> list[Header]:
    """Headers of the sections in a file or folder; an InputError that says what can be read where it is none of it."""
    if not path.exists():
        raise InputError(f"{path} was not found. Check the path.")
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"{path.name} is empty (0 bytes). Copy or export it again.")
    if is_archive(path):
        return headers_of(unpacked(path, path.stat().st_mtime_ns), options)
    if path.is_file() and is_rubbish(path.name):
        raise InputError(f"{path.name} was made by the system or an open program, and is no section. Leave it out.")
    if path.is_file() and plain(path) != path:  # a .gz of a file that is read as a whole
        return [replace(header, path=path) for header in headers_of(plain(path), options)]
    for reader in _readers():
        if reader.is_one(path):
            return reader.read_headers(path, options)
    inside = _sections_in(path, _Room()) if path.is_dir() else []
    if len(inside) == 1 and inside[0].is_dir():  # a folder around the one that counts: the section is named by it
        headers = headers_of(inside[0], options)
        return [replace(header, path=path) for header in headers] if len(headers) == 1 else headers
    if inside:
        return [header for place in inside for header in headers_of(place, options)]
    tables = [file for file in _files_in(path) if table.is_one(file)] if path.is_dir() else []
    sections = [file for file in tables if _is_section(file)]
    if not sections:
        raise _not_known(path)
    first, *others = [header for file in sections for header in headers_of(file, options)]
    return [replace(first, notes=(*_not_read(path, [f for f in tables if f not in sections]), *first.notes)), *others]


def _not_read(folder: Path, tables: list[Path]) -> tuple[str, ...]:
    """Note on tables that are no sections, as a tuple: empty where there are none."""
    named = ", ".join(file.name for file in tables[:6]) + (f" and {len(tables) - 6} more" if len(tables) > 6 else "")
    return (f"{folder.name}: not read, because there are no cells with positions and genes in it: "
            f"{named}.",) if tables else ()


def _files_in(folder: Path, levels: int = LEVELS) -> list[Path]:
    """The files in and below a folder."""
    found = []
    for path in visible(folder):
        if path.is_file():
            found.append(path)
        elif levels and path.is_dir():
            found += _files_in(path, levels - 1)
    return found


def _is_section(file: Path) -> bool:
    """Whether a table has cells with positions and values, or is one of Stereo-seq."""
    try:
        return stereoseq.is_one(file) or table.is_section(file)
    except InputError:
        return False


def _not_known(path: Path) -> InputError:
    """What a file or folder is that cannot be read, and what to give instead."""
    words = _of_folder(path) if path.is_dir() else not_readable.hint(path)
    if words is not None:
        return InputError(f"{path.name} is {words}.")
    return InputError(f"{path.name} cannot be read, because its format is not known. Give .h5ad, .csv, .tsv or "
                      f".parquet files, a GEM table, or the whole output folder of {folders_in_words()}.")


def _of_folder(folder: Path) -> str | None:
    """A word on the file in a folder that tells most of it, such as a table of molecules."""
    known = [(path, words) for path in _files_in(folder) if (words := not_readable.hint(path) or _of_table(path))]
    known.sort(key=lambda one: not_readable.is_weak(one[1]))
    return f"a folder without a section. {known[0][0].name} in it is {known[0][1]}" if known else None


def _of_table(path: Path) -> str | None:
    try:
        return table.what_it_is(path) if table.is_one(path) else None
    except InputError:
        return None
