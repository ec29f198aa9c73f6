"""Quality in a real browser: a section on its back is named, looked at, and the report taken along."""

import json

import numpy as np
import pytest

from tests.e2e.test_app import has_drawn, settle, shoot
from tests.e2e.test_registration import open_registration, turned_stack  # noqa: F401

pytestmark = pytest.mark.e2e


def open_quality(page, url, file):
    page.goto(f"{url}/sections")
    page.get_by_text("Upload the sections of one stack").wait_for()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text("Found:").wait_for()
    page.locator(".js-plotly-plot").wait_for(timeout=30_000)
    page.get_by_role("link", name="Quality", exact=True).click()
    page.get_by_role("heading", name="Neighbours").wait_for(timeout=60_000)
    settle(page)


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory):
    """One declared file of a phantom without mirror symmetry, its second section mirrored."""
    from isost_core.datasets.phantoms import make_phantom

    cells = make_phantom("layers", 4, 40.0, n_cells=1500, n_genes=24, seed=1)[0]
    rows = np.flatnonzero(cells.obs["section"] == "S02")
    cells.obsm["spatial"][rows] = cells.obsm["spatial"][rows] * [1, -1]
    path = tmp_path_factory.mktemp("mirrored") / "mirrored.h5ad"
    cells.write_h5ad(path)
    return path


def test_a_mirrored_section_is_named_shown_and_reported(server, new_page, mirrored, tmp_path):
    page = new_page()
    open_quality(page, server.url, mirrored)
    assert page.get_by_text("Do not reconstruct yet").count()
    assert page.get_by_role("heading", name="S02 looks").count() == 1
    box = page.locator("[class*=st-key-finding_]").filter(has_text="S02 looks")
    assert box.get_by_text("What to do:").count() and box.get_by_role("link", name="Registration").count()
    box.locator(".js-plotly-plot").wait_for()
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    assert has_drawn(page, "[class*=st-key-finding_]:has-text('S02 looks') .js-plotly-plot")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="All numbers (.json)").click()
    held = json.loads(waiting.value.path().read_text())
    assert {f["where"] for f in held["findings"] if f["kind"] == "pose"} == {"S02"}
    with page.expect_download() as waiting:
        page.get_by_role("button", name="This report (.html)").click()
    waiting.value.save_as(tmp_path / "quality.html")
    report = page.context.new_page()
    report.goto(f"file://{tmp_path / 'quality.html'}")
    report.get_by_text("S02 looks").first.wait_for()
    assert not report.get_by_text("nan").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_pages_fit_in_light_and_dark(server, new_page, mirrored, turned_stack, scheme):  # noqa: F811
    page = new_page(scheme)
    open_quality(page, server.url, mirrored)
    whole_page(page, f"quality-{scheme}")
    page = new_page(scheme)
    open_registration(page, server.url, turned_stack)
    whole_page(page, f"registration-{scheme}")


def whole_page(page, name):
    """A picture of the top and one of what lies below; nothing is wider than the window."""
    wide, room = page.evaluate("(m => [m.scrollWidth, m.clientWidth])(document.querySelector('[data-testid=stMain]'))")
    assert wide <= room
    shoot(page, f"{name}-1")
    for part in (2, 3, 4):
        page.evaluate("document.querySelector('[data-testid=stMain]').scrollBy(0, 650)")
        page.wait_for_timeout(700)
        shoot(page, f"{name}-{part}")
