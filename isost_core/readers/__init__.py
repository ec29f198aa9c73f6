"""Reading sections from files: one multi-section file, one file per section, or tables."""

from pathlib import Path

from isost_core.errors import InputError
from isost_core.readers.assemble import join, scan_headers
from isost_core.readers.options import ReadOptions, Scan, SectionInfo
from isost_core.readers.recognise import headers_of
from isost_core.readers.unpack import is_archive, unpacked

__all__ = ["ReadOptions", "Scan", "SectionInfo", "read_sections", "scan", "scan_file"]



def scan(paths, options=None):
    """What is in the files (Scan), without reading their values; a file that cannot be used is an InputError."""
    options = options or ReadOptions()
    return scan_headers(_headers(paths, options), options)


def scan_file(path, options=None):
    """Scan of one file on its own; what is said about the whole stack (order, depths, hold-out) is not used."""
    options = options or ReadOptions()
    alone = ReadOptions(section_key=options.section_key, depth_key=options.depth_key,
                        spatial_key=options.spatial_key, normalize=options.normalize)
    return scan([path], alone)


def read_sections(paths, options=None):
    """Sections of one or several files (a path or a list of them), checked, ordered by depth, in log1p space."""
    options = options or ReadOptions()
    return join(_headers(paths, options), options)


def _headers(paths, options):
    paths = [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]
    if not paths:
        raise InputError("No file was given. Give one file with several sections, or one file per section.")
    for path in paths:
        if [p.name for p in paths].count(path.name) > 1:
            raise InputError(f"Two of the files are named {path.name}. Give each file once, under its own name.")

    places = [unpacked(path, path.stat().st_mtime_ns) if is_archive(path) else path for path in paths]
    return [header for place in places for header in headers_of(place, options)]
