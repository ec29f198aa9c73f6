"""The 3D picture of the tissue in plotly: quick to open, turns in any browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import numpy as np

from isost_core.axis import DEPTH, Axis
from isost_core.figures.colours import FAINT_ON_CANVAS, INK_ON_CANVAS, colour_range, faded_scale
from isost_core.figures.lit_scene import CAMERAS, drawn
from isost_core.figures.style import colour_bar, dark_layout

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from isost_core.figures.surfaces import ColouredSurface

_LIGHT = {"ambient": 0.42, "diffuse": 0.75, "specular": 0.28, "roughness": 0.45, "fresnel": 0.15,
          "vertexnormalsepsilon": 1e-12, "facenormalsepsilon": 1e-12}


class MeasuredCells(TypedDict):
    """Measured cells in 3D: xyz (n, 3) µm; to colour them values (n,), the name of the gene, colour map and limits."""

    xyz: np.ndarray
    values: NotRequired[np.ndarray | None]
    name: NotRequired[str]
    colour_map: NotRequired[str]
    limits: NotRequired[tuple[float, float]]


def tissue_3d(surfaces: Sequence[ColouredSurface], tissue: ColouredSurface | None = None,
              points: MeasuredCells | None = None, depth_scale: float = 1.0, camera: str = "oblique", height: int = 640,
              axis: Axis = DEPTH) -> go.Figure:
    """Isosurfaces, the outline of the tissue and the measured cells, in true proportion.

    Parameters
    ----------
    surfaces
        Isosurfaces of predicted expression, µm.
    tissue
        Outline of the tissue, drawn faint.
    points
        Measured cells; without values they are grey. At most lit_scene.MOST_POINTS are drawn.
    depth_scale
        How many times deeper than true the tissue is drawn; the axis keeps true µm.
    camera
        'oblique', 'top', 'front' or 'side'.
    axis
        Along which the sections are stacked.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    corners = []
    drawn_surfaces = [surface for surface in surfaces if len(surface.faces)]
    for number, surface in enumerate(drawn_surfaces):
        figure.add_trace(_mesh(surface, _LIGHT).update(_by_known(surface, number, len(drawn_surfaces))))
        corners.append(surface.vertices)
    if tissue is not None and len(tissue.faces):
        figure.add_trace(_mesh(tissue, _LIGHT | {"ambient": 0.9, "diffuse": 0.25, "specular": 0.02},
                               legend=False))
        corners.append(tissue.vertices)
    if points is not None and len(points["xyz"]):
        figure.add_trace(_cloud(points, axis))
        corners.append(points["xyz"])
    coloured = points is not None and points.get("values") is not None
    coloured = coloured or any(surface.known is not None for surface in drawn_surfaces)
    right = 0.9 if coloured else 1.0  # room for the colour bar
    figure.update_layout(**dark_layout("", height), scene=_space(corners, depth_scale, camera, right, axis),
                         uirevision=f"{camera}-{depth_scale}")
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0}, showlegend=True,
                         legend={"x": 0.015, "y": 0.985, "itemsizing": "constant"})
    return figure


def _mesh(surface: ColouredSurface, light: dict[str, float], legend: bool = True) -> go.Mesh3d:
    import plotly.graph_objects as go

    x, y, z = np.asarray(surface.vertices, np.float32).T
    small = np.uint16 if len(surface.vertices) < 2**16 else np.int32  # half the bytes on the way to the browser
    i, j, k = np.asarray(surface.faces, small).T
    name = surface.name if surface.level is None else f"{surface.name} · predicted ≥ {surface.level:.2f} (log1p)"
    return go.Mesh3d(x=x, y=y, z=z, i=i, j=j, k=k, color=surface.colour, opacity=surface.opacity, name=name,
                     showlegend=legend, flatshading=False, lighting=light, showscale=False,
                     lightposition={"x": 4000, "y": 6000, "z": -9000}, hoverinfo="name" if legend else "skip")


def _by_known(surface: ColouredSurface, number: int, count: int) -> dict[str, Any]:
    """What colours a surface by the known share of its gene's pattern, with a colour bar of its own beside others."""
    if surface.known is None:
        return {}
    place = {"len": 0.96 / count, "y": 1 - (number + 0.5) / count, "x": 0.985, "xanchor": "right"}
    bar = colour_bar("", (0, 1))["colorbar"] | place | {"tickformat": ".0%"}
    bar["title"] = bar["title"] | {"text": f"{surface.name} · resolved share" + (" (predicted)" if count < 3 else "")}
    return {"intensity": np.asarray(surface.known, np.float32), "colorscale": faded_scale(surface.colour), "cmin": 0,
            "cmax": 1, "showscale": True, "colorbar": bar,
            "hovertemplate": f"{surface.name} · predicted<br>resolved share %{{intensity:.0%}}<extra></extra>",
            "hoverinfo": None}


def drawn_points(points: MeasuredCells) -> tuple[np.ndarray, np.ndarray | None]:
    """The measured cells that are drawn: their positions (n, 3) in µm, and values (n,) or None."""
    xyz = np.asarray(points["xyz"])
    values = points.get("values")
    kept = drawn(len(xyz))
    return xyz[kept], None if values is None else np.asarray(values)[kept]


def _cloud(points: MeasuredCells, axis: Axis) -> go.Scatter3d:
    import plotly.graph_objects as go

    xyz, values = drawn_points(points)
    whole = np.ptp(xyz, axis=0).max() > 500 and np.abs(xyz).max() < 2**15  # whole µm: half the bytes
    x, y, z = (np.rint(xyz).astype(np.int16) if whole else xyz.astype(np.float32)).T
    marker: dict[str, Any] = {"size": 1.3, "color": FAINT_ON_CANVAS, "opacity": 1.0, "line": {"width": 0}}
    hover = f"x %{{x:,.0f}} · y %{{y:,.0f}} · {axis.name} %{{z:,.0f}} {axis.unit}"
    title = "measured cells"
    every = points.get("values")
    if values is not None and every is not None:
        limits = points.get("limits") or colour_range(every)
        title = f"{points.get('name')} · measured"
        colours = colour_bar(f"{title} (log1p)", limits, points.get("colour_map", "viridis"))
        colours["colorbar"] |= {"len": 0.6, "x": 0.985, "xanchor": "right"}
        marker |= colours | {"color": np.asarray(values, np.float32), "size": 1.7}
        hover = f"{title} %{{marker.color:.2f}} (log1p)<br>{hover}"
    return go.Scatter3d(x=x, y=y, z=z, mode="markers", marker=marker, name=title, showlegend=values is None,
                        hovertemplate=f"{hover}<extra></extra>")


def _space(corners: Sequence[np.ndarray], depth_scale: float, camera: str, right: float,
           axis: Axis) -> dict[str, Any]:
    low, high = np.zeros(3), np.ones(3)
    if corners:
        low = np.min([np.min(c, axis=0) for c in corners], axis=0)
        high = np.max([np.max(c, axis=0) for c in corners], axis=0)
    size = np.maximum(high - low, 1e-6)
    low, high = low - 0.02 * size, high + 0.02 * size
    aspect = size * np.array([1, 1, depth_scale])
    aspect = aspect / np.cbrt(np.prod(np.maximum(aspect, 0.15 * aspect.max())))
    flat = {"showbackground": False, "gridcolor": "rgb(42, 48, 58)", "zeroline": False, "showspikes": False,
            "color": FAINT_ON_CANVAS, "linecolor": "rgb(70, 78, 92)", "showline": True, "nticks": 6,
            "ticks": "outside", "tickfont": {"size": 11}}
    depth = axis.label if depth_scale == 1 else f"{axis.name} ({axis.unit}, drawn {depth_scale:g}×)"
    font = {"size": 13, "color": INK_ON_CANVAS}
    axes: dict[str, Any] = {
        f"{k}axis": flat | {"title": {"text": title, "font": font}, "range": [float(low[n]), float(high[n])]}
        for n, (k, title) in enumerate(zip("xyz", ("x (µm)", "y (µm)", depth), strict=True))}
    if min(aspect) < 0.25 * max(aspect):  # a thin stack has no room for more ticks across it
        axes["zaxis"]["nticks"] = 3
    return axes | {"aspectmode": "manual", "aspectratio": dict(zip("xyz", map(float, aspect), strict=True)),
                   "camera": _eye(camera, aspect), "dragmode": "orbit", "domain": {"x": [0, right]}}


def _eye(name: str, aspect: np.ndarray) -> dict[str, Any]:
    direction, up = (np.array(v, float) for v in CAMERAS[name])
    distance = 1.15 * np.linalg.norm(aspect)
    eye = direction / np.linalg.norm(direction) * distance
    as_dict = {"eye": eye, "up": up, "center": np.array([0, 0, 0.06])}
    return {k: dict(zip("xyz", map(float, v), strict=True)) for k, v in as_dict.items()} | {
        "projection": {"type": "perspective"}}
