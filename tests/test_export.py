"""Exports re-opened by independent readers: spacing, origin and orientation on three different axis lengths."""

import base64
import xml.etree.ElementTree as ElementTree
import zlib
from types import SimpleNamespace

import numpy as np
import pytest

from isost_core import export
from isost_core.errors import InputError

SHAPE = (5, 7, 3)


@pytest.fixture
def volume():
    """value = 100 x + 10 y + z by index, so that each voxel tells where it belongs."""
    x, y, z = np.meshgrid(*map(np.arange, SHAPE), indexing="ij")
    mask = ~((x == 0) & (y == 0))
    values = np.stack([100 * x + 10 * y + z, -x]).astype(np.float32)
    return SimpleNamespace(genes=("Gad1", "HLA-DRA"), values=values, sd=values / 10, known=None, mask=mask,
                           spacing_um=12.5,
                           origin_um=np.array([-40.0, 15.0, 200.0]))


@pytest.fixture
def cut():
    mask = np.ones((4, 4), bool)
    mask[0, 3] = False
    values = np.arange(16, dtype=np.float32).reshape(4, 4)
    return SimpleNamespace(values=values, sd=values / 10, known=values / 20, mask=mask, spacing_um=2.0,
                           origin=np.array([1.0, 2.0, 3.0]),
                           u=np.array([1.0, 0, 0]), v=np.array([0, 1.0, 0]), normal=np.array([0, 0, 1.0]), gene="Gad1")


def test_npz_keeps_the_contract(volume, tmp_path):
    export.write_volume(volume, tmp_path / "v.npz")
    with np.load(tmp_path / "v.npz", allow_pickle=False) as back:
        assert set(back) == {"genes", "values", "sd", "mask", "spacing_um", "origin_um"}
        assert back["genes"].tolist() == ["Gad1", "HLA-DRA"]
        assert back["values"].shape == (2, *SHAPE)
        assert back["values"].dtype == np.float32
        assert back["values"][0, 4, 2, 1] == 421
        assert np.isnan(back["values"][:, ~back["mask"]]).all()
        assert np.isnan(back["sd"][:, ~back["mask"]]).all()
        assert np.isfinite(back["values"][:, back["mask"]]).all()
        assert float(back["spacing_um"]) == 12.5
        assert back["origin_um"].tolist() == [-40, 15, 200]


def _vti_arrays(path):
    """Point data of a .vti read without VTK: inline or appended base64, with or without zlib blocks."""
    root = ElementTree.parse(path).getroot()
    image = root.find("ImageData")
    appended = root.find("AppendedData")
    arrays = {}
    for node in image.iter("DataArray"):
        text = node.text if appended is None else appended.text.strip()[1 + int(node.get("offset")):]
        dtype = {"Float32": np.float32, "UInt8": np.uint8}[node.get("type")]
        arrays[node.get("Name")] = np.frombuffer(_blocks(text.strip(), root), dtype)
    return image.attrib, arrays


def _blocks(text, root):
    word = {"UInt32": np.dtype(np.uint32), "UInt64": np.dtype(np.uint64)}[root.get("header_type")]
    if root.get("compressor") is None:
        raw = base64.b64decode(text[:-(-len(text) // 4) * 4])
        size = int(np.frombuffer(raw[:word.itemsize], word)[0])
        return raw[word.itemsize:word.itemsize + size]
    first = base64.b64decode(text[:-(-3 * word.itemsize // 3) * 4])
    n = int(np.frombuffer(first[:word.itemsize], word)[0])
    head_bytes = (3 + n) * word.itemsize
    head_chars = -(-head_bytes // 3) * 4
    sizes = np.frombuffer(base64.b64decode(text[:head_chars])[:head_bytes], word)[3:]
    data_chars = -(-int(sizes.sum()) // 3) * 4
    data = base64.b64decode(text[head_chars:head_chars + data_chars])
    ends = np.cumsum(sizes).astype(int)
    return b"".join(zlib.decompress(data[e - int(s):e]) for e, s in zip(ends, sizes, strict=True))


def test_vti_read_without_vtk_has_x_fastest(volume, tmp_path):
    export.write_volume(volume, tmp_path / "v.vti")
    head, arrays = _vti_arrays(tmp_path / "v.vti")
    assert [float(v) for v in head["Spacing"].split()] == [12.5] * 3
    assert [float(v) for v in head["Origin"].split()] == [-40, 15, 200]
    assert [int(v) for v in head["WholeExtent"].split()] == [0, 4, 0, 6, 0, 2]
    assert set(arrays) == {"Gad1", "Gad1_sd", "HLA-DRA", "HLA-DRA_sd", "mask"}
    flat = arrays["Gad1"]
    assert flat[1 + 5 * 1] == 110  # point x = 1, y = 1, z = 0
    np.testing.assert_array_equal(flat.reshape(SHAPE, order="F"), np.where(volume.mask, volume.values[0], np.nan))
    np.testing.assert_array_equal(arrays["mask"].reshape(SHAPE, order="F").astype(bool), volume.mask)


def test_vti_is_blank_outside_the_tissue_and_found_at_its_place(volume, tmp_path):
    import pyvista as pv

    export.write_vti(volume, tmp_path / "v.vti")
    grid = pv.read(tmp_path / "v.vti")
    k = grid.find_closest_point((-40 + 4 * 12.5, 15 + 2 * 12.5, 200 + 12.5))
    assert grid["Gad1"][k] == 421
    assert grid["HLA-DRA_sd"][k] == pytest.approx(-0.4)
    assert np.isnan(grid["Gad1"][grid["mask"] == 0]).all()


def test_slice_npz_keeps_the_contract(cut, tmp_path):
    export.write_slice(cut, tmp_path / "s.npz")
    with np.load(tmp_path / "s.npz", allow_pickle=False) as back:
        assert {"values", "sd", "mask", "spacing_um", "origin", "u", "v", "normal"} <= set(back)
        assert np.isnan(back["values"][0, 3])
        assert np.isnan(back["sd"][0, 3])
        assert back["values"][2, 1] == 9
        np.testing.assert_array_equal(back["normal"], np.cross(back["u"], back["v"]))


def test_slice_png_has_row_i_along_v_and_is_clear_outside(cut, tmp_path):
    from PIL import Image

    from isost_core.colours import map_table

    export.write_slice(cut, tmp_path / "s.png", limits=(0, 15))
    with Image.open(tmp_path / "s.png") as picture:
        pixels = np.array(picture)
        text = picture.text
    assert pixels.shape == (4, 4, 4)
    assert pixels[0, 3, 3] == 0
    assert pixels[3, 0, 3] == 255
    table = map_table()
    assert tuple(pixels[3, 3, :3]) == tuple(table[255])
    assert tuple(pixels[3, 0, :3]) == tuple(table[round(12 / 15 * 255)])
    assert "predicted" in text["isost"]
    assert text["origin"] == "1,2,3"


@pytest.mark.parametrize("write, thing, name, allowed", [
    (export.write_volume, "volume", "v.tif", ".npz or .vti"), (export.write_volume, "volume", "v", ".npz or .vti"),
    (export.write_npz, "volume", "v.vti", ".npz"), (export.write_slice, "cut", "s.jpg", ".npz or .png"),
])
def test_a_wrong_ending_names_the_right_ones(write, thing, name, allowed, tmp_path, request):
    with pytest.raises(InputError, match=allowed.replace(".", r"\.")):
        write(request.getfixturevalue(thing), tmp_path / name)
    assert not list(tmp_path.iterdir())
