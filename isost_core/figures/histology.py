"""Histology images behind the measured places of a strip of sections, each in µm and in register."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.sections.images import SectionImage

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_PX = 700  # of a side


@dataclass(frozen=True, eq=False)
class Backdrop:
    """A picture (rows, columns, 4) uint8 with x to the right and y upwards, from (x0, y0) to (x1, y1) µm."""

    pixels: np.ndarray
    x0: float
    y0: float
    x1: float
    y1: float


def backdrop(image: SectionImage, most_px: int = MOST_PX) -> Backdrop:
    """An image of a section laid into the frame of the section; OSError where the file is not an image."""
    from PIL import Image

    pixels, scale = image.small(most_px)
    height, width = pixels.shape[:2]
    linear, shift = image.matrix[:, :2] / scale, image.matrix[:, 2]
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)]) @ linear.T + shift
    (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
    um = max(x1 - x0, y1 - y0) / most_px
    back = np.linalg.inv(linear)
    at = back @ (np.array([x0, y1]) - shift)
    affine = (back[0, 0] * um, -back[0, 1] * um, at[0], back[1, 0] * um, -back[1, 1] * um, at[1])
    size = (max(round((x1 - x0) / um), 1), max(round((y1 - y0) / um), 1))
    laid = Image.fromarray(pixels).convert("RGBA").transform(size, Image.Transform.AFFINE, affine,
                                                             Image.Resampling.BILINEAR)
    return Backdrop(np.array(laid), float(x0), float(y0), float(x1), float(y1))


def put_behind(figure: go.Figure, names: Sequence[str], backdrops: Mapping[str, Backdrop], y_down: bool) -> go.Figure:
    """The strip of these sections with their images behind the places, which become smaller.

    y_down : whether the strip has y downwards already
    """
    for k, name in enumerate(names):
        if name not in backdrops:
            continue
        held, axis = backdrops[name], "" if k == 0 else str(k + 1)
        figure.add_layout_image(
            source=_source(held.pixels[::-1] if y_down else held.pixels), xref=f"x{axis}", yref=f"y{axis}", x=held.x0,
            y=held.y0 if y_down else held.y1, sizex=held.x1 - held.x0, sizey=held.y1 - held.y0, sizing="stretch",
            layer="below", xanchor="left", yanchor="top")
        points: Any = figure.data[k]
        points.marker.size = 0.5 * points.marker.size
    return figure


def _source(pixels: np.ndarray) -> str:
    from PIL import Image

    packed = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(packed, "WEBP", quality=85)
    return "data:image/webp;base64," + base64.b64encode(packed.getvalue()).decode()
