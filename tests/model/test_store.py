"""A model on disk: what is read back predicts the same, and files of runs from before still open."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom
from isost_core.model.anchors import make_anchors
from isost_core.model.kriging import ExpectedExpression
from isost_core.model.store import ANCHORS, load_model, save_model
from isost_core.model.training import train
from isost_core.sections.stack import Sections, stack_positions


@pytest.fixture
def model():
    """One whose groups of axes have bins of several widths."""
    cells = make_phantom("brain", 3, 60.0, n_cells=500, n_genes=20, seed=1)[0]
    return train(Sections.from_anndata(cells), Config.of_preset("fast", train_steps=5, masked_cells=60))


def points(model):
    rng = np.random.default_rng(0)
    return np.column_stack([rng.permutation(model.sections.xy)[:40], rng.uniform(0, model.depths[-1], 40)])


def test_what_is_read_back_predicts_the_same(model, tmp_path):
    save_model(model, tmp_path)
    again, at = load_model(tmp_path, model.sections), points(model)
    assert len(model.kriging.scales) > 1
    for one, other in zip(model.expected(at), again.expected(at), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_run_with_bins_of_one_width_still_opens(model, tmp_path):
    save_model(model, tmp_path)
    held, (xyz, number) = torch.load(tmp_path / "model.pt", weights_only=True), stack_positions(model.sections)
    bins = make_anchors(xyz, number, model.latent.transform(model.sections.X), 3 * model.spacing_um)
    kept = {name: value for name, value in held["arrays"].items() if name.startswith(("depths", "features"))}
    older = {name: torch.as_tensor(getattr(bins, name)) for name in ANCHORS}
    torch.save(held | {"arrays": kept | older}, tmp_path / "model.pt")
    again, at, covariance = load_model(tmp_path, model.sections), points(model), model.decoder.covariance
    alone = ExpectedExpression.of(replace(bins, spread=0 * bins.spread), model.depths, covariance, 10)
    for one, other in zip(again.kriging.predict(at), alone.predict(at), strict=True):
        np.testing.assert_array_equal(one, other)
