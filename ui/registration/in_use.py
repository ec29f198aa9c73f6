"""Which registration the next run uses, in a line."""

from __future__ import annotations

from isost_core.words import count
from ui.jobs import words
from ui.stack import alignment as registration
from ui.stack.prepared import PreparedStack


def in_words(stack: PreparedStack) -> str:
    """'Uses the registration of today 09:10, 1 section corrected by hand.' or 'Sections as uploaded.', and why."""
    if not registration.exists(stack):
        return "Sections as uploaded: they were not registered."
    if not registration.is_on(stack):
        return "Sections as uploaded: the registration is switched off."
    made, corrected = registration.made_at(stack), registration.current(stack).by_hand
    when = f" of {words.when(made)}" if made else ""
    by_hand = f", {count(len(corrected), 'section')} corrected by hand" if corrected else ""
    return f"Uses the registration{when}{by_hand}."
