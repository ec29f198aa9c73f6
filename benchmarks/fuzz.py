"""Damaged files of every format: `python -m benchmarks.fuzz [--cases 10000] [--seed 0]`.

Each case damages a small whole file in one to three ways and reads it as the app does (headers, then values joined with
a whole section). Cases run in worker processes with bounded memory and time. A file may be read or be refused with an
InputError; another exception, a dead worker or one that takes longer than 20 s is a fault. Writes
benchmarks/results/fuzz.json and .md.
"""

import argparse
import collections
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.cases import RESULTS, provenance
from benchmarks.fuzz_mutations import mutate
from benchmarks.fuzz_seeds import cells_of, copy_of, write_seeds

SECONDS, MEMORY = 20, 8 << 30
OUTCOMES = ("read", "refused", "other", "crash", "hang")


def run_case(name, seed_path, whole, number, room):
    """(outcome, ways, what was raised): one damaged copy, read."""
    rng = np.random.default_rng([number, zlib.crc32(name.encode())])
    path = copy_of(seed_path, room)
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    victim = files[rng.integers(len(files))]
    with ThreadPoolExecutor(1) as pool:
        ways = damage(victim, rng, pool)
        error = pool.submit(read_all, path, whole).exception()
    if error is None:
        return "read", ways, ""
    from isost_core.errors import InputError

    if isinstance(error, InputError):
        plain = str(error).isprintable()
        return ("refused", ways, str(error)) if plain else ("other", ways, f"not one line of text: {str(error)!r}")
    return "other", ways, "".join(traceback.format_exception(error))


def damage(victim, rng, pool):
    """Damage a file until it differs; says how."""
    before, ways = victim.read_bytes(), []
    while victim.exists() and victim.read_bytes() == before:
        done = pool.submit(mutate, victim, rng)
        ways.append(f"{victim.name}: {done.exception() or ', '.join(done.result())}")
    return ways


def read_all(path, whole):
    """Read a file as the app does: what is in it, its values, and the stack of it and a whole section."""
    from isost_core.readers import ReadOptions, read_sections, scan
    from isost_core.readers.recognise import headers_of
    from isost_core.readers.unpack import is_archive, unpack

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if is_archive(path):
            path = unpack(path, path.parent / "unpacked")
        names = [info.name for info in scan([path]).sections]
        for header in headers_of(path, ReadOptions()):
            header.load()
        read_sections([path, whole], ReadOptions(depths=tuple(range(len(names) + 1)), um_per_unit=1.0,
                                                 order=(*names, "whole")))


def work(pipe, memory):
    """A worker: cases come in, outcomes go out."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while (case := pipe.recv()) is not None:
        room = Path(tempfile.mkdtemp(prefix="fuzz_"))
        try:
            pipe.send(run_case(*case, room))
        finally:
            shutil.rmtree(room, ignore_errors=True)


class Worker:
    """A process that is replaced when it dies or hangs."""

    def __init__(self):
        self.context = multiprocessing.get_context("spawn")
        self.start()

    def start(self):
        self.pipe, far = self.context.Pipe()
        self.process = self.context.Process(target=work, args=(far, MEMORY), daemon=True)
        self.process.start()
        far.close()
        self.fresh = True

    def run(self, case):
        limit = SECONDS + (60 if self.fresh else 0)  # the first case imports everything
        self.fresh = False
        try:
            self.pipe.send(case)
            if self.pipe.poll(limit):
                return self.pipe.recv()
            outcome = "hang"
        except (EOFError, ConnectionError):
            outcome = "crash"
        self.process.kill()
        self.process.join()
        code = self.process.exitcode
        self.start()
        return outcome, [], f"exit code {code}"

    def stop(self):
        self.pipe.send(None)
        self.process.join(20)


def fuzz(n_cases, seed, workers=2, only=()):
    """{format: {outcome: count}}, the faults, and seconds per format."""
    with tempfile.TemporaryDirectory(prefix="fuzz_seeds_") as folder:
        seeds = write_seeds(Path(folder) / "seeds")
        seeds = {name: path for name, path in seeds.items() if not only or name in only}
        whole = Path(folder) / "whole.h5ad"
        cells_of(99, name="whole", z=80.0).write_h5ad(whole)
        each = -(-n_cases // len(seeds))
        cases = [(name, path, whole, seed * 1_000_003 + k) for name, path in seeds.items() for k in range(each)]
        counts, seconds, faults = collections.defaultdict(collections.Counter), collections.Counter(), []

        def lane(mine):
            worker = Worker()
            for case in mine:
                start = time.perf_counter()
                outcome, ways, what = worker.run(case)
                seconds[case[0]] += time.perf_counter() - start
                counts[case[0]][outcome] += 1
                if outcome not in ("read", "refused"):
                    faults.append({"format": case[0], "case": case[3], "outcome": outcome, "ways": ways, "what": what})
                    print(*case[::3], outcome, ways, what[-400:].replace("\n", " | "), file=sys.stderr, flush=True)
            worker.stop()

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lane, [cases[k::workers] for k in range(workers)]))
    rows = {n: {o: counts[n][o] for o in OUTCOMES} | {"seconds": round(seconds[n], 1)} for n in seeds}
    return rows, faults


def markdown(results):
    text = ["# Damaged files\n",
            f"{results['cases']:,} damaged files, seed {results['seed']}; {results['machine']}; code "
            f"{results['code']}, {results['date']}. A fault is anything but a file that is read or refused with an "
            "InputError.\n",
            "| format | cases | refused | read | other exceptions | crashes | hangs | seconds |", "|---" * 8 + "|"]
    rows = dict(results["formats"])
    rows["**all**"] = {key: round(sum(row[key] for row in rows.values()), 1) for key in (*OUTCOMES, "seconds")}
    for name, row in rows.items():
        text.append(f"| {name} | {sum(row[o] for o in OUTCOMES):,} | {row['refused']:,} | {row['read']:,} "
                    f"| {row['other']} | {row['crash']} | {row['hang']} | {row['seconds']:.0f} |")
    return "\n".join(text) + "\n"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=(), metavar="FORMAT", help="these formats; prints only")
    options = parser.parse_args(argv)
    formats, faults = fuzz(options.cases, options.seed, options.workers, options.only)
    n_cases = sum(row[o] for row in formats.values() for o in OUTCOMES)
    results = {"cases": n_cases, "seed": options.seed, "formats": formats, "faults": faults, **provenance()}
    print(markdown(results))
    if not options.only:
        (RESULTS / "fuzz.json").write_text(json.dumps(results, indent=1) + "\n")
        (RESULTS / "fuzz.md").write_text(markdown(results))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
