"""How long a run will take on this computer, and how much memory it needs, before it is started.

Counts of the work (solves of the mean field, training steps, cells carried) times the seconds each takes on a
reference computer (2 cores), scaled by how slow this one is: as runs that it has finished show or, before the first of
them, as a short probe does. `benchmarks/estimate.py` compares the estimate with measured runs. Memory is fitted to the
peaks in benchmarks/results/scaling.json.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache

import numpy as np

from isost_core.config import Config
from isost_core.device import device_choices
from isost_core.reconstruction.evaluate import share_carried, steps_of
from isost_core.sections.spacing import cell_spacing
from isost_core.sections.stack import Sections

SHARES = {  # of a run's time, by objective: what the progress bar and the time left are made of
    "bridge": {"latent space": 0.06, "mean field": 0.08, "drift": 0.5, "calibration": 0.06, "tissue": 0.25,
               "trust": 0.05},
    "sinkhorn": {"latent space": 0.02, "shape": 0.25, "expression": 0.3, "joint": 0.4, "tissue": 0.03},
}
AFTER_TRAINING = ("tissue", "trust")

REFERENCE_PROBE_S = 0.00123  # of `_probe` on the reference computer
GPU_SPEEDUP = 6.0  # of training steps and solves; reading and pairing stay on the CPU
START_S = 4.0  # imports, reading, writing
TRUST_S = 3.0  # grading genes
START_GIB, COPIES, CELL_GIB = 0.96, 2.9, 2.4e-6  # libraries; the matrix in memory; of one cell (scaling.json)
TOLD_S, TOLD_CELLS = 4.0, 1000  # telling predicted from measured cells, where a section has so many
COMPARE_S, COMPARE_GENE_S = 8e-4, 1.7e-5  # of one cell, and of one gene in it, with all simple methods


def estimate_seconds(sections: Sections, config: Config, device: str = "cpu", slowness: float | None = None) -> float:
    """Expected seconds of a run.

    Parameters
    ----------
    sections : Sections
    config : Config
    device : 'auto', 'cpu' or 'cuda'
    slowness : of this computer, where runs that it finished tell (see `reference_seconds`); None: by a short probe
    """
    return reference_seconds(sections, config, device) * (_slowness() if slowness is None else slowness)


def reference_seconds(sections: Sections, config: Config, device: str = "cpu") -> float:
    """Expected seconds of a run on the reference computer. The seconds that a finished run took, over these, say how
    slow the computer is that made it."""
    cells = np.array([len(sections.rows(name)) for name in sections.names])
    seconds = SECONDS[config.objective](sections, config, cells)
    has_gpu = any(value == "cuda" for value, _ in device_choices())
    if device == "cuda" or (device == "auto" and has_gpu):
        seconds /= GPU_SPEEDUP
    reading = START_S + 3e-8 * cells.sum() * len(sections.genes)
    return float(reading + seconds)


def estimate_memory_gib(sections: Sections) -> float:
    """Expected peak memory of a run, in GiB. Preset standard on a CPU; smaller presets need less."""
    x = sections.X
    stored = sum(part.nbytes for part in (x.data, x.indices, x.indptr)) if hasattr(x, "indptr") else x.nbytes
    return memory_gib(sections.n_cells, stored)


def memory_gib(n_cells: int, matrix_bytes: float) -> float:
    """Expected peak memory of a run, in GiB, of so many cells and of a matrix of expression of that size."""
    return START_GIB + COPIES * matrix_bytes / 2**30 + CELL_GIB * n_cells


def validation_seconds(sections: Sections, held_out: Sequence[Sequence[str]], config: Config, device: str = "cpu",
                       n_genes: int = 1000, slowness: float | None = None) -> np.ndarray:
    """Expected seconds of a validation.

    Parameters
    ----------
    sections : Sections, all of them
    held_out : list of tuples of names; those of one tuple are held out together
    config : Config
    device : 'auto', 'cpu' or 'cuda'
    n_genes : most genes that are compared
    slowness : of this computer, as in `estimate_seconds`

    Returns
    -------
    array (held_out, 2) : seconds of training without these sections, and of comparing them
    """

    training = 1 - sum(SHARES[config.objective].get(stage, 0) for stage in AFTER_TRAINING)
    cells = {name: len(sections.rows(name)) for name in sections.names}
    slowness = _slowness() if slowness is None else slowness
    fit = reference_seconds(sections, config, device) * slowness * training / sections.n_cells
    compare = (COMPARE_S + COMPARE_GENE_S * min(len(sections.genes), n_genes)) * slowness
    gone = [sum(cells[name] for name in names) for names in held_out]
    told = [sum(TOLD_S * slowness for name in names if cells[name] >= TOLD_CELLS) for names in held_out]
    return np.array([((sections.n_cells - n) * fit, n * compare + s + 1) for n, s in zip(gone, told, strict=True)])


def _bridge_seconds(sections: Sections, config: Config, cells: np.ndarray) -> float:
    gaps = len(cells) - 1
    voxels, layers, share = _lattice_size(sections)
    anchors = config.anchors * min(4, len(cells))
    solves = cells.sum() / 4 + 4 * min(config.masked_cells, cells.mean()) * max(len(cells) - 2, 2) + voxels / 8
    per_solve = 3e-4 * (anchors / 64) ** 2 * config.groups / 6
    steps = config.train_steps * max(1, gaps / 4) * min(gaps, 4)
    pairs = min(config.batch_cells, cells.min())
    per_step = 0.008 + 6.5e-5 * pairs * (config.neighbours / 16) * (config.width / 64) * (pairs / 256) ** 0.3
    moves = np.ceil(np.diff(sections.depths).mean() / 2 / config.step_um)
    per_cell = 4e-6 + 6.5e-6 * (config.neighbours / 16) * (config.width / 64)
    carried = layers * cells.mean() * share * (2 * moves + 1)
    return TRUST_S + solves * per_solve + steps * per_step + carried * per_cell


def _sinkhorn_seconds(sections: Sections, config: Config, cells: np.ndarray) -> float:
    part = min(config.batch_cells, cells.mean())
    moves = np.ceil(np.diff(sections.depths) / config.step_um)
    per_move = part * config.neighbours / 5 * (config.width / 64) * 2.2e-5
    per_task = 4.4e-7 * part**2
    return 6 * config.train_steps * (moves * per_move + per_task).sum() + 10


SECONDS = {"bridge": _bridge_seconds, "sinkhorn": _sinkhorn_seconds}  # of training and the tissue, by objective


def grid_steps(sections: Sections) -> np.ndarray:
    """(3,) µm along x, y, z from one point of the predicted tissue to the next, as `make_lattice` will choose them."""
    return steps_of(_size(sections), cell_spacing(sections), sections.depths)


def _size(sections: Sections) -> np.ndarray:
    """(3,) µm of the box around all cells."""
    return np.append(np.ptp(sections.xy, axis=0), np.ptp(sections.depths))


def _lattice_size(sections: Sections) -> tuple[float, float, float]:
    """Points of the lattice, its layers, and the share of cells carried to each, as `make_lattice` will choose them."""
    size, step = _size(sections), grid_steps(sections)
    return (float(np.prod(size / step + 1)), float(size[2] / step[2] + 1),
            share_carried(cell_spacing(sections), step[0]))


@cache
def _slowness() -> float:
    """Time of a short probe over that on the reference computer: above 1 on a slower one."""
    return max(0.1, _probe() / REFERENCE_PROBE_S)


def _probe() -> float:
    """Seconds of a little arithmetic on one core (no BLAS: its threads are slow to wake after others)."""
    a = np.linspace(0, 1, 1_000_000, dtype=np.float32)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        np.sin(np.exp(-a)).sum()
        times.append(time.perf_counter() - start)
    return min(times)
