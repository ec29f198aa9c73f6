"""Every kind of packed folder, and loose files that belong together, uploaded in a real browser."""

import re
import shutil

import pytest

from benchmarks.fuzz_seeds import cells_of, write_seeds
from tests.e2e.test_app import click, number

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
    click(page, "Continue to reconstruction")
    page.get_by_text("Sections of this run").wait_for(timeout=30_000)
    page.get_by_text("72 cells").wait_for()
