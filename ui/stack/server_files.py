"""Files that lie on the server already: only below the folders that ISOST_DATA_ROOTS opens, read where they lie."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import Any

from isost_core.errors import InputError

VARIABLE = "ISOST_DATA_ROOTS"
ANSWER = "server_paths"
MOST_LISTED = 300
MOST_INSIDE = 200_000  # files of one folder


def roots() -> list[Path]:
    """The open folders; none where whoever runs the server has opened none."""
    named = [Path(text) for text in os.environ.get(VARIABLE, "").split(os.pathsep) if text]
    return [path.resolve() for path in named if path.is_absolute() and path.is_dir()]


def listed() -> list[str]:
    """Paths to choose from: what lies in the open folders, and in the folders in them."""
    found = []
    for root in roots():
        for pattern in ("*", "*/*"):
            hits = (p for p in root.glob(pattern) if not p.name.startswith(".") and _is_below(p.resolve()))
            found += [str(p) for p in islice(hits, MOST_LISTED)]
    return sorted(dict.fromkeys(found))[:MOST_LISTED]


def checked(text: str) -> Path:
    """The path that a visitor named, where it is below an open folder and nothing in it leads out; else InputError."""
    named = Path(str(text).strip())
    tried = [named] if named.is_absolute() else [root / named for root in roots()]
    found = [path.resolve() for path in tried if _is_below(path.resolve()) and path.exists()]
    if not found:
        raise InputError(f"'{text}' was not found in a folder that is open to visitors "
                         f"({', '.join(map(str, roots()))}). Choose one from the list.")
    path = found[0]
    inside = list(islice(path.rglob("*"), MOST_INSIDE + 1)) if path.is_dir() else []
    if len(inside) > MOST_INSIDE:
        raise InputError(f"{path.name} holds more than {MOST_INSIDE:,} files. Choose the folder of one section.")
    if any(p.is_symlink() and not _is_below(p.resolve()) for p in inside):
        raise InputError(f"{path.name} has links that lead out of the open folders. Choose another folder.")
    return path


def chosen(answers: dict[str, Any]) -> list[Path]:
    """Paths that were chosen for a stack and are still there and open."""
    paths = [Path(text) for text in answers.get(ANSWER, ())]
    return [path for path in paths if path.exists() and _is_below(path.resolve())]


def _is_below(path: Path) -> bool:
    return any(path != root and path.is_relative_to(root) for root in roots())
