"""Histology images of sections as pages show them: made once for each file, then kept."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass

import streamlit as st

from isost_core.figures import histology
from isost_core.figures.histology import Backdrop, Frame
from isost_core.sections.images import SectionImage
from isost_core.sections.stack import Sections


@dataclass(frozen=True)
class Placed:
    """An image: a name that changes with its pixels, and where it lies."""

    key: str
    frame: Frame


def placed(image: SectionImage) -> Placed | None:
    """Name and place of an image; None where it is none."""
    try:
        return Placed(_key(image), histology.frame(image))
    except OSError:
        return None


def webp(image: SectionImage) -> bytes | None:
    """An image as the browser takes it; None where it can't be read."""
    try:
        return _webp(_key(image), image)
    except OSError:
        return None


def _key(image: SectionImage) -> str:
    file = image.path.stat()
    about = (str(image.path), image.inner, file.st_mtime_ns, file.st_size)
    return hashlib.sha256(repr(about).encode()).hexdigest()[:20]


@st.cache_resource(max_entries=200, show_spinner=False)
def _webp(key: str, _image: SectionImage) -> bytes:
    return histology.webp(_image)


@st.cache_resource(max_entries=4, show_spinner=False)
def backdrops(of: Hashable, _sections: Sections) -> dict[str, Backdrop]:
    """The images of the sections, in their frame; those that can't be read are left out."""
    made = {}
    for name, image in _sections.images.items():
        try:
            made[name] = histology.backdrop(image)
        except OSError:
            continue
    return made
