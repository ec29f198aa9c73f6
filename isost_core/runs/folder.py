"""What the folder of a run says without opening it: whether there is a run, whether it can be read, its card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from isost_core.errors import InputError
from isost_core.files import read_json
from isost_core.jobs.status import State, read_status

FORMAT = 2  # of a run's folder: raised when an older one can no longer be read


@dataclass(frozen=True)
class RunCard:
    """What a list of runs shows; noun : what one of its cells is: a cell, spot, bead or bin."""

    path: Path
    id: str
    name: str
    created: float
    state: State
    n_sections: int
    n_cells: int
    n_genes: int
    preset: str
    synthetic: bool
    noun: str = "cell"


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


def list_runs(workspace: str | Path) -> list[RunCard]:
    """RunCards of the runs in a folder, newest first."""
    cards = []
    for path in Path(workspace).glob("*"):
        if is_run(path) and path.suffix not in (".new", ".old"):
            about = read_json(path / "config.json")
            cards.append(RunCard(path, path.name, about["name"], about["created"], read_status(path).state,
                                 len(about["sections"]), about["n_cells"], about["n_genes"],
                                 about["config"]["preset"], bool(about.get("synthetic")),
                                 about.get("noun", "cell")))
    return sorted(cards, key=lambda c: -c.created)
