"""The data sets of the benchmarks, what is held out of each, and what every stored result says of itself."""

import os
import platform
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
DATA = Path(os.environ.setdefault("ISOST_DATA_DIR", str(ROOT.parent / "shared" / "data")))


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


def read_case(case):
    """All sections of a case, log1p."""
    from isost_core.readers import ReadOptions, read_sections

    return read_sections(DATA / case.file, ReadOptions(normalize="log1p"))


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
