"""Accuracy on held-out real sections, beside every simple method: `python benchmarks/accuracy.py [case ...]`.

Cases: merfish, merfish-wide, bdtnp, bdtnp-wide, breast, her2st, and other readings of the same data (labels, slabs5,
slabs10, uneven, synovium); all by default. ISOST_DATA_DIR is the folder of the real sections. Writes
benchmarks/results/accuracy.json and accuracy.md with the machine named; a case that is run replaces its own part.
her2st sections have no licence: their table is printed and never written.

--preset P[,P2]   presets to run; the bars are those of the first
--print-only      write nothing
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.accuracy_tables import markdown
from benchmarks.cases import CASES, DATA, RESULTS, provenance, read_case
from benchmarks.stability import count_sweep, step_change
from isost_core.config import Config
from isost_core.files import as_plain
from isost_core.model.training import train
from isost_core.validation.baselines import MEANS
from isost_core.validation.comparison import OF_THE_MEAN
from isost_core.validation.hold_out import Judge, judge_model, scored_genes


def run_case(case, config):
    """Train without each group, score every held-out section, and check counts and step.

    Returns
    -------
    dict of plain values: `sections` found, `seconds` of training per group, `counts` and `step` checks
    """
    sections = read_case(case)
    judge = Judge(sections, case.widths, scored_genes(sections), config.seed, shown="")
    out = {"config": config.to_dict(), "sections": [], "training_s": [], "counts": [], "step": []}
    for names in case.hold_out(sections.names):
        started = time.perf_counter()
        model = train(sections.without(names), config, "cpu")
        out["training_s"].append(time.perf_counter() - started)
        for found in judge_model(judge, names, model):
            scored = [{"method": method, "places": places}
                      | {c: v for c, v in values.items() if method not in MEANS or c.startswith(OF_THE_MEAN)}
                      for (method, places), values in found["scored"].items()]
            out["sections"].append({k: found[k] for k in ("section", "depth_um", "gap_um", "nearest_um", "halves")}
                                   | {"scored": scored})
        if not out["counts"]:  # once per case: a sweep takes longer than the scoring
            out["counts"].append(count_sweep(model))
            out["step"].append(step_change(model))
        print(f"  {', '.join(names)}: trained in {out['training_s'][-1]:.0f} s, "
              f"{time.perf_counter() - started:.0f} s in all", file=sys.stderr, flush=True)
    return as_plain(out)


def main(argv=None):
    options = _parser().parse_args(argv)
    stored = RESULTS / "accuracy.json"
    results = json.loads(stored.read_text()) if stored.is_file() else {}
    for name in options.cases or CASES:
        case = CASES[name]
        if not (DATA / case.file).is_file():
            print(f"{name}: {case.file} is not in {DATA}, left out", file=sys.stderr)
            continue
        found = {"title": case.title, "widths": case.widths, "presets": {}, **provenance()}
        for preset in options.preset.split(","):
            print(f"{name}, {preset}", file=sys.stderr, flush=True)
            found["presets"][preset] = run_case(case, Config.of_preset(preset))
        print(markdown({name: found}), flush=True)
        if case.published and not options.print_only:
            results[name] = found
            RESULTS.mkdir(exist_ok=True)
            stored.write_text(json.dumps(results, allow_nan=False).replace('{"section"', '\n{"section"') + "\n")
            (RESULTS / "accuracy.md").write_text(markdown({k: results[k] for k in CASES if k in results}))


def _parser():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], metavar="case", help=", ".join(CASES))
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--print-only", action="store_true")
    return parser


if __name__ == "__main__":
    main()
