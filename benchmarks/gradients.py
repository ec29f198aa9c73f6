"""Gradients whose truth is known: `python benchmarks/gradients.py [phantom] [embryo] [--print-only]`.

Phantom: balls with linear spherical gradients, sections 60 µm apart. The slope of mean log1p expression against the
distance from the ball's centre, over 0.8 of its radius, predicted in 3D and as the nearest section alone shows it, over
the slope of all cells of the true tissue. With four sections the centre lies in the middle of a gap, with five on a
section.

Embryo (BDTNP): stripes of eve along depth. The measured profile, 5 µm bins of every nucleus' own depth, has peaks of
prominence 0.05 or more (log1p). Odd, then even slabs are held out; each peak counts only in the fold that hides its
slab. It is found where the predicted profile has a peak of the same prominence within 10 µm; a peak predicted in a
hidden slab that is within 10 µm of no measured one is false and counts as a miss. Beside it, radial basis functions
(thin plate, 50 neighbours, as scipy has them) of the same training cells, each at its own depth, at the same places.
Oblique slices of a run on all slabs are compared with the nuclei beside their plane: stripes that follow the tilt agree
with them, those of a cut along depth do not.

Writes benchmarks/results/gradients.json and gradients.md.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd

from benchmarks.cases import CASES, RESULTS, provenance, read_case
from isost_core.analysis.bins import ProfileBins
from isost_core.analysis.focus import Focus
from isost_core.analysis.profiles import ESTIMATE_2D, profile, profile_around, slope
from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom
from isost_core.reconstruction.slices import oblique, square_size
from isost_core.runs.store import create_run, load_run
from isost_core.sections.stack import Sections
from isost_core.workflows.reconstruct import execute

SECTIONS, GAP_UM, CELLS, GENES, SEEDS = (4, 5), 60.0, (1000, 4000), 20, 3
REACH, LEAST_RATE = 0.8, 2.0
PIXELS = 256
OURS, RBF = "reconstruction", "radial basis functions"
GENE, BIN_UM, PROMINENCE, NEAR_UM, TILTS = "eve", 5.0, 0.05, 10.0, (30, 45, 60, 75)


@contextlib.contextmanager
def reconstructed(sections):
    """The run of some sections, while its folder is there."""
    with tempfile.TemporaryDirectory() as folder:
        yield load_run(execute(create_run(Path(folder) / "run", sections, Config.of_preset("standard"))))


def phantom_slopes(n_sections, n_cells, seed):
    """One row for each linear gene of a ball: true slope (log1p per 100 µm) and the ratios of the found ones to it."""
    made, truth = make_phantom("ball", n_sections, GAP_UM, n_cells, GENES, seed=seed)
    about = json.loads(made.uns["phantom"])
    centre, reach = (0.0, 0.0, GAP_UM * (n_sections - 1) / 2), REACH * about["radius_um"]
    xyz = truth.obsm["spatial_3d"]
    xyz, X = (part[np.abs(xyz[:, 2] - centre[2]) <= centre[2]] for part in (xyz, truth.X))
    distance = np.linalg.norm(xyz - centre, axis=1)
    linear = [g for g in about["genes"] if (g["type"], g["form"]) == ("spherical", "linear") and g["rate"] > LEAST_RATE]
    with reconstructed(Sections.from_anndata(made)) as run:
        bins = ProfileBins((distance / run.cell_spacing_um).astype(int))
        for gene in (g["name"] for g in linear):
            values = np.log1p(X[:, run.genes.index(gene)])
            true = slope(pd.DataFrame({"distance_um": bins.mean(distance), "mean": bins.mean(values), "n": bins.count}),
                         0, reach)
            table = profile_around(run, [gene], Focus("spherical", centre), None, (ESTIMATE_2D,))
            found = {source: slope(part, 0, reach) / true for source, part in table.groupby("source")}
            yield {"sections": n_sections, "cells": n_cells, "seed": seed, "gene": gene, "truth": 100 * true, **found}


def binned(depth, values, start):
    """Depth (bin centre) and mean of each 5 µm bin that holds cells."""
    number = np.floor((depth - start) / BIN_UM).astype(int)
    return start + BIN_UM * (np.unique(number) + 0.5), ProfileBins(number).mean(values)


def peaks(at, mean):
    from scipy.signal import find_peaks

    return at[find_peaks(mean, prominence=PROMINENCE)[0]]


def scored(predicted, measured, hidden, slab_of):
    """Found, missed and false peaks of one fold: depths in µm."""
    mine = [p for p in measured if slab_of(p) in hidden]
    found = [p for p in mine if len(predicted) and np.abs(predicted - p).min() <= NEAR_UM]
    false = [p for p in predicted if slab_of(p) in hidden and np.abs(measured - p).min() > NEAR_UM]
    return {"peaks": mine, "found": found, "false": false}


def rbf(run, xyz):
    """The gene at places by radial basis functions of the training cells, each at its own depth."""
    from scipy.interpolate import RBFInterpolator

    values = run.sections.cells[:, GENE].to_df()[GENE].to_numpy()
    return RBFInterpolator(run.measured_xyz, values, neighbors=50)(xyz)


def embryo():
    """Peaks of both folds by both ways, and how oblique slices agree with the nuclei beside them."""
    sections = read_case(CASES["bdtnp"])
    depth = sections.cells.obs["depth"].to_numpy()
    values = sections.cells[:, GENE].to_df()[GENE].to_numpy()
    start = BIN_UM * np.floor(depth.min() / BIN_UM)
    measured = peaks(*binned(depth, values, start))

    def slab_of(place):
        return sections.names[int(np.abs(sections.depths - place).argmin())]

    folds = []
    for first in (1, 0):
        hidden = sections.names[first::2]
        with reconstructed(sections.without(hidden)) as run:
            xyz = run.tissue_cells.xyz
            table = profile(run, [GENE], "depth", (0.0, 0.0, 0.0), bin_um=BIN_UM)
            ours = table[table["source"] == "predicted"][["distance_um", "mean"]].to_numpy().T
            ways = {OURS: ours, RBF: binned(xyz[:, 2], rbf(run, xyz), run.depth_range[0])}
            folds.append({"hidden": list(hidden)} | {
                way: scored(peaks(*line), measured, hidden, slab_of) for way, line in ways.items()})
    nuclei = np.column_stack([sections.cells.obsm["spatial"], depth])
    with reconstructed(sections) as run:
        tilted = [beside_slice(run, tilt, nuclei, values) for tilt in TILTS]
    return {"measured": measured.tolist(), "folds": folds, "slices": tilted}


def beside_slice(run, tilt, xyz, values):
    """Correlation of the values of the nuclei within 10 µm of an oblique slice through the middle with the slice there,
    and with a cut along depth at the same places in the plane."""
    centre, size = np.mean(run.extent_um, axis=0), square_size(run.extent_um, 0, 90)
    made, upright = (oblique(run, GENE, centre, 0, angle, size, PIXELS) for angle in (tilt, 90))
    near = np.abs((xyz - centre) @ made.normal) <= NEAR_UM
    place = np.rint((xyz[near] - made.origin) @ np.stack([made.v, made.u], 1) / made.spacing_um).astype(int)
    at = tuple(np.clip(place, 0, PIXELS - 1).T)
    found = np.stack([values[near], made.values[at], upright.values[at]])
    found = found[:, np.isfinite(found).all(axis=0)]
    r = np.corrcoef(found)
    return {"tilt": tilt, "nuclei": found.shape[1], "slice": float(r[0, 1]), "upright": float(r[0, 2])}


def phantom_table(rows):
    table = pd.DataFrame(rows)
    text = ["## Phantom with spherical gradients\n", "Slope over the true slope, mean over genes of all seeds (least "
            "to most; share of single genes within 5 %). What measured cells miss is the noise of so many cells.\n",
            "| sections | focus | cells a section | genes | predicted, 3D | measured cells, 3D | 2D estimate |",
            "|---" * 7 + "|"]
    for (n, cells), part in table.groupby(["sections", "cells"]):
        found = [f"{part[s].mean():.3f} ({part[s].min():.2f} to {part[s].max():.2f}; "
                 f"{100 * (part[s] - 1).abs().le(0.05).mean():.0f} %)" for s in ("predicted", "measured", ESTIMATE_2D)]
        focus = "mid-gap" if n % 2 == 0 else "on a section"
        text.append(f"| {n} | {focus} | {cells:,} | {len(part)} | {' | '.join(found)} |")
    return "\n".join(text) + "\n"


def embryo_table(found):
    text = ["## Stripes of eve along depth\n", f"{len(found['measured'])} measured peaks, at "
            f"{', '.join(f'{p:.0f}' for p in found['measured'])} µm.\n",
            "| held out | way | peaks hidden | found | false | score |", "|---" * 6 + "|"]
    for way in (OURS, RBF):
        parts = [(name, fold[way]) for name, fold in zip(("odd slabs", "even slabs"), found["folds"], strict=True)]
        total = {k: sum((p[k] for _, p in parts), []) for k in ("peaks", "found", "false")}
        for name, p in [*parts, ("both", total)]:
            hidden, found_, false = (len(p[k]) for k in ("peaks", "found", "false"))
            text.append(f"| {name} | {way} | {hidden} | {found_} | {false} | {found_ / max(hidden + false, 1):.2f} |")
    text += ["\nOblique slices of a run on all slabs; correlation with the nuclei within 10 µm of the plane:\n",
             "| tilt | nuclei | the slice | a cut along depth at the same places in the plane |", "|---" * 4 + "|"]
    text += [f"| {s['tilt']}° | {s['nuclei']} | {s['slice']:.2f} | {s['upright']:.2f} |" for s in found["slices"]]
    return "\n".join(text) + "\n"


def markdown(results):
    head = f"# Gradients\n\n{results['machine']}; code {results['code']}, {results['date']}; preset standard."
    parts = [phantom_table(results["phantom"])] if "phantom" in results else []
    return "\n\n".join([head, *parts, *([embryo_table(results["embryo"])] if "embryo" in results else [])])


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], "phantom", "embryo"], metavar="part", help="phantom, embryo")
    parser.add_argument("--print-only", action="store_true")
    options = parser.parse_args(argv)
    stored = RESULTS / "gradients.json"
    results = json.loads(stored.read_text()) if stored.is_file() else {}
    parts = options.parts or ["embryo", "phantom"]
    if "phantom" in parts:
        results["phantom"] = [row for n in SECTIONS for cells in CELLS for seed in range(SEEDS)
                              for row in phantom_slopes(n, cells, seed)]
    if "embryo" in parts:
        results["embryo"] = embryo()
    results |= provenance()
    print(markdown(results))
    if not options.print_only:
        stored.write_text(json.dumps(results, indent=1, default=float) + "\n")
        (RESULTS / "gradients.md").write_text(markdown(results))


if __name__ == "__main__":
    main()
