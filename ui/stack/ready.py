"""The stack being prepared, for pages that need it whole."""

from __future__ import annotations

from pathlib import Path

from ui.shell import layout, widgets
from ui.stack import reading, uploads
from ui.stack.table import problems


def folder_or_stop(what: str) -> Path:
    """Folder of a stack whose table is complete; else the page says what is missing, and stops.

    what : what the page would do with it, as the start of a sentence: "A reconstruction"
    """
    folder = uploads.current()
    if folder is None or not uploads.files(folder):
        layout.empty_state("No sections yet", f"{what} needs measured sections. Upload yours, or try an "
                           "example.", [("Go to Sections", ":material/layers:", "sections"),
                                              ("Back to start", ":material/home:", "start")])
    with widgets.waiting("Looking at your files"):
        files = reading.look(uploads.files(folder), uploads.answers(folder).get("reading", {}))
    if files.together is None:
        layout.empty_state("Your files can't be used yet", "Sections says why, and what to do.",
                           [("Go to Sections", ":material/layers:", "sections")])
    if lacking := problems(reading.rows(folder, files)):
        layout.empty_state("Some information about your sections is "
                           "missing", "\n".join(f"- {line}" for line in lacking),
                           [("Complete it", ":material/layers:", "sections")])
    return folder
