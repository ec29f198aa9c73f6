"""What a file or a folder is, told from its content, and the headers of the sections in it.

Each format (see `formats`) has a module with the two functions of `Reader`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from isost_core.errors import InputError
from isost_core.readers import not_readable, stereoseq, table
from isost_core.readers.formats import folders_in_words, modules
from isost_core.readers.header import Header
from isost_core.readers.names import ARCHIVES, PACKED, is_rubbish, visible, without
from isost_core.readers.options import ReadOptions
from isost_core.readers.unpack import Limits, is_archive, is_not_needed, plain, stem, unpacked

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
    """How many archives may still be opened, and into how many bytes they may unpack in all.

    lies : {folder that an archive was unpacked to: where it would lie beside the archive}
    beside : names of packed files that were not opened, because what they hold lies beside them
    """

    archives: int = 500
    size: int = Limits().size
    lies: dict[Path, Path] = field(default_factory=dict)
    beside: list[str] = field(default_factory=list)

    def shown(self, header: Header) -> Header:
        """The header of a section, named by where its archive lies and not by where that was unpacked to."""
        place = self.place(header.path)
        if place == header.path:
            return header
        files = [header.path] if header.path.is_file() else sorted(p for p in header.path.rglob("*") if p.is_file())
        return replace(header, path=place, sources=header.sources or tuple(files))

    def place(self, path: Path) -> Path:
        """Where a file or folder of an archive would lie beside it."""
        return next((to / path.relative_to(folder) for folder, to in self.lies.items()
                     if path.is_relative_to(folder)), path)


def _sections_in(folder: Path, room: _Room, levels: int = LEVELS) -> list[Path]:
    """Vendor folders and .h5ad files in or below a folder, also in archives that lie in it; what a system hides there
    is passed over."""
    found: list[Path] = []
    for path in visible(folder):  # by name, so that a folder comes before the archive of it
        if _lies_in(path, found):
            room.beside.append(path.name)
            continue
        packed = is_archive(path) and levels and not is_not_needed(path.name)
        place = _opened(path, room) if packed else path
        if place.is_dir() and not is_layout(place):
            found += _sections_in(place, room, levels - 1) if levels else []
        elif place.is_dir() or without(place.name, (".gz",)).lower().endswith(".h5ad"):
            found.append(place)
    return found


def _lies_in(packed: Path, found: Sequence[Path]) -> bool:
    """Whether what a packed file holds is among the sections found beside it."""
    plain_one = packed.with_name(without(packed.name, (*ARCHIVES, *PACKED)))
    return plain_one != packed and packed.is_file() and any(path.is_relative_to(plain_one) for path in found)


def _opened(archive: Path, room: _Room) -> Path:
    """The folder that an archive in a folder unpacks to; too many or too big ones are an InputError."""
    if room.archives <= 0 or room.size <= 0:
        raise InputError(f"{archive.parent.name} has too many or too big archives in it. Unpack what belongs to the "
                         "sections, and give the files.")
    folder = unpacked(archive, archive.stat().st_mtime_ns)
    room.lies[folder] = room.place(archive.with_name(stem(archive.name)))
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
        room = _Room()
        return [room.shown(header) for header in headers_of(_opened(path, room), options)]
    if path.is_file() and is_rubbish(path.name):
        raise InputError(f"{path.name} was made by the system or an open program, and is no section. Leave it out.")
    if path.is_file() and plain(path) != path:  # a .gz of a file that is read as a whole
        return [replace(header, path=path) for header in headers_of(plain(path), options)]
    for reader in _readers():
        if reader.is_one(path):
            return [_by_run(header, path) for header in reader.read_headers(path, options)]
    if not path.is_dir():
        raise _not_known(path)
    room = _Room()
    inside = _sections_in(path, room)
    if inside:
        return _with_notes(_headers_in(path, inside, room, options), _not_opened(path, room.beside))
    tables = [file for file in _files_in(path) if table.is_one(file)]
    twice = [file for file in tables if (bare := without(file.name, PACKED)) != file.name
             and file.with_name(bare) in tables]
    sections = [file for file in tables if file not in twice and _is_section(file)]
    if not sections:
        raise _not_known(path)
    notes = (*_not_read(path, [f for f in tables if f not in (*sections, *twice)]),
             *_not_opened(path, [f.name for f in twice]))
    return _with_notes([header for file in sections for header in headers_of(file, options)], notes)


def _headers_in(path: Path, inside: Sequence[Path], room: _Room, options: ReadOptions) -> list[Header]:
    """Headers of the sections in a folder; the only one, in a folder of its own, is named by the folder around."""
    headers = [room.shown(header) for place in inside for header in headers_of(place, options)]
    alone = len(inside) == len(headers) == 1 and inside[0].is_dir()
    return [replace(header, path=path, sources=header.sources or tuple(_files_in(inside[0])))
            for header in headers] if alone else headers


def _by_run(header: Header, path: Path) -> Header:
    """The folder 'outs' is called that for every run: its section is named by the folder around it."""
    around = path.resolve().parent
    if header.path != path or path.name != "outs" or not around.name:
        return header
    notes = tuple(f"{around.name}{note[4:]}" if note.startswith("outs:") else note for note in header.notes)
    return replace(header, path=around, notes=notes)


def _with_notes(headers: Sequence[Header], notes: tuple[str, ...]) -> list[Header]:
    """The headers, with more notes for the first."""
    return [replace(headers[0], notes=(*notes, *headers[0].notes)), *headers[1:]]


def _not_opened(folder: Path, packed: Sequence[str]) -> tuple[str, ...]:
    """Note on packed files whose content lies beside them, as a tuple: empty where there are none."""
    named = ", ".join(packed[:6]) + (f" and {len(packed) - 6} more" if len(packed) > 6 else "")
    return (f"{folder.name}: not opened, because what is in it lies beside it: {named}.",) if packed else ()


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


def is_whole(file: Path) -> bool:
    """Whether a table has everything of a section in it and is no part of one in several files."""
    try:
        if not table.is_one(file) or not_readable.part(file):
            return False
        return stereoseq.is_one(file) or bool(table.read_headers(file, ReadOptions()))
    except InputError:
        return False


def _is_section(file: Path) -> bool:
    """Whether a table has cells with positions and values, or is one of Stereo-seq."""
    try:
        return stereoseq.is_one(file) or table.is_section(file)
    except InputError:
        return False


def _not_known(path: Path) -> InputError:
    """What a file or folder is that cannot be read, and what to give instead."""
    if path.is_dir() and not any(file.is_file() for file in path.rglob("*") if not is_rubbish(file.name)):
        return InputError(f"{path.name} is empty: there are no files in it. Copy the sections into it, or give another "
                          "folder.")
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
