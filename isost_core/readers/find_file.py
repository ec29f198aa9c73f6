"""The files of a vendor's output among what else lies in a folder.

They are found by the usual part of their names. What stands around it, such as GEO's 'GSM123_S1_', is their key: the
files of one section share it. Upper and lower case are the same, and what a system hides in a folder is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from isost_core.readers.names import name_of, visible, without

T = TypeVar("T")
U = TypeVar("U")
SEPARATORS = "_-. "
PICTURES = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class Together(Generic[T, U]):
    """Of one section what was found under its key."""

    key: str
    first: T
    second: U


def by_key(folder: Path, usual: str) -> dict[str, list[Path]]:
    """What in a folder has `usual` (a regular expression) in its name, by the rest of that name."""
    found: dict[str, list[Path]] = {}
    if folder.is_dir():
        for path in visible(folder):
            match = re.search(usual, path.name, re.IGNORECASE)
            if match:
                found.setdefault(key_of(path, match), []).append(path)
    return found


def key_of(path: Path, match: re.Match[str]) -> str:
    """The rest of a name: 'GSM1_S1_cells.csv.gz' -> 'GSM1_S1', 'cell_by_gene_S1R1.csv' -> 'S1R1'."""
    before, after = path.name[:match.start()], without(name_of("_" + path.name[match.end():]), PICTURES)[1:]
    return "_".join(part for part in (before.strip(SEPARATORS), after.strip(SEPARATORS)) if part)


def together(first: Mapping[str, T], second: Mapping[str, U]) -> tuple[list[Together[T, U]], list[str]]:
    """What has the same key in both, or, where nothing has, is the only one of the second and the first of the first;
    and the keys of `first` that have no partner."""
    made = []
    for key, one in first.items():
        other = _partner(key, second)
        if other is not None:
            made.append(Together(key, one, second[other]))
    if not made and first and len(second) == 1:
        key = next(iter(first))
        made = [Together(key, first[key], next(iter(second.values())))]
    used = {one.key for one in made}
    return made, [key for key in first if key not in used]


def _partner(key: str, keys: Mapping[str, object]) -> str | None:
    """The same key, or the only one that begins like it: 'GSM1' and 'GSM1_S1'."""
    if key in keys:
        return key
    near = [k for k in keys if key and k and (_begins(k, key) or _begins(key, k))]
    return near[0] if len(near) == 1 else None


def _begins(text: str, start: str) -> bool:
    return text.startswith(start) and text[len(start):len(start) + 1] in SEPARATORS


def place_of(folder: Path, key: str, several: bool) -> Path:
    """What a section is named by: the folder, or its key in it where the folder has several."""
    return folder / key if several and key else folder


def notes_on(folder: Path, keys: list[str], left: list[str], lacking: str) -> tuple[str, ...]:
    """Notes on a folder with several sections, for its first one. lacking : what those in `left` do not have"""
    said = []
    if len(keys) > 1:
        said.append(f"{folder.name} has files of {len(keys)} sections. They are told apart by their names: "
                    f"{_some(keys)}.")
    if left:
        said.append(f"{folder.name}: {_some(left)} {'was' if len(left) == 1 else 'were'} left out, because "
                    f"{lacking if len(left) > 1 else lacking.replace('their', 'its')} is missing.")
    return tuple(said)


def _some(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
