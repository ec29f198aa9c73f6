"""The correction of brightness between sections: whether the visitor wants it, and the sections with it."""

import streamlit as st

from isost_core import keys
from isost_core.quality.batch import correct_batch
from ui.stack import alignment, uploads

KEPT = "correct_batch"


def is_on(folder):
    """Whether the visitor wants brightness evened out between the sections of this stack."""
    return bool(uploads.answers(folder).get(KEPT))


def switch(folder, on):
    uploads.answer(folder, **{KEPT: bool(on)})


def applied(folder, sections):
    """The sections with brightness evened out, where the visitor wants that."""
    return _corrected(values_key(sections), sections)[0] if is_on(folder) else sections


def values_key(sections):
    """What changes with the cells of sections, where they lie, and how their values were read."""
    depth = tuple(sections.cells.obs[keys.DEPTH].groupby(sections.cells.obs[keys.SECTION], observed=True).mean())
    return (alignment.signature(sections), tuple(sorted(sections.hashes.items())), sections.normalize, depth,
            len(sections.genes), sections.notes)


@st.cache_resource(max_entries=2, show_spinner=False)
def _corrected(of, _sections):
    return correct_batch(_sections)
