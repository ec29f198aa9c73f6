"""Moving structures whose truth is known: must zero drift lose? `python benchmarks/moving.py [kind ...] [--preset P]`

Phantoms: a hollow tube that drifts and parts in two, a lobe that turns, a horn that ends between two sections; five
sections 60 µm apart, five seeds. Predicted places of cells at three depths of every gap (of the horn: of the gap where
it ends) are compared with cells drawn from the true tissue there, by Chamfer distance, mean over three draws of every
method. Zero drift takes cells of both neighbours where they are, in shares that fall with distance. Writes
benchmarks/results/moving.json and moving.md.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.cases import RESULTS, provenance
from isost_core.config import Config
from isost_core.datasets.phantoms import cells_at, make_phantom, shape_of
from isost_core.model.training import train
from isost_core.reconstruction.carrying import carry_to
from isost_core.sections.stack import Sections
from isost_core.validation.baselines import COPY, MOVED, UNION, place_cells, training_cells
from isost_core.validation.metrics import chamfer

KINDS = {"branch": "drifting and branching tube", "lobe": "turning lobe", "horn": "horn that ends between sections"}
SECTIONS, GAP_UM, CELLS, GENES, SEEDS = 5, 60.0, 450, 12, 5
DRAWS = 3
OURS = "reconstruction"
BAR = 0.3


def judged_depths(shape):
    """Depths within the gaps where something moves."""
    depths = np.array(shape.depths)
    below = depths[:-1]
    if "ends" in shape.motion:
        below = below[[np.searchsorted(depths, shape.motion["ends"][1]) - 1]]
    return (below[:, None] + GAP_UM * np.array([0.25, 0.5, 0.75])).ravel()


def run_phantom(kind, seed, config):
    """{way: mean Chamfer distance (µm)} of one phantom."""
    made, _ = make_phantom(kind, SECTIONS, GAP_UM, CELLS, GENES, seed=seed)
    sections, shape = Sections.from_anndata(made), shape_of(made.uns["phantom"])
    model, cells = train(sections, config), training_cells(sections)
    found, rng = {}, np.random.default_rng(seed)
    for depth in judged_depths(shape):
        truth = cells_at(shape, depth, rng)[:, :2]
        for draw in range(DRAWS):
            ways = {OURS: carry_to(model, depth, draw, expression=False).xy}
            ways |= {way: place_cells(cells, way, depth, draw).xy for way in (UNION, COPY, MOVED)}
            for way, xy in ways.items():
                found.setdefault(way, []).append(chamfer(truth, xy))
    return {way: float(np.mean(values)) for way, values in found.items()}


def markdown(results):
    text = ["# Moving structures\n", f"Chamfer distance (µm) to the true tissue between sections, phantoms; "
            f"{results['machine']}; code {results['code']}, {results['date']}; preset {results['preset']}.\n",
            "| phantom | seed | " + " | ".join((OURS, UNION, COPY, MOVED)) + " | zero drift is worse by |",
            "|---" * 7 + "|"]
    for kind, rows in results["kinds"].items():
        for seed, row in enumerate(rows):
            values = " | ".join(f"{row[way]:.2f}" for way in (OURS, UNION, COPY, MOVED))
            text.append(f"| {KINDS[kind]} | {seed} | {values} | {row[UNION] / row[OURS] - 1:.0%} |")
        lost = sum(row[UNION] >= (1 + BAR) * row[OURS] for row in rows)
        text.append(f"| {KINDS[kind]} | | | | | | at least {BAR:.0%} in {lost} of {len(rows)} |")
    return "\n".join(text) + "\n"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", choices=[[], *KINDS], metavar="kind", help=", ".join(KINDS))
    parser.add_argument("--preset", default="standard")
    options = parser.parse_args(argv)
    kinds = {kind: [run_phantom(kind, seed, Config.of_preset(options.preset, seed=seed)) for seed in range(SEEDS)]
             for kind in options.kinds or KINDS}
    results = {"preset": options.preset, "kinds": kinds, **provenance()}
    print(markdown(results))
    if not options.kinds:
        (RESULTS / "moving.json").write_text(json.dumps(results, indent=1) + "\n")
        (RESULTS / "moving.md").write_text(markdown(results))


if __name__ == "__main__":
    main()
