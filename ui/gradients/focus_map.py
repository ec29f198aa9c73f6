"""The focus on the measured section nearest to it, where a click on a cell moves it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from isost_core.figures.profiles import focus_points
from isost_core.runs.run import Run
from ui.gradients.focus_choice import FocusChoice
from ui.open_run import cached_run, crosshair
from ui.shell import state, way_up, widgets
from ui.stack import measured_cells

HEIGHT, LOW = 205, 150  # px; the lower one below a table of foci


def show(run: Run, gene: str, focus: FocusChoice) -> None:
    """The map; of a surface there is none."""
    if focus.place is None:
        return
    number = int(np.abs(run.sections.depths - focus.place[2]).argmin())
    name, depth = run.sections.names[number], float(run.sections.depths[number])
    rows = run.sections.rows(name)
    key = state.key_here("focus_map")
    figure = focus_points(run.measured_xyz[rows], measured_cells.expression(run.sections, gene)[rows],
                          cached_run.colour_limits(run, gene), focus.place, focus.radius_um,
                          LOW if state.get_view("focus_by", "typed") != "typed" else HEIGHT)
    st.plotly_chart(way_up.drawn(figure), theme=None, key=key, config={"displayModeBar": False},
                    selection_mode="points", on_select=lambda: go_to(state.get(key)["selection"]["points"]))
    st.caption(f"**{widgets.plain(gene)}**, *measured*, in {widgets.plain(name)} at {run.sections.axis.at(depth)}. "
               "Click to move the focus.", help="The section nearest to the focus. The ring is the radius.")


def go_to(points: Sequence[dict[str, Any]]) -> None:
    """Make the cell that was clicked the focus, at its own depth."""
    for point in points[:1]:
        crosshair.move_to((point["x"], point["y"], *point["customdata"]))
