"""What keeps large stacks within memory and time, stated without a clock."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom
from isost_core.model.drift import in_parts
from isost_core.model.latent import _basis, fit_latent
from isost_core.model.networks import HEADS, Attention
from isost_core.model.training import train
from isost_core.reconstruction import evaluate
from isost_core.reconstruction.carrying import carry_to
from isost_core.reconstruction.evaluate import make_lattice
from isost_core.sections.stack import Sections


@pytest.fixture(scope="module")
def model():
    sections = Sections.from_anndata(make_phantom("tube", 3, 60.0, 500, 12, seed=2)[0])
    return train(sections, Config.of_preset("fast", train_steps=10))


def test_latent_space_of_a_transcriptome_is_fitted_without_a_dense_matrix_of_it():
    rng, cells, genes = np.random.default_rng(0), 20_000, 10_000
    X = sp.random(cells, genes, 0.002, format="csr", dtype=np.float32, random_state=1)
    number = np.repeat([0, 1], cells // 2)
    pairs = tuple(rng.integers(cells, size=(2, 5000)))
    tracemalloc.start()
    latent = fit_latent(X, number, pairs, 20, 20)
    values = latent.transform(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert values.shape == (cells, 20) and values.dtype == np.float32
    assert peak < 0.6 * 4 * cells * genes


@pytest.mark.parametrize("limit", ["MAX_EXACT_GENES", "MAX_EXACT_CELLS"])
def test_components_do_not_depend_on_the_way_they_are_found(monkeypatch, limit):
    rng = np.random.default_rng(3)
    number = np.repeat([0, 1], 150)
    X = (rng.normal(size=(300, 4)) * [9, 7, 5, 3]) @ rng.normal(size=(4, 60)) + rng.normal(size=(300, 60))
    X = X.astype(np.float32)
    means = np.stack([X[number == s].mean(0) for s in (0, 1)]).astype(np.float64)
    value, vector = _basis(X, number, means, 4)
    monkeypatch.setattr("isost_core.model.latent.MAX_EXACT_GENES", 10)
    if limit == "MAX_EXACT_CELLS":
        monkeypatch.setattr("isost_core.model.latent.MAX_EXACT_CELLS", 10)
    other_value, other = _basis(X, number, means, 4)
    np.testing.assert_allclose(other_value, value, rtol=1e-3)
    np.testing.assert_allclose(np.abs((vector * other).sum(0)), 1, atol=1e-3)


def test_attention_is_that_of_keys_and_values_of_every_token():
    import torch

    torch.manual_seed(0)
    net, query, tokens = Attention(16), torch.randn(5, 16), torch.randn(5, 7, 16)
    q = net.query(query).view(5, HEADS, 1, -1)
    key, value = (f(tokens).view(5, 7, HEADS, -1).transpose(1, 2) for f in (net.key, net.value))
    seen = torch.nn.functional.scaled_dot_product_attention(q, key, value).reshape(5, 16)
    torch.testing.assert_close(net(query, tokens), net.mix(torch.cat([query, seen], 1)))


def test_drifts_of_many_cells_are_those_of_each_part():
    import torch

    def drift(x, z):
        return x * z[:, None] + 1

    with torch.no_grad():
        x, z = torch.randn(1300, 2), torch.rand(1300)
        torch.testing.assert_close(in_parts(drift, x, z), drift(x, z))


def test_half_precision_of_the_networks_moves_drifts_little(model):
    """What a GPU does: bfloat16 in the networks alone stays within 2 % of the drifts' spread."""
    import torch

    from isost_core.device import half_precision

    x = model.drifts.around.positions[0]
    seen = model.drifts.around.seen_from(x, torch.full((len(x),), 0.4), 0)
    nets = model.networks().values()
    with torch.no_grad():
        exact = [net(seen) for net in nets]
        with half_precision("cpu", everywhere=True):
            half = [net(seen) for net in nets]
    for a, b in zip(exact, half, strict=True):
        assert b.dtype == torch.bfloat16
        assert (a - b.float()).std() < 0.02 * a.std()


def test_anchors_keep_what_was_prepared_when_the_covariance_changes(model):
    other = model.kriging.reading_with(replace(model.kriging.covariance))
    assert other.covariance is not model.kriging.covariance and other.scales is model.kriging.scales


def test_a_coarse_lattice_carries_fewer_cells_and_keeps_profiles(model, monkeypatch):
    fine_lattice, fine = make_lattice(model)
    monkeypatch.setattr(evaluate, "MAX_VOXELS", 1000)
    coarse_lattice, coarse = make_lattice(model)
    assert coarse_lattice.spacing_um > 1.3 * fine_lattice.spacing_um
    layers = [lattice.inside.shape[2] for lattice in (fine_lattice, coarse_lattice)]
    assert len(coarse.xyz) / layers[1] < 0.75 * len(fine.xyz) / layers[0]
    source = [np.asarray(model.sections.cells.X[cells.source], np.float64) for cells in (fine, coarse)]
    np.testing.assert_allclose(source[1].mean(0), source[0].mean(0), rtol=0.05, atol=0.02)
    volume = [(lattice.inside > 0).sum() * np.prod(lattice.step_um) for lattice in (fine_lattice, coarse_lattice)]
    assert volume[1] == pytest.approx(volume[0], rel=0.25)


def test_a_share_of_the_cells_is_carried_as_evenly_as_all(model):
    every, some = carry_to(model, 30.0), carry_to(model, 30.0, share=0.25)
    assert len(some.xy) == pytest.approx(0.25 * len(every.xy), rel=0.1)
    np.testing.assert_allclose(some.xy.mean(0), every.xy.mean(0), atol=0.1 * every.xy.std())
    assert len(some.change) == len(some.source) == len(some.xy)
