"""What tells the sections of one file apart where nobody says it: columns, depths, and what a refusal offers."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections
from isost_core.readers.side_by_side import note

UM = {"um_per_unit": 1.0}


def stack(places=None, **columns):
    """Three sections of 40 cells, the named columns repeated for each."""
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 300, (120, 2)) if places is None else places
    made = ad.AnnData(rng.poisson(2, (120, 4)).astype(np.float32),
                      obs=pd.DataFrame({k: np.repeat(v, 40) for k, v in columns.items()},
                                       index=[f"c{i}" for i in range(120)]))
    made.var_names = ["A", "B", "C", "D"]
    made.obsm["spatial"] = xy
    return made


def write(tmp_path, cells, name="a.h5ad"):
    cells.write_h5ad(tmp_path / name)
    return tmp_path / name


def test_depths_of_the_third_column_tell_the_sections(tmp_path):
    cells = stack()
    cells.obsm["spatial"] = np.column_stack([cells.obsm["spatial"], np.repeat([0.0, 10.0, 25.5], 40)])
    read = read_sections(write(tmp_path, cells), ReadOptions(depth_key="spatial", um_per_unit=2.0))
    assert read.names == ("z 0", "z 10", "z 25.5")
    assert read.depths.tolist() == [0, 20, 51]
    assert any("cells of one depth are one section" in n for n in read.notes)


@pytest.mark.parametrize("column", ["z", "z_um", "height"])
def test_depths_of_a_column_tell_the_sections(tmp_path, column):
    read = read_sections(write(tmp_path, stack(**{column: [5.0, -5.0, 0.5]})), ReadOptions(depth_key=column, **UM))
    assert read.depths.tolist() == [-5, 0.5, 5]


def test_depths_of_a_table_tell_the_sections(tmp_path):
    cells = stack(z=[0.0, 8.0, 16.0])
    table = cells.to_df().assign(x=cells.obsm["spatial"][:, 0], y=cells.obsm["spatial"][:, 1], z=cells.obs["z"])
    table.to_csv(tmp_path / "t.csv", index_label="cell")
    assert read_sections(tmp_path / "t.csv", ReadOptions(depth_key="z", **UM)).depths.tolist() == [0, 8, 16]


def test_a_depth_of_each_cell_is_no_section(tmp_path):
    cells = stack()
    cells.obs["z"] = np.linspace(0, 100, 120)
    with pytest.raises(InputError, match="at least two sections"):
        read_sections(write(tmp_path, cells), ReadOptions(depth_key="z", **UM))


def test_planes_of_one_of_several_files_are_one_section(tmp_path):
    files = []
    for k in range(2):
        cells = stack(z_um=[0.0, 1.5, 3.0])
        cells.obs["z_um"] += 50 * k
        files.append(write(tmp_path, cells, f"S{k}.h5ad"))
    assert read_sections(files, ReadOptions(**UM)).names == ("S0", "S1")


@pytest.mark.parametrize("column", ["Section", "slices", "slice", "Slice_ID", "sampleID", "orig.ident"])
def test_columns_are_known_by_other_spellings(tmp_path, column):
    read = read_sections(write(tmp_path, stack(**{column: ["a1", "a2", "a3"]})), ReadOptions(gap=10.0, **UM))
    assert read.names == ("a1", "a2", "a3")


def test_what_is_known_goes_before_other_spellings(tmp_path):
    cells = stack(Slice=["x", "y", "y"], library_id=["a1", "a2", "a3"])
    assert read_sections(write(tmp_path, cells), ReadOptions(gap=10.0, **UM)).names == ("a1", "a2", "a3")


def test_a_refusal_names_the_columns_that_could(tmp_path):
    cells = stack(mouse=["m1", "m2", "m3"])
    cells.obs["score"] = np.linspace(0, 1, 120)
    with pytest.raises(InputError, match=r"could: 'mouse' \(3 values\)\."):
        read_sections(write(tmp_path, cells), ReadOptions(gap=10.0, **UM))


def test_a_refusal_says_that_the_third_column_could(tmp_path):
    cells = stack()
    cells.obsm["spatial"] = np.column_stack([cells.obsm["spatial"], np.repeat([0.0, 10.0, 20.0], 40)])
    with pytest.raises(InputError, match="The third column of 'spatial' has few values"):
        read_sections(write(tmp_path, cells), ReadOptions(gap=10.0, **UM))


def test_a_refusal_counts_the_pieces_of_tissue(tmp_path):
    places = np.random.default_rng(1).uniform(0, 300, (120, 2)) + np.repeat([[0, 0], [900, 0], [0, 900]], 40, axis=0)
    with pytest.raises(InputError, match="3 separate pieces"):
        read_sections(write(tmp_path, stack(places)), ReadOptions(gap=10.0, **UM))


def test_sections_side_by_side_are_said(tmp_path):
    places = np.random.default_rng(1).uniform(0, 300, (120, 2)) + np.repeat([[0, 0], [400, 0], [400, 400]], 40, axis=0)
    cells = stack(places, section=["S1", "S2", "S3"], z_um=[0.0, 10.0, 20.0])
    notes = read_sections(write(tmp_path, cells)).notes
    assert any("side by side, not over each other: S1 and S2, S2 and S3." in n for n in notes)


def test_sections_over_each_other_are_not_said():
    xy = np.random.default_rng(0).uniform(0, 100, (50, 2))
    assert note(["a", "b", "c"], [xy, xy + 40, xy / 4 + 60]) == ""


def test_equal_folders_go_by_those_around_them(tmp_path):
    for run in ("run1", "run2"):
        (tmp_path / "all" / run / "region_0").mkdir(parents=True)
        write(tmp_path / "all" / run / "region_0", stack(), "cells.h5ad")
    read = read_sections(tmp_path / "all", ReadOptions(gap=10.0, **UM))
    assert read.names == ("run1 cells", "run2 cells")
