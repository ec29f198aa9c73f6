"""Where a job executes: a process of its own that outlives the one that started it."""

import os
import subprocess
import sys
from pathlib import Path

from isost_core.files import write_json

# The jobs, as commands of `python -m isost_core`
RECONSTRUCT, REGISTER, VALIDATE, NICHES = "_work", "_register", "_validate", "_niches"


def submit(folder, job=RECONSTRUCT):
    """Start a job on the folder it writes to, in a detached process; returns its number."""
    folder = Path(folder)
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    with open(folder / "process.txt", "w") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "isost_core", job, str(folder.resolve())], stdin=subprocess.DEVNULL,
            stdout=words, stderr=words, start_new_session=True, env={**os.environ, "PYTHONPATH": path})
    write_json(folder / "process.json", {"pid": process.pid, "born": process_born(process.pid)})
    return process.pid


def process_born(pid):
    """Start time of a process in clock ticks (Linux), 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
    except (OSError, IndexError, ValueError):
        return 0


def process_alive(pid, born):
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
