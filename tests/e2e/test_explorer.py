"""The explorer in a real browser: drag, wheel, keys, genes, link, regions, pictures; its pixels read back."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from tests.e2e.conftest import SCREENSHOTS
from tests.e2e.test_app import settle

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def run(server):
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.runs.store import create_run, load_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.reconstruct import execute

    sections = Sections.from_anndata(make_phantom("tube", 4, 60.0, n_cells=400, n_genes=8)[0])
    folder = create_run(server.workspace / "runs" / ("e" * 24), sections, Config.of_preset("fast"), name="tube")
    execute(folder)
    return load_run(folder)


def explore(page, server, run, width=1600, **query):
    """The explorer in a window of this width; in a wide one the slice stands to the right of 3D."""
    page.set_viewport_size({"width": width, "height": 800})
    link = "&".join(f"{name}={value}" for name, value in query.items())
    page.goto(f"{server.url}/explorer?run={run.id}&{link}")
    page.locator(".explorer[data-ready=yes]").wait_for(timeout=30_000)
    drawn(page)


def drawn(page):
    """Wait until every pane is drawn in full and the page stands still."""
    page.wait_for_timeout(700)
    page.locator(".explorer[data-refined=yes]").wait_for(timeout=60_000)
    settle(page)


def view(page):
    return json.loads(page.locator(".explorer").get_attribute("data-view") or "{}")


def pixels(page):
    """(h, w, 3) of the drawing itself, without words and lines."""
    url = page.locator("canvas.gl").evaluate("canvas => canvas.toDataURL()")
    image = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))
    return np.asarray(image.convert("RGB")).astype(int)


WRITTEN = """{
  const pen = CanvasRenderingContext2D.prototype, { fillText, clearRect } = pen;
  const over = (ctx) => ctx.canvas.className === "over";
  window.written = [];
  pen.clearRect = function (...box) { if (over(this)) window.written = []; clearRect.apply(this, box); };
  pen.fillText = function (words, ...at) {
    if (over(this)) window.written.push(words);
    fillText.call(this, words, ...at);
  };
}"""


def written(page):
    """Words over the panes: titles, scales, colour bars."""
    return page.evaluate("window.written")


def tab(page, name):
    """Open a tab of the inspector."""
    page.get_by_role("tab", name=name, exact=True).click()


def save(page, name):
    page.locator("button[name=save]").click()
    page.get_by_role("menuitem", name=name, exact=True).click()


def stage(page):
    return page.locator("canvas.over").bounding_box()


def spot(page, x, y):
    """Place on the screen of shares of the picture's width and height."""
    box = stage(page)
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def moved(before, after, left, right):
    """Share of the pixels between two shares of the width that changed."""
    w = before.shape[1]
    a, b = (image[:, int(left * w):int(right * w)] for image in (before, after))
    return (np.abs(a - b).max(-1) > 12).mean()


def test_the_slice_shows_what_the_core_says(server, new_page, run):
    from isost_core.figures.colours import paint
    from isost_core.reconstruction.interpolation import sample

    page = new_page()
    gene = run.clearest_gene
    explore(page, server, run, genes=gene, frame="0", plane="0", tilt="20")
    image, box, checked = pixels(page), stage(page), 0
    for x, y in ((0.7, 0.4), (0.75, 0.55), (0.79, 0.5), (0.82, 0.35), (0.85, 0.6), (0.88, 0.45)):
        page.mouse.move(*spot(page, x, y))
        words = page.locator(".read").inner_text()
        if not words or words.startswith("outside"):
            continue
        found = re.findall(r"(?:x|y|depth) (-?[\d.e-]+) (µm|mm)", words)
        place = [float(v) * (1000 if unit == "mm" else 1) for v, unit in found]
        said = float(re.search(r" ([\d.]+) log1p predicted", words).group(1))
        true, _, known, inside = sample(run, gene, [place])
        assert inside[0] and said == pytest.approx(float(true[0]), abs=0.02)
        assert int(re.search(r"resolved share (\d+)\s%", words).group(1)) == pytest.approx(100 * float(known[0]), abs=2)
        low, high = app_limits(run, gene)
        h, w = image.shape[:2]
        found = image[int(y * h), int(x * w)]
        assert np.abs(found - paint(true, (low, high))[0]).max() <= 14, (found, true, box)
        checked += 1
    assert checked >= 3


def app_limits(run, gene):
    from isost_core.figures.colours import colour_range
    from isost_core.reconstruction.volume import make_volume

    return colour_range(make_volume(run, [gene]).values)


def test_drag_wheel_keys_and_link(server, new_page, run):
    page = new_page("dark")
    explore(page, server, run, genes=run.genes[0], tilt="30")
    first, start = pixels(page), view(page)
    page.mouse.move(*spot(page, 0.3, 0.3))
    page.mouse.down()
    page.mouse.move(*spot(page, 0.4, 0.35), steps=5)
    page.mouse.up()
    drawn(page)
    turned = pixels(page)
    assert view(page)["turn"] != start["turn"] and moved(first, turned, 0, 0.57) > 0.02
    assert moved(first, turned, 0.6, 1) < 0.001, "turning the tissue leaves the slice alone"

    page.mouse.click(*spot(page, 0.8, 0.5))
    page.mouse.wheel(0, -100)
    page.mouse.wheel(0, -100)
    drawn(page)
    assert view(page)["cdepth"] != start["cdepth"] and moved(turned, pixels(page), 0.6, 1) > 0.005

    for _ in range(5):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("f")
    drawn(page)
    assert view(page)["tilt"] == 35 and view(page)["flip"] is True
    page.wait_for_url(re.compile("tilt=35"))
    page.keyboard.press("o")
    page.keyboard.press("m")
    drawn(page)
    settle(page)
    page.screenshot(path=SCREENSHOTS / "explorer_dark.png")
    assert float(page.locator(".explorer").get_attribute("data-slice")) > 0

    other = new_page("dark")
    other.set_viewport_size(page.viewport_size)
    other.goto(page.url)
    other.locator(".explorer[data-ready=yes]").wait_for(timeout=30_000)
    drawn(other)
    a, b = view(page), view(other)
    assert {n: v for n, v in b.items() if not isinstance(v, float)} == {n: v for n, v in a.items()
                                                                       if not isinstance(v, float)}
    assert np.abs(pixels(page) - pixels(other)).mean() < 1.0, "a link opens the same picture"

    page.keyboard.press("r")
    drawn(page)
    assert view(page)["tilt"] == pytest.approx(start["tilt"], abs=30) and view(page)["flip"] is False
    page.keyboard.press("z")
    drawn(page)
    assert view(page)["flip"] is True


def test_another_gene_and_three_together(server, new_page, run):
    page = new_page()
    explore(page, server, run, genes=run.genes[0])
    first = pixels(page)
    box = page.get_by_role("combobox", name=re.compile("Genes"))
    tab(page, "Colours")
    for gene in run.genes[1:3]:
        box.fill(gene)
        box.press("Enter")
        page.locator(".explorer .gene", has_text=gene).wait_for(timeout=20_000)
    drawn(page)
    assert moved(first, pixels(page), 0.6, 1) > 0.02
    page.locator("select[name=blend]").select_option("side")
    drawn(page)
    shown = pixels(page)
    w = shown.shape[1]
    thirds = [shown[:, int(i * w / 3) + 4:int((i + 1) * w / 3) - 4] for i in range(3)]
    assert all(len(np.unique(third.reshape(-1, 3), axis=0)) > 100 for third in thirds)
    page.screenshot(path=SCREENSHOTS / "explorer_genes_light.png")


def test_readout_follows_the_wheel_and_help_gives_way(server, new_page, run):
    page = new_page()
    explore(page, server, run, tilt=0, layer="sd")
    page.mouse.click(*spot(page, 0.8, 0.5))
    page.mouse.move(*spot(page, 0.8, 0.52))
    read = page.locator(".read")
    before = read.inner_text()
    assert "sd of a cell" in before
    page.mouse.wheel(0, -100)
    drawn(page)
    assert re.search(r"depth (\S+)", read.inner_text())[1] != re.search(r"depth (\S+)", before)[1]
    page.keyboard.press("?")
    assert page.locator(".help").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".help").is_hidden()
    page.keyboard.press("?")
    page.mouse.click(*spot(page, 0.3, 0.8))
    assert page.locator(".help").is_hidden()


def test_axes_can_be_named(server, new_page, run):
    page = new_page()
    explore(page, server, run, tilt=0, azimuth=0)
    words = page.locator("canvas.over")
    plain = words.evaluate("canvas => canvas.toDataURL()")
    tab(page, "3D")
    page.locator("select[name=ends_x]").select_option("LR")
    drawn(page)
    assert view(page)["ends_x"] == "LR" and "ends_x=LR" in page.url
    assert words.evaluate("canvas => canvas.toDataURL()") != plain


def test_a_clicked_cell_is_the_focus_of_gradients(server, new_page, run):
    page = new_page()
    page.goto(f"{server.url}/gradients?run={run.id}&kind=spherical")
    page.get_by_text("Click to move the focus").wait_for(timeout=60_000)
    settle(page)
    page.locator("[class*=focus_map] .points path").nth(40).click(force=True)
    page.wait_for_url(re.compile("cx="))
    settle(page)
    x, y, depth = (float(re.search(f"[?&]{name}=([-0-9.]+)", page.url)[1]) for name in ("cx", "cy", "cdepth"))
    away = np.linalg.norm(run.measured_xyz - [x, y, depth], axis=1)
    assert away.min() < 0.9  # a measured cell, in whole µm


def test_titles_and_colour_bars_say_what_is_drawn(server, new_page, run):
    page = new_page()
    page.add_init_script(WRITTEN)
    first, second = run.genes[:2]
    explore(page, server, run, genes=f"{first}&genes={second}", blend="side", panes="1", cells_pane="1")
    words = written(page)
    assert words.count(f"{first} · predicted") == 4 and words.count(f"{second} · predicted") == 1
    assert words.count(f"{first} · measured") == words.count(f"{second} · measured") == 1
    tab(page, "Colours")
    page.locator("select[name=blend]").select_option("add")
    tab(page, "Uncertainty")
    for layer, title in (("known", "resolved share,"), ("sd", f"sd of a cell of {first} (log1p)")):
        page.locator("select[name=layer]").select_option(layer)
        drawn(page)
        words = written(page)
        assert title in words and f"{first} (log1p)" not in words[:words.index(title)]
    page.locator("select[name=uncertainty]").select_option("show")
    drawn(page)
    assert not [line for line in written(page) if "hatched" in line], "an sd is never hatched"


def test_the_readout_follows_the_plane_and_names_the_layer(server, new_page, run):
    from playwright.sync_api import expect

    page = new_page()
    explore(page, server, run, genes=run.genes[0], tilt="20", layer="sd")
    read = page.locator(".read")
    page.mouse.click(*spot(page, 0.76, 0.62))
    page.mouse.move(*spot(page, 0.77, 0.62))
    before = read.inner_text()
    assert "sd of a cell" in before or before.startswith("outside")
    page.mouse.wheel(0, -100)
    expect(read).not_to_have_text(before)
    before = read.inner_text()
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    expect(read).not_to_have_text(before)


def test_the_help_closes(server, new_page, run):
    page = new_page()
    explore(page, server, run, genes=run.genes[0])
    help_box, ask = page.locator(".help"), page.locator("button[name=help]")
    for close in (lambda: page.keyboard.press("Escape"), ask.click, page.locator("button[name=close_help]").click,
                  lambda: page.locator(".inspector h2").first.click(),
                  lambda: page.mouse.click(*spot(page, 0.02, 0.98)), page.locator("button[name=lasso]").click):
        ask.click()
        assert help_box.is_visible()
        close()
        assert help_box.is_hidden()


def test_the_slice_is_fitted_to_the_tissue(server, new_page, run):
    page = new_page()
    explore(page, server, run, genes=run.genes[0], frame="0", plane="0", tilt="20")
    image = pixels(page)[:, int(0.5 * pixels(page).shape[1]) + 6:]
    rows, columns = [np.flatnonzero((np.abs(image - image[3, 3]).max(-1) > 12).any(side)) for side in (1, 0)]
    shares = [(at[0] / n, at[-1] / n) for at, n in ((rows, image.shape[0]), (columns, image.shape[1]))]
    assert all(low > 0.01 and high < 0.99 for low, high in shares), shares
    assert max(high - low for low, high in shares) > 0.65, shares
    page.locator("button[name=fit]").click()
    drawn(page)
    fitted = view(page)["szoom"]
    page.mouse.click(*spot(page, 0.8, 0.5))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    drawn(page)
    assert view(page)["szoom"] > 1.1 * fitted
    page.keyboard.press("0")
    drawn(page)
    assert view(page)["szoom"] == pytest.approx(fitted, rel=0.2), "the plane went to the place clicked"


GRAPHICS = """(canvas, act) => {
  const gl = canvas.getContext("webgl2");
  window.taken ??= gl.getExtension("WEBGL_lose_context");
  window.taken[act]();
}"""


def test_the_picture_comes_back_with_the_graphics_processor(server, new_page, run):
    from playwright.sync_api import expect

    page, wrong = new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    explore(page, server, run, genes=run.genes[0], tilt="20", uncertainty="show", cells="gene")
    before, canvas, note = pixels(page), page.locator("canvas.gl"), page.locator(".explorer .note")
    canvas.evaluate(GRAPHICS, "loseContext")
    expect(note).to_have_text(re.compile("lost the graphics processor"))
    save(page, "All panes as SVG, its words as text")
    page.mouse.click(*spot(page, 0.3, 0.5))
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(700)
    assert view(page)["tilt"] == 21 and "graphics" in note.inner_text()
    canvas.evaluate(GRAPHICS, "restoreContext")
    expect(note).to_have_text("")
    drawn(page)
    page.keyboard.press("z")
    drawn(page)
    after = pixels(page)
    assert before.std() > 10 and np.abs(before - after).max() <= 1, "the very picture of before"
    page.keyboard.press("ArrowRight")
    drawn(page)
    assert moved(after, pixels(page), 0.6, 1) > 0 and not wrong


def test_a_film_can_be_cancelled(server, new_page, run):
    page, films = new_page(), []
    page.on("download", lambda film: films.append(film))
    explore(page, server, run, genes=run.genes[0])
    save(page, "3D turning once, as film (.webm)")
    page.locator(".note", has_text=re.compile(r"[2-9] %")).wait_for(timeout=30_000)
    page.keyboard.press("Escape")
    page.locator(".note", has_text=re.compile("^$")).wait_for(state="attached", timeout=10_000)
    page.wait_for_timeout(1000)
    assert not films


def test_a_region_and_a_picture_to_take_away(server, new_page, run, tmp_path):
    page = new_page()
    explore(page, server, run, genes=run.genes[0])
    page.mouse.click(*spot(page, 0.8, 0.5))
    page.keyboard.press("l")
    encircle(page, 0.8, 0.5)
    page.locator(".inspector table", has_text="measured").wait_for(timeout=20_000)
    settle(page)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Region (.geojson)").click()
    waiting.value.save_as(tmp_path / "region.geojson")
    ring = json.loads((tmp_path / "region.geojson").read_text())["features"][0]["geometry"]["coordinates"][0]
    assert len(ring) > 10
    with page.expect_download() as waiting:
        page.get_by_role("button", name=f"Slice of {run.genes[0]} (.csv)").click()
    waiting.value.save_as(tmp_path / "slice.csv")
    assert (tmp_path / "slice.csv").read_text().startswith("row,column,x_um,y_um,depth_um")
    page.keyboard.press("Escape")
    with page.expect_download(timeout=90_000) as waiting:
        save(page, "All panes as PNG, 300 dpi")
    waiting.value.save_as(tmp_path / "picture.png")
    picture = Image.open(tmp_path / "picture.png")
    assert picture.info["dpi"][0] == pytest.approx(300, abs=1) and picture.size[0] == pytest.approx(2100, abs=2)
    assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 1000


def test_without_webgl_the_server_draws(server, browser, run):
    import shutil

    chromium = browser.browser_type.launch(executable_path=shutil.which("chromium") or "/usr/bin/chromium",
                                           args=["--no-sandbox", "--disable-gpu", "--disable-3d-apis"])
    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"{server.url}/explorer?run={run.id}")
    page.get_by_text("This browser can't draw 3D graphics").wait_for(timeout=30_000)
    page.get_by_text("slice on the left is predicted").wait_for(timeout=30_000)
    page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=30_000)
    assert not page.get_by_text("WebGL is not supported").count()
    chromium.close()


@pytest.fixture
def volume():
    """Address of the viewer alone, on a phantom."""
    from benchmarks.explorer import serve

    process, address = serve()
    yield address
    process.terminate()
    process.wait(timeout=20)


def encircle(page, x, y, wide=0.04, high=0.08):
    """Draw around a place of the picture."""
    turns = np.linspace(0, 2 * np.pi, 20)
    page.mouse.move(*spot(page, x + wide, y))
    page.mouse.down()
    for at in zip(x + wide * np.cos(turns), y + high * np.sin(turns), strict=True):
        page.mouse.move(*spot(page, *at))
    page.mouse.up()


OVERLAY = "canvas => canvas.toDataURL()"


def test_a_region_that_is_cleared_takes_its_ring_along(new_page, volume):
    page = new_page()
    page.goto(f"{volume}/?n=32")
    page.locator(".explorer[data-ready=yes]").wait_for(timeout=60_000)
    drawn(page)
    over = page.locator("canvas.over")
    plain = over.evaluate(OVERLAY)
    page.locator("button[name=lasso]").click()
    assert page.locator("button[name=lasso]").get_attribute("aria-pressed") == "true"
    encircle(page, 0.8, 0.5)
    page.locator(".inspector table", has_text="0.52").wait_for(timeout=20_000)
    drawn(page)
    ringed = over.evaluate(OVERLAY)
    assert ringed != plain
    page.locator("button[name=clear_region]").click()
    page.wait_for_timeout(100)
    assert over.evaluate(OVERLAY) == plain, "at once"
    drawn(page)
    assert over.evaluate(OVERLAY) == plain, "and when the server has answered"
    assert page.get_by_role("tab", name="Region").get_attribute("aria-selected") == "true"
    assert page.locator("button[name=draw_region]").is_visible()


SCROLLS = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  return [main.scrollHeight - main.clientHeight, main.scrollWidth - main.clientWidth];
}"""


def sees(page):
    """Whether the whole viewer is within the window, and nothing around it scrolls."""
    box, window = page.locator(".explorer").bounding_box(), page.viewport_size
    inside = box["y"] + box["height"] <= window["height"] and box["x"] + box["width"] <= window["width"]
    return inside and max(page.evaluate(SCROLLS)) <= 0


def test_the_window_holds_everything(server, new_page, run):
    page = new_page()
    explore(page, server, run, width=1280, genes=run.genes[0], tilt=0)
    assert sees(page) and stage(page)["height"] >= 600
    bar = page.locator(".bar").bounding_box()
    assert bar["height"] < 50 and page.locator("button[name=more]").is_hidden(), "one row holds all buttons"
    for name in ("Plane", "Colours", "3D", "Uncertainty", "Region"):
        tab(page, name)
        panel = page.get_by_role("tabpanel", name=name)
        assert panel.evaluate("e => e.scrollHeight <= e.clientHeight && e.scrollWidth <= e.clientWidth"), name
    page.keyboard.press("Home")
    assert page.get_by_role("tab", name="Plane").get_attribute("aria-selected") == "true"

    before, planes = stage(page), page.locator("button[name=panes]")
    assert planes.get_attribute("aria-pressed") == "false"
    planes.click()
    drawn(page)
    assert stage(page) == before and planes.get_attribute("aria-pressed") == "true" and sees(page)
    h = pixels(page).shape[0]
    lower = pixels(page)[int(0.64 * h):]
    assert lower.std() > 10, "the three planes are in the same picture"
    planes.click()

    page.locator("button[name=inspector]").click()
    drawn(page)
    assert stage(page)["width"] > before["width"] + 200
    page.reload()
    page.locator(".explorer[data-ready=yes]").wait_for(timeout=30_000)
    assert page.locator(".inspector").is_hidden(), "it stays folded away"

    for width, height in ((1600, 900), (853, 533), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        assert sees(page) and page.locator(".bar").bounding_box()["height"] < 50, width
    page.locator("button[name=inspector]").click()
    tab(page, "Plane")
    assert page.locator("input[name=tilt]").bounding_box()["width"] > 250
    page.screenshot(path=SCREENSHOTS / "explorer_390.png")


def test_values_at_the_pointer_and_numbers_typed(server, new_page, run):
    from playwright.sync_api import expect

    page = new_page()
    explore(page, server, run, genes=run.genes[0], tilt=0)
    read, said = page.locator(".read"), page.locator(".inspector [aria-live=polite]")
    x, y = spot(page, 0.78, 0.5)
    page.mouse.move(x, y)
    expect(read).to_contain_text("predicted")
    plate = read.bounding_box()
    assert abs(plate["x"] - x) < 400 and 0 < plate["y"] - y < 40, "beside the pointer"
    page.mouse.click(x, y)
    expect(said).to_have_text(read.inner_text(), use_inner_text=True)
    page.mouse.click(*spot(page, 0.3, 0.5))
    expect(read).to_contain_text("depth")

    tilt, slider = page.locator("input[name='box.tilt']"), page.locator("input[name=tilt]")
    for typed, wrong in (("abc", "“abc” is not a number. 0 is kept."), ("200", "From 0 to 180°. 0 is kept.")):
        tilt.fill(typed)
        tilt.press("Enter")
        message = page.locator(f"[id='{tilt.get_attribute('aria-describedby')}']")
        expect(message).to_have_text(wrong)
        assert tilt.get_attribute("aria-invalid") == "true" and view(page)["tilt"] == 0
    tilt.fill("35.5°")
    tilt.press("Enter")
    expect(message).to_have_text("")
    assert tilt.get_attribute("aria-invalid") is None and slider.get_attribute("aria-valuetext") == "35.5 °"
    depth = page.locator("input[name='box.cdepth']")
    depth.fill("0.05 mm")
    page.keyboard.press("Tab")
    drawn(page)
    assert view(page)["tilt"] == 35.5 and view(page)["cdepth"] == pytest.approx(50)
    expect(said).to_contain_text("depth 50 µm")


def test_a_volume_of_256_points_a_side(new_page, volume):
    page = new_page("dark")
    page.goto(f"{volume}/?n=256")
    page.locator(".explorer[data-ready=yes]").wait_for(timeout=120_000)
    drawn(page)
    before = pixels(page)
    h, w = before.shape[:2]
    assert np.abs(before[:, int(0.6 * w):] - before[5, w - 5]).max() > 100, "the slice shows something"
    page.locator("input[name=tilt]").evaluate("s => { s.value = 80; s.oninput(); }")
    drawn(page)
    assert moved(before, pixels(page), 0.6, 1) > 0.01 and moved(before, pixels(page), 0, 0.57) > 0.005


def spans(image):
    """((low, high) along rows, along columns) of what differs from the background, as shares of an image."""
    other = np.abs(image - image[3, 3]).max(-1) > 12
    return [(at[0] / n, at[-1] / n) for at, n in ((np.flatnonzero(other.any(side)), image.shape[1 - side])
                                                  for side in (1, 0))]


def largest(image):
    """How much of its picture the tissue spans, along the side that it fills more."""
    found = spans(image)
    assert all(low > 0 and high < 1 for low, high in found), found
    return max(high - low for low, high in found)


def halves(page):
    """The 3D pane and the slice, where they stand beside each other."""
    image, box = pixels(page), stage(page)
    w = image.shape[1]
    left = int(w * (0.5 if box["width"] < 1.3 * box["height"] else 0.58))
    return image[:, :left - 4], image[:, left + 6:]


def test_3d_is_fitted_to_what_is_seen_of_the_tissue(server, new_page, run):
    page = new_page()
    explore(page, server, run, genes=run.genes[0], tilt=0, plane=0)
    opened = view(page)["zoom"]
    assert largest(halves(page)[0]) > 0.65, "the box fills the pane; the tissue does not quite fill the box"
    for name in ("front", "side", "face", "oblique"):
        page.locator(f"button[name='camera.{name}']").click()
        drawn(page)
        assert largest(halves(page)[0]) > 0.65, name
    assert view(page)["zoom"] == pytest.approx(opened)
    page.mouse.move(*spot(page, 0.3, 0.3))
    page.mouse.down()
    page.mouse.move(*spot(page, 0.4, 0.35), steps=5)
    page.mouse.up()
    drawn(page)
    assert view(page)["zoom"] == pytest.approx(opened), "turning by hand does not jump"
    page.mouse.wheel(0, -300)
    drawn(page)
    zoomed = view(page)["zoom"]
    assert zoomed > 1.1 * opened and "&zoom=" in page.url
    page.locator("button[name=inspector]").click()
    drawn(page)
    assert view(page)["zoom"] == pytest.approx(zoomed), "one's own zoom stays in a window of another size"
    page.locator("button[name=fit]").click()
    drawn(page)
    assert largest(halves(page)[0]) > 0.65
    page.wait_for_function("() => !location.search.includes('&zoom=')")


def test_a_slice_at_a_new_angle_is_fitted_until_the_visitor_zooms_it(server, new_page, run):
    page = new_page()
    explore(page, server, run, genes=run.genes[0], frame=0, plane=0)
    for name, value in (("tilt", "80"), ("azimuth", "120"), ("spin", "50")):
        box = page.locator(f"input[name='box.{name}']")
        box.fill(value)
        box.press("Enter")
        drawn(page)
        assert largest(halves(page)[1]) > 0.65, name
    page.mouse.move(*spot(page, 0.8, 0.5))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    drawn(page)
    own = view(page)["szoom"]
    tilt = page.locator("input[name='box.tilt']")
    tilt.fill("30")
    tilt.press("Enter")
    drawn(page)
    assert view(page)["szoom"] == pytest.approx(own), "one's own zoom stays"
    page.locator("button[name=reset]").click()
    drawn(page)
    assert view(page)["tilt"] == 0 and largest(halves(page)[1]) > 0.65


def typed(page, name, value):
    box = page.locator(f"input[name='box.{name}']")
    box.fill(str(value))
    box.press("Enter")
    drawn(page)


def test_the_plane_says_on_which_section_it_lies(server, new_page, run):
    from playwright.sync_api import expect

    page = new_page()
    page.add_init_script(WRITTEN)
    explore(page, server, run, genes=run.genes[0])
    (_, a, b, _), depths = run.sections.names, run.sections.depths
    plane = page.locator(".inspector .plane")
    for depth, words in ((depths[1], f"on section {a}"), (depths[1] + 20, f"between {a} (20 µm) and {b} (40 µm)"),
                         (depths[2] - 10, f"between {a} (50 µm) and {b} (10 µm)")):
        typed(page, "cdepth", depth)
        expect(plane).to_have_text(f"Plane: {words}")
        assert words in " ".join(written(page))
    typed(page, "tilt", 90)
    expect(plane).to_have_text("Plane: crosses 4 sections")
    assert "crosses 4 sections" in written(page)


def test_it_opens_where_there_is_something_to_see(server, new_page, run):
    page = new_page()
    explore(page, server, run)
    said = page.locator(".inspector [aria-live=polite]").inner_text()
    value = float(re.search(r" ([\d.]+) log1p predicted", said)[1])
    low, high = app_limits(run, run.clearest_gene)
    assert value > low + 0.5 * (high - low)
    x, y, depth = (view(page)[name] for name in ("cx", "cy", "cdepth"))
    assert (x, y, depth) == tuple(map(round, run.telling_um))
    assert "cx=" not in page.url


def test_words_of_the_field_are_explained_where_they_stand(server, new_page, run):
    from playwright.sync_api import expect

    page = new_page()
    explore(page, server, run, genes=run.genes[0], tilt=0)
    for term, words in (("log1p", "natural logarithm of 1 +"), ("resolved share", "your sections determine")):
        shown = page.locator(".inspector .values abbr", has_text=term)
        for name in ("title", "aria-description"):
            assert words in shown.get_attribute(name)
    said = page.locator(".inspector .values").inner_text()
    assert not re.search(r",\s*$", said, re.MULTILINE), "no comma hangs at the end of a line"
    page.mouse.move(*spot(page, 0.03, 0.02))
    expect(page.locator(".read")).to_contain_text("natural logarithm of 1 +")
    page.mouse.move(*spot(page, 0.99, 0.95))
    expect(page.locator(".read")).to_contain_text("natural logarithm of 1 +")
    tab(page, "Colours")
    assert page.locator(".gene abbr[title*=logarithm]").count() == 1


def test_reset_ends_the_drawing_of_a_region(server, new_page, run):
    page = new_page()
    explore(page, server, run, genes=run.genes[0], tilt=20)
    region = page.locator("button[name=lasso]")
    for act in (page.locator("button[name=reset]").click, lambda: page.locator("canvas.over").press("r")):
        region.click()
        assert region.get_attribute("aria-pressed") == "true"
        act()
        assert region.get_attribute("aria-pressed") == "false" and not page.locator(".note").inner_text()


MARKED = """canvas => {
  const { width, height } = canvas, bytes = canvas.getContext("2d").getImageData(0, 0, width, height).data, rows = {};
  for (let i = 0; i < width * height; i++) {
    const [r, g, b, a] = bytes.subarray(4 * i, 4 * i + 4);
    if (a > 200 && r > 200 && g > 150 && b < 140 && i % width < 0.57 * width) {
      const y = Math.floor(i / width), at = rows[y] ??= [i % width, i % width];
      at[1] = i % width;
    }
  }
  return Math.max(0, ...Object.values(rows).map(([low, high]) => (high - low) / width));
}"""


def test_the_plane_is_seen_edge_on_and_its_arrow_says_what_it_does(server, new_page, run):
    from playwright.sync_api import expect

    page = new_page()
    explore(page, server, run, genes=run.genes[0], tilt=0, turn=0, rise=0)
    over = page.locator("canvas.over")
    assert over.evaluate(MARKED) > 0.3, "a line across the box"
    box, found = stage(page), None
    for y in np.arange(0.2, 0.6, 0.01):
        for x in np.arange(0.15, 0.45, 0.01):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if over.evaluate("canvas => canvas.style.cursor") == "move":
                found = x, y
                break
        if found:
            break
    assert found
    expect(page.locator(".read")).to_have_text("Drag to tilt the plane")
    tab(page, "3D")
    page.get_by_label("Plane in 3D").uncheck()
    drawn(page)
    assert over.evaluate(MARKED) < 0.1


def test_the_menu_says_what_is_saved(server, new_page, run):
    page = new_page()
    explore(page, server, run, genes=run.genes[0])
    page.locator("button[name=save]").click()
    assert page.get_by_role("menuitem").all_inner_texts() == [
        "All panes as PNG, 300 dpi", "All panes as PNG, 600 dpi", "All panes as SVG, its words as text",
        "3D turning once, as film (.webm)"]


@pytest.mark.parametrize("name", ["Download", "Share"])
def test_what_a_button_of_the_bar_opens_takes_the_focus(server, new_page, run, name):
    from playwright.sync_api import expect

    page = new_page()
    explore(page, server, run, genes=run.genes[0])
    button = page.locator(f".st-key-{name.lower()} [data-testid=stPopoverButton]")
    button.focus()
    page.keyboard.press("Enter")
    opened = page.get_by_role("dialog", name=name)
    expect(opened).to_be_focused()
    opened.locator("button, [tabindex='0']").first.wait_for(timeout=30_000)
    page.keyboard.press("Tab")
    assert opened.evaluate("e => e !== document.activeElement && e.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    expect(button).to_be_focused()


def test_a_tilt_that_is_typed_turns_the_plane_about_the_crosshair(server, new_page, run):
    page = new_page()
    explore(page, server, run, genes=run.genes[0])
    place = [page.locator(f"input[name='box.{name}']") for name in ("cx", "cy", "cdepth")]
    before = [box.input_value() for box in place]
    for name, angle in (("tilt", "35"), ("azimuth", "120")):
        typed(page, name, angle)
        assert [box.input_value() for box in place] == before


def test_a_number_has_the_same_digits_in_the_picture_and_in_the_inspector(server, new_page, run):
    page = new_page()
    page.add_init_script(WRITTEN)
    explore(page, server, run, genes=run.genes[0])
    typed(page, "cx", "-123.4")
    typed(page, "tilt", "30")
    offset, x = (page.locator(f"input[name='box.{name}']").input_value() for name in ("offset", "cx"))
    assert f"offset {offset} µm" in " ".join(written(page))
    assert f"x {x} µm" in page.locator(".inspector .values").inner_text()
    assert "mostly x →" in written(page)


def test_a_drawn_region_is_in_the_link_and_in_what_is_saved(server, new_page, run, tmp_path):
    page = new_page()
    explore(page, server, run, genes=run.genes[0])
    before = page.url
    page.locator("button[name=lasso]").click()
    encircle(page, 0.8, 0.5)
    page.locator(".inspector table").first.wait_for(timeout=20_000)
    page.wait_for_url(re.compile("region="))
    drawn(page)
    numbers = page.locator(".inspector table").all_inner_texts()
    assert "region" not in before and len(page.url) < len(before) + 900

    with page.expect_download() as saved:
        save(page, "All panes as SVG, its words as text")
    saved.value.save_as(tmp_path / "region.svg")
    lines = re.findall(r'<polyline points="([^"]+)"[^>]*stroke-width="1.5"', (tmp_path / "region.svg").read_text())
    assert any(len(line.split()) > 10 for line in lines), "the ring"

    other = new_page("dark")
    other.set_viewport_size(page.viewport_size)
    other.goto(page.url)
    other.locator(".explorer[data-ready=yes]").wait_for(timeout=30_000)
    drawn(other)
    tab(other, "Region")
    assert other.locator(".inspector table").all_inner_texts() == numbers
    other.locator("button[name=clear_region]").click()
    other.wait_for_function("() => !location.search.includes('region=')")


def test_a_button_without_words_says_them_where_it_is_pointed_at(server, new_page, run):
    from playwright.sync_api import expect

    page = new_page()
    explore(page, server, run, width=390, genes=run.genes[0])
    for name in ("Download", "Share"):
        button = page.locator(f".st-key-{name.lower()} [data-testid=stPopoverButton]")
        button.hover()
        expect(button).to_have_attribute("title", name)
    page.set_viewport_size({"width": 1600, "height": 800})
    page.locator(".bar").hover()
    button.hover()
    expect(button).not_to_have_attribute("title", "Share")


def test_tab_goes_round_in_what_a_button_of_the_bar_opened(server, new_page, run):
    page = new_page()
    explore(page, server, run, genes=run.genes[0])
    page.locator(".st-key-share [data-testid=stPopoverButton]").focus()
    page.keyboard.press("Enter")
    opened = page.get_by_role("dialog", name="Share")
    opened.locator("button, [tabindex='0']").first.wait_for(timeout=30_000)
    for _ in range(6):
        page.keyboard.press("Tab")
        assert opened.evaluate("e => e.contains(document.activeElement)")
