"""Reading sections from files: one multi-section file, one file per section, or tables.

The public names are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isost_core.readers.options import FileScans, ReadOptions, Scan, SectionInfo, Source
    from isost_core.readers.reading import read_sections, scan, scan_files

_HOME = {
    "FileScans": "options",
    "ReadOptions": "options",
    "Scan": "options",
    "SectionInfo": "options",
    "Source": "options",
    "read_sections": "reading",
    "scan": "reading",
    "scan_files": "reading",
}

__all__ = ["FileScans", "ReadOptions", "Scan", "SectionInfo", "Source", "read_sections", "scan", "scan_files"]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
