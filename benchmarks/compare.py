"""The short benchmarks beside their stored results from the same kind of machine: `python benchmarks/compare.py`.

`--store` keeps the results of this run as those of this kind of machine (benchmarks/results/short.json). Times depend
on what else the machine does: read ratios together with the load.
"""

import json
import os
import platform
import sys

import estimate
import interactive
from cases import RESULTS

FILE = RESULTS / "short.json"
SHORT_CASE = "ball 5 x 500, fast"


def measured():
    """{what: value} of the short benchmarks; smaller is better."""
    run = estimate.main([SHORT_CASE])[0]
    values = {f"run: {SHORT_CASE} (s)": run["measured_s"]}
    for group, rows in interactive.main(["--short"]).items():
        values |= {f"{group}: {name}": value for name, value in rows.items() if name in interactive.BARS}
    return values


def main(arguments):
    stored = json.loads(FILE.read_text()) if FILE.is_file() else {}
    kind = f"{platform.machine()}, {os.cpu_count()} cores"
    values, before = measured(), stored.get(kind, {})
    print(f"{kind}, load {os.getloadavg()[0]:.1f}" + ("" if before else ": nothing is stored for this kind of machine"))
    for name, value in values.items():
        ratio = f"{value / before[name]:8.2f} x stored" if before.get(name) else ""
        print(f"{name:55s} {value:10.4g}  {ratio}")
    if "--store" in arguments:
        FILE.write_text(json.dumps(stored | {kind: values}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
