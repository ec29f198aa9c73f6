"""The browser's tab: Back and Forward lead from page to page, and it says when a run has ended."""

import hashlib
import os
import re
import time

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


def test_the_tab_says_when_a_run_has_ended(server, new_page):
    from isost_core.files import write_json
    from isost_core.jobs.status import State, Status, write_status

    page, visitor = new_page(), "c" * 32
    page.context.add_cookies([{"name": "isost_visitor", "value": visitor, "url": server.url}])
    folder = server.workspace / "runs" / ("c" * 24)
    folder.mkdir(parents=True)
    write_json(folder / "config.json", {"name": "my brain", "created": time.time(), "sections": {}, "n_cells": 1,
                                        "n_genes": 1, "config": {"preset": "fast"}, "format": 2})
    (folder / "owner").write_text(hashlib.sha256(f"isost visitor {visitor}".encode()).hexdigest())
    write_status(folder, Status(State.RUNNING, pid=os.getpid()))
    page.goto(f"{server.url}/about")
    page.get_by_role("heading", name="About").wait_for(timeout=30_000)
    settle(page)
    write_status(folder, Status(State.DONE, updated=1.0))
    page.wait_for_function("document.title === 'Done · isoST Studio'", timeout=20_000)
    assert page.get_by_text("Finished: my brain").count()
    assert "svg" in page.locator("link[rel~=icon]").first.get_attribute("href")
    page.bring_to_front()
    page.wait_for_function("document.title === 'isoST Studio'", timeout=20_000)
    page.get_by_text("Finished: my brain").wait_for(state="detached", timeout=20_000)  # it lies over the page
