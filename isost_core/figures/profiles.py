"""Charts of profiles: genes against distance, and groups of foci beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from isost_core.analysis.profiles import ESTIMATE_2D, SHUFFLED, uncertain_bins
from isost_core.axis import DEPTH, Axis
from isost_core.figures.charts import chart_axis, chart_layout
from isost_core.figures.colours import CANVAS, CATEGORICAL, gene_colours, translucent
from isost_core.figures.style import colour_bar, dark_layout, scale_bar
from isost_core.figures.uncertainty import OFF, UncertaintyView
from isost_core.words import shortened

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

DISTANCE = "distance"  # what the hover box calls where it is, but for a profile along the stack
DISTANCES = {"radial": "distance from the axis (µm)", "spherical": "distance from the centre (µm)",
             "surface": "distance from the surface, negative inside (µm)"}
MOST_ON_MAP = 2500  # cells
BELOW = 0.2  # of a section's height, below it on the map: room for the scale bar
_ON_ANY_COLOUR = ((CANVAS, 6), ("rgb(255, 255, 255)", 2.5))  # a dark rim, and the mark in it; widths
_GREY = "rgba(128, 138, 152, 0.16)"
_INTERVAL = "%{y:.2f} (95 % interval %{customdata[0]:.2f} to %{customdata[1]:.2f})"
_OWN_PLACE = ", at %{x:,.0f}"  # the box is headed by the place under the pointer, points lie beside it
_INK = "rgba(128, 138, 152, 1)"
_STYLES = {
    "predicted": {"mode": "lines", "line": {"color": _INK, "width": 2.5}},
    "measured": {"mode": "lines+markers", "line": {"color": _INK, "width": 1.5, "dash": "dash"},
                 "marker": {"size": 7, "color": _INK}},
    ESTIMATE_2D: {"mode": "lines+markers", "line": {"color": _INK, "width": 1.5, "dash": "dot"},
           "marker": {"size": 7, "color": _INK, "symbol": "diamond-open"}},
    SHUFFLED: {"mode": "lines", "line": {"color": _GREY, "width": 10}},
}
_KNOWN = ", resolved share %{customdata[2]:.0%}"


def profile_lines(table: pd.DataFrame, kind: str, intervals: bool = True,
                  uncertainty: UncertaintyView = OFF, height: int = 460,
                  axis: Axis = DEPTH) -> go.Figure:
    """Mean expression against distance: predicted as lines, measured as dashed points, the 2D estimate as dotted
    diamonds, and the band of shuffled cells in grey.

    Parameters
    ----------
    table : what `profile` returns
    kind : 'depth', 'radial', 'spherical' or 'surface'
    intervals : whether the 95 % intervals are drawn
    uncertainty : what becomes of predicted bins of which little is known: marked ones are hollow points
    axis : along which the sections are stacked
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    colours = gene_colours(dict.fromkeys(table["gene"]))
    order = [{SHUFFLED: 0, ESTIMATE_2D: 1}.get(source, 2) for source in table["source"]]
    table = table.iloc[np.argsort(order, kind="stable")]
    for key, part in table.groupby(["gene", "source"], sort=False):
        gene, source = cast("tuple[str, str]", key)
        part = part.sort_values("distance_um", ignore_index=True)
        if source == SHUFFLED:
            _add_shuffled(figure, gene, part)
            continue
        if not intervals:
            part = part.assign(low=np.nan, high=np.nan)
        marked, hidden = (uncertain_bins(part, least) for least in (uncertainty.shown_below, uncertainty.hidden_below))
        part.loc[hidden, ["mean", "low", "high"]] = np.nan
        add = {"predicted": _add_predicted, ESTIMATE_2D: _add_estimate_2d}.get(source, _add_measured)
        add(figure, f"{gene} · {source}", part, colours[gene])
        if marked.any():
            _mark(figure, f"{gene} · {source}", part.loc[marked], colours[gene])
    _legend(figure, colours, dict.fromkeys(table["source"]))
    _lay_out(figure, height, axis.label if kind == "depth" else DISTANCES[kind])
    if kind == "depth":
        figure.update_xaxes(unifiedhovertitle_text=f"{axis.name} %{{x:,.0f}} {axis.unit}")
    return figure


def _lay_out(figure: go.Figure, height: int, title: str) -> None:
    """A chart of means against a distance. Plotly's buttons stand below each other, beside it: in a row they lay over
    the legend."""
    figure.update_layout(**chart_layout(height), hovermode="x unified", modebar_orientation="v", margin_r=44)
    figure.update_xaxes(**chart_axis(title), hoverformat=",.0f", unifiedhovertitle_text=f"{DISTANCE} %{{x:,.0f}} µm")
    figure.update_yaxes(**chart_axis("mean expression (log1p)"), rangemode="tozero")


def _add_predicted(figure: go.Figure, name: str, part: pd.DataFrame, colour: str) -> None:
    import plotly.graph_objects as go

    x = part["distance_um"].to_numpy()
    outline, edge = _bands(part)
    figure.add_trace(go.Scatter(x=outline, y=edge, fill="toself", fillcolor=translucent(colour, 0.2), line={"width": 0},
                                hoverinfo="skip", name=name, legendgroup=name, showlegend=False, mode="lines"))
    shown = part[["low", "high", "known_share"]].to_numpy()
    told = "%{y:.2f}" if np.isnan(shown[:, 0]).all() else _INTERVAL
    told += _KNOWN if np.isfinite(shown[:, 2]).any() else ""
    between_hidden = np.isnan(part["mean"].to_numpy()).any()  # a bin between two hidden ones shows too
    mode = "lines+markers" if between_hidden else "lines"
    figure.add_trace(go.Scatter(x=x, y=part["mean"], mode=mode, name=name, legendgroup=name, marker={"size": 4},
                                line={"color": colour, "width": 2.5}, customdata=shown, hovertemplate=told))


def _legend(figure: go.Figure, colours: dict[str, str], sources: Iterable[str]) -> None:
    """One entry for each gene, that turns it on and off, and one in grey for each way of drawing."""
    import plotly.graph_objects as go

    figure.for_each_trace(lambda trace: trace.update(showlegend=False, legendgroup=trace.name.split(" · ")[0]))
    for gene, colour in colours.items():
        figure.add_trace(go.Scatter(x=[None], y=[None], mode="lines", name=gene, legendgroup=gene,
                                    line={"color": colour, "width": 4}))
    for source in sources:
        figure.add_trace(go.Scatter(x=[None], y=[None], name=source, hoverinfo="skip", **_STYLES[source]))


def _bands(part: pd.DataFrame) -> tuple[list[float | None], list[float | None]]:
    """Outline of the interval, with a break where bins are left out."""
    there = part["low"].notna().to_numpy()
    x: list[float | None] = []
    y: list[float | None] = []
    for run in np.split(np.arange(len(part)), np.flatnonzero(np.diff(there.astype(int))) + 1):
        if len(run) and there[run[0]]:
            at, low, high = (part[c].to_numpy()[run] for c in ("distance_um", "low", "high"))
            x += [*at, *at[::-1], None]
            y += [*high, *low[::-1], None]
    return x[:-1], y[:-1]


def _mark(figure: go.Figure, name: str, part: pd.DataFrame, colour: str) -> None:
    import plotly.graph_objects as go

    figure.add_trace(go.Scatter(x=part["distance_um"], y=part["mean"], mode="markers", legendgroup=name, name=name,
                                showlegend=False, hoverinfo="skip",
                                marker={"size": 9, "color": colour, "symbol": "circle-open", "line": {"width": 2}}))


def _add_measured(figure: go.Figure, name: str, part: pd.DataFrame, colour: str) -> None:
    import plotly.graph_objects as go

    bars = {"type": "data", "symmetric": False, "array": part["high"] - part["mean"],
            "arrayminus": part["mean"] - part["low"], "thickness": 1.2, "width": 3,
            "color": translucent(colour, 0.75)}
    figure.add_trace(go.Scatter(x=part["distance_um"], y=part["mean"], mode="lines+markers", name=name,
                                error_y=bars, line={"color": colour, "width": 1.5, "dash": "dash"},
                                marker={"size": 7, "color": colour, "symbol": "circle",
                                        "line": {"color": "rgba(255, 255, 255, 0.9)", "width": 1}},
                                customdata=part[["low", "high"]].to_numpy(),
                                hovertemplate=(_INTERVAL if bars["array"].notna().any() else "%{y:.2f}") + _OWN_PLACE))


def _add_estimate_2d(figure: go.Figure, name: str, part: pd.DataFrame, colour: str) -> None:
    import plotly.graph_objects as go

    figure.add_trace(go.Scatter(x=part["distance_um"], y=part["mean"], mode="lines+markers", name=name,
                                line={"color": colour, "width": 1.5, "dash": "dot"},
                                hovertemplate="%{y:.2f}" + _OWN_PLACE,
                                marker={"size": 7, "color": colour, "symbol": "diamond-open", "line": {"width": 1.5}}))


def _add_shuffled(figure: go.Figure, gene: str, part: pd.DataFrame) -> None:
    import plotly.graph_objects as go

    outline, edge = _bands(part)
    figure.add_trace(go.Scatter(x=outline, y=edge, fill="toself", fillcolor=_GREY, line={"width": 0}, mode="lines",
                                hoverinfo="skip", name=f"{gene} · {SHUFFLED}"))


def group_lines(table: pd.DataFrame, height: int = 420) -> go.Figure:
    """Mean profiles of groups of foci: predicted as lines, measured as dashed points, each in its group's colour.

    table : profiles that `compare_foci` returns
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    groups = list(dict.fromkeys(table["group"]))
    for key, part in table.groupby(["group", "source"], sort=False):
        group, source = cast("tuple[str, str]", key)
        part = part.assign(known_share=np.nan)
        add = _add_measured if source == "measured" else _add_predicted
        colour = CATEGORICAL[groups.index(group) % len(CATEGORICAL)]
        add(figure, f"{shortened(str(group), 28)} · {source}", part, colour)
    _lay_out(figure, height, "distance from the focus (µm)")
    return figure


def focus_points(xyz: np.ndarray, values: np.ndarray, limits: Sequence[float], centre: Sequence[float],
                 radius_um: float | None = None, height: int = 250) -> go.Figure:
    """A measured section (positions (n, 3) um, log1p values (n,)), the focus as a cross and its radius as a ring, with
    a scale bar and a colour bar. Cells carry their depth as customdata."""
    import plotly.graph_objects as go

    kept = np.sort(np.random.default_rng(0).choice(len(xyz), min(MOST_ON_MAP, len(xyz)), replace=False))
    colours = colour_bar("log1p", (limits[0], limits[1])) | {"color": values[kept], "size": 3.5}
    colours["colorbar"] |= {"nticks": 4, "thickness": 9}
    figure = go.Figure(go.Scatter(
        x=xyz[kept, 0], y=xyz[kept, 1], customdata=xyz[kept, 2:].tolist(), mode="markers", marker=colours, name="",
        showlegend=False,
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
        hovertemplate="x %{x:,.0f} · y %{y:,.0f} µm<br>%{marker.color:.2f} (log1p, measured)<extra></extra>"))
    for colour, width in _ON_ANY_COLOUR:
        figure.add_trace(go.Scatter(x=[centre[0]], y=[centre[1]], mode="markers", hoverinfo="skip", showlegend=False,
                                    marker={"symbol": "cross-thin", "size": 16 + width,
                                            "line": {"width": width, "color": colour}},
                                    unselected={"marker": {"opacity": 1}}))
    rings = [] if radius_um is None else [{
        "type": "circle", "x0": centre[0] - radius_um, "x1": centre[0] + radius_um, "y0": centre[1] - radius_um,
        "y1": centre[1] + radius_um, "line": {"color": colour, "width": width / 1.5}}
        for colour, width in _ON_ANY_COLOUR]
    x, y = [(float(a), float(b)) for a, b in zip(xyz.min(0)[:2], xyz.max(0)[:2], strict=True)]
    y = (y[0] - BELOW * (y[1] - y[0]), y[1])
    bar, length = scale_bar(x, y)
    figure.update_layout(**dark_layout("", height), shapes=[*rings, bar], annotations=[length],
                         clickmode="event+select", dragmode=False)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8})
    figure.update_xaxes(visible=False, range=x, constrain="domain")
    figure.update_yaxes(visible=False, range=y, scaleanchor="x")
    return figure
