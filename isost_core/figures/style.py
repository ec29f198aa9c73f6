"""What all pictures of tissue share: the dark canvas, colour bars, axes in µm, the scale bar."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.figures.colours import CANVAS, FAINT_ON_CANVAS, INK_ON_CANVAS, plotly_scale, translucent
from isost_core.words import um

if TYPE_CHECKING:
    import plotly.graph_objects as go

FONT = "Inter, 'Source Sans', 'Segoe UI', system-ui, sans-serif"


def colour_bar(title: str, limits: tuple[float, float], name: str = "viridis") -> dict[str, Any]:
    """Settings of a continuous colour axis on the dark canvas."""
    bar = {"title": {"text": title, "side": "right", "font": {"size": 13, "color": INK_ON_CANVAS}},
           "thickness": 12, "len": 0.9, "outlinewidth": 0, "ticks": "outside", "ticklen": 4,
           "tickcolor": FAINT_ON_CANVAS, "nticks": 6, "x": 1.02, "xpad": 4,
           "tickfont": {"size": 12, "color": INK_ON_CANVAS}}
    return {"colorscale": plotly_scale(name), "cmin": limits[0], "cmax": limits[1], "colorbar": bar}


def dark_layout(title: str, height: int) -> dict[str, Any]:
    """Layout of a picture of tissue: the same dark canvas in the light and the dark theme."""
    return {"paper_bgcolor": CANVAS, "plot_bgcolor": CANVAS, "height": height,
            "font": {"color": INK_ON_CANVAS, "family": FONT, "size": 13},
            "title": {"text": title, "x": 0.01, "xanchor": "left", "y": 0.98, "yanchor": "top",
                      "yref": "container", "font": {"size": 14, "color": INK_ON_CANVAS}, "pad": {"t": 6, "l": 4}},
            "margin": {"l": 62, "r": 24, "t": 46 if title else 24, "b": 52},
            "hoverlabel": {"bgcolor": "rgb(30, 36, 46)", "bordercolor": "rgb(60, 70, 84)",
                           "font": {"color": INK_ON_CANVAS, "family": FONT}},
            "legend": {"font": {"color": INK_ON_CANVAS}, "bgcolor": translucent(CANVAS, 0.6)},
            "modebar": {"bgcolor": "rgba(0, 0, 0, 0)", "color": FAINT_ON_CANVAS, "activecolor": INK_ON_CANVAS}}


def flat_axis(title: str, span: Sequence[float] | None = None, **more: Any) -> dict[str, Any]:
    """Axis of a flat picture of tissue: thin ticks, no grid."""
    axis = {"title": {"text": title, "standoff": 8, "font": {"size": 13, "color": INK_ON_CANVAS}},
            "showgrid": False, "zeroline": False,
            "showline": False, "ticks": "outside", "ticklen": 4, "tickcolor": FAINT_ON_CANVAS, "nticks": 7,
            "tickfont": {"color": FAINT_ON_CANVAS, "size": 12}, "color": INK_ON_CANVAS, "constrain": "domain",
            "separatethousands": True}
    return axis | ({} if span is None else {"range": list(span)}) | more


def y_downwards(figure: go.Figure) -> go.Figure:
    """The same figure with y downwards in its pictures of tissue, as images and the instruments' own viewers have it;
    charts in it stay."""
    axes: Iterator[Any] = figure.select_yaxes()
    for axis in axes:
        if axis.scaleanchor is not None:
            axis.update({"autorange": "reversed"} if axis.range is None else {"range": axis.range[::-1]})
            _lift_labels(figure, axis)
    return figure


def with_y(figure: go.Figure, down: bool) -> go.Figure:
    """The figure with y downwards (see `y_downwards`) where `down`."""
    return y_downwards(figure) if down else figure


def _lift_labels(figure: go.Figure, axis: Any) -> None:
    """Put labels on an axis above their place: a scale bar is at the top of a picture that has y downwards."""
    name = axis.plotly_name.replace("axis", "")
    layout: Any = figure.layout
    for label in layout.annotations:
        if label.yref == name:
            label.yshift = abs(label.yshift or 0)


def nice_length(span_um: float) -> float:
    """Length of a scale bar for a picture this wide: 1, 2 or 5 times a power of ten, about a fifth of it."""
    if not span_um > 0:
        return 1.0
    raw = span_um / 5
    power = 10.0 ** math.floor(math.log10(raw))
    return max(step * power for step in (1, 2, 5) if step * power <= raw * 1.0001)


def length_text(length_um: float) -> str:
    """'200 µm', or '1.5 mm' from a thousand on."""
    return um(length_um)


def scale_bar(x_span: Sequence[float] | np.ndarray,
              y_span: Sequence[float] | np.ndarray) -> tuple[dict[str, Any], dict[str, Any]]:
    """Shape and annotation of a scale bar in the lower left corner of a picture."""
    width, height = x_span[1] - x_span[0], y_span[1] - y_span[0]  # negative where an axis runs backwards
    size = nice_length(abs(width))
    length = np.copysign(size, width)
    x0, y0 = x_span[0] + 0.04 * width, y_span[0] + 0.05 * height
    where = {"xref": "x", "yref": "y"}
    line = {"type": "line", "x0": x0, "x1": x0 + length, "y0": y0, "y1": y0,
            "line": {"color": "rgb(255, 255, 255)", "width": 4}} | where
    label = {"x": x0 + length / 2, "y": y0, "text": length_text(size), "showarrow": False, "yshift": 13,
             "font": {"color": "rgb(255, 255, 255)", "size": 13}} | where
    return line, label
