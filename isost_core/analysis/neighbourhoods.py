"""What surrounds a place in 3D: the mixture of cells in the ball of a given reach around it.

The balls are of virtual tissue cells, which fill the tissue evenly, so that a neighbourhood reaches across depth as far
as across a section. A ball that leaves the tissue holds the cells within it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from isost_core.errors import InputError
from isost_core.words import plain, um

if TYPE_CHECKING:
    from isost_core.reconstruction.reconstruction import Reconstruction

DISC_CELLS = 60  # measured cells in a disc of the reach that is taken by default
FEWEST, MOST = 10, 256  # cells that a whole ball holds; of more a random part stands for all
ROOM = 1.25  # a ball may hold so many times its share of the cells
AT_ONCE = 100_000
AtPlaces = Callable[[np.ndarray], np.ndarray]  # of places (n, 3) um, one row for each


def usual_reach(run: Reconstruction) -> float:
    """Reach (um) taken by default: that of a disc that holds DISC_CELLS cells of a section."""
    return float(f"{np.sqrt(DISC_CELLS / (np.pi * _density(run) * run.lattice.layer_um)):.2g}")


def least_reach(run: Reconstruction) -> float:
    """The smallest reach (um), whose ball holds FEWEST cells."""
    return float(np.cbrt(FEWEST / (4 / 3 * np.pi * _density(run))))


def neighbourhoods(run: Reconstruction, column: str | None, reach_um: float, seed: int = 0) -> AtPlaces:
    """Function of places (n, 3) um that gives their features (n, f) float32.

    By a column of labels: square roots of the composition of the virtual cells within reach. By expression (None): the
    mean of their expected latent expression, the axis that varies most scaled to a standard deviation of 1.

    Raises
    ------
    InputError : a column that is not there, a reach whose ball holds fewer than FEWEST cells
    """
    least = least_reach(run)
    if not reach_um >= least * 0.999:
        raise InputError(f"A reach of {um(reach_um)} has too few cells in it. Choose at least "
                         f"{plain(float(np.ceil(least)), 6)} µm.")
    rows, many = _cells(run, reach_um, np.random.default_rng(seed))
    xyz = run.tissue_cells.xyz[rows]
    if column is None:
        latent = _in_parts(lambda part: run.lattice.latent_at(part)[0], xyz)
        return averages(xyz, latent / max(float(latent.std(0).max()), 1e-9), reach_um, many)
    codes, n_labels = label_codes(run, column)
    return composition(xyz, codes[run.tissue_cells.source[rows]], n_labels, reach_um, many)


def _density(run: Reconstruction) -> float:
    """Virtual cells per um3."""
    volume = float((run.lattice.inside > 0).sum() * np.prod(run.lattice.step_um))
    return len(run.tissue_cells.xyz) / max(volume, 1e-9)


def _cells(run: Reconstruction, reach_um: float, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """Rows of the virtual cells that stand for all, and the most of them that are counted in a ball."""
    n, whole = len(run.tissue_cells.xyz), 4 / 3 * np.pi * reach_um**3 * _density(run)
    rows = np.arange(n) if whole <= MOST else np.sort(rng.choice(n, max(int(n * MOST / whole), 1), replace=False))
    return rows, int(np.ceil(ROOM * min(whole, MOST)))


def composition(xyz: np.ndarray, codes: np.ndarray, n_labels: int, reach_um: float, many: int) -> AtPlaces:
    """Function of places (n, 3) um that gives the square roots of the composition by label (n, n_labels) of the cells
    within reach.

    xyz : (m, 3) um of the cells; codes : (m,) their labels, those below 0 left out; many : the most that are counted
    """
    labelled = codes >= 0
    shares = averages(xyz[labelled], np.eye(n_labels, dtype=np.float32)[codes[labelled]], reach_um, many)
    return lambda places: np.sqrt(shares(places))


def averages(xyz: np.ndarray, values: np.ndarray, reach_um: float, many: int) -> AtPlaces:
    """Function of places (n, 3) um that gives the mean (n, f) float32 of values (m, f) of the cells at xyz (m, 3) um
    within reach, at most so many; of the nearest one where there is none."""
    from scipy.sparse import csr_matrix
    from scipy.spatial import KDTree

    tree, many = KDTree(xyz), min(many, len(xyz))
    values = np.asarray(values, np.float32)

    def of(part: np.ndarray) -> np.ndarray:
        away, found = (a.reshape(len(part), many) for a in tree.query(part, k=many, workers=-1))
        near = away <= reach_um
        near[:, 0] = True
        pointers = np.append(0, near.sum(1).cumsum())
        weights = np.repeat((1 / np.diff(pointers)).astype(np.float32), np.diff(pointers))
        return csr_matrix((weights, found[near], pointers), (len(part), len(xyz))) @ values

    return lambda places: _in_parts(of, places)


def label_codes(run: Reconstruction, column: str) -> tuple[np.ndarray, int]:
    """Number of each measured cell's label (n,), -1 where it has none; how many labels there are."""
    obs = run.sections.cells.obs
    if column not in obs:
        raise InputError(f"The cells have no column '{column}'. It has: {', '.join(map(str, obs.columns))}.")
    held = obs[column].astype("category").cat
    return held.codes.to_numpy().astype(np.int64), len(held.categories)


def _in_parts(function: AtPlaces, xyz: np.ndarray) -> np.ndarray:
    return np.concatenate([function(xyz[lo:lo + AT_ONCE]) for lo in range(0, len(xyz), AT_ONCE)])
