"""Where a job executes: a process of its own that outlives the one that started it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from isost_core.files import write_json
from isost_core.jobs.layout import PRINTED, PROCESS

COMMAND = "_job"  # of `python -m isost_core`, that does a job in its own process

Executor = Callable[[str, Path], int]
"""Starts a job of a kind on the folder that it writes to; returns the number of its process."""


def in_own_process(kind: str, folder: Path) -> int:
    """Start a job in a detached process on this computer; returns its number."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    with open(folder / PRINTED, "w") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "isost_core", COMMAND, str(kind), str(folder.resolve())], stdin=subprocess.DEVNULL,
            stdout=words, stderr=words, start_new_session=True, env={**os.environ, "PYTHONPATH": path})
    write_json(folder / PROCESS, {"pid": process.pid, "born": process_born(process.pid)})
    return process.pid


def process_born(pid: int) -> int:
    """Start time of a process in clock ticks (Linux), 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
    except (OSError, IndexError, ValueError):
        return 0


def process_alive(pid: int | None, born: int | None) -> bool:
    """Whether the process still runs and is the same one, not a later one of the same number."""
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    state = Path(f"/proc/{pid}/stat")
    if state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
        return False
    return not born or process_born(pid) in (0, born)
