"""Expected against measured time of runs: `python benchmarks/estimate.py [case ...]`.

Prints a table and, of all cases, writes benchmarks/results/estimate.json with the machine named. The MERFISH case
needs the public sections (downloaded, or in `originals` of the folder ISOST_DATA_DIR).
"""

import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from isost_core.config import Config  # noqa: E402
from isost_core.datasets.phantoms import make_phantom  # noqa: E402
from isost_core.jobs.status import read_status  # noqa: E402
from isost_core.reconstruction.timing import estimate_seconds  # noqa: E402
from isost_core.runs.store import create_run  # noqa: E402
from isost_core.sections.stack import Sections  # noqa: E402
from isost_core.workflows.reconstruct import execute  # noqa: E402


def merfish():
    from isost_core.datasets.examples import EXAMPLES, fetch_example
    from isost_core.readers import read_sections

    return read_sections(fetch_example("merfish"), EXAMPLES["merfish"].options)


def phantom(kind, n_sections, gap_um, n_cells, n_genes):
    return lambda: Sections.from_anndata(make_phantom(kind, n_sections, gap_um, n_cells, n_genes)[0])


CASES = {
    "ball 5 x 500, fast": (phantom("ball", 5, 60.0, 500, 12), {"preset": "fast"}),
    "ball 7 x 2000, standard": (phantom("ball", 7, 50.0, 2000, 40), {"preset": "standard"}),
    "layers 12 x 1000, standard": (phantom("layers", 12, 40.0, 1000, 60), {"preset": "standard"}),
    "MERFISH 5 sections, fast": (merfish, {"preset": "fast"}),
    "MERFISH 5 sections, standard": (merfish, {"preset": "standard"}),
    "ball 4 x 800, paper (20 steps)": (phantom("ball", 4, 50.0, 800, 30), {"preset": "paper", "train_steps": 20}),
}


def main(names):
    rows = []
    for name in names or CASES:
        make, settings = CASES[name]
        config = Config.of_preset(settings["preset"], **{k: v for k, v in settings.items() if k != "preset"})
        sections = make()
        with tempfile.TemporaryDirectory() as folder:
            expected = estimate_seconds(sections, config, "cpu")
            start = time.perf_counter()
            run = execute(create_run(Path(folder) / "run", sections, config, source={"device": "cpu"}))
            rows.append({"case": name, "expected_s": expected, "measured_s": time.perf_counter() - start,
                         "state": read_status(run).state})
        row = rows[-1]
        print(f"{name:32s} expected {expected:6.1f} s  measured {row['measured_s']:6.1f} s  "
              f"ratio {expected / row['measured_s']:.2f}", flush=True)
    if names:
        return rows
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    (results / "estimate.json").write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
