"""Frames of the explorer in a browser without a graphics card: python -m benchmarks.explorer [--store]

Chromium with software WebGL on volumes of 128 and 256 points a side: time to the first picture, frames of the slice
while the wheel, keys and sliders move it, and the surface drawn in full after the tissue was turned.
"""

import argparse
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
SIZES = (128, 256)


def serve():
    """(process, address) of the viewer alone."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "tests/e2e/volume_app.py", "--server.port", str(port),
         "--server.address", "127.0.0.1"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
            break
        except OSError:
            time.sleep(0.2)
    return process, address


def frames(page, act, times=20):
    """(milliseconds, share of its pixels) of a frame of the slice after each of so many acts, medians."""
    view, found = page.locator(".explorer"), []
    for k in range(times):
        before = view.get_attribute("data-frames")
        act(k)
        while view.get_attribute("data-frames") == before:
            page.wait_for_timeout(4)
        found.append([float(view.get_attribute(name)) for name in ("data-slice", "data-share")])
    return np.median(found, axis=0)


def measure(browser, address, n):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    began = time.perf_counter()
    page.goto(f"{address}/?n={n}")
    page.locator(".explorer[data-ready=yes]").wait_for(timeout=120_000)
    first = time.perf_counter() - began
    page.locator(".explorer[data-refined=yes]").wait_for(timeout=120_000)
    box = page.locator("canvas.over").bounding_box()
    x, y = box["x"] + 0.8 * box["width"], box["y"] + 0.5 * box["height"]
    page.mouse.click(x, y)
    slider = page.locator("input[name=tilt]")
    row = {"n": n, "first_picture_s": first, "bytes": n**3 * 3}
    for name, act in (("wheel", lambda k: page.mouse.wheel(0, 100 - 200 * (k % 2))),
                      ("keys", lambda k: page.keyboard.press("ArrowUp" if k % 2 else "ArrowRight")),
                      ("slider", lambda k: slider.evaluate("(s, v) => { s.value = v; s.oninput(); }", 20 + 3 * k))):
        row[f"{name}_ms"], row["share"] = map(float, frames(page, act))
    page.mouse.move(box["x"] + 200, y)
    page.mouse.down()
    frames(page, lambda k: page.mouse.move(box["x"] + 200 + 9 * k + 9, y), 15)
    page.mouse.up()
    began = time.perf_counter()
    page.wait_for_timeout(50)
    page.locator(".explorer[data-refined=yes]").wait_for(timeout=120_000)
    row["surface_in_full_s"] = time.perf_counter() - began
    page.close()
    return row


def main():
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", action="store_true")
    given = parser.parse_args()
    process, address = serve()
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            rows = [measure(browser, address, n) for n in SIZES]
            browser.close()
    finally:
        process.terminate()
    lines = ["# The explorer without a graphics card", "", f"`python -m benchmarks.explorer`; {platform.machine()}, "
             f"{os.cpu_count()} cores, Chromium with software WebGL, 1280 pixels wide; load "
             f"{os.getloadavg()[0]:.1f}. While something moves, a pane is drawn with as many pixels as fit into "
             "34 ms.", "", "| volume | first picture s | slice: wheel ms | keys ms | slider ms | with this share of "
             "the pixels | surface in full after a drag s |", "|---|---|---|---|---|---|---|"]
    lines += [f"| {r['n']}³ | {r['first_picture_s']:.1f} | {r['wheel_ms']:.0f} | {r['keys_ms']:.0f} | "
              f"{r['slider_ms']:.0f} | {r['share']:.0%} | {r['surface_in_full_s']:.1f} |" for r in rows]
    text = "\n".join(lines) + "\n"
    print(text)
    if given.store:
        folder = Path(__file__).parent / "results"
        (folder / "explorer.md").write_text(text)
        (folder / "explorer.json").write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
