"""What the folder of a run says without opening it: whether there is a run, whether it can be read, its card."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from statistics import median
from typing import Any

from isost_core.errors import InputError
from isost_core.files import read_json, write_json
from isost_core.jobs.status import State, Status, read_status

FORMAT = 2  # of a run's folder: raised when an older one can no longer be read
LONGEST_NAME = 80
LATEST = 5  # runs that say how fast this computer is


@dataclass(frozen=True)
class RunCard:
    """What a list of runs shows; noun : what one of its cells is: a cell, spot, bead or bin."""

    path: Path
    id: str
    name: str
    created: float
    status: Status
    n_sections: int
    n_cells: int
    n_genes: int
    preset: str
    synthetic: bool
    noun: str = "cell"

    @property
    def state(self) -> State:
        return self.status.state


def check_target(path: str | Path, overwrite: bool = False) -> None:
    """InputError where a new run cannot be put: something else is there, or a run and no leave to replace it."""
    path = Path(path)
    if is_run(path) and not overwrite:
        raise InputError(f"{path} already has a run in it. Choose another folder, or overwrite it (--overwrite).")
    if not is_run(path) and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{path} exists but is not a run. Choose another folder.")


def is_run(path: str | Path) -> bool:
    return (Path(path) / "config.json").is_file()


def is_readable(path: str | Path) -> bool:
    """Whether this version can read a run."""
    return read_json(Path(path) / "config.json").get("format") == FORMAT


def is_finished(path: str | Path) -> bool:
    """Whether a folder has a finished run that this version can open."""
    return is_run(path) and read_status(path).state == State.DONE and is_readable(path)


def add_to_about(path: str | Path, **values: Any) -> None:
    """Write values into config.json of a run, which is replaced as a whole."""
    file = Path(path) / "config.json"
    write_json(file, read_json(file) | values)


def rename(path: str | Path, name: str) -> None:
    """Give a run another name, also while it is being made; an InputError for one without a letter or a digit."""
    add_to_about(path, name=as_name(name))


def as_name(text: str) -> str:
    """A name of a run as it was typed, in one line without spaces around it; an InputError where nothing is left or it
    is too long."""
    name = " ".join(text.split())
    if not any(letter.isalnum() for letter in name):
        raise InputError("A run needs a name with at least one letter or digit. Type one.")
    if len(name) > LONGEST_NAME:
        raise InputError(f"This name has {len(name)} characters. Use at most {LONGEST_NAME}.")
    return name


def unused_name(name: str, taken: Container[str]) -> str:
    """The name, with the first number behind it that makes it differ from those taken: 'mouse', 'mouse (2)'."""
    numbered = chain([name], (f"{name} ({n})" for n in count(2)))
    return next(found for found in numbered if found not in taken)


def pace(workspace: str | Path) -> float | None:
    """How many times as long as on the reference computer the latest finished runs in a folder took, or None where
    there are none."""
    found = []
    for path in Path(workspace).glob("*/config.json"):
        expected, status = read_json(path).get("reference_s"), read_status(path.parent)
        if expected and status.state == State.DONE and status.seconds:
            found.append((status.updated or 0.0, status.seconds / expected))
    return median(ratio for _, ratio in sorted(found)[-LATEST:]) if found else None


def list_runs(workspace: str | Path) -> list[RunCard]:
    """RunCards of the runs in a folder, newest first."""
    cards = []
    for path in Path(workspace).glob("*"):
        if is_run(path) and path.suffix not in (".new", ".old"):
            about = read_json(path / "config.json")
            cards.append(RunCard(path, path.name, about["name"], about["created"], read_status(path),
                                 len(about["sections"]), about["n_cells"], about["n_genes"],
                                 about["config"]["preset"], bool(about.get("synthetic")),
                                 about.get("noun", "cell")))
    return sorted(cards, key=lambda c: -c.created)
