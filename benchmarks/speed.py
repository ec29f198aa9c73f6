"""Preset standard against the published objective on the five MERFISH sections: `python benchmarks/speed.py`.

Standard is fitted whole. Of the paper preset a few steps of every stage are timed in the same run, each on a random
fifth of the cells as published; their seconds are multiplied with the published 1,500 steps: *extrapolated*, and named
so. Held-out accuracy of both: benchmarks/paper.py. Writes benchmarks/results/speed.json and speed.md.
"""

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.cases import CASES, RESULTS, provenance, read_case
from isost_core.config import Config
from isost_core.model.training import train

TIMED_STEPS, PUBLISHED_STEPS = 4, 1500  # steps of each of the three stages; all steps of the published schedule
STAGES = ("shape", "expression", "joint")
BAR = 50


def timed(sections, config):
    """Seconds of each stage of a fit, and of all of it: {stage: s}, s."""
    started, ends = time.perf_counter(), {}

    def tell(stage, fraction, loss):
        ends[stage] = time.perf_counter()

    train(sections, config, on_step=tell)
    stages, total = list(ends), time.perf_counter() - started
    begins = [started, *(ends[s] for s in stages[:-1])]
    return {s: ends[s] - b for s, b in zip(stages, begins, strict=True)}, total


def main():
    sections = read_case(CASES["merfish"])
    standard = timed(sections, Config.of_preset("standard"))
    fifth = int(np.median([len(sections.rows(name)) for name in sections.names])) // 5
    paper = replace(Config.of_preset("paper"), batch_cells=fifth, train_steps=TIMED_STEPS)
    stages, _ = timed(sections, paper)
    step = float(np.mean([stages[s] for s in STAGES])) / TIMED_STEPS
    results = {"cells": sections.n_cells, "genes": len(sections.genes), "standard_s": standard[1],
               "standard_stages_s": standard[0], "paper_s_per_step": step, "paper_cells_per_step": fifth,
               "published_steps": PUBLISHED_STEPS, "paper_s_extrapolated": step * PUBLISHED_STEPS,
               "ratio": step * PUBLISHED_STEPS / standard[1], **provenance()}
    text = [f"# Speed\n\nFive MERFISH sections, {results['cells']} cells, {results['genes']} genes. "
            f"{results['machine']}; code {results['code']}, {results['date']}.\n", "| | s |", "|---|---|",
            f"| preset standard, whole fit | {standard[1]:.0f} |",
            *(f"| of which {stage} | {s:.1f} |" for stage, s in standard[0].items()),
            f"| preset paper, one step on {fifth} cells a section (mean of {3 * TIMED_STEPS}) | {step:.2f} |",
            f"| preset paper, {PUBLISHED_STEPS} steps as published, *extrapolated* | {step * PUBLISHED_STEPS:.0f} |",
            f"\nStandard takes {results['ratio']:.0f} times less (bar: {BAR})."]
    print("\n".join(text))
    (RESULTS / "speed.json").write_text(json.dumps(results, indent=1) + "\n")
    (RESULTS / "speed.md").write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
