"""Pictures of virtual slices."""

import numpy as np

from isost_core.figures.colours import TISSUE, colour_range
from isost_core.figures.sections import _DONE
from isost_core.figures.style import colour_bar, dark_layout, flat_axis, scale_bar


def slice_image(slice_, colour_map="viridis", limits=None, layer="values", weak=None, height=560):
    """A virtual slice as a picture in µm and to scale.

    Pixels outside the tissue stay as dark as the canvas. Where the slice runs along x, y or depth its axes carry
    those coordinates, else the distance from its centre.

    Parameters
    ----------
    layer : 'values' (predicted), 'sd' (of one cell's value) or 'known' (known share of the pattern)
    weak : ('hatch' or 'hide', least known share) or None: what becomes of places of which less is known
    """
    import plotly.graph_objects as go

    shown = np.where(slice_.mask, getattr(slice_, layer), np.nan).astype(np.float32)
    poor = np.zeros_like(slice_.mask) if weak is None else slice_.mask & (slice_.known < weak[1])
    if weak is not None and weak[0] == "hide":
        shown[poor] = np.nan
    n = shown.shape[0]
    across, along = (_plane_axis(slice_, d, name, n) for d, name in ((slice_.u, "across"), (slice_.v, "up")))
    what, unit = {"values": ("predicted", "log1p"), "sd": ("predicted, sd", "log1p"),
                  "known": ("predicted, known share", "of 1")}[layer]
    limits = limits or ((0, 1) if layer == "known" else colour_range(shown))
    axis = colour_bar(f"{slice_.gene} · {what} ({unit})", limits, colour_map)
    heat = {"zmin": axis.pop("cmin"), "zmax": axis.pop("cmax"), **axis}
    figure = go.Figure(go.Heatmap(
        z=shown, x=across["at"], y=along["at"], hoverongaps=False, name="",
        hovertemplate=f"{across['short']} %{{x:,.0f}} · {along['short']} %{{y:,.0f}} µm<br>"
                      f"{slice_.gene} {what} %{{z:.2f}} ({unit})<extra></extra>", **heat))
    if weak is not None and weak[0] == "hatch" and poor.any():
        figure.add_trace(_hatching(poor, across["at"], along["at"]))
    line, label = scale_bar(across["at"][[0, -1]], along["at"][[0, -1]])
    depth = float(np.asarray(slice_.origin)[2] + (n - 1) / 2 * slice_.spacing_um * (slice_.u[2] + slice_.v[2]))
    done = "" if weak is None else f" · known share < {100 * weak[1]:.0f} % {_DONE[weak[0]]}"
    figure.update_layout(**dark_layout(f"virtual slice · centre at depth {depth:,.0f} µm · {what}{done}", height),
                         shapes=[line], annotations=[label])
    figure.update_xaxes(**flat_axis(across["title"], across["at"][[0, -1]].tolist()))
    figure.update_yaxes(**flat_axis(along["title"], along["at"][[0, -1]].tolist(), scaleanchor="x"))
    return figure


def _hatching(poor, x, y):
    """Grey diagonal lines over some pixels of a picture."""
    import plotly.graph_objects as go

    i, j = np.indices(poor.shape)
    step = max(poor.shape[0] // 32, 4)
    lines = np.where(poor & ((i + j) % step < step / 2), np.float32(1), np.float32(np.nan))
    return go.Heatmap(z=lines, x=x, y=y, colorscale=[[0, TISSUE], [1, TISSUE]], showscale=False, hoverinfo="skip",
                      hoverongaps=False, opacity=0.6, name="hatched")


def _plane_axis(slice_, direction, name, n):
    """Coordinates, title and short name of one axis of a slice."""
    direction = np.asarray(direction, float)
    steps = np.arange(n) * float(slice_.spacing_um)
    k = int(np.argmax(np.abs(direction)))
    if abs(direction[k]) > 1 - 1e-6:
        short = ("x", "y", "depth")[k]
        at = float(slice_.origin[k]) + np.sign(direction[k]) * steps
        return {"at": at, "title": f"{short} (µm)", "short": short}
    return {"at": steps - steps[-1] / 2, "title": f"{name} the slice, from its centre (µm)", "short": name}
