"""How well neighbours agree where they lie now and as uploaded, kept between reruns.

It takes seconds: a page says first that it is being computed, so that no number of before stands for one of now.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass

import streamlit as st

from isost_core.registration.alignment import Alignment
from isost_core.registration.stackwise import aligned_positions
from isost_core.sections.agreement import PairAgreement, stack_agreement
from ui.stack import alignment as registration
from ui.stack.prepared import PreparedStack

COMPUTING = "computing r …"


def about(noun: str) -> str:
    """What the agreement is."""
    return ("How well two sections match in expression at the same places, from 0 to 1. It is the median correlation r "
            f"of the 50 brightest genes. Chance is the same number with shuffled {noun}s.")


@dataclass(frozen=True)
class Agreement:
    """PairAgreement of each pair of neighbours, as uploaded and now."""

    uploaded: list[PairAgreement]
    now: list[PairAgreement]


def agreement(stack: PreparedStack) -> Agreement | None:
    """The agreement of the sections as they lie now; None until `compute` has found it."""
    before, now = (_kept(*of) for of, _ in _asked(stack))
    return Agreement(before[0], now[0]) if before and now else None


def compute(stack: PreparedStack) -> None:
    """Find what is not known of the agreement; it takes seconds."""
    for of, alignment in _asked(stack):
        if not (kept := _kept(*of)):
            kept.append(stack_agreement(stack.measured, aligned_positions(stack.measured, alignment)))


def _asked(stack: PreparedStack) -> list[tuple[tuple[tuple[Hashable, ...], str], Alignment]]:
    """The alignments to tell the agreement of, each behind what it is kept by."""
    return [((stack.key, json.dumps(one.to_dict(), sort_keys=True)), one)
            for one in (Alignment.identity(stack.measured), registration.current(stack))]


@st.cache_resource(max_entries=16, show_spinner=False)
def _kept(of: tuple[Hashable, ...], alignment: str) -> list[list[PairAgreement]]:
    """The place where the agreement is kept: a page asks first whether it is there."""
    return []
