"""Time from the click on "Open the demo" to the Explorer's pictures: `python benchmarks/first_picture.py RUN [visits]`.

RUN is the folder of a run, or a number: of points a side of the lattice of a phantom, which is made first (a run of the
app has 74 at most).

The app runs on a free port with a copy of the run as its demo, and is warm: it has been visited once. Each visit is a
new window of headless Chromium. Seconds after the click, medians of the visits: the page's own part is there; its
texels have arrived; a picture stands (the slice in full, 3D as finely as time allows); all panes are sharp.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app_memory import FLAGS, READY, App

from isost_core.workflows.demo import DEMO

VISITS = 5
STEPS = ("page", "texels", "picture", "sharp")
WATCH = """() => {
  const steps = {
    page: (one) => true, texels: (one) => one.dataset.ready === "yes", picture: (one) => one.dataset.frames > 0,
    sharp: (one) => one.dataset.refined === "yes",
  };
  const found = (within) => {
    const one = within.querySelector(".explorer");
    if (one) return one;
    for (const host of within.querySelectorAll("*")) {
      const inner = host.shadowRoot && found(host.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  let one = null, start = 0;
  addEventListener("click", () => { start ||= performance.now(); }, true);
  window.seen = {};
  setInterval(() => {
    if (!start || !(one ||= found(document))) return;
    for (const [name, there] of Object.entries(steps)) {
      if (!(name in window.seen) && there(one)) window.seen[name] = (performance.now() - start) / 1000;
    }
  }, 15);
}"""


def one_visit(browser, url):
    """Seconds after the click, for each of STEPS."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".st-key-open_demo button")
    page.wait_for_selector(READY, state="attached")
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)
    page.click(".st-key-open_demo button")
    page.wait_for_function(f"() => Object.keys(window.seen).length === {len(STEPS)}", timeout=120_000)
    seen = page.evaluate("() => window.seen")
    context.close()
    return seen


def measure(path, visits=VISITS):
    """Medians of STEPS in seconds, for the run in a folder."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as workspace, sync_playwright() as play:
        shutil.copytree(path, Path(workspace) / DEMO)
        app = App(workspace)
        try:
            browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            one_visit(browser, app.url)
            made = [one_visit(browser, app.url) for _ in range(visits)]
            browser.close()
        finally:
            app.stop()
    return {name: statistics.median(visit[name] for visit in made) for name in STEPS}


def phantom(folder, side):
    """Folder of the run of a ball with a lattice of about side^3 points."""
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.reconstruction import evaluate
    from isost_core.runs.store import create_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.reconstruct import execute

    evaluate.MAX_VOXELS = evaluate.FEW_VOXELS = side**3
    sections = Sections.from_anndata(make_phantom("ball", 9, 60.0, n_cells=1200)[0])
    return execute(create_run(Path(folder) / "ball", sections, Config.of_preset("fast")))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        run = phantom(made, int(sys.argv[1])) if sys.argv[1].isdigit() else sys.argv[1]
        print(f"load {os.getloadavg()[0]:.1f}")
        print(json.dumps(measure(run, int(sys.argv[2]) if len(sys.argv) > 2 else VISITS), indent=1))
