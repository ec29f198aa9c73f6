"""Figures of a validation report: plain functions, parts of the report in, a plotly Figure out.

Pictures of tissue lie on the dark canvas. Charts leave their colours of text and paper to the page they stand in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.figures.colours import ACCENT, CATEGORICAL, INK_ON_CANVAS, colour_range
from isost_core.figures.style import FONT, colour_bar, dark_layout, scale_bar
from isost_core.words import um

if TYPE_CHECKING:
    import plotly.graph_objects as go

GREY, GRID = "rgb(140, 148, 160)", "rgba(128, 138, 152, 0.25)"
GRADE_COLOURS = {"A": ACCENT, "B": CATEGORICAL[0], "C": CATEGORICAL[5], "-": GREY}
CELL_PANELS = (("measured", "measured cells"), ("sampled", "predicted cells"))
PANEL, ABOVE, BELOW = 230, 34, 66  # px: a square panel, and the room above and below it
BIN_PANELS = (("measured", "measured, bin means"), ("predicted", "predicted, bin means"))


def calibration_figure(calibration: Mapping[str, Any], ours: str, rival: str | None = None) -> go.Figure:
    """Share of measured values inside predicted intervals against the share they promise."""
    import plotly.graph_objects as go

    levels = 100 * np.array(calibration["levels"])
    figure = go.Figure(go.Scatter(x=[0, 100], y=[0, 100], mode="lines", name="as promised", hoverinfo="skip",
                                  line={"color": GREY, "dash": "dot", "width": 1.5}))
    for name, label, look in ((rival, f"simple: {rival}", {"color": GREY, "width": 2}),
                              (ours, "reconstruction", {"color": ACCENT, "width": 3})):
        if name in calibration["methods"]:
            figure.add_trace(go.Scatter(x=levels, y=100 * np.array(calibration["methods"][name]), name=label, line=look,
                                        mode="lines+markers", hovertemplate="should contain %{x:.0f} %, contains "
                                                                            "%{y:.1f} %"))
    _chart(figure, "share of values that the interval<br>should contain (%)",
           "share of measured values that it contains (%)", 410)
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(range=[0, 100])
    return figure


def gap_figure(points: Sequence[Mapping[str, Any]], width_um: float, ceiling: float | None = None) -> go.Figure:
    """PCC of held-out sections against the gap they were predicted across."""
    import plotly.graph_objects as go

    figure = go.Figure()
    gaps = np.array([p["gap_um"] for p in points])
    for name, colour in (("best simple", GREY), ("reconstruction", ACCENT)):
        pcc = np.array([np.nan if p["pcc"][name] is None else p["pcc"][name] for p in points])
        figure.add_trace(go.Scatter(
            x=gaps, y=pcc, mode="markers", name=name, showlegend=False,
            marker={"color": colour, "size": 7, "opacity": 0.6},
            customdata=[[p["section"], p["nearest_um"]] for p in points],
            hovertemplate="%{customdata[0]}, %{customdata[1]:.0f} µm from the nearest section: r = %{y:.2f}"))
        kinds = sorted({p["held_out_with"] for p in points})
        groups = [np.array([p["held_out_with"] == k for p in points]) for k in kinds]
        figure.add_trace(go.Scatter(x=[gaps[g].mean() for g in groups], y=[np.nanmean(pcc[g]) for g in groups],
                                    mode="lines+markers", name=f"{name}, mean", line={"color": colour, "width": 3},
                                    marker={"size": 10}, hovertemplate="mean r = %{y:.2f}"))
    if ceiling is not None:
        figure.add_hline(ceiling, line={"color": GREY, "dash": "dot"}, annotation_text="best possible",
                         annotation_font_color=GREY)
    _chart(figure, "gap between the sections used (µm)", f"r over {um(width_um)} bins", 400)
    figure.update_yaxes(rangemode="tozero")
    return figure


def genes_figure(genes: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Held-out PCC of every gene against what a repeat of the section would allow."""
    import plotly.graph_objects as go

    figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1], mode="lines", showlegend=False, hoverinfo="skip",
                                  line={"color": GREY, "dash": "dot", "width": 1.5}))
    for grade, colour in GRADE_COLOURS.items():
        mine = [g for g in genes if g["grade"] == grade and g["pcc"] is not None and g["ceiling"] is not None]
        if mine:
            figure.add_trace(go.Scatter(
                x=[g["ceiling"] for g in mine], y=[g["pcc"] for g in mine], mode="markers", name=f"grade {grade}",
                marker={"color": colour, "size": 8, "line": {"color": "white", "width": 0.5}},
                text=[g["gene"] for g in mine], hovertemplate="%{text}: r = %{y:.2f}, best possible %{x:.2f}"))
    _chart(figure, "best possible r", "r of the prediction", 440)
    return figure


def pictures(gene: str, bins: Mapping[str, Any], cells: Mapping[str, Any] | None = None) -> list[go.Figure]:
    """One gene on one held-out section, measured beside predicted: single cells where given, and means over bins, a
    figure of two panels for each.

    Parameters
    ----------
    gene : its name
    bins : `bins` of a report
    cells : one of the `pictures` of a report, or None
    """
    points = {name: {k: np.array(v, float) for k, v in cells[name].items()} for name, _ in CELL_PANELS if cells}
    means = {name: np.array(bins[name][gene], float) for name, _ in BIN_PANELS}
    spans = [_span(np.concatenate([np.array(bins[axis], float), *(p[axis] for p in points.values())]))
             for axis in "xy"]
    binned = _pair([(_bins(bins, means[name], what), what) for name, what in BIN_PANELS],
                   "bin means (log1p)", colour_range(np.concatenate(list(means.values()))), spans)
    if not cells:
        return [binned]
    return [_pair([(_cells(points[name], what), what) for name, what in CELL_PANELS],
                  "cells (log1p)", colour_range(np.concatenate([p["value"] for p in points.values()])), spans), binned]


def _pair(panels: Sequence[tuple[Any, str]], unit: str, limits: tuple[float, float],
          spans: Sequence[tuple[float, float]]) -> go.Figure:
    """Two panels to one scale on the dark canvas, with a scale bar in the first and their colours below."""
    from plotly.subplots import make_subplots

    (left, right), (low, high) = spans
    low -= max(0.13 * (high - low), 0.18 * (right - left))  # room for the scale bar, in a small picture too
    figure = make_subplots(1, len(panels), subplot_titles=[what for _, what in panels], horizontal_spacing=0.03)
    for column, (trace, _) in enumerate(panels, 1):
        figure.add_trace(trace, row=1, col=column)
    height = int(np.clip(PANEL * (high - low) / (right - left), 90, 1.4 * PANEL))
    layout: dict[str, Any] = dark_layout("", height + ABOVE + BELOW) | {
        "margin": {"l": 8, "r": 8, "t": ABOVE, "b": BELOW}}
    figure.update_layout(**layout, showlegend=False, coloraxis=_colours_below(unit, limits, height))
    figure.update_annotations(font={"size": 13, "color": INK_ON_CANVAS})
    figure.update_xaxes(range=[left, right], visible=False, constrain="domain", matches="x")
    figure.update_yaxes(range=[low, high], visible=False, constrain="domain", matches="y", scaleanchor="x")
    line, label = scale_bar((left, right), (low, high))
    figure.add_shape(line)
    figure.add_annotation(label)
    return figure


def _colours_below(unit: str, limits: tuple[float, float], height: int) -> dict[str, Any]:
    """A colour axis whose bar lies below panels of this height (px), its title above it."""
    axis = colour_bar(unit, limits)
    axis["colorbar"] |= {"orientation": "h", "x": 0.5, "y": -8 / height, "yanchor": "top", "len": 0.7, "xpad": 0,
                         "ypad": 0}
    axis["colorbar"]["title"] |= {"side": "top"}
    return axis


def _cells(p: Mapping[str, np.ndarray], what: str) -> go.Scattergl:
    import plotly.graph_objects as go

    order = np.argsort(p["value"], kind="stable")
    size = float(np.clip(0.8 * 250 / np.sqrt(max(len(order), 1)), 2.0, 10.0))
    return go.Scattergl(x=p["x"][order], y=p["y"][order], mode="markers", name="",
                        marker={"color": p["value"][order], "coloraxis": "coloraxis", "size": size, "opacity": 0.9},
                        hovertemplate=f"x %{{x:,.0f}} · y %{{y:,.0f}} µm<br>{what} %{{marker.color:.2f}} (log1p)")


def _bins(bins: Mapping[str, Any], values: np.ndarray, what: str) -> go.Heatmap:
    import plotly.graph_objects as go

    x, y = (np.unique(np.array(bins[axis], float)) for axis in "xy")
    grid = np.full((len(y), len(x)), np.nan)
    grid[np.searchsorted(y, bins["y"]), np.searchsorted(x, bins["x"])] = values
    return go.Heatmap(x=x, y=y, z=grid, coloraxis="coloraxis", hoverongaps=False, name="",
                      hovertemplate=f"x %{{x:,.0f}} · y %{{y:,.0f}} µm<br>{what} %{{z:.2f}} (log1p)")


def _span(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.04 * max(high - low, 1e-6)
    return low - margin, high + margin


def _chart(figure: go.Figure, x: str, y: str, height: int) -> None:
    axis: dict[str, Any] = {"gridcolor": GRID, "zeroline": False, "linecolor": GRID, "ticks": "outside",
                            "tickcolor": GRID}
    figure.update_layout(
        height=height, paper_bgcolor="rgba(0, 0, 0, 0)", plot_bgcolor="rgba(0, 0, 0, 0)", font={"family": FONT},
        margin={"l": 64, "r": 20, "t": 20, "b": 56}, hoverlabel={"namelength": 0},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"})
    figure.update_xaxes(title={"text": x, "standoff": 10}, **axis)
    figure.update_yaxes(title={"text": y, "standoff": 10}, **axis)
