"""Niches: places of the tissue whose neighbourhoods hold the same mixture of cells, in 3D.

Niches are k-means clusters of the compositions of neighbourhoods (isost_core.analysis.neighbourhoods): of the share
of each label among the virtual cells within reach or, without labels, of their mean expected expression.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isost_core import keys
from isost_core.analysis.neighbourhoods import neighbourhoods, usual_reach
from isost_core.analysis.niche_contents import composition_table, marker_genes
from isost_core.errors import InputError
from isost_core.files import write_json

if TYPE_CHECKING:
    from isost_core.reconstruction.reconstruction import Reconstruction

VOTERS = 12  # virtual cells that say in which niche a place lies
NUMBERS = tuple(range(4, 13))  # that are tried: 2 or 3 are nearly always stable and say little
HALVINGS = 5
MOST_NICHES = 24  # each is a field on the lattice, and a person tells no more apart on a map
MOST_FIT, MOST_RATED = 40_000, 8_000  # cells that clusters are fitted to, and that stability is judged on


@dataclass(frozen=True)
class Niches:
    """Niches of a run.

    names : of each niche; column : obs column of the labels, or None where by expression; reach_um : of the
        neighbourhoods
    measured, tissue : (n,) int8 number of the niche of each measured cell and virtual tissue cell
    membership : (niches, x, y, z) float16 on the run's lattice, share of the nearest virtual cells in each niche
    stability : {number of niches: agreement of two halves}, for what was tried
    """

    names: tuple[str, ...]
    column: str | None
    reach_um: float
    measured: np.ndarray
    tissue: np.ndarray
    membership: np.ndarray
    stability: dict[int, float]

    def save(self, folder: str | Path) -> None:
        """Write into a folder; niches.json comes last, and names what is there."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / "part.npz"
        np.savez_compressed(part, measured=self.measured, tissue=self.tissue, membership=self.membership)
        os.replace(part, folder / "niches.npz")
        write_json(folder / "niches.json", {
            "names": self.names, "column": self.column, "reach_um": self.reach_um,
            "stability": {str(k): v for k, v in self.stability.items()}})

    @classmethod
    def load(cls, folder: str | Path) -> Niches:
        """The niches that `save` wrote."""
        about = json.loads((Path(folder) / "niches.json").read_text())
        with np.load(Path(folder) / "niches.npz") as held:
            return cls(tuple(about["names"]), about["column"], about["reach_um"],
                       held["measured"], held["tissue"], held["membership"],
                       {int(k): v for k, v in about["stability"].items()})


def label_columns(run: Reconstruction) -> list[str]:
    """Columns of the measured cells that can serve as labels: text, 2 to 60 different ones."""
    obs = run.sections.cells.obs
    return [c for c in obs.columns if c not in (keys.SECTION, "slice_id") and obs[c].dtype.kind not in "fiub"
            and 2 <= obs[c].nunique() <= 60]


def find_niches(run: Reconstruction, column: str | None = None, number: int | None = None,
                reach_um: float | None = None, seed: int = 0,
                on_step: Callable[[str, float], object] | None = None) -> Niches:
    """Niches of a finished run.

    Parameters
    ----------
    column : obs column with the labels of the measured cells (see `label_columns`), or None for expression
    number : of niches; by default that of NUMBERS whose niches random halves of the cells agree on best (adjusted Rand
        index)
    reach_um : radius of a neighbourhood, by default `usual_reach`
    on_step : called with (what, finished fraction)

    Raises
    ------
    InputError : a column that is not there, a number or a reach out of range
    """
    tell = on_step or (lambda what, fraction: None)
    if number is not None and not 2 <= number <= MOST_NICHES:
        raise InputError(f"The number of niches must be 2 to {MOST_NICHES}, found {number}.")
    reach_um = usual_reach(run) if reach_um is None else float(reach_um)
    tell("neighbourhoods", 0.02)
    features_at = neighbourhoods(run, column, reach_um, seed)
    features = features_at(run.tissue_cells.xyz)
    tell("how many niches", 0.25)
    rng = np.random.default_rng(seed)
    stability = {} if number else stability_of(features, NUMBERS, rng)
    number = number or suggested(stability)
    tell("clusters", 0.6)
    centres = clusters(features, number, rng)
    tissue = nearest_centre(features, centres)
    centres, tissue = _by_size(centres, tissue)
    tell("measured cells", 0.75)
    measured = nearest_centre(features_at(run.measured_xyz), centres)
    tell("the tissue between", 0.85)
    membership = _membership(run, tissue, number)
    names = named(run, column, measured, number)
    return Niches(names, column, reach_um, measured, tissue, membership, stability)


def clusters(features: np.ndarray, number: int, rng: np.random.Generator, most: int = MOST_FIT) -> np.ndarray:
    """Centres (number, f) of k-means."""
    from sklearn.cluster import KMeans

    rows = _some(len(features), most, rng)
    fit = KMeans(number, n_init=5, random_state=int(rng.integers(2**31)))  # pyright: ignore[reportArgumentType]
    return fit.fit(features[rows]).cluster_centers_


def nearest_centre(features: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(n,) int8 number of the nearest centre."""
    from scipy.spatial import KDTree

    return np.asarray(KDTree(centres).query(features)[1]).astype(np.int8)


def stability_of(features: np.ndarray, numbers: Iterable[int], rng: np.random.Generator) -> dict[int, float]:
    """{number: adjusted Rand index} between the niches that two halves of some cells give all of them, mean over
    HALVINGS."""
    from sklearn.metrics import adjusted_rand_score

    found = {}
    rows = _some(len(features), MOST_RATED, rng)
    for number in numbers:
        agreed = []
        for _ in range(HALVINGS):
            halves = np.array_split(rng.permutation(rows), 2)
            one, two = (nearest_centre(features[rows], clusters(features[half], number, rng)) for half in halves)
            agreed.append(adjusted_rand_score(one, two))
        found[number] = float(np.mean(agreed))
    return found


def suggested(stability: dict[int, float]) -> int:
    """The number that halves agree on best; of several equal to a hundredth the largest."""
    return max(stability, key=lambda number: (round(stability[number], 2), number))


def _some(n: int, most: int, rng: np.random.Generator) -> np.ndarray:
    return np.arange(n) if n <= most else np.sort(rng.choice(n, most, replace=False))


def _by_size(centres: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same, numbered from the largest niche to the smallest."""
    order = np.argsort(-np.bincount(labels, minlength=len(centres)), kind="stable")
    return centres[order], np.argsort(order)[labels].astype(np.int8)


def _membership(run: Reconstruction, tissue: np.ndarray, number: int) -> np.ndarray:
    from scipy.spatial import KDTree

    lattice = run.lattice
    near = np.flatnonzero((lattice.inside > -lattice.step_um.max()).ravel())
    index = np.unravel_index(near, lattice.inside.shape)
    places = lattice.origin_um + np.stack(index, 1) * lattice.step_um
    places[:, 2] = np.clip(places[:, 2], *run.depth_range)
    k = min(VOTERS, len(tissue))
    votes = tissue[KDTree(run.tissue_cells.xyz).query(places, k=k, workers=-1)[1]].reshape(len(places), k)
    made = np.zeros((number, *lattice.inside.shape), np.float16)
    for niche in range(number):
        made[niche].ravel()[near] = (votes == niche).mean(1)
    return made


def named(run: Reconstruction, column: str | None, measured: np.ndarray, number: int) -> tuple[str, ...]:
    """Names of the niches: by the one or two labels that set each apart, or by its marker gene."""
    if column is None:
        first = [genes[0] if genes else "" for genes in marker_genes(run, measured, number)]
    else:
        share = composition_table(run, column, measured, number)
        overall = run.sections.cells.obs[column].value_counts(normalize=True).reindex(share.columns).to_numpy()
        first = _label_names(share.to_numpy(), overall, list(share.columns))
    return tuple(f"Niche {k + 1}" + (f" · {word}" if word else "") for k, word in enumerate(first))


def _label_names(share: np.ndarray, overall: np.ndarray, labels: Sequence[str]) -> list[str]:
    """A name for each niche; niches that would have the same one are told apart by the next largest label too."""
    names = [_label_name(row, overall, labels) for row in share]
    return [_with_next(name, row, labels) if name and names.count(name) > 1 else name
            for row, name in zip(share, names, strict=True)]


def _with_next(name: str, share: np.ndarray, labels: Sequence[str]) -> str:
    """A name and the label of the largest share that is not in it."""
    others = (str(labels[k]) for k in np.argsort(-share, kind="stable"))
    return next((f"{name} + {label}" for label in others if label not in name.split(" + ")), name)


def _label_name(share: np.ndarray, overall: np.ndarray, labels: Sequence[str]) -> str:
    """The label whose share rose most over that in the whole tissue, by what it adds to the relative entropy, and a
    second one where it adds more than half as much."""
    gain = share * np.log(np.maximum(share, 1e-9) / np.maximum(overall, 1e-9))
    first, second = np.argsort(-gain)[:2] if len(gain) > 1 else (0, 0)
    if gain[first] <= 0:
        return ""
    return " + ".join(str(labels[k]) for k in (first, second)[:1 + int(gain[second] > gain[first] / 2)])
