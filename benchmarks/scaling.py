"""Time and memory as stacks grow: `python benchmarks/scaling.py [grow] [million] [transcriptome] [section]`.

Each size runs in a process of its own, so that its peak memory is its own, on sparse counts of a slab with laminae
(phantom "layers", cells 15 µm apart) that an earlier, untimed process wrote. Writes benchmarks/results/scaling.json,
scaling.md and scaling.svg. `--cells 500 2000` chooses other cells per section for grow; `--keep DIR` keeps the phantoms
and uses those that are there; `--run DIR` is a finished run that section reads. Linux alone tells peak memory.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.cases import RESULTS, provenance
from benchmarks.scaling_tables import store

GROW = (500, 2000, 10_000, 50_000)  # cells in each of ten sections
GIB = 2**30
BARS = {
    "grow": "fit time and peak memory grow with an exponent of at most 1.1, the last two sizes too",
    "million": "read, fit and volume within 30 min and 10 GiB",
    "transcriptome": "fit within 3 min, a gene's 128³ volume within 300 ms",
    "section": "a virtual section of 100,000 cells within 5 s",
}


def sizes_of(case, cells):
    """(sections, cells per section, genes) of each size of a case."""
    return {"grow": [(10, n, 500) for n in cells], "million": [(10, 100_000, 500)],
            "transcriptome": [(4, 5000, 20_000)], "section": [(3, 100_000, 500)]}[case]


def write_phantom(path, n_sections, n_cells, n_genes):
    """The process that writes the sections; the tissue around them is not needed."""
    from isost_core.datasets import phantoms

    phantoms.MAX_TRUTH_CELLS = 1000
    phantoms.make_phantom("layers", n_sections, 60.0, n_cells, n_genes, sparse=True)[0].write_h5ad(path)


class Stages:
    """Seconds (of the clock and of the processors) and peak memory of what runs between two names."""

    def __init__(self):
        self.rows, self.last = {}, None

    def begin(self, name):
        """End the stage before and start another; None ends the last one. The same name goes on."""
        if name == (self.last or [None])[0]:
            return
        if self.last:
            old, wall, cpu = self.last
            self.rows[old] = {"seconds": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu,
                              "peak_gib": peak_memory() / GIB}
            print(f"  {old:14s} {self.rows[old]['seconds']:8.1f} s {self.rows[old]['cpu_s']:8.1f} s of processors "
                  f"{self.rows[old]['peak_gib']:6.2f} GiB", file=sys.stderr, flush=True)
        Path("/proc/self/clear_refs").write_text("5")
        self.last = name and (name, time.perf_counter(), time.process_time())


def peak_memory():
    """Most bytes that this process held since its peak was last forgotten (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))


def measure(source, folder):
    """The process that is measured: a whole run from a file, and what is read from it."""
    from isost_core.config import Config
    from isost_core.readers import read_sections
    from isost_core.runs.store import create_run

    stages = Stages()
    stages.begin("read")
    sections = read_sections(source)
    cells, genes = sections.n_cells, len(sections.genes)
    stages.begin("start")
    folder = create_run(folder, sections, Config(), source={"device": "cpu"})
    del sections
    fit(folder, stages)
    return read_from(folder, stages) | {"cells": cells, "genes": genes}


def read_from(folder, stages):
    """What is read from a finished run: volumes of two genes, of 128³ voxels, and a virtual section."""
    from isost_core.reconstruction.virtual_cells import virtual_section
    from isost_core.reconstruction.volume import make_volume
    from isost_core.runs.store import load_run

    stages.begin("open")
    run = load_run(folder)
    middle, low, high = float(np.mean(run.sections.depths[:2])), *map(np.array, run.extent_um)
    spacing, prepared = float(np.prod(high - low) ** (1 / 3)) / 128, (run.lattice, run.model)
    del prepared
    stages.begin("volume")
    volume = make_volume(run, [run.clearest_gene], spacing)
    stages.begin("volume again")
    make_volume(run, [run.genes[0]], spacing)
    stages.begin("section")
    made = virtual_section(run, middle)
    stages.begin("section again")
    virtual_section(run, middle + 1)
    stages.begin(None)
    return {"cells": run.sections.n_cells, "genes": len(run.genes), "stages": stages.rows,
            "voxels": list(volume.mask.shape), "virtual_cells": made.n_obs,
            "run_mib": sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file()) / 2**20}


def fit(folder, stages):
    """`execute`, with the stages it reports."""
    from isost_core.jobs import progress
    from isost_core.workflows.reconstruct import execute

    told = progress.Reporter.step

    def step(self, stage, *rest):
        stages.begin(stage)
        return told(self, stage, *rest)

    progress.Reporter.step = step
    stages.begin("load")
    execute(folder)


def in_process(*words):
    """Run this file in another process; what it prints last."""
    done = subprocess.run([sys.executable, __file__, *map(str, words)], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def run_case(case, options):
    rows, load = [], os.getloadavg()[0]
    for size in sizes_of(case, options.cells):
        name = "x".join(map(str, size))
        print(f"{case} {name}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(dir=options.keep) as scratch:
            source = Path(options.keep or scratch) / f"{name}.h5ad"
            if case == "section" and options.run:
                words = ("--read", options.run)
            else:
                words = ("--measure", source, Path(scratch) / "run")
                if not source.is_file():
                    in_process("--write", source, *size)
            rows.append(json.loads(in_process(*words).splitlines()[-1]))
        load = max(load, os.getloadavg()[0])
    return {"rows": rows, "bar": BARS[case], "load": load, **provenance()}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[[], *BARS], metavar="case", help=", ".join(BARS))
    parser.add_argument("--cells", nargs="+", type=int, default=GROW)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--write", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--measure", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.write:
        return write_phantom(options.write[0], *map(int, options.write[1:]))
    if options.measure:
        return print(json.dumps(measure(*options.measure)))
    if options.read:
        return print(json.dumps(read_from(options.read, Stages())))
    for case in options.cases or ("grow", "transcriptome"):
        store(case, run_case(case, options), RESULTS)
    return None


if __name__ == "__main__":
    main()
