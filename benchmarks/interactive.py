"""What a visitor waits for on a finished run: `python benchmarks/interactive.py [run folder ...] [--short]`.

Without folders a ball phantom and, where its sections are found, MERFISH are reconstructed (preset fast). Medians of 7
repeats; writes benchmarks/results/interactive.json and .md. `--short`: a small ball, without browser; prints only.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from cases import DATA, RESULTS, ROOT, provenance

BARS = {"volume 128 (ms)": 100, "volume 256 (ms)": 600, "slice 512 x 512 (ms)": 20, "isosurface (ms)": 300,
        "isosurface sent (MB)": 1.5, "isosurface p95 (voxels of 256)": 1.0, "import isost_core (s)": 0.3,
        "first page (s)": 3.0, "first picture (s)": 2.0, "memory per further session (MB)": 50,
        "volume - virtual section, max (share of range)": 0.01}
REPEATS = 7


def median_ms(work):
    work()
    took = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - start))
    return statistics.median(took)


def cube_of(run, side):
    """Spacing at which the longest side of the tissue's box has this many voxels."""
    low, high = (np.array(corner) for corner in run.extent_um)
    return float((high - low).max() / (side - 1))


def volumes(run, gene):
    from isost_core.reconstruction.volume import make_volume

    rows = {}
    for side in (128, 256):
        made = make_volume(run, [gene], cube_of(run, side))
        rows[f"volume {side} (ms)"] = median_ms(lambda spacing=made.spacing_um: make_volume(run, [gene], spacing))
        rows[f"voxels {side}"] = list(made.mask.shape)
    others = iter([g for g in run.genes if g != gene] * 20)
    rows["volume 128, a gene not seen before (ms)"] = median_ms(
        lambda: make_volume(run, [next(others)], cube_of(run, 128)))
    return rows, made


def slices_(run, gene):
    from isost_core.reconstruction.slices import oblique, square_size

    middle = np.mean(run.extent_um, axis=0)
    size = square_size(run.extent_um, 30, 60)
    angles = iter(range(0, 360))
    return {"slice 512 x 512 (ms)": median_ms(lambda: oblique(run, gene, middle, next(angles), 60, size, 512))}


def surfaces(run, gene, volume):
    import pyvista as pv

    from isost_core.figures.surfaces import ColouredSurface
    from isost_core.figures.tissue import tissue_3d
    from isost_core.reconstruction import isosurfaces

    level = float(isosurfaces.level_of_percentile(volume, gene, isosurfaces.OPENING_PERCENTILE))
    made = []

    def ready():
        made[:] = isosurfaces.isosurface(run, gene, level)
        return tissue_3d([ColouredSurface(gene, *made, level=level)]).to_json()

    took, sent = median_ms(ready), len(ready())
    fields = run.gene_fields(run.genes.index(gene))
    full = isosurfaces.contour(run, [(fields[0], 0.0), (fields[1], level)], volume.spacing_um)
    there, back = (np.abs(pv.PolyData(points).compute_implicit_distance(surface)["implicit_distance"])
                   for points, surface in ((made[0], full), (full.points[::9], pv.PolyData.from_regular_faces(*made))))
    return {"isosurface (ms)": took, "isosurface sent (MB)": sent / 1e6, "triangles": len(made[1]),
            "triangles at full resolution": full.n_cells,
            "isosurface p95 (voxels of 256)": float(np.percentile(there, 95) / volume.spacing_um),
            "full surface from it, p95 (voxels)": float(np.percentile(back, 95) / volume.spacing_um)}


def difference(run, gene, volume, places=5000):
    """The volume against what a virtual section says at its voxels, in the gene's 1-99 % range; and, beside it, how far
    kriging at the voxel itself, of which the lattice is made, lies from both, and moves over 0.01 um, over 1 um, and
    with twice the anchors."""
    import dataclasses

    from isost_core.reconstruction.virtual_cells import decoded

    rng, column = np.random.default_rng(0), [run.genes.index(gene)]
    at = np.argwhere(volume.mask)
    at = at[rng.choice(len(at), min(places, len(at)), replace=False)]
    xyz = volume.origin_um + volume.spacing_um * at

    def direct(points, model=run.model):
        low, high = (np.array(corner) for corner in run.extent_um)
        points = np.clip(points, low, high)
        return model.latent.expression(model.expected(points)[0], column)[:, 0]

    def compare(found, here):
        for name, values in found.items():
            apart = np.abs(values - here) / scale
            for word, value in (("median", np.median(apart)), ("p95", np.percentile(apart, 95)), ("max", apart.max())):
                rows[f"{name}, {word} (share of range)"] = float(value)

    here, voxels, rows = direct(xyz), volume.values[0][tuple(at.T)], {}
    scale = np.ptp(np.percentile(here, (1, 99)))
    way = rng.standard_normal(xyz.shape)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    kriging = run.model.kriging
    doubled = dataclasses.replace(run.model, kriging=dataclasses.replace(kriging, per_section=2 * kriging.per_section))
    compare({"volume - virtual section": voxels}, decoded(run.decoder, *run.lattice.latent_at(xyz))[0][:, column[0]])
    compare({"volume - kriging": voxels, "kriging, 0.01 um away": direct(xyz + 0.01 * way),
             "kriging, 1 um away": direct(xyz + way), "kriging, twice the anchors": direct(xyz, doubled)}, here)
    return rows


def imports():
    """Of a process that imports the core and ends, starting Python included."""
    def once():
        subprocess.run([sys.executable, "-c", "import isost_core"], cwd=ROOT, check=True)

    return {"import isost_core (s)": median_ms(once) / 1000}


def in_the_app(run):
    import first_picture
    from app_memory import measure

    first, memory = measure(run)
    one, four = (next(v for k, v in memory.items() if k.startswith(n)) for n in ("1 session", "4 sessions"))
    pictures = first_picture.measure(run.path)
    return {"first page (s)": first, "first picture (s)": pictures["picture"], "sharp picture (s)": pictures["sharp"],
            "memory per further session (MB)": (four - one) / 3,
            "memory of the server (MB)": memory}


def measure_run(run, places=5000):
    gene = run.clearest_gene
    rows, volume = volumes(run, gene)
    rows |= slices_(run, gene) | surfaces(run, gene, volume)
    return rows | difference(run, gene, volume, places)


def finished_runs(folder, short):
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.readers import ReadOptions, read_sections
    from isost_core.runs.store import create_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.reconstruct import execute

    size = (4, 60.0, 500, 12) if short else (5, 60.0, 2000, 40)
    stacks = {"ball": lambda: Sections.from_anndata(make_phantom("ball", *size)[0])}
    if not short and (DATA / "merfish_poa_5sections.h5ad").is_file():
        stacks["merfish"] = lambda: read_sections(DATA / "merfish_poa_5sections.h5ad", ReadOptions(normalize="log1p"))
    return [execute(create_run(Path(folder) / name, make(), Config.of_preset("fast"), source={"device": "cpu"}))
            for name, make in stacks.items()]


def table(rows):
    lines = ["| what | measured | bar | met |", "|---|---|---|---|"]
    for name, value in rows.items():
        if isinstance(value, dict):
            lines += [f"| {name}: {k} | {v:.0f} | | |" for k, v in value.items()]
            continue
        text = " x ".join(map(str, value)) if isinstance(value, list) else f"{value:.4g}"
        bar = BARS.get(name)
        verdict = "| |" if bar is None else f"{bar:g} | {'yes' if value <= bar else 'no'} |"
        lines.append(f"| {name} | {text} | {verdict}")
    return "\n".join(lines) + "\n"


def main(arguments):
    from isost_core.runs.store import load_run

    short = "--short" in arguments
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(a) for a in arguments if not a.startswith("--")] or finished_runs(folder, short)
        runs = [load_run(path) for path in paths]
        load = os.getloadavg()[0]
        found = {"imports": imports()} | {run.id: measure_run(run, 500 if short else 5000) for run in runs}
        if not short:
            found["app"] = in_the_app(runs[-1]) | {"run": [runs[-1].id]}
    about = provenance() | {"load_at_start": round(load, 2), "load_at_end": round(os.getloadavg()[0], 2)}
    text = "\n".join(f"## {name}\n\n{table(rows)}" for name, rows in found.items())
    print(text)
    if short:
        return found
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "interactive.json").write_text(json.dumps(about | {"runs": found}, indent=1) + "\n")
    head = "\n".join(f"- {k}: {v}" for k, v in about.items())
    (RESULTS / "interactive.md").write_text(f"# What a visitor waits for\n\n{head}\n\n{text}")
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
