"""A running app with a workspace of its own, and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


class Server:
    """The app as `make app` starts it, on a free port; can be stopped and started again."""

    def __init__(self, workspace):
        self.workspace = workspace
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        with open(self.workspace / "server.txt", "a") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port),
                 "--server.address", "127.0.0.1"], cwd=ROOT, stdout=words, stderr=words,
                env={**os.environ, "ISOST_WORKSPACE": str(self.workspace), "OMP_NUM_THREADS": "1"})
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1)
                return
            except OSError:
                time.sleep(0.25)
        pytest.fail((self.workspace / "server.txt").read_text())

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    app = Server(tmp_path_factory.mktemp("e2e"))
    app.start()
    yield app
    app.stop()


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).exists():
        pytest.skip("no Chromium on this machine: install it, or name it in the environment variable CHROMIUM")
    SCREENSHOTS.mkdir(exist_ok=True)
    with playwright.sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser):
    """Opens a page in a fresh context: another visitor, with empty cookies."""
    contexts = []

    def make(scheme="light"):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme,
                                      accept_downloads=True)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def sections_on_disk(tmp_path_factory):
    """A phantom as a user would have it: one file per section, without depth and unit."""
    from isost_core.datasets.phantoms import make_phantom

    folder = tmp_path_factory.mktemp("sections")
    cells = make_phantom("ball", 4, 60.0, n_cells=220, n_genes=8)[0]
    for name in dict.fromkeys(cells.obs["section"]):
        one = cells[cells.obs["section"] == name].copy()
        one.obs = one.obs[[]]
        one.write_h5ad(folder / f"{name}.h5ad")
    return sorted(folder.glob("*.h5ad"))
