"""Time and memory of reading: python -m benchmarks.reading [--mb 200] [--store]

Writes a file of each kind of about so many MB, reads it in a process of its own, and compares the growth of memory at
its peak with the matrix that it gives.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"
GENES = 500
FORMATS = ("table .csv", "MERSCOPE", "Stereo-seq GEM", "10x .h5", "AnnData zarr", "counts and positions")
CHILD = """
import json, re, sys, time
from pathlib import Path
from isost_core.readers import ReadOptions
from isost_core.readers.recognise import headers_of
import scipy.sparse, pandas, anndata, pyarrow.csv, h5py
peak = lambda: 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1))
before, start = peak(), time.perf_counter()
x = headers_of(Path(sys.argv[1]), ReadOptions(um_per_unit=1.0))[0].load()
held = x.data.nbytes + x.indices.nbytes + x.indptr.nbytes if hasattr(x, "indptr") else x.nbytes
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "peak": peak() - before, "matrix": held, "cells": x.shape[0]}))
"""


def write(kind, folder, megabytes):
    """A file or folder of this kind and about this size; returns what to read and its bytes."""
    rng = np.random.default_rng(0)
    if kind == "Stereo-seq GEM":
        return _gem(folder / "chip.gem", rng, megabytes * 1_000_000 // 25)
    n = int(megabytes * 1e6 / (2.1 * GENES))
    if kind in ("AnnData zarr", "counts and positions"):
        return (_zarr if kind == "AnnData zarr" else _pair)(folder, rng, n)
    if kind == "10x .h5":
        return _tenx(folder / "tenx", rng, n)
    target = folder / "merscope" if kind == "MERSCOPE" else folder / "table.csv"
    return (_merscope if kind == "MERSCOPE" else _table)(target, rng, n)


def _counts(rng, n):
    return rng.poisson(0.3, (n, GENES)).astype(np.int16)


def _blocks(path, head, rng, n, first):
    """A table of counts, written in blocks; `first(rows)` gives the columns in front as text."""
    names = ",".join(f"G{g}" for g in range(GENES))
    with open(path, "w") as file:
        file.write(f"{head},{names}\n")
        for start in range(0, n, 2000):
            rows = range(start, min(start + 2000, n))
            lines = (",".join(map(str, row)) for row in _counts(rng, len(rows)).tolist())
            file.writelines(f"{a},{b}\n" for a, b in zip(first(rows), lines, strict=True))


def _table(path, rng, n):
    _blocks(path, "x,y,section", rng, n, lambda rows: [f"{r % 997},{r // 997},s" for r in rows])
    return path, path.stat().st_size


def _merscope(folder, rng, n):
    folder.mkdir()
    _blocks(folder / "cell_by_gene.csv", "cell", rng, n, lambda rows: [str(r) for r in rows])
    with open(folder / "cell_metadata.csv", "w") as file:
        file.write("EntityID,fov,center_x,center_y\n")
        file.writelines(f"{r},0,{r % 997},{r // 997}\n" for r in range(n))
    return folder, (folder / "cell_by_gene.csv").stat().st_size


def _gem(path, rng, n):
    with open(path, "w") as file:
        file.write("#StereoChip=SS1\ngeneID\tx\ty\tMIDCount\tCellID\n")
        for start in range(0, n, 500_000):
            size = min(500_000, n - start)
            x, y = rng.integers(0, 20_000, (2, size))
            gene, cell = rng.integers(0, 20_000, size), x // 100 * 200 + y // 100 + 1
            file.writelines(f"Gene{g}\t{a}\t{b}\t1\t{c}\n" for g, a, b, c in
                            zip(gene.tolist(), x.tolist(), y.tolist(), cell.tolist(), strict=True))
    return path, path.stat().st_size


def _pair(folder, rng, n):
    """Genes as rows, cells as columns, and the places of the cells."""
    with open(folder / "counts.csv", "w") as file:
        file.write("GENE," + ",".join(f"C{k}" for k in range(n)) + "\n")
        for gene in range(GENES):
            file.write(f"G{gene}," + ",".join(map(str, rng.poisson(0.3, n).tolist())) + "\n")
    with open(folder / "spatial.csv", "w") as file:
        file.write("NAME,X,Y\nTYPE,numeric,numeric\n")
        file.writelines(f"C{k},{k % 997},{k // 997}\n" for k in range(n))
    return folder, (folder / "counts.csv").stat().st_size


def _zarr(folder, rng, n):
    import anndata
    import scipy.sparse as sp

    cells = anndata.AnnData(sp.random(n, GENES, 0.26, "csr", np.float32, rng, lambda k: np.ones(k, np.float32)))
    cells.obsm["spatial"] = np.column_stack(np.divmod(np.arange(n), 997)) * 50.0
    cells.write_zarr(folder / "cells.zarr")
    return folder / "cells.zarr", sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def _tenx(folder, rng, n):
    import anndata
    import scipy.sparse as sp

    from tests.readers.visium_files import write_xenium

    cells = anndata.AnnData(sp.random(n, GENES, 0.26, "csr", np.float32, rng, lambda k: np.ones(k, np.float32)))
    cells.obs_names, cells.var_names = [f"C{k}-1" for k in range(n)], [f"G{g}" for g in range(GENES)]
    cells.obsm["spatial"] = np.column_stack(np.divmod(np.arange(n), 997)) * 50.0
    folder = write_xenium(folder, cells)
    return folder, sum(p.stat().st_size for p in folder.iterdir())


def measure(kind, megabytes):
    """Row of results of one kind."""
    with tempfile.TemporaryDirectory() as folder:
        path, size = write(kind, Path(folder), megabytes)
        done = subprocess.run([sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return {"format": kind, "file_mb": size / 1e6, "cells": found["cells"], "matrix_mb": found["matrix"] / 1e6,
            "peak_mb": found["peak"] / 1e6, "ratio": found["peak"] / found["matrix"], "seconds": found["seconds"]}


def report(rows):
    lines = ["# Reading", "", f"`python -m benchmarks.reading`; {platform.machine()}, 2 cores, no GPU. Peak: growth of "
             "memory while reading, all libraries loaded before.", "",
             "| format | file MB | cells | matrix MB | peak MB | peak / matrix | s |", "|---|---|---|---|---|---|---|"]
    lines += [f"| {r['format']} | {r['file_mb']:.0f} | {r['cells']:,} | {r['matrix_mb']:.0f} | {r['peak_mb']:.0f} | "
              f"{r['ratio']:.2f} | {r['seconds']:.1f} |" for r in rows]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, nargs="+", default=[200])
    parser.add_argument("--format", choices=FORMATS, nargs="+", default=FORMATS)
    parser.add_argument("--store", action="store_true", help="write benchmarks/results/reading.*")
    given = parser.parse_args()
    rows = [measure(kind, size) for size in given.mb for kind in given.format]
    text = report(rows)
    print(text)
    if given.store:
        (RESULTS / "reading.md").write_text(text)
        (RESULTS / "reading.json").write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
