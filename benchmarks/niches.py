"""Niches in 3D and in 2D against an annotation: python -m benchmarks.niches [--store]

Adjusted Rand index with obs['domain'] of the five MERFISH sections, which no niche is found from and which chooses
nothing: neighbourhoods and their number are those that the app suggests. 2D is the same with neighbours of a cell's own
section alone, and the same number. Held out: each inner section in turn is left out of the reconstruction; its cells
take the niche of the nearest virtual cell (3D), or that of the nearest cell of the nearer measured section (2D).
"""

import argparse
import json
import os
import platform
import tempfile
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"
SEEDS = range(3)


def score(labels, found):
    from sklearn.metrics import adjusted_rand_score

    return adjusted_rand_score(labels, found)


def flat_features(run, column):
    """Features (n, f) of the measured cells from their own section alone."""
    from isost_core.niches import composition, label_codes

    sections, xyz = run.sections, run.measured_xyz
    if column is None:
        return _flat_latent(run)
    codes, n = label_codes(run, column)
    made = [composition(xyz[rows], codes[rows], n)(xyz[rows]) for rows in map(sections.rows, sections.names)]
    return np.concatenate(made)


def _flat_latent(run):
    """Mean latent expression of the 60 nearest cells of the own section."""
    from scipy.spatial import cKDTree

    from isost_core.niches import NEIGHBOURS

    made = []
    for rows in map(run.sections.rows, run.sections.names):
        latent = run.decoder.latent.transform(run.sections.cells.X[rows])
        xy = run.measured_xyz[rows, :2]
        made.append(latent[cKDTree(xy).query(xy, k=NEIGHBOURS)[1]].mean(1))
    made = np.concatenate(made)
    return made / made.std(0).max()


def compare(run, column, truth, seed):
    """ARI of 3D and 2D niches of the measured cells, and the 3D niches."""
    from isost_core.niches import clusters, find_niches, nearest_centre

    niches = find_niches(run, column, seed=seed)
    features = flat_features(run, column)
    rng = np.random.default_rng(seed)
    flat = nearest_centre(features, clusters(features, len(niches.names), rng))
    return score(truth, niches.measured), score(truth, flat), niches, flat


def held_out(sections, name, column, seed):
    """ARI on the cells of a section that was left out: 3D by virtual cells, 2D by the nearer measured section."""
    from scipy.spatial import cKDTree

    from isost_core.config import Config
    from isost_core.runs import create_run, load_run
    from isost_core.work import execute

    rows = sections.rows(name)
    truth = sections.cells.obs["domain"].astype(str).to_numpy()[rows]
    xy = sections.cells.obsm["spatial"][rows]
    depth = float(sections.depths[sections.names.index(name)])
    with tempfile.TemporaryDirectory() as folder:
        config = Config.of_preset("standard", seed=seed)
        run = load_run(execute(create_run(Path(folder) / "run", sections.without([name]), config)))
        kept = run.sections.cells.obs["domain"].astype(str).to_numpy()
        _, _, niches, flat = compare(run, column, kept, seed)
        near = np.flatnonzero(np.abs(run.tissue_cells.xyz[:, 2] - depth) < run.lattice.layer_um)
        tree = cKDTree(run.tissue_cells.xyz[near, :2])
        ours = niches.tissue[near][tree.query(xy)[1]]
        beside = run.sections.names[int(np.argmin(np.abs(run.sections.depths - depth)))]
        other = run.sections.rows(beside)
        copied = flat[other][cKDTree(run.measured_xyz[other, :2]).query(xy)[1]]
    return score(truth, ours), score(truth, copied)


def main():
    from isost_core.config import Config
    from isost_core.readers import read_sections
    from isost_core.runs import create_run, load_run
    from isost_core.work import execute

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=os.environ.get("ISOST_DATA_DIR", "../shared/data"))
    parser.add_argument("--store", action="store_true")
    given = parser.parse_args()
    sections = read_sections([Path(given.data) / "merfish_poa_5sections.h5ad"])
    truth = sections.cells.obs["domain"].astype(str).to_numpy()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        run = load_run(execute(create_run(Path(folder) / "run", sections, Config.of_preset("standard"))))
        for column in ("cell_class", None):
            found = [compare(run, column, truth, seed) for seed in SEEDS]
            rows.append({"cells": "measured", "by": column or "expression", "number": len(found[0][2].names),
                         "3d": float(np.mean([f[0] for f in found])), "2d": float(np.mean([f[1] for f in found]))})
    for column in ("cell_class", None):
        found = [held_out(sections, name, column, 0) for name in sections.names[1:-1]]
        rows.append({"cells": "held out", "by": column or "expression", "number": None,
                     "3d": float(np.mean([f[0] for f in found])), "2d": float(np.mean([f[1] for f in found]))})
    lines = ["# Niches against the annotated domains of MERFISH", "", f"`python -m benchmarks.niches`; "
             f"{platform.machine()}, {os.cpu_count()} cores, no GPU. Adjusted Rand index, mean over {len(SEEDS)} seeds "
             "(measured) or the three inner sections (held out).", "", "| cells | niches by | number | 3D | 2D |",
             "|---|---|---|---|---|"]
    lines += [f"| {r['cells']} | {r['by']} | {r['number'] or ''} | {r['3d']:.3f} | {r['2d']:.3f} |" for r in rows]
    text = "\n".join(lines) + "\n"
    print(text)
    if given.store:
        (RESULTS / "niches.md").write_text(text)
        (RESULTS / "niches.json").write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
