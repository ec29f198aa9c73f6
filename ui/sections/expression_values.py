"""How expression values are taken: chosen beside the pictures, where the notes say what was taken and why."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.stack import uploads

CHOICES = {
    "auto": "Decide from the values (usual)",
    "log1p": "Counts or intensities: log(1 + value)",
    "median_log1p": "Counts of unequal depth: scale each total to the median, then log(1 + value)",
    "none": "Normalised already, log(1 + value): leave as they are",
    "log2": "log2(1 + value) already: change to log(1 + value)",
}


def choice(folder: Path) -> None:
    """The choice; it is kept with the stack, and the page is made anew where it changed."""
    reading = uploads.answers(folder).get("reading", {})
    now = reading.get("normalize", "auto")
    taken = st.selectbox("Expression values", list(CHOICES), index=list(CHOICES).index(now), key="normalize",
                         format_func=CHOICES.__getitem__, width=400,
                         help="What is compared and predicted is always log(1 + value). The note below the pictures "
                              "says what was taken from your files, and why. Scaling to the median total makes "
                              "sections of unequal depth of sequencing comparable; sections that a validation hides "
                              "are scaled alike.")
    if taken != now:
        uploads.answer(folder, reading=reading | {"normalize": taken})
        st.rerun()
