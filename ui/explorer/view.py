"""The explorer's view: which values it has, from the session and the link to the browser and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isost_core.runs.run import Run
from ui.explorer import channels, schema
from ui.explorer.schema import CHOICES, LEVEL, NUMBERS, SWITCHES
from ui.open_run import crosshair, depth_stretch
from ui.open_run.shown import Shown
from ui.shell import state

_KNOWN = "explorer_view_in_browser"


@dataclass(frozen=True)
class Plane:
    """A plane through the tissue: a point on it (x, y, depth; µm), and its angles in degrees (`slices.plane_axes`)."""

    centre: tuple[float, float, float]
    azimuth: float
    tilt: float
    spin: float = 0.0


def opening(run: Run) -> dict[str, Any]:
    """The view that a run opens with, and Reset goes back to: a flat slice in the middle, the crosshair where there is
    something to see, the stack not too thin to see."""
    centre = dict(zip(("cx", "cy", "cdepth"), crosshair.start(run), strict=True))
    return {**schema.opening(), "y_down": run.y_down, "stretch": stretch(run), **centre, "levels": {}, "ranges": {}}


def stretch(run: Run) -> float:
    """How many times its true depth a stack opens at: 1, or more for a thin one."""
    return NUMBERS["stretch"].fit(depth_stretch.usual(run))


def current(shown: Shown) -> dict[str, Any]:
    """The view as session and link have it."""
    view = opening(shown.run)
    for name in (*CHOICES, *SWITCHES, *NUMBERS, "cx", "cy", "cdepth"):
        view[name] = state.view_value(name, view[name], _fit(shown.run, name, view[name]))
    for gene in shown.chosen:
        start = channels.opening_level(shown, gene)
        level = state.view_value(f"level.{gene}", start, LEVEL.fit)
        usual = channels.colour_limits(shown, gene)
        chosen = state.view_value(f"range.{gene}", usual, lambda pair, like=usual: pair if pair[0] < pair[1] else like)
        if level != start:
            view["levels"][gene] = level
        if chosen != usual:
            view["ranges"][gene] = list(chosen)
    return view


def plane(run: Run) -> Plane:
    """The plane of the view."""
    view = opening(run)
    x, y, depth, *angles = (state.view_value(name, view[name], _fit(run, name, view[name]))
                            for name in ("cx", "cy", "cdepth", "azimuth", "tilt", "spin"))
    return Plane((x, y, depth), *angles)


def take(shown: Shown, said: Mapping[str, Any]) -> None:
    """Keep a view that the browser reports."""
    start = opening(shown.run)
    for name in (*CHOICES, *SWITCHES, *NUMBERS, "cx", "cy", "cdepth"):
        if name in said:
            state.set_view(name, _fit(shown.run, name, start[name])(said[name]))
    for gene in shown.chosen:
        level = channels.opening_level(shown, gene)
        state.set_view(f"level.{gene}", float(said["levels"].get(gene, level)))
        usual = channels.colour_limits(shown, gene)
        state.set_view(f"range.{gene}", tuple(map(float, said["ranges"].get(gene, usual))))
    state.put(_KNOWN, (state.get(_KNOWN, (0, None))[0], current(shown)))


def numbered(shown: Shown) -> tuple[dict[str, Any], int]:
    """(view, its number): a new number tells the browser that the view was changed elsewhere."""
    view = current(shown)
    number, known = state.get(_KNOWN, (0, None))
    if view != known:
        number += 1
        state.put(_KNOWN, (number, view))
    return view, number


def _fit(run: Run, name: str, default: Any) -> state.Fit:
    """What brings a value from outside to what this name can be."""
    if name in CHOICES:
        return lambda value: value if value in CHOICES[name] else default
    if name in SWITCHES:
        return bool
    if name in NUMBERS:
        return NUMBERS[name].fit
    d = ("cx", "cy", "cdepth").index(name)
    return schema.Number(default, run.extent_um[0][d], run.extent_um[1][d]).fit
