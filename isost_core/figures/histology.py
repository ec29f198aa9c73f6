"""Histology images behind the measured places of sections, each in µm and in register."""

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
    from PIL import Image

MOST_PX = 700  # of a side
MOST_SENT_PX = 1024  # of a side of a picture that the browser lays down itself


@dataclass(frozen=True, eq=False)
class Backdrop:
    """A picture (rows, columns, 4) uint8 with x to the right and y upwards, from (x0, y0) to (x1, y1) µm."""

    pixels: np.ndarray
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Frame:
    """Where an image lies, (x, y) µm: its top left corner, and how far it reaches to the right and down from there."""

    corner: tuple[float, float]
    right: tuple[float, float]
    down: tuple[float, float]


def frame(image: SectionImage) -> Frame:
    """The frame of an image; OSError where the file is not an image."""
    (a, b, x), (c, d, y) = (image.matrix * (*image.size(), 1)).tolist()
    return Frame((x, y), (a, c), (b, d))


def webp(image: SectionImage, most_px: int = MOST_SENT_PX) -> bytes:
    """An image as a WebP file of at most so many pixels a side; OSError where the file is not an image."""
    from PIL import Image

    made = Image.fromarray(image.small(most_px)[0])
    made.thumbnail((most_px, most_px))
    return _packed(made)


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


def put_behind(figure: go.Figure, names: Sequence[str], backdrops: Mapping[str, Backdrop], y_down: bool,
               opacity: float = 1.0) -> go.Figure:
    """A strip of these sections, or a picture of one, with their images behind the places, which become smaller.

    y_down : whether the figure has y downwards already
    """
    for k, name in enumerate(names):
        if name not in backdrops:
            continue
        held, axis = backdrops[name], "" if k == 0 else str(k + 1)
        figure.add_layout_image(
            source=_source(held.pixels[::-1] if y_down else held.pixels), xref=f"x{axis}", yref=f"y{axis}", x=held.x0,
            y=held.y0 if y_down else held.y1, sizex=held.x1 - held.x0, sizey=held.y1 - held.y0, sizing="stretch",
            layer="below", xanchor="left", yanchor="top", opacity=opacity)
        points: Any = figure.data[k]
        points.marker.size = 0.5 * points.marker.size
    return figure


def _source(pixels: np.ndarray) -> str:
    from PIL import Image

    return as_url(_packed(Image.fromarray(np.ascontiguousarray(pixels))))


def as_url(webp: bytes) -> str:
    """A WebP file as an address that holds all of it."""
    return "data:image/webp;base64," + base64.b64encode(webp).decode()


def _packed(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=85)
    return file.getvalue()
