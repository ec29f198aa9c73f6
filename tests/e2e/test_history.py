"""Back and Forward in a real browser: one entry a page, and each page as it was left."""

import re

import pytest

from tests.e2e.test_app import settle
from tests.e2e.test_explorer import drawn, explore, run  # noqa: F401

pytestmark = pytest.mark.e2e


def test_back_and_forward_lead_from_page_to_page(server, new_page, run):  # noqa: F811
    page = new_page()
    explore(page, server, run, azimuth=40)
    entries = page.evaluate("history.length")
    canvas = page.locator("canvas.over").bounding_box()
    for step in range(3):
        page.mouse.move(canvas["x"] + 300, canvas["y"] + 200)
        page.mouse.down()
        page.mouse.move(canvas["x"] + 340 + 20 * step, canvas["y"] + 230, steps=4)
        page.mouse.up()
        drawn(page)
    left = page.url
    assert "turn=" in left or "elevation=" in left or "azimuth=40" not in left
    assert page.evaluate("history.length") == entries
    page.get_by_role("link", name="Gradients").click()
    page.wait_for_url(re.compile("gradients.*run="))
    settle(page)
    page.get_by_role("link", name="Export").click()
    page.wait_for_url(re.compile("export.*run="))
    settle(page)
    assert page.evaluate("history.length") == entries + 2
    page.go_back()
    page.wait_for_url(re.compile("gradients"))
    settle(page)
    page.go_back()
    page.wait_for_url(re.compile("explorer"))
    page.locator(".explorer[data-ready=yes]").wait_for(timeout=30_000)
    drawn(page)
    assert page.url == left
    page.go_forward()
    page.wait_for_url(re.compile("gradients"))
    settle(page)
    assert page.evaluate("history.length") == entries + 2
