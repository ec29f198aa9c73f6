"""Whether the process that works on a job is still there."""

import os
from pathlib import Path


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
