"""Carrying measured cells from both neighbouring sections to a depth between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isost_core.errors import InputError
from isost_core.model.carried import Carried, Path
from isost_core.model.model import Model
from isost_core.reconstruction.motion import place_drift
from isost_core.reconstruction.settling import Sides, settle
from isost_core.sections.spacing import even_subset
from isost_core.words import plain

MEET = 3.0  # cell spacings within which cells from below and above stand for the same place
SPOT_LATTICE = 0.15  # irregularity below which cells are spots on a lattice


def meeting_pairs(first: np.ndarray, second: np.ndarray, reach_um: float,
                  rounds: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (i, j) of points of two clouds that are each other's nearest, found again among those left over.

    Parameters
    ----------
    first, second : (n, 2), (m, 2) um
    reach_um : float, pairs farther apart are not made
    """
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    i, j = np.arange(len(first)), np.arange(len(second))
    pairs = []
    for _ in range(rounds):
        if not len(i) or not len(j):
            break
        distance, to = cKDTree(second[j]).query(first[i], workers=-1)
        back = cKDTree(first[i]).query(second[j], workers=-1)[1]
        mutual = (back[to] == np.arange(len(i))) & (distance <= reach_um)
        if not mutual.any():
            break
        pairs.append(np.stack([i[mutual], j[to[mutual]]]))
        i, j = i[~mutual], np.delete(j, to[mutual])
    first_of, second_of = np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), int)
    return first_of, second_of


def carry_to(model: Model, depth: float, seed: int = 0, expression: bool = True, share: float = 1.0) -> Carried:
    """Carry the measured cells of the two sections around a depth to it.

    The cells of the section below are carried forward, those of the section above backward. Where one of each meet
    they stand for the same place, and one of the two is taken: that from below with a chance of 1 - t, t the
    depth's place in the gap. Of those that meet none, a share 1 - t or t is taken. So the number of cells runs
    linearly between the sections, without doubles and holes, and the cells settle (see `settling`). On a lattice of
    spots the places are those of the nearer section throughout, so that the lattice stays one; whose expression they
    carry is drawn as elsewhere.

    Parameters
    ----------
    model : Model
    depth : float, um, within the measured range
    seed : int
    expression : bool, whether to carry expression too (positions alone are faster)
    share : float, of the measured cells that are carried, spread as evenly as they lie themselves
    """
    depth = check_depth(model, depth)
    gap = model.geometry.gap_of(depth)
    gap_um = float(model.depths[gap + 1] - model.depths[gap])
    t = (depth - model.depths[gap]) / gap_um
    rng = depth_rng(seed, depth)
    rows = [_some(model, name, share, rng) for name in model.sections.names[gap : gap + 2]]
    if t in (0, 1):
        path = _carry(model, rows[int(t)], depth, Way(gap, t == 0, expression), rng)
        return Carried(_xy(path), rows[int(t)], _change(model, path, expression))
    up, down = (_carry(model, mine, depth, Way(gap, forward, expression), rng)
                for mine, forward in zip(rows, (True, False), strict=True))
    carried, spacing = (_xy(up), _xy(down)), model.spacing_um / np.sqrt(share)
    on_lattice = model.geometry.irregular <= SPOT_LATTICE
    taken = _taken(*carried, t, MEET * spacing, on_lattice, rng)
    xy = taken.xy
    if not on_lattice and model.config.objective == "bridge":
        measured = model.sections.xy[rows[0]], model.sections.xy[rows[1]]
        xy = settle(xy, Sides(carried, measured, t, gap_um), spacing, rng)
    above, index = taken.above, taken.index
    source = np.where(above, rows[1][index * above], rows[0][index * ~above])
    first = _change(model, up.of(index[~above]), expression)
    second = _change(model, down.of(index[above]), expression)
    change = np.empty((len(index), first.shape[1]), first.dtype)
    change[~above], change[above] = first, second
    return Carried(xy, source, change)


def _some(model: Model, name: str, share: float, rng: np.random.Generator) -> np.ndarray:
    """Rows of a share of a section's cells."""
    rows = model.sections.rows(name)
    if share >= 1:
        return rows
    return rows[even_subset(model.sections.xy[rows], max(1, round(share * len(rows))), rng)]


@dataclass(frozen=True, eq=False)
class Taken:
    """Cells taken of those carried from below and from above: xy (n, 2) um; above (n,) whether each is one from above;
    index (n,) its number there."""

    xy: np.ndarray
    above: np.ndarray
    index: np.ndarray


def _taken(up: np.ndarray, down: np.ndarray, t: float, reach_um: float, on_lattice: bool,
           rng: np.random.Generator) -> Taken:
    """Cells taken of those carried from below and from above, at (n, 2) um each; those meet that are no farther apart
    than `reach_um`."""
    a, b = meeting_pairs(up, down, reach_um)
    above = _share(up[a], t, rng)
    met = np.where(above[:, None], down[b], up[a])
    if on_lattice:
        met = up[a] if t <= 0.5 else down[b]
    alone = [np.setdiff1d(np.arange(len(xy)), pair) for xy, pair in ((up, a), (down, b))]
    below, beyond = (rest[_share(xy[rest], share, rng)] for xy, rest, share in
                     zip((up, down), alone, (1 - t, t), strict=True))
    return Taken(np.concatenate([met, up[below], down[beyond]]),
                 np.concatenate([above, np.zeros(len(below), bool), np.ones(len(beyond), bool)]),
                 np.concatenate([np.where(above, b, a), below, beyond]))


def _share(xy: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """(n,) whether a point is one of this share of them, spread evenly."""
    chosen = np.zeros(len(xy), bool)
    chosen[even_subset(xy, int(round(share * len(xy))), rng)] = True
    return chosen


@dataclass(frozen=True)
class Way:
    """Across which gap cells are carried, whether forward, and whether with their expression."""

    gap: int
    forward: bool
    expression: bool


def _carry(model: Model, rows: np.ndarray, depth: float, way: Way, rng: np.random.Generator) -> Path:
    """Path of measured cells carried to a depth."""
    import torch

    from isost_core.model.sde import IsoSDE, carry

    cells = model.sections.cells
    xy = cells.obsm["spatial"][rows] + model.geometry.jitter_um * rng.standard_normal((len(rows), 2))
    start = cells.obs["depth"].to_numpy(float)[rows]
    latent = model.start(rows) if way.expression else np.zeros((len(rows), 0))
    x, g, z = (torch.as_tensor(a, dtype=torch.float32, device=model.device) for a in (xy, latent, start))
    with torch.no_grad():
        equation = IsoSDE(place_drift(model, way.gap, way.forward), model.geometry.sigma(way.gap), z,
                          torch.full_like(z, depth))
        end, g1 = carry(equation, x, g, model.config.step_um, seed=int(rng.integers(2**31)))
    return Path(way.gap, x, end, z, equation.way, g1.cpu().numpy() - latent)


def _xy(path: Path) -> np.ndarray:
    """Where the cells of a path end, (n, 2) um."""
    return path.end.cpu().numpy().astype(np.float64)


def _change(model: Model, path: Path, expression: bool) -> np.ndarray:
    return model.change(path) if expression else path.change


def depth_rng(seed: int, depth: float, stream: int = 0) -> np.random.Generator:
    """Random generator of its own for a seed, a depth and a purpose."""
    return np.random.default_rng([seed, stream, int(np.float64(depth).view(np.uint64))])


def check_depth(model: Model, depth: float) -> float:
    """The depth as a float, or an InputError that says the measured range."""
    low, high = float(model.depths[0]), float(model.depths[-1])
    slack = 1e-6 * max(1.0, abs(high))
    if not low - slack <= depth <= high + slack:
        raise InputError(
            f"Depth {plain(depth, 6)} µm is outside the measured range {plain(low, 6)} to {plain(high, 6)} "
            "µm. Nothing is predicted beyond the first and the last section. Choose a depth within the range.")
    return float(np.clip(depth, low, high))
