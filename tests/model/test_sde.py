"""The equation that carries cells: where they land, how far they spread, and that down mirrors up."""

import numpy as np
import pytest
import torch

from isost_core.model.sde import IsoSDE, carry


def still(x, z, g):
    return torch.zeros_like(x), torch.zeros_like(g)


def run(drift, start, target, sigma=0.0, step=5.0, n=4000, seed=1):
    z = torch.full((n,), float(start))
    equation = IsoSDE(drift, sigma, z, torch.full_like(z, float(target)))
    return carry(equation, torch.zeros(n, 2), torch.ones(n, 3), step, seed)


@pytest.mark.parametrize("step", [50.0, 10.0, 1.0])
def test_the_spread_is_that_of_the_way_and_not_of_the_step(step):
    x, _ = run(still, 0, 50, sigma=0.8, step=step)
    assert x.std(0).numpy() == pytest.approx(0.8 * np.sqrt(50), rel=0.05)
    assert abs(x.mean()) < 0.3


def test_expression_is_not_diffused():
    _, g = run(still, 0, 50, sigma=0.8)
    assert torch.equal(g, torch.ones_like(g))


def test_a_constant_drift_moves_by_drift_times_way_in_both_directions():
    def lean(x, z, g):
        return torch.tensor([0.2, -0.1]).expand_as(x), torch.zeros_like(g)

    up, _ = run(lean, 10, 60, n=5)
    down, _ = run(lean, 60, 10, n=5)
    assert up[0].numpy() == pytest.approx([10.0, -5.0], abs=1e-4)
    assert down.numpy() == pytest.approx(-up.numpy(), abs=1e-4)


def test_euler_converges_with_order_one_on_a_known_solution():
    def grow(x, z, g):
        return torch.zeros_like(x), 0.02 * g

    def error(step):
        return abs(float(run(grow, 0, 50, step=step, n=1)[1][0, 0]) - np.e)

    assert error(0.5) / error(0.25) == pytest.approx(2.0, rel=0.1)


def test_each_cell_starts_at_its_own_depth():
    def rise(x, z, g):
        return torch.ones_like(x), torch.zeros_like(g)

    start = torch.tensor([0.0, 10.0, 60.0])
    equation = IsoSDE(rise, 0.0, start, torch.full((3,), 50.0))
    x, _ = carry(equation, torch.zeros(3, 2), torch.zeros(3, 1), 5.0, 0)
    assert x[:, 0].numpy() == pytest.approx([50.0, 40.0, -10.0], abs=1e-4)


def test_the_same_seed_gives_the_same_paths():
    first, again, other = (run(still, 0, 50, sigma=1.0, n=50, seed=s)[0] for s in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


@pytest.mark.gpu
def test_the_solver_runs_on_the_gpu():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    z = torch.zeros(100, device="cuda")
    equation = IsoSDE(still, 1.0, z, z + 50)
    x, _ = carry(equation, torch.zeros(100, 2, device="cuda"), torch.zeros(100, 1, device="cuda"), 5.0, 0)
    assert x.is_cuda and torch.isfinite(x).all()
