"""A validation in a real browser: started, reloaded half-way, read, downloaded."""

import hashlib

import pytest
from test_app import SCREENSHOTS, click, settle, shoot

pytestmark = pytest.mark.e2e
VISITOR, RUN_ID = "c" * 32, "0123456789abcdef01234567"


@pytest.fixture(scope="module")
def run(server):
    """A finished run of VISITOR, not validated."""
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.runs.store import create_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.reconstruct import execute

    sections = Sections.from_anndata(make_phantom("layers", 3, 40.0, n_cells=200, n_genes=8)[0])
    folder = execute(create_run(server.workspace / "runs" / RUN_ID, sections, Config.of_preset("fast"), "Layers"))
    (folder / "owner").write_text(hashlib.sha256(f"isost visitor {VISITOR}".encode()).hexdigest())
    return folder


def test_validate_a_run(server, run, browser, tmp_path):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.add_cookies([{"name": "isost_visitor", "value": VISITOR, "url": server.url}])
    page = context.new_page()
    page.goto(f"{server.url}/runs?run={RUN_ID}")
    page.get_by_text("Finished in").wait_for()
    settle(page)
    click(page, "How far can it be trusted? Validate")
    page.get_by_text("Expected time").wait_for()
    settle(page)
    page.get_by_role("button", name="Validate", exact=True).click()
    page.get_by_text("Time left").wait_for()
    page.reload()
    page.get_by_text("Time left").wait_for()
    page.screenshot(path=SCREENSHOTS / "validating.png")
    page.get_by_text("How it was done").wait_for(timeout=90_000)
    page.locator(".js-plotly-plot").first.wait_for()
    shoot(page, "validate")
    assert page.get_by_text("Predicted per measured cell").count()
    assert page.locator("tr.ours").count() == 2
    wide, room = page.evaluate("(m => [m.scrollWidth, m.clientWidth])(document.querySelector('[data-testid=stMain]'))")
    assert wide <= room
    with page.expect_download() as waiting:
        page.get_by_role("button", name="This report (.html)").click()
    waiting.value.save_as(tmp_path / "report.html")
    report = context.new_page()
    report.goto(f"file://{tmp_path / 'report.html'}")
    report.locator(".js-plotly-plot").first.wait_for()
    assert report.locator("h1").inner_text() == "How far can this reconstruction be trusted?"
    assert not report.get_by_text("nan").count()
    context.close()
