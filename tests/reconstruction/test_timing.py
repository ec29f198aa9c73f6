"""Memory that a run is expected to need, beside what was measured, and the grid that it makes."""

import json

import numpy as np
import pytest

from benchmarks.cases import RESULTS
from benchmarks.scaling_tables import fit_of
from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom
from isost_core.model.training import train
from isost_core.reconstruction.evaluate import make_lattice
from isost_core.reconstruction.timing import estimate_memory_gib, grid_steps, memory_gib
from isost_core.sections.stack import Sections

MEASURED = [(case, row) for case, found in json.loads((RESULTS / "scaling.json").read_text()).items()
            for row in found["rows"] if "drift" in row["stages"]]
FACTOR = 1.15


@pytest.fixture(scope="module")
def density():
    """Share of the values that the stacks of the scaling benchmark store."""
    x = make_phantom("layers", 10, 60.0, 500, 500, sparse=True)[0].X
    return x.nnz / np.prod(x.shape)


@pytest.mark.parametrize("case, row", MEASURED, ids=[f"{case}-{row['cells']}" for case, row in MEASURED])
def test_expected_memory_is_close_to_the_measured_peak(case, row, density):
    matrix_bytes = row["cells"] * row["genes"] * density * 8  # float32 and int32
    measured = fit_of(row)[2]
    assert measured / FACTOR < memory_gib(row["cells"], matrix_bytes) < measured * FACTOR


def test_memory_of_sections_counts_what_is_stored():
    sparse, dense = (Sections.from_anndata(make_phantom("ball", 3, 60.0, 200, 40, sparse=kind)[0])
                     for kind in (True, False))
    assert estimate_memory_gib(dense) == memory_gib(dense.n_cells, dense.n_cells * 40 * 4)
    assert memory_gib(sparse.n_cells, 0) < estimate_memory_gib(sparse) < memory_gib(sparse.n_cells, 1e6)


def test_the_grid_of_the_prediction_is_told_before_the_run():
    sections = Sections.from_anndata(make_phantom("ball", 3, 60.0, 200, 6)[0])
    lattice, _ = make_lattice(train(sections, Config.of_preset("fast", train_steps=2)))
    np.testing.assert_allclose(grid_steps(sections), lattice.step_um)
