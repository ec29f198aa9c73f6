"""Histology images in a real browser: in register with the measured cells in the Explorer and on Registration."""

import base64
import io
import itertools

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from tests import pictured_stack
from tests.e2e.test_app import settle
from tests.e2e.test_explorer import drawn, explore, pixels, tab
from tests.e2e.test_registration import open_registration, waits_for
from tests.pictured_stack import MARKS

pytestmark = pytest.mark.e2e


def marks(image):
    """[(column, row, colour of its middle)] of the red marks in an image (h, w, 3), each with the dot in its middle."""
    red = (image[..., 0] > 180) & (image[..., 1] < 50) & (image[..., 2] < 75)
    parts, _ = ndimage.label(ndimage.binary_closing(red, iterations=6))  # dots of cells lie on them
    found, boxes = [], ndimage.find_objects(parts)
    least = max((rows.stop - rows.start for rows, _ in boxes), default=0) / 2
    for rows, columns in boxes:
        if rows.stop - rows.start < max(least, 8):
            continue
        x, y = (columns.start + columns.stop - 1) / 2, (rows.start + rows.stop - 1) / 2
        found.append((x, y, image[round(y), round(x)]))
    return found


def lie_as(found, marks_um):
    """Whether places (pixels) are points (µm, y upwards) drawn to some scale: neither turned nor mirrored."""
    wanted = marks_um * [1, -1]
    for order in itertools.permutations(found):
        places = np.array([place[:2] for place in order])
        scale = np.ptp(places, axis=0).sum() / np.ptp(wanted, axis=0).sum()
        off = (places - places.mean(0)) - scale * (wanted - wanted.mean(0))
        if np.abs(off).max() < 2.5:
            return True
    return False


@pytest.fixture(scope="module")
def run(server, tmp_path_factory):
    from isost_core.config import Config
    from isost_core.runs.store import create_run, load_run
    from isost_core.workflows.reconstruct import execute

    sections = pictured_stack.registered(tmp_path_factory.mktemp("pictured"))
    folder = create_run(server.workspace / "runs" / ("f" * 24), sections, Config.of_preset("fast"), name="pictured")
    execute(folder)
    return load_run(folder)


def test_an_image_lies_under_its_cells_in_the_explorer(server, new_page, run):
    page = new_page()
    explore(page, server, run, genes="Mark", cells_pane=1, cdepth=60, histology_opacity=1)
    found = marks(pixels(page))
    assert len(found) == 3 and lie_as(found, MARKS)
    assert all(middle[1] > 150 for _, _, middle in found), "the cells that express the gene, in the middle of each"
    page.locator("canvas.over").focus()
    page.keyboard.press("y")
    drawn(page)
    down = marks(pixels(page))
    assert lie_as(down, MARKS * [1, -1]) and not lie_as(down, MARKS)
    tab(page, "Colours")
    page.get_by_role("checkbox", name="Histology image").uncheck()
    drawn(page)
    assert not marks(pixels(page))
    assert page.locator(".explorer").get_attribute("data-view").count('"histology":false') == 1
    explore(page, server, run, genes="Mark", cells_pane=1, cdepth=0, histology_opacity=1)
    assert not marks(pixels(page)), "the first section has no image"


def test_an_image_moves_with_its_section_on_registration(server, new_page, tmp_path):
    from playwright.sync_api import expect

    page = new_page()
    open_registration(page, server.url, pictured_stack.write(tmp_path / "pictured.h5ad"))

    def overlay():
        url = page.locator(".overlay canvas").evaluate("canvas => canvas.toDataURL()")
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGB")).astype(int)

    def seen():
        found = marks(overlay())
        assert len(found) == 3 and all(middle[2] > 200 for _, _, middle in found), "blue cells in the middle of each"
        return np.array([place[:2] for place in found])

    page.locator(".overlay .images").wait_for()
    page.wait_for_function("globalThis.isostImages?.held.size > 0", timeout=30_000)
    page.get_by_label("Opacity of the histology images").fill("100")
    before, canvas = seen(), page.locator(".overlay canvas")
    version = page.locator(".overlay").get_attribute("data-version")
    assert version
    canvas.focus()
    for key in ("f", "q", "q", "q", "ArrowLeft"):
        page.keyboard.press(key)
    moving = seen()
    assert np.abs(moving - before).max() > 20
    expect(page.locator(".overlay")).not_to_have_attribute("data-version", version, timeout=30_000)
    settle(page)
    assert np.sort(seen(), 0) == pytest.approx(np.sort(moving, 0), abs=2), "where it was let go, also from the server"
    assert waits_for(page, lambda shown: shown < 1)
    page.get_by_role("checkbox", name="Histology images").uncheck()
    assert not marks(overlay())
