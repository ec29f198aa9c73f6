"""Accuracy on held-out real sections, beside every simple method: `python benchmarks/accuracy.py [case ...]`.

Cases: merfish, merfish-wide, bdtnp, bdtnp-wide, breast, her2st; all by default. ISOST_DATA_DIR is the folder of the
real sections. Writes benchmarks/results/accuracy.json and accuracy.md with the machine named; a case that is run
replaces its own part. her2st sections have no licence: their table is printed and never written.

--preset P[,P2]   presets to run; the bars are those of the first
--print-only      write nothing
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy_tables import markdown  # noqa: E402
from benchmarks.stability import count_sweep, step_change  # noqa: E402
from isost_core.baselines import MEANS  # noqa: E402
from isost_core.compare import OF_THE_MEAN  # noqa: E402
from isost_core.config import Config  # noqa: E402
from isost_core.readers import ReadOptions, read_sections  # noqa: E402
from isost_core.report_parts import as_plain  # noqa: E402
from isost_core.train import train  # noqa: E402
from isost_core.validate import Judge, judge_model, scored_genes  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results"


@dataclass(frozen=True)
class Case:
    """One data set and what is held out: groups of sections, each group held out together."""

    title: str
    file: str
    widths: tuple
    hold_out: object
    published: bool = True


def each(names):
    return [(name,) for name in names[1:-1]]


def inner_together(names):
    return [tuple(names[1:-1])]


def every_second(names):
    return [tuple(names[1:-1:2])]


def two_of_three(names):
    return [tuple(name for k, name in enumerate(names[:-1]) if k % 3)]


CASES = {
    "merfish": Case("MERFISH preoptic region, each inner section alone (gap 100 µm)", "merfish_poa_5sections.h5ad",
                    (50.0, 100.0, 200.0), each),
    "merfish-wide": Case("MERFISH preoptic region, the three inner sections together (gap 200 µm)",
                         "merfish_poa_5sections.h5ad", (50.0, 100.0, 200.0), inner_together),
    "bdtnp": Case("Drosophila embryo (BDTNP), every second slab (gap 40 µm)", "bdtnp_drosophila_3d.h5ad",
                  (10.0, 20.0, 40.0), every_second),
    "bdtnp-wide": Case("Drosophila embryo (BDTNP), two of three slabs (gap 60 µm)", "bdtnp_drosophila_3d.h5ad",
                       (10.0, 20.0, 40.0), two_of_three),
    "breast": Case("Breast cancer (ST), each inner section alone (gap 32 µm)", "st_breast_cancer_4layers.h5ad",
                   (200.0, 400.0, 800.0), each),
    "her2st": Case("HER2+ breast tumour C (ST), each inner section alone (gap 32 µm)", "her2st_C.h5ad",
                   (200.0, 400.0, 800.0), each, published=False),
}


def run_case(case, file, config):
    """Train without each group, score every held-out section, and check counts and step.

    Returns
    -------
    dict of plain values: `sections` found, `seconds` of training per group, `counts` and `step` checks
    """
    sections = read_sections(file, ReadOptions(normalize="log1p"))
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
    folder = Path(os.environ.get("ISOST_DATA_DIR", ROOT.parent / "shared" / "data"))
    stored = RESULTS / "accuracy.json"
    results = json.loads(stored.read_text()) if stored.is_file() else {}
    for name in options.cases or CASES:
        case = CASES[name]
        if not (folder / case.file).is_file():
            print(f"{name}: {case.file} is not in {folder}, left out", file=sys.stderr)
            continue
        found = {"title": case.title, "widths": case.widths, "presets": {}, **provenance()}
        for preset in options.preset.split(","):
            print(f"{name}, {preset}", file=sys.stderr, flush=True)
            found["presets"][preset] = run_case(case, folder / case.file, Config.of_preset(preset))
        print(markdown({name: found}), flush=True)
        if case.published and not options.print_only:
            results[name] = found
            RESULTS.mkdir(exist_ok=True)
            stored.write_text(json.dumps(results, allow_nan=False).replace('{"section"', '\n{"section"') + "\n")
            (RESULTS / "accuracy.md").write_text(markdown({k: results[k] for k in CASES if k in results}))


def provenance():
    """Machine, date, and the state of the code."""
    def git(*words):
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no", "isost_core") else ""
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    return {"machine": f"{platform.machine()}, {os.cpu_count()} cores (OMP_NUM_THREADS {threads}), "
                       f"Python {platform.python_version()}",
            "date": time.strftime("%Y-%m-%d"), "code": (git("rev-parse", "--short", "HEAD") or "unknown") + changed}


def _parser():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], metavar="case", help=", ".join(CASES))
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--print-only", action="store_true")
    return parser


if __name__ == "__main__":
    main()
