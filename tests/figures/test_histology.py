"""Histology images for the browser: small, and in the very place of the cells after any registration."""

import io

import numpy as np
import pytest
from PIL import Image

from isost_core.figures.histology import frame, webp
from isost_core.sections.images import SectionImage
from isost_core.sections.stack import Sections
from tests import pictured_stack


def colour_at(image, xy):
    """Of the WebP file at a place (µm) of the section, found through the frame alone."""
    laid, sent = frame(image), np.asarray(Image.open(io.BytesIO(webp(image, 300))).convert("RGB"))
    across, along = np.linalg.solve(np.column_stack([laid.right, laid.down]), np.asarray(xy) - laid.corner)
    return sent[int(along * sent.shape[0]), int(across * sent.shape[1])].astype(int)


@pytest.mark.parametrize("name", pictured_stack.IMAGES)
def test_marks_of_an_image_lie_on_their_cells_in_the_frame_of_a_registered_run(tmp_path, name):
    pictured_stack.registered(tmp_path).save(tmp_path / "sections.h5ad")
    sections = Sections.load(tmp_path / "sections.h5ad")
    cells = sections.xy[sections.rows(name)]
    for mark in pictured_stack.MARKS:
        assert np.linalg.norm(cells - mark, axis=1).min() < 0.01, "the registration is right"
        assert np.abs(colour_at(sections.images[name], mark) - pictured_stack.RED).max() < 40
    for mark in pictured_stack.MARKS * [1, -1]:
        assert np.abs(colour_at(sections.images[name], mark) - pictured_stack.GROUND).max() < 40, "not mirrored"


def test_a_large_image_is_sent_small_and_whole(tmp_path):
    pixels = np.zeros((1500, 4000, 3), np.uint8)
    pixels[:750, :2000, 0] = 250
    Image.fromarray(pixels).save(tmp_path / "large.png")
    image = SectionImage(tmp_path / "large.png", "", np.array([[0.5, 0, 10], [0, 0.5, 20]]))
    sent = Image.open(io.BytesIO(webp(image)))
    assert sent.format == "WEBP" and sent.size == (1024, 384)
    assert sent.getpixel((500, 180))[0] > 200 and sent.getpixel((530, 180))[0] < 50
    assert frame(image).corner == (10, 20) and frame(image).right == (2000, 0) and frame(image).down == (0, 750)


def test_what_is_no_image_is_said(tmp_path):
    (tmp_path / "he.png").write_text("no image")
    image = SectionImage(tmp_path / "he.png", "", np.eye(3)[:2])
    for of in (frame, webp):
        with pytest.raises(OSError, match="image"):
            of(image)
