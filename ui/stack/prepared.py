"""The stack being prepared as one rerun of a page sees it: made once, handed to all that the page shows."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from isost_core.readers import FileScans
from isost_core.sections.stack import Sections


@dataclass(frozen=True, eq=False)
class PreparedStack:
    """A stack whose table is complete.

    folder : where its files and answers are kept; files : what was understood of the files
    measured : in the frame of the files and as measured; signature : text that changes with its cells and their places
    sections : as runs take them: in the registered frame and with brightness evened out, where the visitor wants that
    key : what changes with `sections`
    """

    folder: Path
    files: FileScans
    measured: Sections
    signature: str
    sections: Sections
    key: tuple[Hashable, ...]
