"""The correction of brightness between sections: whether the visitor wants it, and the sections with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from isost_core.quality.batch import correct_batch
from isost_core.sections.stack import Sections
from ui.stack import uploads
from ui.stack.prepared import PreparedStack

KEPT = "correct_batch"


def is_on(folder: Path) -> bool:
    """Whether the visitor wants brightness evened out between the sections of this stack."""
    return bool(uploads.answers(folder).get(KEPT))


def switch(folder: Path, on: bool) -> None:
    """Even brightness out, or leave it as it was measured."""
    uploads.answer(folder, **{KEPT: bool(on)})


def applied(stack: PreparedStack) -> PreparedStack:
    """The stack with the brightness of its sections evened out, where the visitor wants that."""
    if not is_on(stack.folder):
        return stack
    return replace(stack, sections=_corrected(stack.key, stack.sections), key=(*stack.key, KEPT))


@st.cache_resource(max_entries=2, show_spinner=False)
def _corrected(of: tuple, _sections: Sections) -> Sections:
    return correct_batch(_sections)[0]
