"""What each part of the reconstruction is worth: `python benchmarks/ablation.py [case ...]`.

The same held-out sections as benchmarks/accuracy.py (first fold of each case), with one part taken out at a time.
Beside the scores of the expected expression, of sampled cells and of places, the PCC of *sampled* cells per bin: it is
what the path of a cell and the change of its expression on the way earn. Writes benchmarks/results/ablation.json and
ablation.md.
"""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.cases import CASES, DATA, RESULTS, provenance, read_case
from isost_core.config import Config
from isost_core.files import as_plain
from isost_core.model import anchors
from isost_core.model.anchors import AnchorIndex
from isost_core.model.networks import make_section_drifts
from isost_core.model.training import train
from isost_core.validation.hold_out import Judge, predict_section, scored_genes
from isost_core.validation.metrics import Predicted, score, score_mean

WHOLE = "standard"
COLUMNS = {"pcc": "PCC", "pcc_1nn": "PCC 1-NN", "sampled": "PCC of sampled cells", "genegene_r": "gene-gene r",
           "var_ratio": "variance ratio", "chamfer_um": "Chamfer µm", "density_pcc": "density PCC",
           "interval_score": "interval score"}


def untrained(model, *names):
    """The model with some of its drifts at zero, as networks are before training."""
    made = make_section_drifts(len(model.depths) - 1, len(model.latent.signal), model.config, model.device)
    nets = dict(zip(("shape", "expression"), made, strict=True))
    return replace(model, drifts=replace(model.drifts, **{name: nets[name].eval() for name in names}))


def of_fine_anchors(model):
    """The model without the coarse anchors beyond the fine ones."""
    scales = [replace(scale, index=AnchorIndex(scale.index.fine, None, scale.index.depths, scale.index.group))
              for scale in model.kriging.scales]
    return replace(model, kriging=replace(model.kriging, scales=tuple(scales)))


def without(part, value, sections, config):
    """A model trained with one function replaced by a constant."""
    with patch(part, lambda *given: value):
        return train(sections, config)


def variants(sections, config):
    """(name, model) of every ablation."""
    whole = train(sections, config)
    yield WHOLE, whole
    yield "zero drift", replace(untrained(whole, "shape", "expression"), follow=False)
    yield "no shape drift", replace(untrained(whole, "shape"), follow=False)
    yield "no expression drift", untrained(whole, "expression")
    yield "fine anchors alone", of_fine_anchors(whole)
    with patch.object(anchors, "MOST_SECTIONS", 2):
        yield "two sections instead of all", whole
    yield "no bins: cells as anchors", without("isost_core.model.anchors.bin_width", 0.0, sections, config)
    yield "principal components as axes", without("isost_core.model.latent._chance", 1.0, sections, config)
    yield "axes of largest neighbour covariance", without("isost_core.model.latent._chance", 0.0, sections, config)
    yield "paths without noise", train(sections, replace(config, diffusion=0.0))
    yield "50 axes for decoding", train(sections, replace(config, factors=50))


def scores(judge, names, model):
    """Mean over held-out sections of every column."""
    middle, rows = sorted(judge.widths)[len(judge.widths) // 2], []
    for name in names:
        measured = judge.measured(name)
        found = predict_section(model, judge.depth(name), judge.genes, judge.seed)
        values = score(measured, found, judge.widths).values
        sampled = score_mean(measured, Predicted(found.xy, found.X), judge.widths).values
        rows.append(values | {"pcc": values[f"pcc_{middle:g}"], "sampled": sampled[f"pcc_{middle:g}"]})
    return {column: float(np.mean([row[column] for row in rows])) for column in COLUMNS}


def run_case(case):
    sections = read_case(case)
    names = case.hold_out(sections.names)[0]
    judge = Judge(sections, case.widths, scored_genes(sections), 0, shown="")
    rows = {}
    for what, model in variants(sections.without(names), Config.of_preset(WHOLE)):
        rows[what] = scores(judge, names, model)
        print(what, rows[what], file=sys.stderr, flush=True)
    return {"title": case.title, "held_out": names, "rows": rows, **provenance()}


def markdown(results):
    text = ["# What each part is worth\n", "One fold of each data set, one part taken out at a time; PCC at the middle "
            "bin width. Differences below .02 between two rows mean little on so few sections.\n"]
    for found in results.values():
        text += [f"\n## {found['title']}\n", f"Held out: {', '.join(found['held_out'])}. {found['machine']}; code "
                 f"{found['code']}, {found['date']}.\n", "| | " + " | ".join(COLUMNS.values()) + " |",
                 "|---" * (len(COLUMNS) + 1) + "|"]
        text += [f"| {what} | " + " | ".join(f"{row[c]:.3f}" for c in COLUMNS) + " |"
                 for what, row in found["rows"].items()]
    return "\n".join(text) + "\n"


def main(argv=None):
    known = [name for name, case in CASES.items() if case.published]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[[], *known], metavar="case", help=", ".join(known))
    stored = RESULTS / "ablation.json"
    results = json.loads(stored.read_text()) if stored.is_file() else {}
    for name in parser.parse_args(argv).cases or ("merfish", "bdtnp", "breast"):
        if not (DATA / CASES[name].file).is_file():
            print(f"{name}: {CASES[name].file} is not in {DATA}, left out", file=sys.stderr)
            continue
        results[name] = as_plain(run_case(CASES[name]))
        stored.write_text(json.dumps(results, indent=1) + "\n")
        (RESULTS / "ablation.md").write_text(markdown(results))
    print(markdown(results))


if __name__ == "__main__":
    main()
