"""The explorer's view: which values it has, from the session and the link to the browser and back."""

import math

from ui import explorer_channels, focus_picker, state
from ui.explorer import schema
from ui.explorer.schema import CHOICES, LEVEL, NUMBERS, SWITCHES

_KNOWN = "explorer_view_in_browser"


def opening(run):
    """The view that a run opens with, and Reset goes back to."""
    low, high = run.extent_um
    centre = dict(zip(("cx", "cy", "cdepth"), focus_picker.middle(run), strict=True))
    wide = math.dist(low[:2], high[:2])
    tilt = min(round(math.degrees(math.atan((high[2] - low[2]) / wide))), 60)  # from corner to corner
    return {**schema.opening(), "tilt": float(tilt), **centre, "levels": {}, "ranges": {}}


def current(run, genes):
    """The view as session and link have it."""
    view = opening(run)
    for name in (*CHOICES, *SWITCHES, *NUMBERS, "cx", "cy", "cdepth"):
        view[name] = state.view_value(name, view[name], _fit(run, name, view[name]))
    for gene in genes:
        start = explorer_channels.opening_level(run, gene)
        level = state.view_value(f"level.{gene}", start, LEVEL.fit)
        usual = explorer_channels.colour_limits(run, gene)
        chosen = state.view_value(f"range.{gene}", usual, lambda pair, like=usual: pair if pair[0] < pair[1] else like)
        if level != start:
            view["levels"][gene] = level
        if chosen != usual:
            view["ranges"][gene] = list(chosen)
    return view


def plane(run):
    """(point, azimuth, tilt) of the plane: µm and degrees."""
    view = opening(run)
    at, azimuth, tilt = [[state.view_value(name, view[name], _fit(run, name, view[name])) for name in names]
                         for names in (("cx", "cy", "cdepth"), ("azimuth",), ("tilt",))]
    return at, azimuth[0], tilt[0]


def take(run, genes, said):
    """Keep a view that the browser reports."""
    start = opening(run)
    for name in (*CHOICES, *SWITCHES, *NUMBERS, "cx", "cy", "cdepth"):
        if name in said:
            state.set_view(name, _fit(run, name, start[name])(said[name]))
    for gene in genes:
        level = explorer_channels.opening_level(run, gene)
        state.set_view(f"level.{gene}", float(said["levels"].get(gene, level)))
        usual = explorer_channels.colour_limits(run, gene)
        state.set_view(f"range.{gene}", tuple(map(float, said["ranges"].get(gene, usual))))
    state.put(_KNOWN, (state.get(_KNOWN, (0, None))[0], current(run, genes)))


def numbered(run, genes):
    """(view, its number): a new number tells the browser that the view was changed elsewhere."""
    view = current(run, genes)
    number, known = state.get(_KNOWN, (0, None))
    if view != known:
        number += 1
        state.put(_KNOWN, (number, view))
    return view, number


def _fit(run, name, default):
    """What brings a value from outside to what this name can be."""
    if name in CHOICES:
        return lambda value: value if value in CHOICES[name] else default
    if name in SWITCHES:
        return bool
    if name in NUMBERS:
        return NUMBERS[name].fit
    d = ("cx", "cy", "cdepth").index(name)
    return schema.Number(default, run.extent_um[0][d], run.extent_um[1][d]).fit
