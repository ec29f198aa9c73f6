"""From a stack's files and the visitor's answers to scans and to sections, kept between reruns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from isost_core import keys
from isost_core.readers import FileScans, ReadOptions, read_sections, scan_files
from isost_core.sections.stack import Sections
from ui.shell import way_up
from ui.stack import alignment, batch_correction, uploads
from ui.stack.prepared import PreparedStack
from ui.stack.table import READING, Row, as_rows, options_of


def look(paths: Sequence[Path], reading: dict[str, Any]) -> FileScans:
    """What the files hold, each looked at once; reading : the visitor's answers on how to read them."""
    said = {key: value for key, value in reading.items() if key in READING and value and value != "auto"}
    return _look(tuple(map(str, paths)), _stamps(paths), json.dumps(said, sort_keys=True))


def prepare(folder: Path, files: FileScans | None = None, registered: bool = True) -> PreparedStack:
    """The stack as its table describes it; an InputError says what does not fit.

    files : of `look`, where the page has it already
    registered : whether its `sections` are in the registered frame and with brightness evened out, where the visitor
        wants that
    """
    how = uploads.answers(folder).get("reading", {})
    files = files or look(uploads.files(folder), how)
    table = rows(folder, files)
    held = {path: {info.file for info in scan.sections} for path, scan in files.alone.items()}
    used = {row["file"] for row in table if row["use"]}
    paths = [path for path in held if held[path] & used]
    table = [row for row in table if any(row["file"] in held[path] for path in paths)]
    read = _read(tuple(map(str, paths)), _stamps(paths), json.dumps([how, table]))
    way_up.opens(read.sections.y_down)
    stack = PreparedStack(folder, files, read.sections, read.signature, read.sections, read.key)
    return batch_correction.applied(alignment.applied(stack)) if registered else stack


def rows(folder: Path, files: FileScans) -> list[Row]:
    """The table of a stack's sections: what the files say, overlaid with what the visitor said. It knows the sections
    of the files as they are now, also where the page that asks about them was left before it had them."""
    if files.together is None:
        return []
    return as_rows(files.together, {row["name"]: row for row in uploads.answers(folder).get("table", ())})


@dataclass(frozen=True, eq=False)
class _Read:
    """Sections as they were read, their signature, and what changes with their cells and how these were read."""

    sections: Sections
    signature: str
    key: tuple[Hashable, ...]


def _stamps(paths: Sequence[Path]) -> tuple[int, ...]:
    return tuple(path.stat().st_mtime_ns for path in paths)


@st.cache_resource(max_entries=32, show_spinner=False)
def _look(paths: tuple[str, ...], stamps: tuple[int, ...], reading: str) -> FileScans:
    return scan_files(paths, ReadOptions(**json.loads(reading)))


@st.cache_resource(max_entries=3, show_spinner=False)
def _read(paths: tuple[str, ...], stamps: tuple[int, ...], answers: str) -> _Read:
    sections = read_sections(paths, options_of(*json.loads(answers)))
    signature = signature_of(sections)
    key = (signature, tuple(sorted(sections.hashes.items())), sections.normalize, tuple(sections.depths.tolist()),
           len(sections.genes), sections.notes)
    return _Read(sections, signature, key)


def signature_of(sections: Sections) -> str:
    """Text that changes with the sections and where their cells lie; a kept registration names the sections by it."""
    xy = np.ascontiguousarray(sections.cells.obsm[keys.SPATIAL])
    return hashlib.sha256(xy.tobytes() + json.dumps(sections.names).encode()).hexdigest()[:24]
