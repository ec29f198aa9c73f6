"""Niches: places of the tissue whose neighbourhoods hold the same mixture of cells, in 3D.

The neighbourhood of a place is the ball of its nearest virtual tissue cells, which fill the tissue evenly, so that it
reaches across depth as far as across a section; its composition is the share of each label among them. Without labels
the mean of their expected latent expression stands for it. Niches are k-means clusters of these.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isost_core import keys
from isost_core.colours import CATEGORICAL
from isost_core.errors import InputError

NEIGHBOURS = 60  # virtual cells of a neighbourhood
VOTERS = 12  # virtual cells that say in which niche a place lies
NUMBERS = tuple(range(4, 13))  # that are tried: 2 or 3 are nearly always stable and say little
HALVINGS = 5
MOST_FIT, MOST_RATED = 40_000, 8_000  # cells that clusters are fitted to, and that stability is judged on
AT_ONCE = 200_000
SHARED = 0.08  # share of a niche that the label it is named by has at least


@dataclass(frozen=True)
class Niches:
    """Niches of a run.

    names, colours : of each niche; column : obs column of the labels, or None where by expression
    measured, tissue : (n,) int8 number of the niche of each measured cell and virtual tissue cell
    membership : (niches, x, y, z) float16 on the run's lattice, share of the nearest virtual cells in each niche
    stability : {number of niches: agreement of two halves}, for what was tried
    """

    names: tuple
    colours: tuple
    column: str | None
    measured: np.ndarray
    tissue: np.ndarray
    membership: np.ndarray
    stability: dict

    def save(self, folder):
        """Write whole or not at all."""
        folder = Path(folder)
        part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        np.savez_compressed(part / "niches.npz", measured=self.measured, tissue=self.tissue, membership=self.membership)
        about = {"names": self.names, "colours": self.colours, "column": self.column,
                 "stability": {str(k): v for k, v in self.stability.items()}}
        (part / "niches.json").write_text(json.dumps(about, indent=1))
        old = folder.with_name(f"{folder.name}.{os.getpid()}.old")
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
        shutil.rmtree(old, ignore_errors=True)

    @classmethod
    def load(cls, folder):
        about = json.loads((Path(folder) / "niches.json").read_text())
        with np.load(Path(folder) / "niches.npz") as held:
            return cls(tuple(about["names"]), tuple(about["colours"]), about["column"], held["measured"],
                       held["tissue"], held["membership"], {int(k): v for k, v in about["stability"].items()})


def label_columns(run):
    """Columns of the measured cells that can serve as labels: text, 2 to 60 different ones."""
    obs = run.sections.cells.obs
    return [c for c in obs.columns if c not in (keys.SECTION, "slice_id") and obs[c].dtype.kind not in "fiub"
            and 2 <= obs[c].nunique() <= 60]


def find_niches(run, column=None, number=None, seed=0, on_step=None):
    """Niches of a finished run.

    Parameters
    ----------
    column : obs column with the labels of the measured cells (see `label_columns`), or None for expression
    number : of niches; by default that of NUMBERS whose niches random halves of the cells agree on best (adjusted Rand
        index)
    on_step : called with (what, finished fraction)

    Raises
    ------
    InputError : a column that is not there, a number out of range
    """
    tell = on_step or (lambda what, fraction: None)
    if number is not None and not 2 <= number <= len(CATEGORICAL) * 3:
        raise InputError(f"The number of niches must be 2 to {len(CATEGORICAL) * 3}, found {number}.")
    around = neighbourhoods(run, column)
    tell("neighbourhoods", 0.1)
    features = around(run.tissue_cells.xyz)
    tell("how many niches", 0.35)
    rng = np.random.default_rng(seed)
    stability = {} if number else stability_of(features, NUMBERS, rng)
    number = number or suggested(stability)
    tell("clusters", 0.6)
    centres = clusters(features, number, rng)
    tissue = nearest_centre(features, centres)
    centres, tissue = _by_size(centres, tissue)
    tell("measured cells", 0.75)
    measured = nearest_centre(around(run.measured_xyz), centres)
    tell("the tissue between", 0.85)
    membership = _membership(run, tissue, number)
    names = named(run, column, measured, number)
    colours = tuple(CATEGORICAL[k % len(CATEGORICAL)] for k in range(number))
    return Niches(names, colours, column, measured, tissue, membership, stability)


def neighbourhoods(run, column, k=NEIGHBOURS):
    """Function of places (n, 3) um that gives their features (n, f) float32: square roots of the composition of the k
    nearest virtual cells by label, or the mean of their expected latent expression."""
    if column is None:
        xyz = run.tissue_cells.xyz
        return averages(xyz, _in_parts(lambda part: run.lattice.latent_at(part)[0], xyz), k)
    codes, n_labels = label_codes(run, column)
    return composition(run.tissue_cells.xyz, codes[run.tissue_cells.source], n_labels, k)


def composition(xyz, codes, n_labels, k=NEIGHBOURS):
    """The same of cells at xyz (m, 3) um with labels codes (m,), those below 0 left out."""
    from scipy.spatial import cKDTree

    known = codes >= 0
    tree, codes = cKDTree(xyz[known]), codes[known]
    k = min(k, len(codes))

    def of(part):
        found = codes[tree.query(part, k=k, workers=-1)[1]].reshape(len(part), k)
        row = np.arange(len(part))[:, None] * n_labels
        counts = np.bincount((row + found).ravel(), minlength=len(part) * n_labels)
        return np.sqrt(counts.reshape(len(part), n_labels) / k).astype(np.float32)

    return lambda places: _in_parts(of, places)


def averages(xyz, values, k=NEIGHBOURS):
    """Function of places that gives the mean of values (m, f) over the k nearest of cells at xyz (m, 3) um, scaled so
    that the axis that varies most has a standard deviation of 1."""
    from scipy.sparse import csr_matrix
    from scipy.spatial import cKDTree

    tree, k = cKDTree(xyz), min(k, len(xyz))
    scale = max(float(values.std(0).max()), 1e-9)

    def of(part):
        found = tree.query(part, k=k, workers=-1)[1].reshape(len(part), k)
        weights = np.full(found.size, 1 / (k * scale), np.float32)
        pointers = np.arange(0, found.size + 1, k)
        return np.asarray(csr_matrix((weights, found.ravel(), pointers), (len(part), len(xyz))) @ values, np.float32)

    return lambda places: _in_parts(of, places)


def label_codes(run, column):
    """Number of each measured cell's label (n,), -1 where it has none; how many labels there are."""
    obs = run.sections.cells.obs
    if column not in obs:
        raise InputError(f"The cells have no column '{column}'. It has: {', '.join(map(str, obs.columns))}.")
    held = obs[column].astype("category").cat
    return held.codes.to_numpy().astype(np.int64), len(held.categories)


def _in_parts(function, xyz):
    return np.concatenate([function(xyz[lo:lo + AT_ONCE]) for lo in range(0, len(xyz), AT_ONCE)])


def clusters(features, number, rng, most=MOST_FIT):
    """Centres (number, f) of k-means."""
    from sklearn.cluster import KMeans

    rows = _some(len(features), most, rng)
    return KMeans(number, n_init=5, random_state=int(rng.integers(2**31))).fit(features[rows]).cluster_centers_


def nearest_centre(features, centres):
    """(n,) int8 number of the nearest centre."""
    from scipy.spatial import cKDTree

    return cKDTree(centres).query(features)[1].astype(np.int8)


def stability_of(features, numbers, rng):
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


def suggested(stability):
    """The number that halves agree on best; of several equal to a hundredth the largest."""
    return max(stability, key=lambda number: (round(stability[number], 2), number))


def _some(n, most, rng):
    return np.arange(n) if n <= most else np.sort(rng.choice(n, most, replace=False))


def _by_size(centres, labels):
    """The same, numbered from the largest niche to the smallest."""
    order = np.argsort(-np.bincount(labels, minlength=len(centres)), kind="stable")
    return centres[order], np.argsort(order)[labels].astype(np.int8)


def _membership(run, tissue, number):
    from scipy.spatial import cKDTree

    lattice = run.lattice
    near = np.flatnonzero((lattice.inside > -lattice.step_um.max()).ravel())
    index = np.unravel_index(near, lattice.inside.shape)
    places = lattice.origin_um + np.stack(index, 1) * lattice.step_um
    places[:, 2] = np.clip(places[:, 2], *run.depth_range)
    k = min(VOTERS, len(tissue))
    votes = tissue[cKDTree(run.tissue_cells.xyz).query(places, k=k, workers=-1)[1]].reshape(len(places), k)
    made = np.zeros((number, *lattice.inside.shape), np.float16)
    for niche in range(number):
        made[niche].ravel()[near] = (votes == niche).mean(1)
    return made


def named(run, column, measured, number):
    """Names of the niches: by the label that is most enriched in each, or by its marker gene."""
    from isost_core.niche_tables import composition_table, marker_genes

    if column is None:
        first = [genes[0] if genes else "" for genes in marker_genes(run, measured, number)]
    else:
        share = composition_table(run, column, measured, number)
        overall = run.sections.cells.obs[column].value_counts(normalize=True).reindex(share.columns).to_numpy()
        lift = np.where(share.to_numpy() >= SHARED, share.to_numpy() / np.maximum(overall, 1e-9), 0)
        first = [str(share.columns[k]) if lift[n, k] > 0 else "" for n, k in enumerate(lift.argmax(1))]
    return tuple(f"Niche {k + 1}" + (f" · {word}" if word else "") for k, word in enumerate(first))
