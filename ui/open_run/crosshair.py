"""The place that all Explore pages look at: the crosshair of the Explorer is the focus of Gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from isost_core.runs.run import Run
from ui.shell import state

if TYPE_CHECKING:
    import pandas as pd

PLACE = ("x", "y", "depth")


def start(run: Run) -> list[float]:
    """Where a view that names no place begins, as in the Explorer: where the clearest gene is highest at the middle of
    the stack, in whole µm."""
    return [float(min(max(round(at), a), b)) for at, a, b in zip(run.telling_um, *run.extent_um, strict=True)]


def go_to(foci: pd.DataFrame, rows: Iterable[int]) -> None:
    """Make the focus the one in the clicked row."""
    for row in rows:
        move_to(foci.iloc[row][list(PLACE)])


def move_to(place: Iterable[float]) -> None:
    """Make a place (x, y, depth; µm) the focus, in whole µm."""
    for axis, at in zip(PLACE, place, strict=True):
        state.set_view(f"c{axis}", round(float(at)))
