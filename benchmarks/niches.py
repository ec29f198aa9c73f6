"""Niches in 3D and in 2D against an annotation: python -m benchmarks.niches [--store]

Adjusted Rand index with obs['domain'] of the five MERFISH sections, which no niche is found from and which chooses
nothing: reach and number are those that the app suggests. 2D is the same with the cells of a cell's own section within
the same reach, and the same number. Held out: each inner section in turn is left out of the reconstruction; its cells
take the niche of the nearest virtual cell (3D), or that of the nearest cell of the nearer measured section (2D).
--store writes benchmarks/results/niches.json and niches.md.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.cases import CASES, RESULTS, provenance, read_case

COLUMNS = ("cell_class", None)
SEEDS = range(3)


def score(labels, found):
    from sklearn.metrics import adjusted_rand_score

    return adjusted_rand_score(labels, found)


def flat_features(run, column):
    """Features (n, f) of the measured cells from their own section alone, within the usual reach."""
    from isost_core.analysis.neighbourhoods import DISC_CELLS, averages, composition, label_codes, usual_reach

    reach, many, made = usual_reach(run), 4 * DISC_CELLS, []
    codes, n = label_codes(run, column) if column else (None, 0)
    for rows in map(run.sections.rows, run.sections.names):
        xyz = run.measured_xyz[rows]
        if column:
            made.append(composition(xyz, codes[rows], n, reach, many)(xyz))
        else:
            made.append(averages(xyz, run.decoder.latent.transform(run.sections.cells.X[rows]), reach, many)(xyz))
    return np.concatenate(made)


def compare(run, column, truth, seed):
    """ARI of 3D and 2D niches of the measured cells, and the 3D niches."""
    from isost_core.analysis.niches import clusters, find_niches, nearest_centre

    niches = find_niches(run, column, seed=seed)
    features = flat_features(run, column)
    rng = np.random.default_rng(seed)
    flat = nearest_centre(features, clusters(features, len(niches.names), rng))
    return score(truth, niches.measured), score(truth, flat), niches, flat


def reconstructed(folder, sections):
    """Run of some sections, preset standard."""
    from isost_core.config import Config
    from isost_core.runs.store import create_run, load_run
    from isost_core.workflows.reconstruct import execute

    return load_run(execute(create_run(Path(folder) / "run", sections, Config.of_preset("standard"))))


def domains(sections):
    return sections.cells.obs["domain"].astype(str).to_numpy()


def measured(sections):
    """Rows of the table: niches of the measured cells, mean over SEEDS."""
    with tempfile.TemporaryDirectory() as folder:
        run = reconstructed(folder, sections)
        return [_row("measured", column, [compare(run, column, domains(sections), seed)[:3] for seed in SEEDS])
                for column in COLUMNS]


def held_out(sections, name):
    """(3D, 2D, niches) by each of COLUMNS, of the cells of a section left out: 3D by virtual cells, 2D by the nearer
    measured section."""
    from scipy.spatial import cKDTree

    rows = sections.rows(name)
    truth, xy = domains(sections)[rows], sections.cells.obsm["spatial"][rows]
    depth = float(sections.depths[sections.names.index(name)])
    found = []
    with tempfile.TemporaryDirectory() as folder:
        run = reconstructed(folder, sections.without([name]))
        near = np.flatnonzero(np.abs(run.tissue_cells.xyz[:, 2] - depth) < run.lattice.layer_um)
        beside = run.sections.rows(run.sections.names[int(np.argmin(np.abs(run.sections.depths - depth)))])
        virtual = cKDTree(run.tissue_cells.xyz[near, :2]).query(xy)[1]
        copied = cKDTree(run.measured_xyz[beside, :2]).query(xy)[1]
        for column in COLUMNS:
            _, _, niches, flat = compare(run, column, domains(run.sections), 0)
            found.append((score(truth, niches.tissue[near][virtual]), score(truth, flat[beside][copied]), niches))
    return found


def _row(cells, column, found):
    """One row of the table from (3D, 2D, niches) of each seed or section."""
    numbers = sorted({len(niches.names) for *_, niches in found})
    return {"cells": cells, "by": column or "expression", "numbers": numbers,
            "3d": float(np.mean([f[0] for f in found])), "2d": float(np.mean([f[1] for f in found])),
            "3d_each": [float(f[0]) for f in found], "2d_each": [float(f[1]) for f in found]}


def markdown(results):
    text = ["# Niches against the annotated domains of MERFISH\n",
            f"Adjusted Rand index with `domain`, mean over {len(SEEDS)} seeds (measured) or the three inner sections "
            f"(held out); {results['machine']}; code {results['code']}, {results['date']}.\n",
            "| cells | niches by | number of niches | 3D | 2D | better |", "|---" * 6 + "|"]
    for row in results["rows"]:
        better = "3D" if row["3d"] > row["2d"] else "2D"
        text.append(f"| {row['cells']} | {row['by']} | {', '.join(map(str, row['numbers']))} | {row['3d']:.3f} | "
                    f"{row['2d']:.3f} | {better} |")
    return "\n".join(text) + "\n"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", action="store_true", help="write the results")
    options = parser.parse_args(argv)
    sections = read_case(CASES["merfish"])
    rows = measured(sections)
    each = [held_out(sections, name) for name in sections.names[1:-1]]
    rows += [_row("held out", column, [found[k] for found in each]) for k, column in enumerate(COLUMNS)]
    results = {"rows": rows, **provenance()}
    print(markdown(results))
    if options.store:
        (RESULTS / "niches.json").write_text(json.dumps(results, indent=1) + "\n")
        (RESULTS / "niches.md").write_text(markdown(results))


if __name__ == "__main__":
    main()
