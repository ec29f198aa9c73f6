"""Values of sampled cells: of labels and counts, none that could not be measured."""

import numpy as np
from scipy.sparse import csr_matrix

from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom
from isost_core.model.donors import donors, in_steps, steps_of
from isost_core.model.training import train
from isost_core.reconstruction.trained import TrainedReconstruction
from isost_core.reconstruction.virtual_cells import virtual_section
from isost_core.sections.stack import Sections


def test_counts_and_labels_have_steps_and_continuous_values_have_none():
    rng = np.random.default_rng(0)
    counts = np.log1p(rng.poisson(1.0, (400, 12))).astype(np.float32)
    for X in (counts, csr_matrix(counts)):
        assert np.array_equal(steps_of(X), np.unique(counts)[1:])
    assert steps_of((counts > 1).astype(np.float32)).tolist() == [1.0]
    assert steps_of(counts * rng.random(counts.shape).astype(np.float32)) is None
    assert steps_of(np.zeros((5, 3), np.float32)) is None


def test_the_highest_counts_are_steps_though_few_cells_have_them():
    counts = np.random.default_rng(1).poisson(0.5, (4000, 600)).astype(np.float32)
    counts[1, 0] = 900
    assert steps_of(counts)[-1] == 900


def test_values_in_steps_are_right_on_average():
    steps = np.log1p(np.arange(1, 6)).astype(np.float32)
    made = np.tile(np.float32([0, 0.8, 1.2, 0.1, 9]), (4000, 1))
    found = in_steps(made.copy(), steps, np.random.default_rng(0))
    assert set(np.unique(found)) <= {0, *steps}
    assert np.abs(found.mean(0) - [0, 0.8, 1.2, steps[0], steps[-1]]).max() < 0.01
    assert np.array_equal(in_steps(made.copy(), steps[:1], np.random.default_rng(0)), np.where(made > 0, steps[0], 0))


def test_cells_have_their_own_values_between_sections_and_others_on_one():
    stack = Sections.from_anndata(make_phantom("tube", 2, 40.0, n_cells=200, n_genes=4, seed=1)[0])
    source = stack.rows(stack.names[0])
    for share in (0.0, 0.5, 1.0):
        donor = donors(stack, source, share, np.random.default_rng(0))
        assert np.array_equal(np.sort(donor), source) or share and len(source) % 2
        assert abs((donor != source).mean() - share) < 0.12


def test_a_virtual_cell_has_one_label_as_measured_cells_have():
    made = make_phantom("tube", 3, 40.0, n_cells=150, n_genes=6, seed=1)[0]
    made.X = np.eye(made.n_vars, dtype=np.float32)[np.asarray(made.X).argmax(1)]
    model = train(Sections.from_log1p(made), Config.of_preset("fast", train_steps=20, masked_cells=60), "cpu")
    X = np.asarray(virtual_section(TrainedReconstruction(model, "run"), 25.0).X)
    assert np.isin(X, [0, 1]).all()
    assert (X.sum(1) == 1).all()
