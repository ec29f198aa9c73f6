"""The picture in which one section is dragged, turned and mirrored over its neighbour, in the browser."""

import json
import struct
from pathlib import Path

import numpy as np
import streamlit as st

from isost_core.figures.colours import CATEGORICAL, channels

MOST_CELLS = 60_000
_HTML = """<div class="overlay"><canvas tabindex="0" aria-label="The moving section over its neighbour"></canvas>
<div class="row"><button name="mirror" type="button">Mirror</button><label>Turn
<input name="turn" type="range" min="-180" max="180" step="0.5" value="0"></label><span class="pose"></span></div>
</div>"""
_CSS = """.overlay {font-family: var(--st-font); color: var(--st-text-color); width: 100%;}
canvas {border-radius: 0.6rem; cursor: move; display: block; outline-offset: 2px; touch-action: none;}
.row {display: flex; gap: 0.9rem; align-items: center; font-size: 0.875rem; padding-top: 0.5rem;}
.row label {display: flex; gap: 0.5rem; align-items: center; flex: 1;}
input {accent-color: var(--st-primary-color); flex: 1;}
button {font: inherit; color: inherit; background: var(--st-background-color); padding: 0.25rem 0.75rem;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); cursor: pointer;}
.pose {min-width: 17rem; text-align: right; font-variant-numeric: tabular-nums;}"""


@st.cache_resource(show_spinner=False)
def _component():
    return st.components.v2.component("isost_overlay", html=_HTML, css=_CSS,
                                      js=(Path(__file__).parent / "overlay.js").read_text())


def overlay(fixed, moving, spacing_um, version, key):
    """Show two sections over each other; returns the pose in which the moving one was let go, or None.

    Parameters
    ----------
    fixed, moving : (xy (n, 2) µm, values (n,)), values make the cells light
    spacing_um : cell spacing
    version : str, of the positions given; a pose of earlier ones is not returned

    Returns
    -------
    dict dx, dy (µm), angle (degrees), mirror (bool), about the centre of the moving section; mirrored first. Or None
    """
    middle = (fixed[0].min(0) + fixed[0].max(0)) / 2
    centre = moving[0].mean(0)
    reach = 1.15 * max(np.abs(xy - about).max() for (xy, _), about in ((fixed, middle), (moving, centre)))
    (first, n_first), (second, n_second) = map(_packed, (fixed, moving))
    head = json.dumps({"fixed": n_first, "moving": n_second, "moving_at": len(first), "middle": middle.tolist(),
                       "centre": centre.tolist(), "reach": float(reach), "spacing": float(spacing_um),
                       "version": version, "colours": [_rgb(0), _rgb(1)]}).encode()
    head += b" " * (-len(head) % 4)
    said = _component()(data=struct.pack("<I", len(head)) + head + first + second, key=key,
                        on_pose_change=lambda: None)
    pose = said.get("pose")
    return pose if pose and pose.get("version") == version else None


def _packed(section):
    """Bytes of a section, padded to whole numbers of four, and its number of cells."""
    xy, values = section
    if len(xy) > MOST_CELLS:
        some = np.random.default_rng(0).choice(len(xy), MOST_CELLS, replace=False)
        xy, values = xy[some], values[some]
    low, high = np.percentile(values, (2, 98))
    light = np.clip(255 * (values - low) / max(high - low, 1e-9), 0, 255).astype(np.uint8)
    made = xy.astype("<f4").tobytes() + light.tobytes()
    return made + b"\0" * (-len(made) % 4), len(xy)


def _rgb(number):
    return ", ".join(map(str, channels(CATEGORICAL[number])))
