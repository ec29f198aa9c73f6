"""The published objective as a fair opponent: `python benchmarks/paper.py [case ...] [--minutes 20]`.

One fold of each data set with presets paper and standard. Paper trains on a random fifth of a section's cells each
step, as published, with as many of its steps as fit into the budget (timed on its first steps). On MERFISH the sections
Bregma-0.09 and -0.19 are held out together. Writes benchmarks/results/paper.json and paper.md; her2st is printed alone.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.cases import CASES, DATA, RESULTS, provenance, read_case
from isost_core.config import Config
from isost_core.files import as_plain
from isost_core.model.training import train
from isost_core.validation.hold_out import Judge, predict_section, scored_genes
from isost_core.validation.metrics import score

FOLDS = {"merfish": ("Bregma-0.09", "Bregma-0.19")}
SHARE = 5  # one in so many cells of a section in each step
TIMED_STEPS = 2
STAGES = 3
COLUMNS = {"pcc_1nn": "PCC 1-NN", "genegene_r": "gene-gene r", "var_ratio": "variance ratio", "n_ratio": "count ratio",
           "chamfer_um": "Chamfer µm", "density_pcc": "density PCC", "interval_score": "interval score"}


def paper_config(sections, minutes):
    """The paper preset with the steps a stage that fit into the budget, as published where they do."""
    config = Config.of_preset("paper")
    fifth = int(np.median([len(sections.rows(name)) for name in sections.names])) // SHARE
    config = replace(config, batch_cells=max(16, fifth))
    started = time.perf_counter()
    train(sections, replace(config, train_steps=TIMED_STEPS))
    each = (time.perf_counter() - started) / (STAGES * TIMED_STEPS)
    return replace(config, train_steps=int(np.clip(60 * minutes / (STAGES * each), 1, config.train_steps)))


def run_case(name, minutes):
    case = CASES[name]
    sections = read_case(case)
    names = FOLDS.get(name, case.hold_out(sections.names)[0])
    judge, rest = Judge(sections, case.widths, scored_genes(sections), 0, shown=""), sections.without(names)
    out = {"title": case.title, "widths": case.widths, "held_out": names, "presets": {}, **provenance()}
    for config in (paper_config(rest, minutes), Config.of_preset("standard")):
        started = time.perf_counter()
        model = train(rest, config)
        seconds = time.perf_counter() - started
        found = [score(judge.measured(n), predict_section(model, judge.depth(n), judge.genes), case.widths).values
                 for n in names]
        steps = config.train_steps * (STAGES if config.preset == "paper" else 1)
        out["presets"][config.preset] = {"seconds": seconds, "steps": steps, "cells_per_step": config.batch_cells,
                                         "scores": {c: float(np.nanmean([f[c] for f in found])) for c in found[0]}}
    return as_plain(out)


def markdown(results):
    text = ["# The published objective beside standard\n", "One fold of each data set, mean over held-out sections.\n"]
    for found in results.values():
        pcc = {f"pcc_{w:g}": f"PCC {w:g} µm" for w in found["widths"]}
        columns = pcc | COLUMNS
        text += [f"\n## {found['title']}\n", f"Held out together: {', '.join(found['held_out'])}. {found['machine']}; "
                 f"code {found['code']}, {found['date']}.\n",
                 "| preset | steps | training s | " + " | ".join(columns.values()) + " |",
                 "|---" * (len(columns) + 3) + "|"]
        text += [f"| {preset} | {row['steps']} | {row['seconds']:.0f} | "
                 + " | ".join("" if row["scores"][c] is None else f"{row['scores'][c]:.3f}" for c in columns) + " |"
                 for preset, row in found["presets"].items()]
    return "\n".join(text) + "\n"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], metavar="case", help=", ".join(CASES))
    parser.add_argument("--minutes", type=float, default=20.0, help="most training time of the paper preset")
    options = parser.parse_args(argv)
    stored = RESULTS / "paper.json"
    results = json.loads(stored.read_text()) if stored.is_file() else {}
    for name in options.cases or ("merfish", "bdtnp", "breast", "her2st"):
        if not (DATA / CASES[name].file).is_file():
            print(f"{name}: {CASES[name].file} is not in {DATA}, left out", file=sys.stderr)
            continue
        found = run_case(name, options.minutes)
        print(markdown({name: found}), flush=True)
        if CASES[name].published:
            results[name] = found
            stored.write_text(json.dumps(results, indent=1) + "\n")
            (RESULTS / "paper.md").write_text(markdown(results))


if __name__ == "__main__":
    main()
