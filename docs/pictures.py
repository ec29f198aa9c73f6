"""The pictures of README.md: pages of the app with the demo and an embryo, in a real browser.

    make demo browser
    python docs/pictures.py workspace

Writes docs/images/*.png. The embryo is reconstructed in the workspace first, if it is not there.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from isost_core.config import Config
from isost_core.datasets.examples import EXAMPLES, fetch_example
from isost_core.readers import read_sections
from isost_core.runs.folder import is_finished
from isost_core.runs.store import create_run
from isost_core.workflows.reconstruct import execute
from tests.e2e.conftest import FLAGS, Server
from tests.e2e.test_app import settle

IMAGES = Path(__file__).parent / "images"
EMBRYO = "e" * 24
REST_MS = 4000  # for messages and what fades in
PAGES = {  # picture: page, what its link says
    "explorer": ("explorer", "run=demo&genes=Mbp&genes=Gad1&genes=Cbln1"),
    "embryo": ("explorer", f"run={EMBRYO}&genes=eve&azimuth=90&tilt=80"),
    "gradients": ("gradients", "run=demo&genes=Mbp&genes=Gad1&kind=spherical"),
    "niches": ("niches", "run=demo"),
}
ALONE = ("embryo",)  # the picture without the page around it


def main(workspace: Path) -> None:
    make_embryo(workspace / "runs" / EMBRYO)
    server = Server(workspace)
    server.start()
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                                                  args=FLAGS)
            page = chromium.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
            for name, (address, link) in PAGES.items():
                page.goto(f"{server.url}/{address}?{link}")
                wait_for_picture(page, address)
                box = page.locator("canvas.over").bounding_box() if name in ALONE else None
                page.screenshot(path=IMAGES / f"{name}.png", clip=box)
    finally:
        server.stop()


def make_embryo(folder: Path) -> None:
    """A finished run of the fruit fly embryo, unless it is there."""
    if not is_finished(folder):
        shutil.rmtree(folder, ignore_errors=True)
        sections = read_sections(fetch_example("bdtnp"), EXAMPLES["bdtnp"].options)
        execute(create_run(folder, sections, Config.of_preset("standard"), "Fruit fly embryo"))


def wait_for_picture(page: Page, address: str) -> None:
    """Until everything on the page is drawn."""
    if address == "explorer":
        page.locator(".explorer[data-refined=yes]").wait_for(timeout=120_000)
    else:
        page.locator(".js-plotly-plot .main-svg, .js-plotly-plot canvas").first.wait_for(timeout=120_000)
    settle(page)
    page.wait_for_timeout(REST_MS)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ISOST_WORKSPACE", "workspace")).absolute())
