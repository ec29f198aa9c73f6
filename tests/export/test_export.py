"""Exports re-opened by independent readers: spacing, origin and orientation on three different axis lengths."""

import base64
import xml.etree.ElementTree as ElementTree
import zlib
from types import SimpleNamespace

import numpy as np
import pytest

from isost_core.errors import InputError
from isost_core.export import volumes

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
    volumes.write_volume(volume, tmp_path / "v.npz")
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
    volumes.write_volume(volume, tmp_path / "v.vti")
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

    volumes.write_vti(volume, tmp_path / "v.vti")
    grid = pv.read(tmp_path / "v.vti")
    k = grid.find_closest_point((-40 + 4 * 12.5, 15 + 2 * 12.5, 200 + 12.5))
    assert grid["Gad1"][k] == 421
    assert grid["HLA-DRA_sd"][k] == pytest.approx(-0.4)
    assert np.isnan(grid["Gad1"][grid["mask"] == 0]).all()


def test_slice_npz_keeps_the_contract(cut, tmp_path):
    volumes.write_slice(cut, tmp_path / "s.npz")
    with np.load(tmp_path / "s.npz", allow_pickle=False) as back:
        assert {"values", "sd", "mask", "spacing_um", "origin", "u", "v", "normal"} <= set(back)
        assert np.isnan(back["values"][0, 3])
        assert np.isnan(back["sd"][0, 3])
        assert back["values"][2, 1] == 9
        np.testing.assert_array_equal(back["normal"], np.cross(back["u"], back["v"]))


@pytest.mark.parametrize("y_down", [False, True])
def test_slice_png_has_the_way_up_of_the_page_and_is_clear_outside(cut, tmp_path, y_down):
    from PIL import Image

    from isost_core.figures.colours import map_table

    volumes.write_slice(cut, tmp_path / "s.png", limits=(0, 15), y_down=y_down)
    with Image.open(tmp_path / "s.png") as picture:
        pixels = np.array(picture)
        text = picture.text
    assert pixels.shape == (4, 4, 4)
    upwards = pixels if y_down else pixels[::-1]  # row i of the values, the largest v on top
    table = map_table()
    assert upwards[0, 3, 3] == 0 and upwards[3, 0, 3] == 255
    assert tuple(upwards[3, 3, :3]) == tuple(table[255])
    assert tuple(upwards[3, 0, :3]) == tuple(table[round(12 / 15 * 255)])
    assert "predicted" in text["isost"]
    origin, right, down = (np.array(text[name].split(","), float) for name in ("origin", "right", "down"))
    i, j = np.argwhere((pixels[..., :3] == table[255]).all(-1))[0]
    brightest = cut.origin + cut.spacing_um * 3 * (cut.u + cut.v)
    assert origin + float(text["spacing_um"]) * (i * down + j * right) == pytest.approx(brightest)


@pytest.mark.parametrize("write, thing, name, allowed", [
    (volumes.write_volume, "volume", "v.tif", ".vti or .nii.gz or"),
    (volumes.write_volume, "volume", "v", ".vti or .nii.gz or"),
    (volumes.write_npz, "volume", "v.vti", ".npz"), (volumes.write_slice, "cut", "s.jpg", ".npz or .png"),
])
def test_a_wrong_ending_names_the_right_ones(write, thing, name, allowed, tmp_path, request):
    with pytest.raises(InputError, match=allowed.replace(".", r"\.")):
        write(request.getfixturevalue(thing), tmp_path / name)
    assert not list(tmp_path.iterdir())


PLACE = (3, 5, 2)  # voxel whose place each format must give: different along all axes


def um_of(index):
    return np.array([-40.0, 15.0, 200.0]) + 12.5 * np.array(index)


def test_nifti(volume, tmp_path):
    import nibabel

    volumes.write_volume(volume, tmp_path / "v.nii.gz")
    image = nibabel.load(tmp_path / "v.nii.gz")
    assert image.shape == (*SHAPE, 2) and image.header.get_xyzt_units()[0] == "mm"
    assert (image.affine @ [*PLACE, 1])[:3] * 1000 == pytest.approx(um_of(PLACE), abs=1e-3)
    assert np.linalg.det(image.affine[:3, :3]) > 0
    data = image.get_fdata()
    assert data[(*PLACE, 0)] == 352 and data[0, 0, 0, 0] == 0 and np.isfinite(data).all()


def test_nrrd(volume, tmp_path):
    import nrrd

    volumes.write_volume(volume, tmp_path / "v.nrrd")
    data, header = nrrd.read(tmp_path / "v.nrrd")
    assert data.shape == (2, *SHAPE) and header["space units"] == ["mm"] * 3
    assert header["space"] == "right-anterior-superior"
    directions = np.array(header["space directions"])[1:]
    assert (header["space origin"] + np.array(PLACE) @ directions) * 1000 == pytest.approx(um_of(PLACE))
    assert data[(0, *PLACE)] == 352 and np.isnan(data[0, 0, 0, 0])


def test_ome_zarr_by_its_specification(volume, tmp_path):
    import zarr

    big = SimpleNamespace(**vars(volume))
    big.values, big.mask = np.repeat(volume.values, 30, 1), np.repeat(volume.mask, 30, 0)
    volumes.write_volume(big, tmp_path / "v.ome.zarr.zip")
    root = zarr.open_group(zarr.storage.ZipStore(tmp_path / "v.ome.zarr.zip", mode="r"), mode="r")
    about = root.attrs
    scales = about["multiscales"][0]
    assert scales["version"] == "0.4" and root.metadata.zarr_format == 2
    assert [a["name"] for a in scales["axes"]] == ["c", "z", "y", "x"]
    assert {a.get("unit") for a in scales["axes"][1:]} == {"micrometer"} and len(scales["datasets"]) == 3
    assert [c["label"][:4] for c in about["omero"]["channels"]] == ["Gad1", "HLA-"]
    for level, dataset in enumerate(scales["datasets"]):
        scale, shift = (t[t["type"]] for t in dataset["coordinateTransformations"])
        array = root[dataset["path"]]
        assert array.metadata.dimension_separator == "/" and array.ndim == len(scales["axes"])
        index = np.array([2, 5, 93]) // 2**level  # z, y, x of voxels that hold the place
        low = np.array(shift[1:]) + scale[1] * (index - 0.5)
        place = um_of((93, 5, 2))[::-1]
        assert (low <= place + 1e-6).all() and (place <= low + scale[1] + 1e-6).all()
    top = root["0"][...]
    assert top[0, 2, 5, 93] == 352 and np.isnan(top[0, 0, 0, 0])
    half = root["1"][...]
    assert half[0, 0, 1, 45] == pytest.approx(np.nanmean(top[0, 0:2, 2:4, 90:92]))
    assert half[0, 0, 0, 0] == pytest.approx(np.nanmean(top[0, 0:2, 0:2, 0:2])), "tissue alone is averaged"


@pytest.fixture
def surface():
    from isost_core.figures.surfaces import ColouredSurface

    corners = np.array([[-40, 15, 200], [60, 15, 200], [-40, 215, 200], [-40, 15, 500.0]])
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    return ColouredSurface("Gad1", corners, faces, 1.5, np.array([0.1, 0.2, 0.3, 0.4]), colour="rgb(204, 137, 53)",
                           opacity=1.0)


def test_surfaces_keep_place_scale_and_sense(surface, tmp_path):
    import trimesh
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

    from isost_core.export.surfaces import write_surfaces

    for name in ("s.vtp", "s.stl", "s.glb"):
        write_surfaces([surface], tmp_path / name)
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(tmp_path / "s.vtp"))
    reader.Update()
    made = reader.GetOutput()
    assert vtk_to_numpy(made.GetPoints().GetData()) == pytest.approx(surface.vertices)
    assert vtk_to_numpy(made.GetPointData().GetArray("known")) == pytest.approx(surface.known)
    solid = trimesh.load(tmp_path / "s.stl")
    assert solid.bounds == pytest.approx(np.array([[-40, 15, 200], [60, 215, 500]]))
    assert solid.volume == pytest.approx(100 * 200 * 300 / 6), "the outside is outside"
    scene = trimesh.load(tmp_path / "s.glb")
    mesh = scene.geometry["Gad1"]
    assert mesh.bounds * 1e6 == pytest.approx(solid.bounds, abs=1e-3) and mesh.volume > 0
    assert list(mesh.visual.material.baseColorFactor[:3]) == [204, 137, 53]


@pytest.fixture
def cells():
    import anndata
    import pandas as pd
    import scipy.sparse as sp

    n = 45_000
    x = sp.random(n, 3, 0.4, "csr", np.float32, rng=np.random.default_rng(0))
    obs = pd.DataFrame({"depth": np.arange(n) * 0.01, "virtual": np.arange(n) % 2 == 0},
                       index=[f"c{k}" for k in range(n)])
    made = anndata.AnnData(x, obs=obs, var=pd.DataFrame(index=["Gad1", "Mbp", "Aqp4"]))
    made.obsm["spatial"] = np.column_stack([np.arange(n), -np.arange(n), obs["depth"]]).astype(float)
    return made


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_cells_as_a_table(cells, ending, tmp_path):
    import pandas as pd

    from isost_core.export.cells import write_cells

    write_cells(cells, tmp_path / f"cells.{ending}", ["mbp", "Gad1"])
    table = (pd.read_csv if ending == "csv" else pd.read_parquet)(tmp_path / f"cells.{ending}")
    assert list(table.columns) == ["cell", "source", "x_um", "y_um", "depth_um", "Mbp", "Gad1"]
    assert len(table) == cells.n_obs and table["source"].tolist()[:2] == ["predicted", "measured"]
    row = table.iloc[30_001]
    assert (row["x_um"], row["y_um"]) == (30_001, -30_001) and row["depth_um"] == pytest.approx(300.01)
    assert row["Gad1"] == pytest.approx(float(cells.X[30_001, 0]), abs=1e-6)


def test_one_zip_holds_what_its_readme_says(ball, tmp_path):
    import io
    import json
    import zipfile

    import anndata
    import trimesh

    from isost_core.export.bundle import write_bundle

    run = ball[0]
    write_bundle(run, tmp_path / "all.zip", run.genes[:2])
    assert [p.name for p in tmp_path.iterdir()] == ["all.zip"]
    with zipfile.ZipFile(tmp_path / "all.zip") as packed:
        names = set(packed.namelist())
        readme = packed.read("README.txt").decode()
        assert names == {"virtual_tissue.h5ad", "measured_cells.h5ad", "volume.vti", "volume.ome.zarr.zip",
                         "surfaces.glb", "surfaces.vtp", "config.json", "trust.csv", "CITATION.bib", "README.txt"}
        assert all(name in readme for name in names - {"README.txt"}) and "PREDICTED" in readme
        assert json.loads(packed.read("config.json")) == run.about
        packed.extract("virtual_tissue.h5ad", tmp_path)
        scene = trimesh.load(io.BytesIO(packed.read("surfaces.glb")), file_type="glb")
    tissue = anndata.read_h5ad(tmp_path / "virtual_tissue.h5ad")
    assert tissue.obsm["spatial"].shape[1] == 3 and tissue.obs["virtual"].all()
    low, high = (np.array(c) for c in run.extent_um)
    slack = run.lattice.spacing_um
    assert (scene.bounds[0] * 1e6 >= low - slack).all() and (scene.bounds[1] * 1e6 <= high + slack).all()


def test_what_cannot_be_written_is_said(surface, cells, tmp_path):
    from isost_core.export.cells import write_cells
    from isost_core.export.surfaces import write_surfaces

    with pytest.raises(InputError, match=".vtp, .stl, .glb"):
        write_surfaces([surface], tmp_path / "s.obj")
    with pytest.raises(InputError, match="Choose a lower level"):
        write_surfaces([SimpleNamespace(faces=[])], tmp_path / "s.stl")
    with pytest.raises(InputError, match=".h5ad, .parquet, .csv"):
        write_cells(cells, tmp_path / "cells.xlsx")
