"""axe-core on every page, in both themes: nothing serious or critical.

No rule and no element is left out. What Streamlit's own markup had wrong is mended in `ui/shell/tab.js` (the menu, a
list with headings between its items) and in the style of `ui/shell/layout.py` (captions, words on the primary colour).
"""

import pytest

from tests.e2e.test_app import settle, upload_and_fill

pytestmark = pytest.mark.e2e
RUN_ID = "a" * 24
DATA = ("Sections", "Quality", "Registration", "New run", "Runs")
WITH_RUN = ("Explorer", "Niches", "Genes in 3D", "Gradients", "Export", "Validate", "Runs")


@pytest.fixture(scope="module")
def run(server):
    """A finished run of a small phantom, hardly trained."""
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.runs.store import create_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.reconstruct import execute

    sections = Sections.from_anndata(make_phantom("ball", 3, 60.0, n_cells=120, n_genes=6)[0])
    config = Config.of_preset("fast", train_steps=4, factors=6, width=8, step_um=60.0, masked_cells=50)
    execute(create_run(server.workspace / "runs" / RUN_ID, sections, config, name="small ball"))


def menu(page, name):
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", name=name, exact=True).first.wait_for(timeout=30_000)
    settle(page)


def findings(page, where):
    """What axe holds to be serious or critical: page, rule, elements."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(where, rule["id"], [node["html"][:160] for node in rule["nodes"][:3]])
            for rule in found if rule["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_anyone_out(server, run, new_page, sections_on_disk, scheme):
    page = new_page(scheme)
    page.goto(server.url)
    page.get_by_role("heading", level=1).wait_for(timeout=30_000)
    settle(page)
    found = findings(page, "Start")
    for name in (*DATA, "About", "Explorer"):
        menu(page, name)
        found += findings(page, f"{name}, empty")
    if scheme == "light":
        upload_and_fill(page, server.url, sections_on_disk)
        for name in DATA[:-1]:
            menu(page, name)
            found += findings(page, f"{name}, with sections")
    page.goto(f"{server.url}/export?run={RUN_ID}")
    page.get_by_role("heading", name="Export").wait_for(timeout=30_000)
    for name in WITH_RUN:
        menu(page, name)
        found += findings(page, f"{name}, with a run")
    assert found == []
