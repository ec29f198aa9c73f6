"""What the explorer's view can be: its values, their bounds, and the colours it is drawn in.

Stated here once. The server brings what a link says within these bounds (`ui.explorer.view`); the browser is sent them
with every view and has none of its own (`ui/explorer/browser/types.js` describes what `for_browser` returns).
"""

import math
from dataclasses import dataclass
from typing import Any

from isost_core.figures import colours
from isost_core.reconstruction.isosurfaces import OPENING_PERCENTILE


@dataclass(frozen=True)
class Number:
    """A value of the view: where it opens, its bounds, and the step of its slider (None: it has no slider)."""

    opening: float
    least: float = -math.inf
    most: float = math.inf
    step: float | None = None

    def fit(self, value: float) -> float:
        """The value within the bounds, of the opening's type."""
        return type(self.opening)(min(max(value, self.least), self.most))

    def for_browser(self) -> dict[str, float | None]:
        """Bounds as JSON has them: None where there is none."""
        return {"least": self.least if math.isfinite(self.least) else None,
                "most": self.most if math.isfinite(self.most) else None, "step": self.step}


CAMERAS = {"oblique": (33.0, 27.0), "face": (0.0, 90.0), "front": (0.0, 0.0), "side": (90.0, 0.0)}  # turn, rise
END_NAMES = {"L": "left", "R": "right", "A": "anterior", "P": "posterior", "D": "dorsal", "V": "ventral"}
ENDS = ("", "LR", "RL", "AP", "PA", "DV", "VD")  # of an axis, from low to high
KNOWN_MAP = "cividis"  # of known shares, whatever map the values have
FLAT_TILT = 8  # degrees: a plane that lies flatter than this shows its nearest section

# The first of each is the opening one.
CHOICES = {"cells": ("off", "grey", "gene"), "blend": ("add", "side", "mean"), "colours": colours.COLOUR_MAPS[:-1],
           "uncertainty": ("off", "show", "hide"), "layer": ("values", "known", "sd"),
           **{f"ends_{axis}": ENDS for axis in ("x", "y", "depth")}}
SWITCHES = {"outline": True, "plane": True, "frame": True, "figure": False, "flip": False, "y_down": False,
            "panes": False, "cells_pane": False, "histology": True}
NUMBERS = {
    "azimuth": Number(0.0, 0, 360, 1), "tilt": Number(0.0, 0, 180, 1), "spin": Number(0.0, 0, 360, 1),
    "turn": Number(CAMERAS["oblique"][0]), "rise": Number(CAMERAS["oblique"][1], -90, 90),
    "zoom": Number(1.0, 0.3, 30), "panx": Number(0.0, -9, 9), "pany": Number(0.0, -9, 9),
    "szoom": Number(1.0, 0.5, 30), "spanx": Number(0.0, -1e6, 1e6), "spany": Number(0.0, -1e6, 1e6),
    "opacity": Number(0.85, 0.1, 1, 0.05), "histology_opacity": Number(0.8, 0.1, 1.0, 0.05),
    "stretch": Number(1.0, 1, 10, 0.5), "least": Number(50, 0, 100, 5)}
LEVEL = Number(float(OPENING_PERCENTILE), 1, 99.5, 0.5)  # percentile at which a surface stands

SCREEN = {"canvas": colours.CANVAS, "ink": colours.INK_ON_CANVAS, "faint": "rgb(140, 150, 164)",
          "line": "rgb(70, 80, 92)", "mark": colours.MARK,
          "halo": colours.translucent(colours.CANVAS, 0.75), "cells": "rgb(133, 143, 158)"}
FIGURE = {"canvas": "rgb(255, 255, 255)", "ink": "rgb(20, 26, 30)", "faint": "rgb(110, 120, 130)",
          "line": "rgb(170, 178, 186)", "mark": "rgb(190, 60, 20)",
          "halo": "rgba(255, 255, 255, 0.8)", "cells": "rgb(115, 122, 133)"}
AXES = ("rgb(214, 106, 92)", "rgb(92, 176, 112)", "rgb(92, 146, 226)")  # x, y, depth


def opening() -> dict[str, Any]:
    """The values that any run's view opens with."""
    return {**{name: options[0] for name, options in CHOICES.items()}, **SWITCHES,
            **{name: number.opening for name, number in NUMBERS.items()}}


def for_browser() -> dict[str, Any]:
    """All of it as JSON."""
    return {"numbers": {name: number.for_browser() for name, number in NUMBERS.items()},
            "choices": {name: list(options) for name, options in CHOICES.items()}, "level": LEVEL.for_browser(),
            "cameras": {name: list(angles) for name, angles in CAMERAS.items()}, "end_names": END_NAMES,
            "flat_tilt": FLAT_TILT, "known_map": KNOWN_MAP,
            "colours": {"screen": SCREEN, "figure": FIGURE, "unknown": colours.UNKNOWN, "axes": list(AXES)}}
