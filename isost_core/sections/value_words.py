"""What was made of the values of each file, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from isost_core.sections.totals import common_total, unequal
from isost_core.sections.value_scale import BASES, MEDIAN, Scale, Why
from isost_core.words import plain

WHERE = "under 'Expression values'"
LEAVE = f"If they are logarithms already, say so {WHERE} (--normalize none)."
SCALE = f"If they differ by depth of sequencing, scale the counts to the median {WHERE} (--normalize {MEDIAN})."
TAKE = f"If they are no logarithms, say so {WHERE} (--normalize log1p)."


def words_of(read: Sequence[tuple[str, Scale, float | None]], normalize: str,
             totals: Mapping[str, np.ndarray]) -> list[str]:
    """Notes on the values of each place: a file or a section of it, how it was read, and the base of the logarithm that
    the file says its values are (None: nothing); `normalize` of ReadOptions; totals : {section: (cells,)} of values."""
    read = [one for one in read if one[1].top] or list(read)
    if normalize == MEDIAN:
        return [_scaled_words(read, totals)]
    if normalize != "auto":
        return _as_said(read, normalize)
    if all(scale.why is Why.PLAIN for _, scale, _ in read):
        counts = all(scale.whole for _, scale, _ in read)
        why = "they are counts" if counts else "nothing shows that it was taken before"
        return [f"log(1 + value) of the stored values was taken, because {why}."
                + (f" {said} {SCALE}" if counts and (said := unequal(totals)) else "")]
    grouped: dict[tuple[Why, float | None, float | None], list[tuple[str, Scale]]] = {}
    for place, scale, _ in read:
        grouped.setdefault((scale.why, scale.base, scale.other), []).append((place, scale))
    return [_words(_named(place for place, _ in group), max((s for _, s in group), key=lambda s: s.top))
            for group in grouped.values()]


def _scaled_words(read: Sequence[tuple[str, Scale, float | None]], totals: Mapping[str, np.ndarray]) -> str:
    goal = common_total(np.concatenate([*totals.values()]))
    odd = [place for place, scale, flag in read if flag or not scale.whole]
    doubt = f" But the values of {_named(odd)} are no counts." if odd else ""
    return (f"The counts of each cell were scaled to the median total, {plain(goal, 4)}, and log1p was taken, because "
            f"you said so.{doubt}")


def _as_said(read: Sequence[tuple[str, Scale, float | None]], normalize: str) -> list[str]:
    whole = [place for place, scale, _ in read if scale.whole and scale.top > 1]
    doubt = (f" But {_named(whole)} has whole numbers up to {max(s.top for _, s, _ in read):g}, and no logarithm gives "
             "those." if whole else "")
    if normalize == "none":
        return [f"Values were not changed, because you said that they are log1p already.{doubt}"]
    if normalize == "log2":
        return [f"Values were changed from log2(1 + value) to log1p, because you said that they are log2.{doubt}"]
    logged = [place for place, _, flag in read if flag]
    again = f" {_named(logged)} says that its values are log1p already." if logged else ""
    return [f"Values were changed to log1p.{again}"]


def _words(places: str, scale: Scale) -> str:
    top, name = plain(scale.top, 4), BASES.get(scale.base or 0.0, "logarithms")
    changed = f"were changed from {name} to log1p" if scale.base not in (None, math.e) else "were not changed"
    if scale.why is Why.FLAG:
        return f"Values of {places} {changed}, because the file says that they are {name} already."
    if scale.why is Why.OURS:
        return f"Values of {places} {changed}, because isoST Studio wrote them: they are {name} already."
    if scale.why is Why.WHOLE:
        return (f"{places} says that its values are logarithms, but they are whole numbers up to {top}, and no "
                f"logarithm gives those. log1p was taken. {LEAVE}")
    if scale.why is Why.HIGH:
        return (f"{places} says that its values are logarithms, but they go up to {top}, which is too high for "
                f"logarithms. log1p was taken. {LEAVE}")
    if scale.why is Why.UNITS and scale.base is None:
        return (f"{places} says that its values are logarithms, but they are plain: those of each cell are multiples "
                f"of one number. log1p was taken. {LEAVE}")
    if scale.why is Why.UNITS:
        return (f"Values of {places} {changed}, because they are {name} already: without the logarithm they are "
                f"multiples of one number in each cell. {TAKE}")
    if scale.why is Why.GUESS:
        is_2 = scale.other == 2
        return (f"log1p was taken of the values of {places}. These are fractions up to {top} beside zeros, so they may "
                f"be logarithms already. If they are {BASES[2.0 if is_2 else math.e]}, say so {WHERE} (--normalize "
                f"{'log2' if is_2 else 'none'}).")
    if scale.why is Why.FRACTIONS:
        return f"log1p was taken of the values of {places}. These are fractions up to {top}. {LEAVE}"
    return f"Values of {places} were changed to log1p."


def _named(places: Iterable[str]) -> str:
    names = list(dict.fromkeys(places))
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
