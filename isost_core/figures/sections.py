"""Pictures of measured sections. Plain functions: arrays and tables in, a Figure out.

Pictures of tissue lie on the dark canvas in both themes. Charts leave their text colour to the page's theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, Unpack

import numpy as np

from isost_core.axis import DEPTH, Axis
from isost_core.figures.colours import INK_ON_CANVAS, colour_range
from isost_core.figures.style import colour_bar, dark_layout, flat_axis, scale_bar

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_CELLS = 60_000
MOST_IN_SVG = 8_000
LONGEST = 16  # characters of a name over a section
Span = tuple[float, float]  # µm


class SectionLook(TypedDict, total=False):
    """How a section is drawn."""

    gene: str
    unit: str  # of the values
    colour_map: str
    limits: tuple[float, float] | None  # of the colours; by default `colour_range`
    height: int
    spans: Sequence[Span] | None  # (x0, x1), (y0, y1), to match another picture
    svg: bool  # for browsers without WebGL, with at most MOST_IN_SVG cells
    axis: Axis  # along which the sections are stacked


class SectionCells(TypedDict):
    """One section of a strip: xy (n, 2) µm, values (n,), name, depth_um (or None where not known yet)."""

    xy: np.ndarray
    values: np.ndarray
    name: str
    depth_um: NotRequired[float | None]


def section_points(xy: np.ndarray, values: np.ndarray, name: str, depth_um: float,
                   **look: Unpack[SectionLook]) -> go.Figure:
    """A measured section, cell by cell, coloured by a gene.

    Parameters
    ----------
    xy : (n, 2) array
        Positions, µm.
    values : (n,) array
        log1p expression, or counts with `unit='counts'`.
    """
    import plotly.graph_objects as go

    xy, values = _at_most(np.asarray(xy), np.asarray(values), MOST_IN_SVG if look.get("svg") else MOST_CELLS)
    gene, unit = look.get("gene", "expression"), look.get("unit", "log1p")
    height = look.get("height", 560)
    limits = look.get("limits") or colour_range(values)
    colours = colour_bar(f"{gene} · measured ({unit})", limits, look.get("colour_map", "viridis"))
    spans = look.get("spans") or _spans(xy, foot=0.05)
    size = _dot_size(len(xy), 0.8 * height)
    order = np.argsort(values, kind="stable")  # expressing cells on top
    figure = go.Figure(_dots(xy[order], values[order], colours | {"size": size}, f"{gene} measured", unit))
    if look.get("svg"):
        figure = go.Figure(go.Scatter({k: v for k, v in figure.data[0].to_plotly_json().items() if k != "type"}))
    line, label = scale_bar(*spans)
    figure.update_layout(**dark_layout(f"{name} · {look.get('axis', DEPTH).at(depth_um)} · measured", height),
                         shapes=[line], annotations=[label])
    figure.update_xaxes(**flat_axis("x (µm)", spans[0]))
    figure.update_yaxes(**flat_axis("y (µm)", spans[1], scaleanchor="x"))
    return figure


def sections_strip(sections: Sequence[SectionCells], gene: str = "counts", unit: str = "log1p",
                   colour_map: str = "viridis", limits: tuple[float, float] | None = None,
                   columns: int | None = None, axis: Axis = DEPTH) -> go.Figure:
    """All measured sections side by side in one frame and one colour range, in the order of the stack."""
    from plotly.subplots import make_subplots

    columns = columns or min(len(sections), 5)
    rows = -(-len(sections) // columns)
    depths = [s.get("depth_um") for s in sections]
    titles = [short(s["name"]) if depth is None else f"{short(s['name'])} · {depth:,.0f} {axis.unit}"
              for s, depth in zip(sections, depths, strict=True)]
    figure = make_subplots(rows, columns, subplot_titles=titles, horizontal_spacing=0.012,
                           vertical_spacing=0.09 / max(rows - 1, 1) if rows > 1 else 0)
    limits = limits or colour_range(np.concatenate([np.asarray(s["values"], float) for s in sections]))
    most = max(MOST_CELLS // len(sections), 1000)
    spans = _spans(np.concatenate([np.asarray(s["xy"], float) for s in sections]), foot=0.1)
    for i, section in enumerate(sections):
        xy, values = _at_most(np.asarray(section["xy"]), np.asarray(section["values"]), most)
        order = np.argsort(values, kind="stable")
        marker = {"size": _dot_size(len(xy), 1000 / columns), "coloraxis": "coloraxis"}
        figure.add_trace(_dots(xy[order], values[order], marker, f"{gene} measured", unit),
                         row=i // columns + 1, col=i % columns + 1)
    height = int(np.clip(1150 / columns * np.ptp(spans[1]) / np.ptp(spans[0]), 160, 460)) * rows + 70
    layout: dict[str, Any] = dark_layout("", height) | {"margin": {"l": 12, "r": 12, "t": 40, "b": 16}}
    figure.update_layout(**layout, coloraxis=colour_bar(f"{gene} · measured ({unit})", limits, colour_map))
    figure.update_annotations(font={"size": 13, "color": INK_ON_CANVAS})
    hidden = {"visible": False, "constrain": "domain"}
    figure.update_xaxes(range=list(spans[0]), matches="x", **hidden)
    figure.update_yaxes(range=list(spans[1]), matches="y", scaleanchor="x", **hidden)
    line, label = scale_bar(*spans)
    figure.add_shape(line)
    figure.add_annotation(label | {"x": line["x0"], "xanchor": "left", "yshift": -12})  # below: sections can be small
    return figure


def short(name: str) -> str:
    """The name of a section as a title has room for it: its beginning and its end."""
    return name if len(name) <= LONGEST else f"{name[:LONGEST // 2 - 1]}…{name[-(LONGEST // 2):]}"


def _dots(xy: np.ndarray, values: np.ndarray, marker: dict[str, Any], what: str, unit: str) -> go.Scattergl:
    import plotly.graph_objects as go

    return go.Scattergl(
        x=np.asarray(xy[:, 0], np.float32), y=np.asarray(xy[:, 1], np.float32), mode="markers", showlegend=False,
        marker={"color": np.asarray(values, np.float32), "opacity": 0.9, "line": {"width": 0}} | marker, name="",
        hovertemplate=f"x %{{x:,.0f}} · y %{{y:,.0f}} µm<br>{what} %{{marker.color:.2f}} ({unit})<extra></extra>")


def _at_most(xy: np.ndarray, values: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    if len(xy) <= most:
        return xy, values
    kept = np.sort(np.random.default_rng(0).choice(len(xy), most, replace=False))
    return xy[kept], values[kept]


def _spans(xy: np.ndarray, foot: float = 0.0) -> tuple[Span, Span]:
    """((x0, x1), (y0, y1)) around the cells; `foot` is the share of the height kept for a scale bar below."""
    low, high = np.nanmin(xy, axis=0), np.nanmax(xy, axis=0)
    low[1] -= foot * (high[1] - low[1])
    margin = 0.04 * max(*(high - low), 1e-6)
    x, y = ((float(a - margin), float(b + margin)) for a, b in zip(low, high, strict=True))
    return x, y


def _dot_size(n: int, side_px: float) -> float:
    """Marker diameter that just closes the gaps between n cells spread over a square of this many pixels."""
    return float(np.clip(0.85 * side_px / np.sqrt(max(n, 1)), 2.0, 14.0))
