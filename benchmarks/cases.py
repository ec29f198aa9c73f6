"""The data sets of the benchmarks, what is held out of each, and what every stored result says of itself."""

import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import twins

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
DATA = Path(os.environ.setdefault("ISOST_DATA_DIR", str(ROOT.parent / "shared" / "data")))


def log1p(path):
    """All sections of a file, log1p."""
    from isost_core.readers import ReadOptions, read_sections

    return read_sections(path, ReadOptions(normalize="log1p"))


@dataclass(frozen=True)
class Case:
    """One data set, how it is read, and what is held out: groups of sections, each group held out together."""

    title: str
    file: str
    widths: tuple
    hold_out: Callable
    published: bool = True
    read: Callable = log1p


def each(names):
    return [(name,) for name in names[1:-1]]


def inner_together(names):
    return [tuple(names[1:-1])]


def every_second(names):
    return [tuple(names[1:-1:2])]


def two_of_three(names):
    return [tuple(name for k, name in enumerate(names[:-1]) if k % 3)]


def one_two_three(names):
    """One, two and three neighbours in turn, each group between two sections that are kept."""
    return [tuple(name for k, name in enumerate(names[:len(names) - (len(names) - 1) % 9]) if k % 9 not in (0, 2, 5))]


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
    "labels": Case("MERFISH cell classes as labels, every second section (gap 100 µm)", "merfish_poa_5sections.h5ad",
                   (50.0, 100.0, 200.0), every_second, read=twins.labels),
    "slabs5": Case("Drosophila embryo in slabs of 5 µm, every second (gap 10 µm)", "bdtnp_drosophila_3d.h5ad",
                   (10.0, 20.0, 40.0), every_second, read=partial(twins.slabs, thickness_um=5.0)),
    "slabs10": Case("Drosophila embryo in slabs of 10 µm, every second (gap 20 µm)", "bdtnp_drosophila_3d.h5ad",
                    (10.0, 20.0, 40.0), every_second, read=partial(twins.slabs, thickness_um=10.0)),
    "uneven": Case("Drosophila embryo in slabs of 10 µm, one to three left out (gaps 20 to 40 µm)",
                   "bdtnp_drosophila_3d.h5ad", (10.0, 20.0, 40.0), one_two_three,
                   read=partial(twins.slabs, thickness_um=10.0)),
    "synovium": Case("Synovium (ST), registered, each inner section alone (gap 40 µm)",
                     "ra_synovium_RA2_7sections.h5ad", (200.0, 400.0, 800.0), each, read=twins.synovium),
}
REPORTED_ONLY = ("bdtnp-wide", "breast", "her2st")  # nothing is chosen by these


def read_case(case):
    """All sections of a case, in log1p space."""
    return case.read(DATA / case.file)


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
