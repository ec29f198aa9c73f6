"""Pictures of virtual slices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.axis import DEPTH, Axis
from isost_core.figures.colours import TISSUE, colour_range
from isost_core.figures.style import colour_bar, dark_layout, flat_axis, scale_bar
from isost_core.figures.uncertainty import OFF, UncertaintyView

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from isost_core.reconstruction.slices import Slice

_DONE = {"show": "hatched", "hide": "hidden"}  # with uncertain places


def slice_image(slice_: Slice, colour_map: str = "viridis", limits: tuple[float, float] | None = None,
                layer: str = "values", uncertainty: UncertaintyView = OFF, height: int = 560,
                axis: Axis = DEPTH) -> go.Figure:
    """A virtual slice as a picture in µm and to scale.

    Pixels outside the tissue stay as dark as the canvas. Where the slice runs along x, y or depth its axes carry
    those coordinates, else the distance from its centre.

    Parameters
    ----------
    layer : 'values' (predicted), 'sd' (of one cell's value) or 'known' (known share of the pattern)
    uncertainty : what becomes of places of which little is known: marked ones are hatched
    axis : along which the sections are stacked
    """
    import plotly.graph_objects as go

    shown = np.where(slice_.mask, getattr(slice_, layer), np.nan).astype(np.float32)
    shown[_below(slice_, uncertainty.hidden_below)] = np.nan
    hatched = _below(slice_, uncertainty.shown_below)
    n = shown.shape[0]
    across, along = _plane_axis(slice_, slice_.u, "across", n, axis), _plane_axis(slice_, slice_.v, "up", n, axis)
    what, unit = {"values": ("predicted", "log1p"), "sd": ("predicted, sd", "log1p"),
                  "known": ("predicted, resolved share", "of 1")}[layer]
    limits = limits or ((0, 1) if layer == "known" else colour_range(shown))
    colours = colour_bar(f"{slice_.gene} · {what} ({unit})", limits, colour_map)
    heat = {"zmin": colours.pop("cmin"), "zmax": colours.pop("cmax"), **colours}
    figure = go.Figure(go.Heatmap(
        z=shown, x=across["at"], y=along["at"], hoverongaps=False, name="",
        hovertemplate=f"{across['short']} %{{x:,.0f}} · {along['short']} %{{y:,.0f}} µm<br>"
                      f"{slice_.gene} {what} %{{z:.2f}} ({unit})<extra></extra>", **heat))
    if hatched.any():
        figure.add_trace(_hatching(hatched, across["at"], along["at"]))
    line, label = scale_bar(across["at"][[0, -1]], along["at"][[0, -1]])
    depth = float(np.asarray(slice_.origin)[2] + (n - 1) / 2 * slice_.spacing_um * (slice_.u[2] + slice_.v[2]))
    title = f"virtual slice · centre at {axis.at(depth)} · {what}"
    if uncertainty.mode in _DONE and uncertainty.least_known:
        title += f" · resolved share < {100 * uncertainty.least_known:.0f} % {_DONE[uncertainty.mode]}"
    figure.update_layout(**dark_layout(title, height), shapes=[line], annotations=[label])
    figure.update_xaxes(**flat_axis(across["title"], across["at"][[0, -1]].tolist()))
    figure.update_yaxes(**flat_axis(along["title"], along["at"][[0, -1]].tolist(), scaleanchor="x"))
    return figure


def _below(slice_: Slice, share: float) -> np.ndarray:
    """Which pixels (n, n) of the tissue have a known share below this."""
    if share <= 0 or slice_.known is None:
        return np.zeros_like(slice_.mask)
    return slice_.mask & (slice_.known < share)


def _hatching(pixels: np.ndarray, x: np.ndarray, y: np.ndarray) -> go.Heatmap:
    """Grey diagonal lines over some pixels of a picture."""
    import plotly.graph_objects as go

    i, j = np.indices(pixels.shape)
    step = max(pixels.shape[0] // 32, 4)
    lines = np.where(pixels & ((i + j) % step < step / 2), np.float32(1), np.float32(np.nan))
    return go.Heatmap(z=lines, x=x, y=y, colorscale=[[0, TISSUE], [1, TISSUE]], showscale=False, hoverinfo="skip",
                      hoverongaps=False, opacity=0.6, name="hatched")


def _plane_axis(slice_: Slice, direction: np.ndarray, name: str, n: int, axis: Axis) -> dict[str, Any]:
    """Coordinates, title and short name of one axis of a slice."""
    direction = np.asarray(direction, float)
    steps = np.arange(n) * float(slice_.spacing_um)
    k = int(np.argmax(np.abs(direction)))
    if abs(direction[k]) > 1 - 1e-6:
        short = ("x", "y", axis.name)[k]
        at = float(slice_.origin[k]) + np.sign(direction[k]) * steps
        return {"at": at, "title": axis.label if k == 2 else f"{short} (µm)", "short": short}
    return {"at": steps - steps[-1] / 2, "title": f"{name} the slice, from its centre (µm)", "short": name}
