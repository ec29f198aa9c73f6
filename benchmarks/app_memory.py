"""The app as its visitors load it: start time, and memory with 1, 2 and 4 browser sessions and after 20 genes.

`measure(run)` starts the app on a free port with a copy of the run in a workspace of its own, and visitors as
headless Chromium (Playwright) in contexts of their own.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from cases import ROOT

FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
PAGES = {"explorer": "log1p, predicted", "gradients": "Lines are predicted", "niches": "A niche is a part"}


class App:
    """The app as `make app` starts it."""

    def __init__(self, workspace):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.address",
             "127.0.0.1"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "ISOST_WORKSPACE": str(workspace)})
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1)
                return
            except OSError:
                time.sleep(0.02)

    def memory_mb(self):
        """Memory of the server that is its own (without files it has mapped), MB."""
        words = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in words.splitlines() if line.startswith("RssAnon")) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


def settle(page):
    for _ in range(3):
        page.wait_for_selector(READY, state="attached", timeout=120_000)
        page.wait_for_timeout(300)


def visit(page, url, gene=None):
    """Look at every Explore page, or at one gene on the page of the tissue and of the virtual slice."""
    for name, words in PAGES.items():
        if gene is None or name != "gradients":
            page.goto(f"{url}/{name}?run=demo" + (f"&genes={gene}" if gene else ""))
            page.get_by_text(words).first.wait_for(timeout=120_000)
            settle(page)


def measure(run, most_sessions=4, genes=20):
    """First page (s), and memory (MB) of the server at each step."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        shutil.copytree(run.path, Path(folder) / "demo")
        chromium = play.chromium.launch(executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                                        args=FLAGS)
        app = App(folder)
        try:
            memory = {}
            page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
            page.goto(app.url)
            page.get_by_role("heading").first.wait_for(timeout=60_000)
            first_page = time.perf_counter() - app.began
            settle(page)
            time.sleep(15)  # what is prepared in the background
            memory["first page, demo prepared"] = app.memory_mb()
            for number in range(1, most_sessions + 1):
                visit(page, app.url)
                if number in (1, 2, 4):
                    memory[f"{number} session{'s' * (number > 1)}, every page of the run"] = app.memory_mb()
                if number < most_sessions:
                    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
            for gene in run.genes[:genes]:
                visit(page, app.url, gene)
            memory[f"the same, {genes} genes later"] = app.memory_mb()
            for gene in run.genes[genes : 2 * genes]:
                visit(page, app.url, gene)
            memory[f"the same, {2 * genes} genes later"] = app.memory_mb()
        finally:
            app.stop()
            chromium.close()
    return first_page, memory
