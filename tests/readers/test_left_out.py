"""Cells that would spoil a stack: far away, off the tissue, without a place, without any counts."""

import anndata
import numpy as np
import pytest

from isost_core.readers import ReadOptions, read_sections, scan
from isost_core.readers.left_out import far
from isost_core.sections.spacing import cell_spacing
from tests.readers.test_readers import N, stack, write  # noqa: F401

PANEL = tuple(f"g{k}" for k in range(60))


def of(notes, text):
    return [note for note in notes if text in note]


@pytest.mark.parametrize("away", [1e4, 1e6, -1e5, 1e9])
def test_a_far_cell_is_left_out_and_named(write, away):  # noqa: F811
    cells = stack()
    good = cell_spacing(read_sections(write(cells, "good.h5ad")))
    cells.obsm["spatial"][N + 3] = [50.0, away]
    path = write(cells, "a.h5ad")
    sections = read_sections(path)
    assert [len(sections.rows(name)) for name in sections.names] == [N, N - 1, N]
    assert [row.n_cells for row in scan(path).sections] == [N, N - 1, N]
    assert abs(cell_spacing(sections) / good - 1) < 0.2
    (note,) = of(sections.notes, "far from all others")
    assert "1 cell lies" in note and "section 's1'" in note and "'c1_3'" in note and f"y {away:.6g}" in note
    assert "--keep-all-cells" in note
    assert read_sections(path, ReadOptions(keep_all_cells=True)).n_cells == 3 * N


def test_two_or_three_far_cells_and_a_heap_of_unplaced_ones_are_left_out():
    rng = np.random.default_rng(0)
    tissue = rng.uniform(0, 1000, (400, 2))
    for outliers in ([[9e4, 0]], [[9e4, 0], [9e4, 5]], [[9e4, 0], [9e4, 5], [9e4, 9]], [[-9999.0, -9999.0]] * 40,
                     [[9e4, 0], [0, 9e4], [-9e4, 3], [4, -8e4], [7e4, 7e4]]):
        xy = np.vstack([tissue, outliers])
        assert far(xy).sum() == len(outliers) and not far(xy)[:400].any()


def test_pieces_of_tissue_islands_lines_and_points_are_kept():
    rng = np.random.default_rng(0)
    tissue = rng.uniform(0, 1000, (400, 2))
    island = rng.uniform(0, 30, (6, 2)) + [4000, 0]
    halves = np.vstack([tissue, tissue + [5000, 0]])
    sparse = np.vstack([tissue, [[1300.0, 500.0]]])
    line = np.column_stack([np.arange(50.0), np.zeros(50)])
    ring = 500 * np.column_stack([np.cos(np.arange(99)), np.sin(np.arange(99))])
    lattice = np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), -1).reshape(-1, 2)
    for xy in (np.vstack([tissue, island]), halves, sparse, line, ring, lattice, np.zeros((30, 2)), tissue[:3]):
        assert not far(xy).any()


@pytest.mark.parametrize("name, off, on", [("in_tissue", 0, 1), ("In_Tissue", False, True), ("in_tissue", "0", "1"),
                                           ("in_tissue", "FALSE", "TRUE"), ("in_tissue", "f", "t")])
def test_spots_off_the_tissue_are_left_out(write, name, off, on):  # noqa: F811
    cells = stack()
    values = np.array([on] * (3 * N), dtype=object)
    values[[1, N]] = off
    cells.obs[name] = np.asarray(values.tolist())
    path = write(cells, "a.h5ad")
    sections = read_sections(path)
    assert sections.n_cells == 3 * N - 2
    assert of(sections.notes, "2 cells lie off the tissue (in_tissue is 0) and were left out: s0 (1), s1 (1).")
    assert read_sections(path, ReadOptions(keep_all_cells=True)).n_cells == 3 * N
    cells.obs["in_tissue"] = off
    assert read_sections(write(cells, "b.h5ad")).n_cells == 3 * N - (2 if name == "In_Tissue" else 0)


def test_cells_without_a_place_are_left_out_in_any_case(write):  # noqa: F811
    cells = stack()
    cells.obsm["spatial"][2] = np.nan
    cells.obsm["spatial"][3, 0] = np.inf
    cells.obs.loc[cells.obs_names[N], "z_um"] = np.nan
    path = write(cells, "a.h5ad")
    for keep in (False, True):
        sections = read_sections(path, ReadOptions(keep_all_cells=keep))
        assert [len(sections.rows(name)) for name in sections.names] == [N - 2, N - 1, N]
        assert of(sections.notes, "3 cells have no place (x, y or depth is missing or infinite) and were left out: "
                                  "s0 (2), s1 (1). One is 'c0_2' of section 's0'.")


def test_cells_without_counts(write):  # noqa: F811
    cells = stack(genes=PANEL)
    cells.X[[0, N + 1, N + 2]] = 0
    path = write(cells, "a.h5ad")
    sections = read_sections(path)
    assert sections.n_cells == 3 * N - 3
    assert of(sections.notes, "3 cells have no counts at all and were left out: s0 (1), s1 (2). One is 'c0_0' of")
    assert read_sections(path, ReadOptions(keep_all_cells=True)).n_cells == 3 * N
    cells.X[:N] = 0
    sections = read_sections(write(cells, "b.h5ad"))
    assert [len(sections.rows(name)) for name in sections.names] == [N, N - 2, N]
    assert of(sections.notes, "24 cells have no counts at all: s0 (24).")


def test_in_a_small_panel_cells_without_counts_are_kept_and_counted(write):  # noqa: F811
    cells = stack(genes=PANEL[:12])
    cells.X[4] = 0
    sections = read_sections(write(cells, "a.h5ad"))
    assert sections.n_cells == 3 * N
    assert of(sections.notes, "1 cell has no counts at all. It is 'c0_4' of section 's0'")


def test_the_rows_that_stay_keep_their_values_and_places(write):  # noqa: F811
    cells = stack(genes=PANEL)
    cells.obsm["spatial"][5] = np.nan
    cells.X[6] = 0
    path = write(cells, "a.h5ad")
    sections = read_sections(path)
    kept = np.delete(np.arange(3 * N), [5, 6])
    np.testing.assert_allclose(sections.X, np.log1p(cells.X[kept]), rtol=1e-6)
    np.testing.assert_array_equal(sections.xy, cells.obsm["spatial"][kept])
    assert list(sections.cells.obs_names) == list(anndata.read_h5ad(path).obs_names[kept])
