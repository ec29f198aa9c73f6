"""Every kind of packed folder, and loose files that belong together, uploaded in a real browser."""

import re
import shutil

import pytest

from benchmarks.fuzz_seeds import cells_of, write_seeds
from tests.e2e.test_app import click, number, settle

pytestmark = pytest.mark.e2e
KINDS = {"MERSCOPE": "MERSCOPE folder", "CosMx": "CosMx folder", "Slide-seq": "Slide-seq folder",
         "SpatialData": "SpatialData store", "isoST tensors": "tensor of the isoST code",
         "Stereo-seq": "Stereo-seq table",
         "table .parquet": "table", "table .tsv.gz": "table", "h5ad, sparse": "AnnData", "Visium": "Visium folder",
         "Visium HD": "Visium HD folder", "Xenium": "Xenium folder"}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    return write_seeds(tmp_path_factory.mktemp("uploads"))


def upload(page, url, files):
    page.goto(f"{url}/sections")
    page.get_by_text("Upload the sections of one stack").wait_for()
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_text("Found:").wait_for(timeout=60_000)
    return f"{page.get_by_text('Found:').inner_text()}. {page.get_by_text(re.compile('^Read as ')).inner_text()}"


@pytest.mark.parametrize("name", KINDS)
def test_each_format_is_uploaded(server, new_page, seeds, name):
    if name not in seeds:
        pytest.skip("no writer of this layout here")
    path = seeds[name]
    if path.is_dir():
        path = shutil.make_archive(str(path) + "_packed", "zip", path)
    said = upload(new_page(), server.url, str(path))
    assert KINDS[name] in said and ("24" in said or "48" in said or name == "Stereo-seq")


def test_loose_files_of_one_section(server, new_page, tmp_path):
    from tests.readers.vendor_files import write_merscope

    folder = write_merscope(tmp_path / "m", cells_of(1))
    said = upload(new_page(), server.url, [str(p) for p in folder.iterdir()])
    assert "1 section, 24 cells" in said and "MERSCOPE folder from section_1" in said


def test_several_sections_in_one_archive_are_prepared_for_a_run(server, new_page, tmp_path):
    from tests.readers.vendor_files import write_merscope

    for k in range(3):
        write_merscope(tmp_path / "all" / f"m{k}", cells_of(k))
    page = new_page()
    said = upload(page, server.url, shutil.make_archive(str(tmp_path / "brain"), "zip", tmp_path, "all"))
    assert "3 sections, 72 cells" in said
    number(page, "Gap between sections (µm)", 50)
    page.locator(".js-plotly-plot").wait_for(timeout=30_000)
    click(page, "Skip to New run")
    page.get_by_text("Sections of this run").wait_for(timeout=30_000)
    page.get_by_text("72 cells").wait_for()


def test_what_is_asked_and_the_way_on_are_seen_without_scrolling(server, new_page, sections_on_disk):
    page = new_page()
    upload(page, server.url, sections_on_disk)
    settle(page)
    gap, unit = (page.get_by_role("textbox", name=name) for name in ("Gap between sections (µm)",
                                                                     "Size of one unit (µm)"))
    way_on = page.get_by_role("button", name="Continue to Quality")
    for size in ((1280, 800), (1600, 900), (853, 533)):
        page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        page.wait_for_timeout(500)
        foot = page.get_by_test_id("stBottom").bounding_box()["y"]
        for box in (gap, unit):
            place = box.bounding_box()
            assert place["y"] + place["height"] <= foot, size
        place = way_on.bounding_box()
        assert place["y"] + place["height"] <= size[1] and place["x"] + place["width"] <= size[0], size
    assert way_on.is_disabled()
    gap.fill("60")
    gap.press("Tab")
    settle(page)
    unit.fill("1")
    unit.press("Enter")
    page.get_by_text("can be reconstructed").wait_for(timeout=60_000)
    settle(page)
    assert way_on.is_enabled() and "?" not in page.url


def test_titles_of_sections_do_not_overlap_in_a_narrow_window(server, new_page, sections_on_disk):
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    upload(page, server.url, sections_on_disk)
    number(page, "Gap between sections (µm)", 60)
    number(page, "Size of one unit (µm)", 1)
    page.locator(".js-plotly-plot .annotation").first.wait_for(timeout=60_000)
    settle(page)
    places = [one.bounding_box() for one in page.locator(".js-plotly-plot .annotation").all()[:len(sections_on_disk)]]
    for left, right in zip(places, places[1:], strict=False):
        assert left["x"] + left["width"] <= right["x"]
    wide, room = page.evaluate("(m => [m.scrollWidth, m.clientWidth])(document.querySelector('[data-testid=stMain]'))")
    assert wide <= room
