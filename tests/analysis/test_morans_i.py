"""Moran's I: the textbook formula, and a null in which whole sections count for nothing."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from isost_core.analysis.morans_i import morans_i, neighbour_weights, spatially_variable


def stack(values, xyz, section):
    cells = SimpleNamespace(X=sp.csr_matrix(values.astype(np.float32)),
                            obs=pd.DataFrame({"section": pd.Categorical(section)}))
    return SimpleNamespace(cells=cells, genes=[f"G{g}" for g in range(values.shape[1])])


@pytest.fixture
def places():
    rng = np.random.default_rng(0)
    section = np.repeat(np.arange(3), 300)
    return np.column_stack([rng.uniform(0, 500, (900, 2)), 50.0 * section]), section, rng


def test_the_formula(places):
    xyz, section, rng = places
    values = np.column_stack([np.sin(xyz[:, 0] / 60), rng.normal(size=900)])
    weights = neighbour_weights(xyz, section)
    dense, z = weights.toarray(), values[:, 0] - values[:, 0].mean()
    expected = len(z) / dense.sum() * (dense * np.outer(z, z)).sum() / (z**2).sum()
    assert morans_i(weights, values)[0] == pytest.approx(expected, abs=1e-4)


def test_neighbours_lie_in_the_same_section_and_those_beside_it(places):
    xyz, section, _ = places
    weights = neighbour_weights(xyz, section).tocoo()
    np.testing.assert_allclose(np.asarray(weights.tocsr().sum(1)).ravel(), 1, atol=1e-5)
    assert (np.abs(section[weights.row] - section[weights.col]) <= 1).all() and (weights.row != weights.col).all()
    assert (section[weights.row] != section[weights.col]).any()


def test_patterns_are_told_from_noise_and_from_bright_sections(places):
    xyz, section, rng = places
    pattern = np.sin(xyz[:, 0] / 60) + rng.normal(0, 0.3, 900) + 2
    along_depth = np.where(xyz[:, 1] > 250, section, -section) + rng.normal(0, 0.3, 900) + 4
    bright = 3.0 * section + rng.normal(size=900) + 5
    noise = rng.normal(size=(900, 200)) + 5
    table = spatially_variable(stack(np.column_stack([pattern, along_depth, bright, noise]), xyz, section), xyz)
    found = table.set_index("gene")
    assert found.loc["G0", "q"] < 1e-6 and found.loc["G1", "q"] < 1e-6
    assert found.loc["G2", "morans_i"] > 0.3 and found.loc["G2", "p"] > 0.001, "a bright section is no pattern"
    assert (found["q"] < 0.05).sum() <= 6
    assert (found.loc[[f"G{k}" for k in range(3, 203)], "p"] < 0.05).mean() < 0.12
    assert list(table["z"]) == sorted(table["z"], reverse=True)


def test_a_gene_that_does_not_vary(places):
    xyz, section, rng = places
    table = spatially_variable(stack(np.column_stack([np.zeros(900), rng.normal(size=900)]), xyz, section), xyz)
    assert table.iloc[-1]["gene"] == "G0" and np.isnan(table.iloc[-1]["q"])
