"""Profiles of genes against depth or distance: predicted, measured, and as single sections would show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from isost_core.analysis.bins import ProfileBins
from isost_core.analysis.focus import Focus
from isost_core.errors import InputError
from isost_core.genes import find_genes
from isost_core.sections.agreement import values_of
from isost_core.words import plain

if TYPE_CHECKING:
    import pandas as pd

    from isost_core.reconstruction.border_distance import Border
    from isost_core.reconstruction.reconstruction import Reconstruction

COLUMNS = ["gene", "source", "distance_um", "mean", "low", "high", "known_share", "n"]
ESTIMATE_2D = "2D estimate"
SHUFFLED = "shuffled"
DRAWS = 32  # draws of the model's error
WAVES = 48  # random waves of one draw
MOST_CELLS = 20_000
BINS = 25  # of a profile that is looked at
Z95 = 1.959964


@dataclass(frozen=True)
class _BinnedCells:
    """Cells that belong to a profile: rows (n,) of all, distance (n,) um, and the number (n,) of the bin of each."""

    rows: np.ndarray
    distance: np.ndarray
    label: np.ndarray

    def at_most(self, n: int) -> _BinnedCells:
        """A random part of too many cells."""
        if len(self.rows) <= n:
            return self
        keep = np.sort(np.random.default_rng(0).choice(len(self.rows), n, replace=False))
        return _BinnedCells(self.rows[keep], self.distance[keep], self.label[keep])


def profile(run: Reconstruction, genes: Sequence[str], kind: str, centre: Sequence[float] | np.ndarray | Border,
            axis: Sequence[float] | None = None, radius_um: float | None = None,
            bin_um: float | None = None) -> pd.DataFrame:
    """Profile of some genes around a point, an axis or a surface.

    Parameters
    ----------
    kind, centre, axis, radius_um : see `Focus`
    bin_um : float, bin width, by default one cell spacing

    Returns
    -------
    DataFrame: gene, source ('predicted' or 'measured'), distance_um (mean over the cells of the bin), mean (predicted:
    the expected expression at all of its cells, put right by the measured ones among them), low, high (95 % interval of
    the bin mean over cells and, for predicted, draws of the model's error and of what it misses), known_share (of the
    gene's pattern at a place, mean over the cells of the bin; 1 where measured, NaN where not known), n. Log1p.
    """
    return profile_around(run, genes, Focus(kind, centre, axis, radius_um), bin_um)


def profile_around(run: Reconstruction, genes: Sequence[str], focus: Focus, bin_um: float | None = None,
                   more_sources: Sequence[str] = ()) -> pd.DataFrame:
    """The same of a Focus. `more_sources` adds their rows to the table.

    '2D estimate' : the profile as measured sections alone would give it (`Focus.distance_2d`), from the same cells'
        values, with the same bins
    'shuffled' : 95 % band of the measured profile with values dealt out at random among its cells; `mean` is theirs
    """
    import pandas as pd

    columns = find_genes(genes, run.genes)
    width = _width(run, bin_um)
    start = run.depth_range[0] if focus.kind == "depth" else 0.0
    tables: list[pd.DataFrame] = []
    virtual, real = (_binned(focus, xyz, start, width) for xyz in (run.tissue_cells.xyz, run.measured_xyz))
    if len(virtual.rows):
        tables += _predicted(run, columns, virtual, real)
    if len(real.rows):
        tables += _measured(run, columns, real)
    if not tables:
        raise InputError("No cell lies within the radius of the centre. Choose a larger radius or another centre; "
                         f"the tissue reaches from {_corner(run, 0)} to {_corner(run, 1)} µm.")
    if SHUFFLED in more_sources and len(real.rows):
        tables += _shuffled(run, columns, real)
    if ESTIMATE_2D in more_sources:
        rows, distance = focus.distance_2d(run)
        if len(rows):
            seen = _BinnedCells(rows, distance, bin_numbers(distance - start, width))
            tables += _measured(run, columns, seen, ESTIMATE_2D)
    return pd.concat(tables, ignore_index=True).reindex(columns=COLUMNS)


def usual_bin(run: Reconstruction, focus: Focus) -> float:
    """Bin width (um) that shows a profile well: BINS over the measured cells, at least one cell spacing."""
    distance, used = focus.distance(run.measured_xyz)
    reach = float(np.ptp(distance[used])) if used.any() else 0.0
    return float(f"{max(reach / BINS, run.cell_spacing_um):.2g}")


def _binned(focus: Focus, xyz: np.ndarray, start: float, width: float) -> _BinnedCells:
    distance, used = focus.distance(xyz)
    rows = np.flatnonzero(used)
    return _BinnedCells(rows, distance[rows], bin_numbers(distance[rows] - start, width))


def bin_numbers(distance: np.ndarray, width: float) -> np.ndarray:
    """Number of each distance's bin of that width, (n,) int."""
    return np.floor(distance / width + 1e-9).astype(int)


def slope(table: pd.DataFrame, low_um: float = -np.inf, high_um: float = np.inf) -> float:
    """Slope (log1p per um) of a profile of one gene and source between two distances: least squares over its bins,
    each weighted by its cells."""
    part = table[table["distance_um"].between(low_um, high_um)]
    return float(np.polyfit(part["distance_um"], part["mean"], 1, w=np.sqrt(part["n"]))[0])


def measured_values(run: Reconstruction, rows: np.ndarray, columns: list[int] | slice = slice(None)) -> np.ndarray:
    """Measured log1p values (rows, columns), float64."""
    return values_of(run.sections, rows, columns).astype(np.float64)


def _width(run: Reconstruction, bin_um: float | None) -> float:
    width = run.cell_spacing_um if bin_um is None else float(bin_um)
    if not width > 0:
        raise InputError(f"The bin must be above 0 µm, found {plain(width)}.")
    return width


def _measured(run: Reconstruction, columns: list[int], cells: _BinnedCells,
              source: str = "measured") -> Iterator[pd.DataFrame]:
    X, bins = measured_values(run, cells.rows, columns), ProfileBins(cells.label)
    at = bins.mean(cells.distance)
    for g, column in enumerate(columns):
        mean, error = bins.mean_and_error(X[:, g])
        yield _table(run.genes[column], source, at, mean=mean, error=error, known=1.0, n=bins.count)


def _shuffled(run: Reconstruction, columns: list[int], cells: _BinnedCells) -> Iterator[pd.DataFrame]:
    X, bins = measured_values(run, cells.rows, columns), ProfileBins(cells.label)
    low, high = bins.shuffled(X)
    at = bins.mean(cells.distance)
    for g, column in enumerate(columns):
        mean = np.full(len(bins.count), X[:, g].mean())
        table = _table(run.genes[column], SHUFFLED, at, mean=mean, error=0.0, known=np.nan, n=bins.count)
        yield table.assign(low=low[:, g], high=high[:, g])


def _predicted(run: Reconstruction, columns: list[int], cells: _BinnedCells,
               real: _BinnedCells) -> Iterator[pd.DataFrame]:
    cells = cells.at_most(MOST_CELLS)
    xyz = run.tissue_cells.xyz[cells.rows]
    expected = mean_at(run, columns, xyz)
    sampled = run.sampled_expression(columns, cells.rows)
    standard_error, known = run.lattice.doubt(run.decoder, columns, xyz)
    bins, gap = ProfileBins(cells.label), float(np.median(np.diff(run.sections.depths)))
    at = bins.mean(cells.distance)
    missed, of_missed = _missed(run, columns, real.at_most(MOST_CELLS), np.unique(cells.label))
    for g, column in enumerate(columns):
        mean, of_cells = bins.mean(expected[:, g]) + missed[:, g], bins.mean_and_error(sampled[:, g])[1]
        waves = _smooth_noise(xyz, *run.decoder.error_lengths(column, gap))
        draws = np.stack([bins.mean(standard_error[g] * w) for w in waves])
        share = np.nan if known is None else bins.mean(known[g])
        error = np.sqrt(of_cells**2 + draws.var(0) + of_missed[:, g])
        yield _table(run.genes[column], "predicted", at, mean=np.maximum(mean, 0), error=error, known=share,
                     n=bins.count)


def mean_at(run: Reconstruction, columns: list[int], xyz: np.ndarray) -> np.ndarray:
    """Expected log1p expression (n, genes) at places (n, 3) um."""
    return run.decoder.latent.expression(run.lattice.latent_at(xyz)[0], columns)


def _missed(run: Reconstruction, columns: list[int], real: _BinnedCells,
            labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the expected expression, which is smooth, misses of the cells measured in each bin, and its variance, each
    (bins, genes).

    The mean residual of the bin's measured cells is added to the expected expression of all its cells, as the
    difference estimator of survey sampling does, shrunk by how far residuals differ between bins beyond the noise of
    cells (DerSimonian and Laird 1986). A bin without measured cells keeps the expected expression.
    """
    residual = measured_values(run, real.rows, columns) - mean_at(run, columns, run.measured_xyz[real.rows])
    here = np.isin(real.label, labels)
    bins = np.searchsorted(labels, real.label[here])
    n = np.bincount(bins, minlength=len(labels))[:, None]
    total = np.stack([np.bincount(bins, weights=r, minlength=len(labels)) for r in residual[here].T], axis=1)
    mean = total / np.maximum(n, 1)
    noise = residual.var(0) + 1e-12 if len(real.rows) else np.ones(len(columns))
    weight = n / noise
    between = np.maximum(((weight * mean**2).sum(0) - (n > 0).sum()) / np.maximum(weight.sum(0), 1e-12), 0)
    share = between * n / (between * n + noise)
    return share * mean, between * (1 - share)


def _smooth_noise(xyz: np.ndarray, lengths_um: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Draws (draws, cells) of unit-variance noise whose waves have the given lengths in the given shares."""
    rng = np.random.default_rng(0)
    out = np.empty((DRAWS, len(xyz)), np.float32)
    for d in range(DRAWS):
        wave = rng.standard_normal((3, WAVES)) / rng.choice(lengths_um, WAVES, p=shares)
        phase = rng.uniform(0, 2 * np.pi, WAVES)
        out[d] = np.cos((xyz @ wave + phase).astype(np.float32)).sum(1) * np.sqrt(2 / WAVES)
    return out


def _table(gene: str, source: str, at: np.ndarray, *, mean: np.ndarray, error: np.ndarray | float,
           known: np.ndarray | float, n: np.ndarray) -> pd.DataFrame:
    """Rows of one gene. error : standard error of the mean; known : known share; n : cells."""
    import pandas as pd

    return pd.DataFrame({"gene": gene, "source": source, "distance_um": at, "mean": mean,
                         "low": np.maximum(mean - Z95 * error, 0), "high": mean + Z95 * error, "known_share": known,
                         "n": n})


def uncertain_bins(table: pd.DataFrame, least: float) -> np.ndarray:
    """Which rows of a profile are predicted of less than this share of the pattern, (rows,) bool."""
    return (table["known_share"] < least).to_numpy()


def _corner(run: Reconstruction, k: int) -> str:
    return ", ".join(f"{v:.0f}" for v in run.extent_um[k])
