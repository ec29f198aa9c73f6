"""How well neighbours agree where an alignment puts them, kept between reruns."""

import json

import streamlit as st

from isost_core import keys
from isost_core.sections.agreement import stack_agreement

ABOUT = ("How well two sections match in expression at the same places. It is the median correlation of the 50 "
         "brightest genes. Chance is the same number with shuffled cells.")


def of_stack(stack, alignment):
    """PairAgreement of each pair of neighbours, with the sections where the alignment puts them."""
    of = json.dumps(alignment.to_dict(), sort_keys=True)
    return _agreements_of(stack.signature, of, stack.measured, alignment)


@st.cache_resource(max_entries=16, show_spinner="Comparing neighbours")
def _agreements_of(of, text, _sections, _alignment):
    xy = _sections.cells.obsm[keys.SPATIAL].copy()
    for name in _sections.names:
        rows = _sections.rows(name)
        xy[rows] = _alignment.points(name, xy[rows])
    return stack_agreement(_sections, xy)
