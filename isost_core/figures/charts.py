"""What all charts share, and the loss curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from isost_core.figures.colours import ACCENT, gene_colours
from isost_core.figures.style import FONT

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_GRID = "rgba(128, 138, 152, 0.22)"


def loss_curve(table: pd.DataFrame, height: int = 260) -> go.Figure:
    """Loss against training step, one line per stage, from a table of step, stage, loss."""
    import plotly.graph_objects as go

    figure = go.Figure()
    stages = list(dict.fromkeys(table["stage"]))
    colours = [ACCENT, *gene_colours(stages).values()]
    for stage, colour in zip(stages, colours, strict=False):
        part = table[table["stage"] == stage]
        figure.add_trace(go.Scatter(x=part["step"], y=part["loss"], mode="lines", name=str(stage),
                                    line={"color": colour, "width": 2}, hovertemplate="%{y:.4g}"))
    figure.update_layout(**chart_layout(height), hovermode="x unified", showlegend=len(stages) > 1)
    figure.update_xaxes(**chart_axis("training step"))
    figure.update_yaxes(**chart_axis("loss"))
    loss = table["loss"].to_numpy(float)
    if len(loss) and loss.min() > 0 and loss.max() > 20 * loss.min():
        figure.update_yaxes(type="log", dtick="D2")
    return figure


def chart_layout(height: int) -> dict[str, Any]:
    """Layout of a chart that takes the text colour of the page."""
    return {"height": height, "paper_bgcolor": "rgba(0, 0, 0, 0)", "plot_bgcolor": "rgba(0, 0, 0, 0)",
            "font": {"family": FONT, "size": 13}, "margin": {"l": 64, "r": 20, "t": 24, "b": 54},
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": {"text": ""}}}


def chart_axis(title: str) -> dict[str, Any]:
    """One axis of such a chart."""
    return {"title": {"text": title, "font": {"size": 13}, "standoff": 10}, "gridcolor": _GRID, "zeroline": False,
            "linecolor": _GRID, "showline": True, "ticks": "outside", "tickcolor": _GRID,
            "separatethousands": True}
