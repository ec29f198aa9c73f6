"""Whether a gene's grade means the same on every stack: `python benchmarks/grades.py [case ...]`.

One fold of each case of benchmarks/cases.py: the provisional grade that a run without the held-out sections gives each
gene, from masked training sections, beside the grade of a validation on the sections held out. Writes
benchmarks/results/grades.json and grades.md with the machine named; a case that is run replaces its own part. her2st
sections have no licence: their table is printed and never written.
"""

import argparse
import json
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.cases import CASES, DATA, REPORTED_ONLY, RESULTS, provenance, read_case
from isost_core.config import Config
from isost_core.files import as_plain
from isost_core.model.training import train
from isost_core.validation.hold_out import Judge, judge_model, scored_genes
from isost_core.validation.metrics import grid_widths
from isost_core.validation.provisional_trust import provisional_grades
from isost_core.validation.summary import finish

LETTERS = "ABC"


def run_case(case, config):
    """Both grades of every compared gene on the middle fold of a case, as the tables of `compared`."""
    sections = read_case(case)
    folds = case.hold_out(sections.names)
    names = folds[len(folds) // 2]
    model = train(sections.without(names), config, "cpu")
    provisional = provisional_grades(model, lambda done: None)
    judge = Judge(sections, grid_widths(sections), scored_genes(sections), config.seed, names[len(names) // 2])
    found = [section | {"main": True, "training_s": 0.0} for section in judge_model(judge, names, model)]
    return {"held_out": names} | compared(provisional, finish(judge, found, {})["genes"])


def compared(provisional, validated):
    """Tables of the genes that both judged.

    Parameters
    ----------
    provisional : gene -> dict with grade, pcc and share; validated : list of the same, with gene

    Returns
    -------
    dict: `table`, genes of each provisional grade (rows) and grade by validation (columns); `equal` and `within_one`,
    shares of the genes; `above`, how many grades the provisional one is higher on average; `grades`, for each
    provisional grade the median r and the median share of the best possible r by validation
    """
    pairs = [(provisional[row["gene"]]["grade"], row) for row in validated]
    pairs = [(grade, row) for grade, row in pairs if grade in LETTERS and row["grade"] in LETTERS]
    table = np.zeros((3, 3), int)
    for grade, row in pairs:
        table[LETTERS.index(grade), LETTERS.index(row["grade"])] += 1
    by_grade = {grade: [row for mine, row in pairs if mine == grade] for grade in LETTERS}
    steps, n = np.subtract.outer(np.arange(3), np.arange(3)), max(len(pairs), 1)
    return {"genes": len(pairs), "table": table, "equal": np.trace(table) / n,
            "within_one": table[np.abs(steps) < 2].sum() / n, "above": -(table * steps).sum() / n,
            "grades": {grade: {name: _median([row[name] for row in rows]) for name in ("pcc", "share")}
                       for grade, rows in by_grade.items()}}


def _median(values):
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


def markdown(results):
    text = ["# What a grade means\n",
            "Each gene has a provisional grade from masked training sections (first letter) and one by validation on "
            "sections held out (second). One fold of each data set. *Above* is how many grades the provisional one is "
            "higher on average. r and share are medians by validation of the genes with a provisional grade; share is "
            "that of the best possible r.\n",
            "| | genes | equal | within one | above | " + " | ".join(f"{a}{b}" for a in LETTERS for b in LETTERS)
            + " | " + " | ".join(f"{grade}: r, share" for grade in LETTERS) + " |", "|---" * 17 + "|"]
    for name, found in results.items():
        cells = [str(n) for row in found["table"] for n in row]
        medians = [", ".join("-" if v is None else f"{v:.2f}" for v in found["grades"][grade].values())
                   for grade in LETTERS]
        note = " (chooses nothing)" if name in REPORTED_ONLY else ""
        text.append(f"| {found['title']}{note} | {found['genes']} | {found['equal']:.2f} | {found['within_one']:.2f} | "
                    f"{found['above']:+.2f} | " + " | ".join(cells + medians) + " |")
    made = sorted({f"{found['machine']}; code {found['code']}, {found['date']}" for found in results.values()})
    return "\n".join(text) + "\n\n" + "\n".join(f"{line}." for line in made) + "\n"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], metavar="case", help=", ".join(CASES))
    stored = RESULTS / "grades.json"
    results = json.loads(stored.read_text()) if stored.is_file() else {}
    for name in parser.parse_args(argv).cases or CASES:
        case = CASES[name]
        if not (DATA / case.file).is_file():
            print(f"{name}: {case.file} is not in {DATA}, left out", file=sys.stderr)
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            found = as_plain({"title": case.title} | run_case(case, Config.of_preset("standard")) | provenance())
        print(markdown({name: found}), flush=True)
        if case.published:
            results[name] = found
            stored.write_text(json.dumps(results, indent=1) + "\n")
            (RESULTS / "grades.md").write_text(markdown({k: results[k] for k in CASES if k in results}))


if __name__ == "__main__":
    main()
