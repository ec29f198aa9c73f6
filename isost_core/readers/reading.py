"""From files to what is in them, and to sections."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from isost_core.errors import InputError
from isost_core.readers import counts_and_positions
from isost_core.readers.assemble import join, scan_headers
from isost_core.readers.header import Header, told_apart
from isost_core.readers.options import FileScans, ReadOptions, Scan
from isost_core.readers.recognise import headers_of
from isost_core.sections.stack import Sections

Paths = str | Path | Sequence[str | Path]


def scan(paths: Paths, options: ReadOptions | None = None) -> Scan:
    """What is in the files (Scan), without reading their values; a file that cannot be used is an InputError."""
    options = options or ReadOptions()
    return scan_headers(_headers(paths, options), options)


def scan_files(paths: Sequence[str | Path], options: ReadOptions | None = None) -> FileScans:
    """Scans of files, each on its own and all together; what is said about the whole stack (order, depths, hold-out) is
    not used."""
    of_files = _of_files(options)
    alone: dict[Path, Scan] = {}
    refused: dict[Path, str] = {}
    headers: list[Header] = []
    for path in map(Path, paths):
        try:
            found = _headers([path], of_files)
            alone[path] = scan_headers(found, of_files)
            headers += found
        except InputError as error:
            refused[path] = str(error)
    try:
        _check_names(list(alone), [path.name for path in alone])
        return FileScans(alone, refused, scan_headers(told_apart(headers), of_files))
    except InputError as error:
        return FileScans(alone, refused, None, str(error))


def _of_files(options: ReadOptions | None) -> ReadOptions:
    """What is said about each file."""
    options = options or ReadOptions()
    return ReadOptions(section_key=options.section_key, depth_key=options.depth_key, spatial_key=options.spatial_key,
                       normalize=options.normalize, layer=options.layer,
                       keep_all_cells=options.keep_all_cells, as_genes=options.as_genes)


def read_sections(paths: Paths, options: ReadOptions | None = None,
                  on_plan: Callable[[Scan], object] | None = None) -> Sections:
    """Sections of one or several files (a path or a list of them), checked, ordered by depth, in log1p space.

    on_plan : called with the order, depth and unit of each section that will be used (Scan), before values are read
    """
    options = options or ReadOptions()
    return join(_headers(paths, options), options, on_plan)


def _headers(paths: Paths, options: ReadOptions) -> list[Header]:
    places = [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]
    _check_names(places)
    found = counts_and_positions.paired([p for p in places if p.is_file()]) if len(places) > 1 else []
    pairs = [pair for pair in found if pair.places]
    read = {pair.counts[0]: counts_and_positions.read_pair(pair.counts[0], pair, options) for pair in pairs}
    of_pairs = {path for pair in pairs for path in (*pair.counts, pair.places)}
    headers = [header for place in places for header in
               ([read[place]] if place in read else [] if place in of_pairs else headers_of(place, options))]
    for header in headers:
        layer = options.layer_of(header.file)
        if layer not in (None, header.layer):
            raise InputError(f"{header.file} has no layer '{layer}', because it is no AnnData file. Read its values as "
                             "they are.")
    return told_apart(headers)


def _check_names(paths: Sequence[Path], names: Sequence[str] = ()) -> None:
    """Refuse no file, one that is given twice, and two with one of the `names`."""
    if not paths:
        raise InputError("No file was given. Give one file with several sections, or one file per section.")
    found = [Path(os.path.abspath(path)) for path in paths]
    for path in found:
        if found.count(path) > 1:
            raise InputError(f"{path.name} is given more than once. Give each file once.")
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"Two of the files are named {name}. Give each file once, under its own name.")
