"""Where ITK, ome-zarr-py and napari find one bright voxel: see tests/requirements-oracle.txt and test_places.py."""

import zipfile

import numpy as np
import pytest

from isost_core.export.volumes import write_volume
from tests.export.marked import ORIGIN, SPACING, SPOT_UM, brightest, marked_volume


@pytest.mark.parametrize("genes", [("Gad1",), ("Gad1", "Mbp")], ids=["one", "two"])
@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd"])
def test_itk(tmp_path, ending, genes):
    itk = pytest.importorskip("SimpleITK", reason="see tests/requirements-oracle.txt")
    path = tmp_path / f"v{ending}"
    write_volume(marked_volume(genes), path)
    image = itk.ReadImage(str(path))
    if image.GetDimension() == 4:  # NIfTI: a volume for each gene
        image = image[:, :, :, len(genes) - 1]
    data = itk.GetArrayFromImage(image)
    data = data if data.ndim == 3 else data[..., -1]  # NRRD: a vector for each voxel
    place = image.TransformIndexToPhysicalPoint([int(i) for i in brightest(data)[::-1]])
    assert np.array(place) * 1000 == pytest.approx(SPOT_UM * [-1, -1, 1], abs=1e-3), "LPS, mm"
    assert np.array(image.GetSpacing()) * 1000 == pytest.approx([SPACING] * 3)


def unpacked(tmp_path):
    write_volume(marked_volume(("Gad1", "Mbp")), tmp_path / "v.ome.zarr.zip")
    with zipfile.ZipFile(tmp_path / "v.ome.zarr.zip") as packed:
        assert len(set(packed.namelist())) == len(packed.namelist())
        packed.extractall(tmp_path / "v.ome.zarr")
    return tmp_path / "v.ome.zarr"


def test_ome_zarr_py(tmp_path):
    pytest.importorskip("ome_zarr", reason="see tests/requirements-oracle.txt")
    from ome_zarr.format import FormatV04
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    location = parse_url(unpacked(tmp_path))
    assert isinstance(location.fmt, FormatV04)
    node = next(iter(Reader(location)()))
    assert [(a["name"], a.get("unit")) for a in node.metadata["axes"]] == [
        ("c", None), *((axis, "micrometer") for axis in "zyx")]
    scale, shift = (np.array(t[t["type"]]) for t in node.metadata["coordinateTransformations"][0])
    assert ((brightest(np.asarray(node.data[0])) * scale + shift)[1:])[::-1] == pytest.approx(SPOT_UM)


def test_napari(tmp_path):
    napari_ome_zarr = pytest.importorskip("napari_ome_zarr", reason="see tests/requirements-oracle.txt")
    layers = napari_ome_zarr.napari_get_reader(str(unpacked(tmp_path)))(str(tmp_path / "v.ome.zarr"))
    data, about, _ = layers[0]
    spot = brightest(np.asarray(data[0])[-1])
    assert about["units"] == ("micrometer",) * 3 and about["axis_labels"] == ("z", "y", "x")
    place = about["affine"](spot * np.array(about["scale"]))[::-1]
    assert place == pytest.approx(SPOT_UM - ORIGIN), "napari-ome-zarr 0.10 leaves out the translation: voxel 0 is at 0"
