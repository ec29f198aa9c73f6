"""How well neighbours agree where an alignment puts them, kept between reruns."""

from __future__ import annotations

import json

import streamlit as st

from isost_core.registration.alignment import Alignment
from isost_core.registration.stackwise import aligned_positions
from isost_core.sections.agreement import PairAgreement, stack_agreement
from isost_core.sections.stack import Sections
from ui.stack.prepared import PreparedStack


def about(noun: str) -> str:
    """What the agreement is."""
    return ("How well two sections match in expression at the same places, from 0 to 1. It is the median correlation r "
            f"of the 50 brightest genes. Chance is the same number with shuffled {noun}s.")


def agreements(stack: PreparedStack, alignment: Alignment) -> list[PairAgreement]:
    """PairAgreement of each pair of neighbours, with the sections where the alignment puts them."""
    of = json.dumps(alignment.to_dict(), sort_keys=True)
    return _agreements_of(stack.signature, of, stack.measured, alignment)


@st.cache_resource(max_entries=16, show_spinner="Comparing neighbours")
def _agreements_of(of: str, text: str, _sections: Sections, _alignment: Alignment) -> list[PairAgreement]:
    return stack_agreement(_sections, aligned_positions(_sections, _alignment))
