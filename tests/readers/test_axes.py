"""x and y by the names of their columns: in AnnData, in its obs, and in tables. Gene 'a' rises with x, 'b' with y."""

import anndata
import numpy as np
import pandas as pd
import pytest

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, axes, read_sections, scan

N = 40
XY = np.random.default_rng(0).uniform(0, 500, (2 * N, 3)).round(3)
SAID = {  # columns with x, with y, and µm per unit where the names say it
    "x, y": None, "X, Y": None, "x_um, y_um": 1.0, "x_mm, y_mm": 1000.0, "X (µm), Y (µm)": 1.0,
    "Centroid X µm, Centroid Y µm": 1.0, "Centroid X px, Centroid Y px": None, "imagecol, imagerow": None,
    "array_col, array_row": None, "pxl_col_in_fullres, pxl_row_in_fullres": None, "col, row": None,
    "x_centroid, y_centroid": None, "X_centroid, Y_centroid": None, "center_x, center_y": None,
    "CenterX_global_px, CenterY_global_px": None, "x_slide_mm, y_slide_mm": 1000.0, "global_x, global_y": None,
    "SPATIAL_1, SPATIAL_2": None, "xcoord, ycoord": None, "x_location, y_location": None, "sdimx, sdimy": None,
    "pixel_x, pixel_y": None, "x_microns, y_microns": 1.0,
    "cell_x, cell_y": None, "adjusted.x, adjusted.y": None, "stage_x_um, stage_y_um": 1.0}


def genes():
    return XY[:, :2].astype(np.float32)


def as_anndata(tmp_path, name="one.h5ad", obs=(), **obsm):
    about = {"section": np.repeat(["s0", "s1"], N), **{c: np.asarray(v) for c, v in dict(obs).items()}}
    cells = anndata.AnnData(genes(), obs=pd.DataFrame(about, index=[f"c{i}" for i in range(2 * N)]),
                            var=pd.DataFrame(index=["a", "b"]))
    for key, table in obsm.items():
        cells.obsm[key] = table.set_axis(cells.obs_names) if isinstance(table, pd.DataFrame) else table
    cells.write_h5ad(tmp_path / name)
    return tmp_path / name


def placed(pair, more=()):
    """A table with y before x and something else in front."""
    x, y = pair.split(", ")
    return pd.DataFrame({"in_tissue": 1, y: XY[:, 1], x: XY[:, 0], **dict(more)})


def unit(um):
    return ReadOptions(gap=10, um_per_unit=None if um else 1)


def check(path, um, notes=None):
    sections = read_sections(path, unit(um))
    where = np.asarray(sections.cells.obsm["spatial"])
    assert where == pytest.approx(XY[:, :2] * (um or 1))
    held = np.expm1(np.asarray(sections.cells[:, ["a", "b"]].X))
    assert held == pytest.approx(XY[:, :2], rel=1e-4)
    if notes is not None:
        assert any(notes in note for note in sections.notes), sections.notes


@pytest.mark.parametrize("pair", SAID)
def test_a_table_in_obsm(tmp_path, pair):
    said = "y comes before x" if pair == "x, y" else f"x is column '{pair.split(', ')[0]}'"
    check(as_anndata(tmp_path, spatial=placed(pair)), SAID[pair], said)


@pytest.mark.parametrize("pair", SAID)
def test_columns_of_obs(tmp_path, pair):
    check(as_anndata(tmp_path, obs=placed(pair)), SAID[pair])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("pair", SAID)
def test_columns_of_tables(tmp_path, pair, ending):
    table = placed(pair).drop(columns="in_tissue").assign(section=np.repeat(["s0", "s1"], N), a=XY[:, 0], b=XY[:, 1])
    path = tmp_path / f"t.{ending}"
    table.to_csv(path, index=False) if ending == "csv" else table.to_parquet(path)
    check(path, SAID[pair])


def test_pixels_are_taken_and_array_indices_named(tmp_path):
    both = placed("pxl_col_in_fullres, pxl_row_in_fullres", {"array_row": np.arange(2.0 * N), "array_col": 7.0})
    check(as_anndata(tmp_path, spatial=both), None, "not used: 'array_col, array_row'")
    check(as_anndata(tmp_path, "obs.h5ad", obs=both), None, "not used: 'array_col, array_row'")
    both.assign(a=XY[:, 0], b=XY[:, 1], section="s", in_tissue="yes").to_csv(tmp_path / "t.csv", index=False)
    plan = scan(tmp_path / "t.csv", ReadOptions(gap=10, um_per_unit=1))
    assert plan.sections[0].n_genes == 2 and any("'array_col, array_row'" in note for note in plan.notes)


def test_micrometres_are_taken_before_pixels_and_any_pair_can_be_named(tmp_path):
    both = placed("x_um, y_um", {"CenterX_global_px": XY[:, 0] / 0.12, "CenterY_global_px": XY[:, 1] / 0.12})
    path = as_anndata(tmp_path, obs=both)
    check(path, 1.0)
    named = ReadOptions(gap=10, um_per_unit=0.12, spatial_key="CenterX_global_px, CenterY_global_px")
    assert np.asarray(read_sections(path, named).cells.obsm["spatial"]) == pytest.approx(XY[:, :2])


def test_the_third_column_is_taken_by_its_name(tmp_path):
    table = pd.DataFrame({"z_um": np.repeat([5.0, 25.0], N), "y_um": XY[:, 1], "x_um": XY[:, 0]})
    sections = read_sections(as_anndata(tmp_path, spatial=table), ReadOptions(depth_key="spatial"))
    assert np.asarray(sections.cells.obsm["spatial"]) == pytest.approx(XY[:, :2])
    assert sections.depths.tolist() == [5, 25]


@pytest.mark.parametrize("column, factor", [("z_mm", 1000.0), ("bregma_mm", 1000.0), ("z_nm", 0.001), ("z", 1.0)])
def test_the_unit_of_a_depth_column_is_taken_from_its_name(tmp_path, column, factor):
    path = as_anndata(tmp_path, spatial=XY[:, :2], obs={column: np.repeat([5.0, 25.0], N)})
    sections = read_sections(path, ReadOptions(depth_key=column, um_per_unit=1))
    assert sections.depths == pytest.approx([5 * factor, 25 * factor])


def test_x_y_and_z_of_a_table_in_mm(tmp_path):
    table = pd.DataFrame({"z_mm": np.repeat([0.005, 0.025], N), "y_mm": XY[:, 1], "x_mm": XY[:, 0]})
    sections = read_sections(as_anndata(tmp_path, spatial3d=table), ReadOptions(depth_key="spatial3d"))
    assert sections.depths == pytest.approx([5, 25])
    assert np.asarray(sections.cells.obsm["spatial"]) == pytest.approx(1000 * XY[:, :2])


def test_files_whose_columns_have_other_names(tmp_path):
    paths = [as_anndata(tmp_path, "1.h5ad", obs={**placed("X, Y"), "section": "one"}),
             as_anndata(tmp_path, "2.h5ad", obs={**placed("imagecol, imagerow"), "section": "two"})]
    where = read_sections(paths, ReadOptions(gap=10, um_per_unit=1)).cells.obsm["spatial"]
    assert np.asarray(where) == pytest.approx(np.vstack([XY[:, :2], XY[:, :2]]))


def test_unknown_names_are_said(tmp_path):
    table = pd.DataFrame({"label": ["t"] * 2 * N, "A1": XY[:, 0], "A2": XY[:, 1]})
    check(as_anndata(tmp_path, spatial=table), None, "x was taken from 'A1' and y from 'A2'")


@pytest.mark.parametrize("more", [{"X": 1.0, "Y": 2.0}, {"x_": 3.0}])
def test_two_columns_for_one_axis_are_refused(tmp_path, more):
    table = placed("x, y", more)
    with pytest.raises(InputError, match="could be x or y: 'x'"):
        read_sections(as_anndata(tmp_path, spatial=table), unit(None))
    with pytest.raises(InputError, match="could be x or y: 'x'"):
        read_sections(as_anndata(tmp_path, "obs.h5ad", obs=table), unit(None))
    table.assign(a=1.0).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match=r"t\.csv has more than one column that could be x or y: 'x'"):
        read_sections(tmp_path / "t.csv", unit(None))


def test_a_gene_named_like_an_axis_is_no_axis(tmp_path):
    """`y` (yellow) and `X` are genes where X, Y or x, y hold the positions in letters of one case."""
    table = placed("X, Y").drop(columns="in_tissue").assign(y=XY[:, 2], section=np.repeat(["s0", "s1"], N))
    table.to_csv(tmp_path / "t.csv", index=False)
    sections = read_sections(tmp_path / "t.csv", unit(None))
    assert sections.genes == ("y",) or list(sections.genes) == ["y"]
    assert np.asarray(sections.cells.obsm["spatial"]) == pytest.approx(XY[:, :2])


def test_columns_of_obs_that_are_no_numbers_are_no_positions_where_others_are(tmp_path):
    path = as_anndata(tmp_path, obs={"row": ["A"] * 2 * N, "col": ["1"] * 2 * N}, spatial=XY[:, :2])
    check(path, None)


def test_an_array_that_has_x_and_y_the_other_way_round_than_obs(tmp_path):
    path = as_anndata(tmp_path, obs=placed("imagecol, imagerow"), spatial=XY[:, 1::-1])
    notes = read_sections(path, unit(None)).notes
    assert any("choose the positions 'imagecol, imagerow'" in note for note in notes)
    right = ReadOptions(gap=10, um_per_unit=1, spatial_key="imagecol, imagerow")
    assert np.asarray(read_sections(path, right).cells.obsm["spatial"]) == pytest.approx(XY[:, :2])


@pytest.mark.parametrize("name, um", [("z_um", 1.0), ("Z (mm)", 1000.0), ("z", None), ("area", None),
                                       ("bregma_mm", 1000.0), ("Depth (µm)", 1.0), ("depth [mm]", 1000.0)])
def test_the_unit_in_a_name(name, um):
    assert axes.unit_of(name) == um
