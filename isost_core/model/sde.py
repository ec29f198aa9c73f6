"""The stochastic differential equation that carries cells along depth. The only user of torchsde.

    dx = v(x, z) dz + sigma dW      position, um
    dg = h(x, g, z) dz              latent expression, undiffused

Every cell has its own start depth and lands exactly on the depth asked for: each is integrated over s from 0
to 1 with dz = (target - start) ds, so that drift scales with the way to go and noise with its square root.
Going down in depth is the same equation with a negative way; torchsde sees increasing s alone.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor


def join_state(x: Tensor, g: Tensor) -> Tensor:
    """Position (n, 2) and latent (n, axes) -> state (n, 2 + axes)."""
    return torch.cat([x, g], 1)


def split_state(state: Tensor) -> tuple[Tensor, Tensor]:
    """State (n, 2 + axes) -> position (n, 2), latent (n, axes)."""
    return state[:, :2], state[:, 2:]


class IsoSDE(torch.nn.Module):
    """The equation for cells that start at `start` (n,) um and end at `target` um.

    drift : (x, z, g) -> shape drift (n, 2) um per um of depth, expression drift (n, axes) per um
    sigma : um per square root of um
    """

    noise_type, sde_type = "additive", "ito"

    def __init__(self, drift: Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]], sigma: float, start: Tensor,
                 target: Tensor) -> None:
        super().__init__()
        self.drift, self.sigma = drift, sigma
        self.start, self.way = start, (target - start)[:, None]
        self._state: Tensor | None = None
        self._slope: Tensor | None = None

    def f(self, s: Tensor, state: Tensor) -> Tensor:
        """torchsde evaluates the first state twice, once to check its shape: the second time it is remembered."""
        if self._slope is None or self._state is not state:
            x, g = split_state(state)
            z = self.start + s * self.way[:, 0]
            self._state, self._slope = state, join_state(*self.drift(x, z, g)) * self.way
        return self._slope

    def g(self, s: Tensor, state: Tensor) -> Tensor:
        spread = torch.zeros(*state.shape, 2, device=state.device, dtype=state.dtype)
        spread[:, 0, 0] = spread[:, 1, 1] = self.sigma * self.way[:, 0].abs().sqrt()
        return spread


def carry(equation: IsoSDE, x: Tensor, g: Tensor, step_um: float, seed: int | None = None) -> tuple[Tensor, Tensor]:
    """Integrate cells from their start depth to the target.

    Parameters
    ----------
    equation : IsoSDE
    x : (n, 2) um, g : (n, axes)
    step_um : float, longest step along depth
    seed : int or None; the same seed gives the same noise. With None torch's generator is used.

    Returns
    -------
    x (n, 2), g (n, axes) at the target depth
    """
    import torchsde

    if len(x) == 0:
        return x, g
    steps = max(1, math.ceil(float(equation.way.detach().abs().max()) / step_um))
    state = join_state(x, g)
    ends = torch.tensor([0.0, 1.0], device=x.device, dtype=x.dtype)
    noise = torchsde.BrownianInterval(0.0, 1.0, size=(len(x), 2), dtype=x.dtype, device=x.device, entropy=seed)
    path = torchsde.sdeint(equation, state, ends, bm=noise, dt=1.0 / steps, method="euler")
    return split_state(path[-1])
