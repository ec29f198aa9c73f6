"""Where the server keeps runs, uploads and the demo, and what a run may be called."""

import os
import re
from pathlib import Path

DEMO = "demo"
_RUN_ID = re.compile(r"[0-9a-f]{24}")


def folder() -> Path:
    """Folder that holds runs, uploads and the demo: ISOST_WORKSPACE, else ./workspace."""
    return Path(os.environ.get("ISOST_WORKSPACE", "workspace")).resolve()


def is_run_id(text: str | None) -> bool:
    """Whether a text from outside has the form of a run id."""
    return text == DEMO or bool(_RUN_ID.fullmatch(text or ""))
