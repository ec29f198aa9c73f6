"""Where independent readers find one bright voxel of a volume: in every format at the same place, in its own unit.

| file           | reader            | finds the spot at               |
|----------------|-------------------|---------------------------------|
| .nii.gz        | nibabel           | (x, y, z) mm, RAS               |
| .nii.gz, .nrrd | SimpleITK (ITK)   | (-x, -y, z) mm, LPS             |
| .nrrd          | pynrrd            | (x, y, z) mm, RAS               |
| .nii.gz        | VTK's reader      | (x, y, z) mm by its sform       |
| .vti           | VTK (ParaView)    | (x, y, z) µm                    |
| .ome.zarr.zip  | zarr, ome-zarr-py | (z, y, x) µm                    |
| .ome.zarr.zip  | napari-ome-zarr   | (z, y, x) µm from voxel 0       |
| .npz           | numpy             | (x, y, z) µm                    |
| slice .png     | Pillow            | row and column with its text    |

SimpleITK, ome-zarr-py and napari-ome-zarr are tried in test_oracle.py.
"""

import numpy as np
import pytest

from isost_core.export.volumes import write_volume
from tests.export.marked import ORIGIN, SPACING, SPOT, SPOT_UM, brightest, marked_volume


@pytest.fixture(params=[("Gad1",), ("Gad1", "Mbp")], ids=["one", "two"])
def written(request, tmp_path):
    def write(ending):
        write_volume(marked_volume(request.param), tmp_path / f"v{ending}")
        return tmp_path / f"v{ending}"
    return write


def test_nibabel(written):
    import nibabel

    image = nibabel.load(written(".nii.gz"))
    data = image.get_fdata()
    spot = brightest(data if data.ndim == 3 else data[..., -1])
    for affine in (image.affine, image.get_qform(), image.get_sform()):
        assert nibabel.affines.apply_affine(affine, spot) * 1000 == pytest.approx(SPOT_UM, abs=1e-3)
    assert nibabel.aff2axcodes(image.affine) == ("R", "A", "S") and image.header.get_xyzt_units()[0] == "mm"


def test_pynrrd(written):
    import nrrd

    data, header = nrrd.read(written(".nrrd"))
    spot = brightest(data if data.ndim == 3 else data[-1])
    place = header["space origin"] + spot @ np.array(header["space directions"])[-3:]
    assert place * 1000 == pytest.approx(SPOT_UM) and header["space"] == "right-anterior-superior"
    assert header["space units"] == ["mm"] * 3


def test_vtk_reader_of_nifti(tmp_path):
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOImage import vtkNIFTIImageReader

    write_volume(marked_volume(), tmp_path / "v.nii.gz")
    reader = vtkNIFTIImageReader()
    reader.SetFileName(str(tmp_path / "v.nii.gz"))
    reader.Update()
    image = reader.GetOutput()
    flat = int(np.argmax(vtk_to_numpy(image.GetPointData().GetScalars())))
    spacing = np.array(image.GetSpacing())
    matrix = np.array([[reader.GetSFormMatrix().GetElement(i, j) for j in range(4)] for i in range(4)])
    assert spacing * 1000 == pytest.approx([SPACING] * 3)
    place = (matrix @ [*np.array(image.GetPoint(flat)), 1])[:3]  # its points are in mm, from the corner of the array
    assert place * 1000 == pytest.approx(SPOT_UM, abs=1e-3)


def test_vtk_reader_of_vti(written):
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader

    reader = vtkXMLImageDataReader()
    reader.SetFileName(str(written(".vti")))
    reader.Update()
    image = reader.GetOutput()
    flat = int(np.argmax(vtk_to_numpy(image.GetPointData().GetArray("Gad1"))))
    assert np.array(image.GetPoint(flat)) == pytest.approx(SPOT_UM)


def test_zarr(written):
    import zarr

    root = zarr.open_group(zarr.storage.ZipStore(written(".ome.zarr.zip"), mode="r"), mode="r")
    scales = root.attrs["multiscales"][0]
    assert [axis["name"] for axis in scales["axes"]] == ["c", "z", "y", "x"] and len(scales["datasets"]) == 2
    for dataset, slack in zip(scales["datasets"], (1e-6, SPACING / 2 + 1e-6), strict=True):
        scale, shift = (np.array(t[t["type"]]) for t in dataset["coordinateTransformations"])
        place = (brightest(root[dataset["path"]][-1]) * scale[1:] + shift[1:])[::-1]
        assert place == pytest.approx(SPOT_UM, abs=slack)


def test_numpy(written):
    with np.load(written(".npz")) as held:
        spot = brightest(held["values"][-1])
        assert held["origin_um"] + held["spacing_um"] * spot == pytest.approx(SPOT_UM)
    assert spot.tolist() == list(SPOT) and ORIGIN.tolist() == [-40, 15, 200]
