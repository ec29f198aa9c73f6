"""Histology images for the viewer: where each lies, and its pixels, which travel once."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from isost_core.export import textures
from isost_core.runs.run import Run
from ui.explorer.schema import NUMBERS, SWITCHES
from ui.shell import state
from ui.stack import histology

LABEL = "Histology image"
ABOUT = "Under the measured places of the section. It is a picture only: no value comes from it."


def for_browser(run: Run) -> list[dict[str, Any]]:
    """The image of each section that has one: number of the section, key of the pixels, and its frame (µm)."""
    made = {name: histology.placed(image) for name, image in run.sections.images.items()}
    return [{"section": run.sections.names.index(name), "key": one.key, "corner": one.frame.corner,
             "right": one.frame.right, "down": one.frame.down} for name, one in made.items() if one]


def opacity(run: Run) -> float:
    """The switch and the opacity as widgets of the server, for runs with images; 0 where there is nothing to show."""
    if not run.sections.images:
        return 0.0
    usual, bounds = SWITCHES["histology"], NUMBERS["histology_opacity"]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        shown = st.toggle(LABEL, help=ABOUT, **state.control("histology", usual, bool))
        share = st.slider("Opacity of the image", bounds.least, bounds.most, step=bounds.step, format="percent",
                          disabled=not shown, width=320,
                          **state.control("histology_opacity", bounds.opening, bounds.fit))
    return share if shown else 0.0


def packs(run: Run) -> dict[str, bytes]:
    """{key: bytes} of the images, as the browser's store takes them."""
    made = {}
    for image in run.sections.images.values():
        one, webp = histology.placed(image), histology.webp(image)
        if one and webp:
            made[one.key] = textures.texture({"key": one.key}, webp=np.frombuffer(webp, np.uint8))
    return made
