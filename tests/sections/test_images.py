"""Histology images: kept with the sections, at the right place, also after registration and storage."""

import json

import numpy as np
import pytest

from isost_core.readers import ReadOptions, read_sections
from isost_core.registration.alignment import Alignment
from isost_core.sections.stack import Sections
from tests.readers import visium_files as vendor
from tests.readers.test_readers_tenx import lattice


@pytest.fixture
def visium(tmp_path):
    folders = [vendor.write_visium(tmp_path / f"V{k}", lattice(k)) for k in range(2)]
    return read_sections(folders, ReadOptions(gap=20.0)), folders


def test_a_spot_lies_on_its_pixel(visium):
    sections, _ = visium
    assert set(sections.images) == {"V0", "V1"}
    image = sections.images["V0"]
    assert image.um_per_pixel == pytest.approx(vendor.PIXEL_UM / vendor.HIRES)
    xy = sections.cells.obsm["spatial"][sections.rows("V0")]
    assert image.um(xy / image.um_per_pixel) == pytest.approx(xy, abs=1e-3)


def test_images_live_with_the_run_and_move_along(visium, tmp_path):
    from isost_core.registration.stackwise import apply_alignment

    sections, folders = visium
    pixels = np.array([[10.0, 20.0], [30.0, 5.0]])
    before = sections.images["V1"].um(pixels)
    turned = np.eye(3)
    turned[:2] = [[0, 1, 40.0], [1, 0, -7.0]]  # mirrored and turned
    alignment = Alignment(sections.names, np.stack([np.eye(3), turned]))
    kept = tmp_path / "run" / "sections.h5ad"
    kept.parent.mkdir()
    apply_alignment(sections, alignment).save(kept)
    for folder in folders:
        (folder / "spatial" / "tissue_hires_image.png").unlink()
    moved_run = (tmp_path / "run").rename(tmp_path / "elsewhere")
    again = Sections.load(moved_run / "sections.h5ad")
    assert again.images["V1"].um(pixels) == pytest.approx(alignment.points("V1", before), abs=1e-3)
    assert again.images["V1"].size() == (40, 30)
    assert set(again.images) == {"V0", "V1"}
    (moved_run / "images").rename(moved_run / "gone")
    assert Sections.load(moved_run / "sections.h5ad").images == {}


def test_the_image_in_a_file_of_scanpy(tmp_path):
    import anndata

    cells = [lattice(k) for k in range(2)]
    for k, one in enumerate(cells):
        one.obsm["spatial"] = np.asarray(one.obsm["spatial"], float) * 4  # pixels of the full image
        picture = np.random.default_rng(k).random((80, 90, 3)).astype(np.float32)
        one.uns["spatial"] = {"lib": {"images": {"hires": picture}, "scalefactors": {"tissue_hires_scalef": 0.1}}}
        one.write_h5ad(tmp_path / f"S{k}.h5ad")
    sections = read_sections(sorted(tmp_path.glob("S*.h5ad")), ReadOptions(gap=20.0, um_per_unit=0.25))
    xy = sections.cells.obsm["spatial"][sections.rows("S1")]
    assert sections.images["S1"].um(xy * 4 * 0.1) == pytest.approx(xy, abs=1e-3)
    sections.save(tmp_path / "kept.h5ad")
    held = Sections.load(tmp_path / "kept.h5ad").images["S1"]
    assert held.size() == (90, 80) and held.path.suffix == ".png"
    assert anndata.read_h5ad(tmp_path / "kept.h5ad").uns["images"]


def test_what_is_no_image_is_left_out_and_said(tmp_path):
    folders = [vendor.write_visium(tmp_path / f"V{k}", lattice(k)) for k in range(2)]
    (folders[0] / "spatial" / "tissue_hires_image.png").write_bytes(b"no picture")
    sections = read_sections(folders, ReadOptions(gap=20.0))
    assert set(sections.images) == {"V1"}
    assert any("image of V0 was left out" in note for note in sections.notes)


@pytest.mark.data
def test_images_of_her2st_lie_under_their_spots(data_dir):
    sections = read_sections([data_dir / "her2st_C.h5ad"], ReadOptions())
    assert set(sections.images) == {"C2", "C3", "C4", "C5", "C6"}
    scale = [image.um_per_pixel for image in sections.images.values()]
    assert np.ptp(scale) < 0.2 * np.mean(scale)
    assert json.loads(sections.cells.uns["images"])["C2"]["inner"].endswith("lowres")


def test_an_image_lies_behind_its_spots_in_their_frame(tmp_path):
    from PIL import Image

    from isost_core.figures.histology import backdrop
    from isost_core.sections.images import SectionImage

    pixels = np.zeros((60, 90, 3), np.uint8)
    pixels[10:20, 60:80] = (250, 10, 20)  # a red mark
    Image.fromarray(pixels).save(tmp_path / "he.png")
    for matrix in ([[2.0, 0, 100], [0, 2.0, -50]], [[0, -3.0, 0], [3.0, 0, 10]], [[1.4, 1.4, 5], [1.4, -1.4, 9]]):
        image = SectionImage(tmp_path / "he.png", "", np.array(matrix))
        laid = backdrop(image, 200)
        x, y = image.um(np.array([[70.0, 15.0]]))[0]
        rows, columns = laid.pixels.shape[:2]
        row = int((laid.y1 - y) / (laid.y1 - laid.y0) * rows)
        column = int((x - laid.x0) / (laid.x1 - laid.x0) * columns)
        assert tuple(laid.pixels[row, column]) == (250, 10, 20, 255)
        red = (laid.pixels[..., 0] > 200) & (laid.pixels[..., 3] == 255)
        um2 = (laid.x1 - laid.x0) * (laid.y1 - laid.y0) / (rows * columns)
        assert red.sum() * um2 == pytest.approx(200 * image.um_per_pixel**2, rel=0.2)


def test_images_of_her2st_are_shown_under_their_spots(data_dir):
    from isost_core.figures.histology import backdrop, put_behind
    from isost_core.figures.sections import sections_strip
    from isost_core.figures.style import y_downwards

    sections = read_sections(data_dir / "her2st_C.h5ad")
    laid = {name: backdrop(image, 120) for name, image in sections.images.items()}
    parts = [{"name": n, "xy": sections.xy[sections.rows(n)], "values": np.ones(len(sections.rows(n)))}
             for n in sections.names]
    for name in laid:
        xy, held = sections.xy[sections.rows(name)], laid[name]
        assert (xy > [held.x0, held.y0]).all() and (xy < [held.x1, held.y1]).all()
    up = put_behind(sections_strip(parts), sections.names, laid, y_down=False)
    down = put_behind(y_downwards(sections_strip(parts)), sections.names, laid, y_down=True)
    assert len(up.layout.images) == len(down.layout.images) == len(laid)
    assert up.layout.images[0].y > down.layout.images[0].y and up.layout.images[0].xref == "x2"
