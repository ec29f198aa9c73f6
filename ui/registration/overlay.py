"""The picture in which one section is dragged, turned and mirrored over its neighbour, in the browser."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from isost_core.figures.colours import CATEGORICAL, channels
from isost_core.figures.histology import Frame, as_url
from isost_core.registration.moves import Move

MOST_CELLS = 60_000
_FOLDER = Path(__file__).parent
_HTML = """<div class="overlay"><canvas tabindex="0" aria-label="The section you move, over its neighbour"></canvas>
<div class="row"><button name="mirror" type="button">Mirror</button><label>Turn
<input name="turn" type="range" min="-180" max="180" step="0.5" value="0"></label><span class="pose"></span></div>
<div class="row images" hidden><label><input name="histology" type="checkbox" checked>Histology images</label>
<label>Opacity <input name="opacity" type="range" min="10" max="100" step="5" value="80"
aria-label="Opacity of the histology images"></label></div></div>"""
_CSS = """.overlay {font-family: var(--st-font); color: var(--st-text-color); width: 100%;
  container-type: inline-size;}
canvas {width: 100%; border-radius: 0.6rem; cursor: move; display: block; outline-offset: 2px; touch-action: none;}
[hidden] {display: none !important;}
.row {display: flex; gap: 0.9rem; align-items: center; font-size: 0.875rem; padding-top: 0.5rem;
  flex-wrap: wrap;}
.row label {display: flex; gap: 0.5rem; align-items: center; flex: 1; white-space: nowrap;}
input {accent-color: var(--st-primary-color);}
input[type=range] {flex: 1; min-width: 0;}
button {font: inherit; color: inherit; background: var(--st-background-color); padding: 0.25rem 0.75rem;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); cursor: pointer;}
.pose {min-width: 17rem; text-align: right; font-variant-numeric: tabular-nums;}
@container (max-width: 560px) {.pose {flex: 1 0 100%; text-align: left;}}"""


@dataclass(frozen=True)
class LaidImage:
    """The histology image of a section: a name that changes with its pixels, a WebP file, and where it lies now."""

    key: str
    webp: bytes
    frame: Frame


@dataclass(frozen=True, eq=False)
class LaidCells:
    """Cells of a section at xy (n, 2) µm; values (n,) make them light; the image lies beneath them."""

    xy: np.ndarray
    values: np.ndarray
    image: LaidImage | None = None


@dataclass(frozen=True)
class Pose:
    """Where a section was let go, about its centre: mirrored first, then turned (degrees), then shifted (µm)."""

    dx: float
    dy: float
    angle: float
    mirror: bool


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    v2 = st.components.v2  # pyright: ignore[reportAttributeAccessIssue]
    return v2.component("isost_overlay", html=_HTML, css=_CSS, js=(_FOLDER / "overlay.js").read_text())


@st.cache_resource(show_spinner=False)
def _sender() -> Any:
    v2 = st.components.v2  # pyright: ignore[reportAttributeAccessIssue]
    return v2.component("isost_overlay_image", html="<i></i>", js=(_FOLDER / "image.js").read_text())


def overlay(fixed: LaidCells, moving: LaidCells, since: Move, spacing_um: float, version: str, y_down: bool,
            key: str) -> Pose | None:
    """Show two sections over each other; returns the pose in which the moving one was let go, or None.

    since : what was done to the moving one since upload
    spacing_um : cell spacing
    y_down : whether y goes downwards in the picture
    version : of the positions given; a pose of earlier ones is not returned
    """
    middle = (fixed.xy.min(0) + fixed.xy.max(0)) / 2
    centre = moving.xy.mean(0)
    reach = 1.15 * max(np.abs(cells.xy - about).max() for cells, about in ((fixed, middle), (moving, centre)))
    images = [fixed.image, moving.image]
    fixed, moving = _thinned(fixed), _thinned(moving)
    first, second = _packed(fixed), _packed(moving)
    head = json.dumps({"fixed": len(fixed.xy), "moving": len(moving.xy), "moving_at": len(first),
                       "middle": middle.tolist(), "centre": centre.tolist(), "reach": float(reach),
                       "spacing": float(spacing_um), "version": version, "up": -1 if y_down else 1,
                       "colours": [_rgb(0), _rgb(1)], "since": asdict(since),
                       "images": [image and {"key": image.key, **asdict(image.frame)} for image in images]}).encode()
    head += b" " * (-len(head) % 4)
    said = _component()(data=struct.pack("<I", len(head)) + head + first + second, key=key,
                        on_pose_change=lambda: None)
    with st.container(key="overlay_feed"):  # apart from the cells: each travels once, wherever it is moved
        for image in filter(None, images):
            _sender()(data={"key": image.key, "url": as_url(image.webp)}, key=f"{key}.{image.key}", height=1)
    pose = said.get("pose")
    if not pose or pose.get("version") != version:
        return None
    return Pose(pose["dx"], pose["dy"], pose["angle"], pose["mirror"])


def _thinned(cells: LaidCells) -> LaidCells:
    """As many of the cells as the browser is given."""
    if len(cells.xy) <= MOST_CELLS:
        return cells
    some = np.random.default_rng(0).choice(len(cells.xy), MOST_CELLS, replace=False)
    return LaidCells(cells.xy[some], cells.values[some])


def _packed(cells: LaidCells) -> bytes:
    """Bytes of a section, padded to whole numbers of four."""
    low, high = np.percentile(cells.values, (2, 98))
    light = np.clip(255 * (cells.values - low) / max(high - low, 1e-9), 0, 255).astype(np.uint8)
    made = cells.xy.astype("<f4").tobytes() + light.tobytes()
    return made + b"\0" * (-len(made) % 4)


def _rgb(number: int) -> str:
    return ", ".join(map(str, channels(CATEGORICAL[number])))
