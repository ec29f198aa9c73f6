"""Where a run executes: a process of its own that outlives the one that started it."""

import os
import subprocess
import sys
from pathlib import Path

from isost_core.device import device_choices
from isost_core.runs import process_born, write_json

__all__ = ["device_choices", "submit"]


def submit(folder):
    """Start the work of a run in a detached process; returns its number."""
    folder = Path(folder)
    root = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    with open(folder / "process.txt", "w") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "isost_core", "_work", str(folder.resolve())], stdin=subprocess.DEVNULL,
            stdout=words, stderr=words, start_new_session=True, env={**os.environ, "PYTHONPATH": path})
    write_json(folder / "process.json", {"pid": process.pid, "born": process_born(process.pid)})
    return process.pid
