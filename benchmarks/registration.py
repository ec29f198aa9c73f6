"""Registration against its bars: `python benchmarks/registration.py [PART ...] [--pot]`; all but --pot by default.

authors: raw coordinates of real stacks registered; mean agreement of neighbours beside that of the authors' own
registration, where there is one (her2st sections have no licence: printed, never stored).
spots: the same stacks with every section turned and shifted, one mirrored, must come out as the unmoved ones do.
turned: MERFISH sections randomly turned and shifted, 20 seeds, likewise. mirrored: one of them mirrored too.
large: 5 x 50,000 cells. --pot: beside fused Gromov-Wasserstein transport, pair by pair; needs the package POT
(`pip install POT`).
Writes benchmarks/results/registration.json and .md with the machine named.
"""

import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import anndata as ad
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from benchmarks.cases import DATA, RESULTS, provenance
from isost_core.readers import ReadOptions, read_sections
from isost_core.registration.stackwise import align
from isost_core.sections.agreement import stack_agreement
from isost_core.sections.stack import Sections

SEEDS, SPOT_SEEDS = 20, 5
NOTES = {
    "authors": "The synovium was registered by its authors by hand. The olfactory bulb has no registration by its "
               "authors. No pose was tuned on either. The synovium was among the stacks that the residual was set on.",
    "spots": "Largest difference of neighbours' poses from those of the unmoved stack.",
    "large": "A tissue without symmetry, every section turned and shifted, one mirrored; the error is the worst of the "
             "pairs, against the pose it was cut in.",
    "pot": "Agreement of single pairs: by this registration, and by fused and partial fused Gromov-Wasserstein "
           "transport (POT) of at most 1000 cells a section, on the same components of expression.",
}


@dataclass(frozen=True)
class Stack:
    """A real stack: its file; key and µm per unit of its raw positions and of those that its authors registered (''
    where they did not); how its values are read; the gap where the file has no depth; whether results may be stored."""

    file: str
    raw: str
    um: float = 1.0
    authors: str = "spatial"
    authors_um: float = 1.0
    normalize: str = "log1p"
    gap: float | None = None
    may_store: bool = True

    def read(self, authors=False):
        key, um = (self.authors, self.authors_um) if authors else (self.raw, self.um)
        return read(self.file, key, um, self.normalize, self.gap)


STACKS = {
    "Breast cancer (ST), 4 sections": Stack("st_breast_cancer_4layers.h5ad", "spatial_array_raw", 200.0),
    "HER2+ tumour A (ST), 6 sections": Stack("her2st_A.h5ad", "spatial_array_um", may_store=False),
    "HER2+ tumour C (ST), 6 sections": Stack("her2st_C.h5ad", "spatial_array_um", may_store=False),
    # authors, by hand: each axis 0 to 1, about 4 mm; values are log2 of normalised counts
    "Synovium (ST), 7 sections": Stack("ra_synovium_RA2_7sections.h5ad", "spatial_array", 200.0,
                                       "spatial_aligned_unit", 4000.0, "none", 20.0),
    "Olfactory bulb (ST), 4 sections": Stack("mouse_olfactory_bulb_4sections.h5ad", "spatial_pixel", 4.35, "",
                                             gap=20.0),
}


def mean_agreement(pairs):
    return float(np.mean([p.r if hasattr(p, "r") else p.agreement for p in pairs]))


def read(file, key=None, um=None, normalize="log1p", gap=None):
    return read_sections(DATA / file, ReadOptions(normalize=normalize, spatial_key=key, um_per_unit=um, gap=gap))


def authors():
    rows = []
    for title, stack in STACKS.items():
        raw = stack.read()
        came = stack_agreement(raw)
        own = stack_agreement(stack.read(authors=True)) if stack.authors else None
        began = time.perf_counter()
        made = align(raw)
        seconds = time.perf_counter() - began
        bar = max(mean_agreement(came), mean_agreement(own or came))
        row = {"stack": title, "raw": mean_agreement(came), "authors": mean_agreement(own) if own else "none",
               "registered": mean_agreement(made.pairs), "chance": float(np.mean([p.null for p in made.pairs])),
               "seconds": seconds, "bar": bar, "pairs": words([p.agreement for p in made.pairs]),
               "pairs by the authors": words([p.r for p in own]) if own else "none",
               "low confidence": sum(p.confidence == "low" for p in made.pairs)}
        say(row)
        rows += [row] if stack.may_store else []
    return rows


def words(agreed):
    return " ".join(f"{r:.2f}" for r in agreed)


def spots():
    rows = []
    for title, stack in STACKS.items():
        raw = stack.read()
        unmoved = align(raw)
        found = []
        for seed in range(SPOT_SEEDS):
            moved, matrices = moved_at_random(raw, seed, seed % len(raw.names))
            made = align(moved)
            degrees, um = apart(raw, unmoved.matrices, made.matrices @ matrices)
            found.append((degrees, um, mean_agreement(made.pairs)))
        degrees, um, agreed = np.array(found).T
        row = {"stack": title, "seeds": SPOT_SEEDS, "worst (degrees)": float(degrees.max()),
               "worst (µm)": float(um.max()), "unmoved": mean_agreement(unmoved.pairs),
               "least agreement": float(agreed.min())}
        say(row)
        rows += [row] if stack.may_store else []
    return rows


def moved_at_random(sections, seed, mirrored=None):
    """The stack with every section turned and shifted, one of them mirrored too; and the (3, 3) matrices of that."""
    rng, xy, matrices = np.random.default_rng(seed), sections.cells.obsm["spatial"].copy(), []
    for k, name in enumerate(sections.names):
        angle, rows, matrix = rng.uniform(0, 2 * np.pi), sections.rows(name), np.eye(3)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix[:2, :2] = turn @ np.diag([-1.0 if k == mirrored else 1.0, 1.0])
        matrix[:2, 2] = rng.uniform(-500, 500, 2)
        xy[rows] = xy[rows] @ matrix[:2, :2].T + matrix[:2, 2]
        matrices.append(matrix)
    cells = sections.cells.copy()
    cells.obsm["spatial"] = xy
    return Sections.from_log1p(cells, sections.normalize), np.stack(matrices)


def apart(sections, first, second):
    """Largest difference of neighbours' relative poses: degrees (inf where one is mirrored) and µm at the centre."""
    worst = np.zeros(2)
    for k, name in enumerate(sections.names[1:]):
        one, other = (np.linalg.inv(m[k]) @ m[k + 1] for m in (first, second))
        off = np.linalg.inv(one) @ other
        centre = sections.cells.obsm["spatial"][sections.rows(name)].mean(0)
        angle = abs(np.degrees(np.arctan2(off[1, 0], off[0, 0]))) if np.linalg.det(off[:2, :2]) > 0 else np.inf
        worst = np.maximum(worst, [angle, np.linalg.norm(off[:2, :2] @ centre + off[:2, 2] - centre)])
    return worst


def turned(mirrored=False):
    sections = read("merfish_poa_5sections.h5ad")
    supplied, unmoved, rows = mean_agreement(stack_agreement(sections)), align(sections), []
    for seed in range(SEEDS):
        which = seed % len(sections.names) if mirrored else None
        stack, matrices = moved_at_random(sections, seed, which)
        made = align(stack)
        degrees, um = apart(sections, unmoved.matrices, made.matrices @ matrices)
        rows.append({"seed": seed, "mirrored": which, "degrees": float(degrees), "um": float(um),
                     "agreement": mean_agreement(made.pairs), "supplied": supplied,
                     "low_confidence": [i for i, p in enumerate(made.pairs) if p.confidence == "low"]})
        rows[-1]["met"] = bool(degrees <= 1 and um <= 20 and (mirrored or rows[-1]["agreement"] >= supplied))
        say(rows[-1])
    return rows


def pot():
    try:
        import ot  # noqa: F401
    except ImportError:
        sys.exit("--pot needs the package POT, which the app itself does not use: pip install POT")
    from benchmarks.registration_pot import compare

    merfish, rows = read("merfish_poa_5sections.h5ad"), []
    few = merfish.without(merfish.names[3:])
    stacks = [("MERFISH, turned", moved_at_random(few, 0)[0], few, True)]
    stacks += [(title, stack.read(), stack.read(authors=True), stack.may_store) for title, stack in STACKS.items()
               if stack.authors and "tumour A" not in title]
    for title, came, own, may_store in stacks:
        for row in compare(title, came, own):
            say(row)
            rows += [row] if may_store else []
    return rows


def tissue(n_sections=5, n_cells=50_000, n_genes=200, gap_um=20.0, spacing_um=10.0):
    """Sections of a tissue without any symmetry, in its true frame: an ellipse with a notch; each gene is high at three
    places, which drift along depth."""
    rng, parts = np.random.default_rng(0), []
    half = np.sqrt(n_cells / np.pi) * spacing_um * np.array([1.3, 0.87])
    places = rng.uniform(-1, 1, (n_genes, 3, 2)) * half
    drift, width = rng.normal(0, 0.15, places.shape), rng.uniform(0.15, 0.4, (n_genes, 3)) * half[1]
    bright = np.exp(rng.normal(-1, 1, (n_genes, 1)))
    for k in range(n_sections):
        xy = rng.uniform(-1, 1, (int(n_cells * 4.4 / np.pi), 2)) * half
        xy = xy[(((xy / half) ** 2).sum(1) < 1) & ~((xy[:, 0] > 0.25 * half[0]) & (xy[:, 1] > 0.4 * half[1]))]
        far = [((xy[:, None] - places[:, i] - drift[:, i] * k * gap_um) ** 2).sum(2) / width[:, i] ** 2
               for i in range(3)]
        rate = sum(np.exp(-f / 2) for f in far) * bright.T
        obs = pd.DataFrame({"section": f"S{k + 1}", "z_um": k * gap_um},
                           index=[f"S{k + 1}_{i}" for i in range(len(xy))])
        parts.append(ad.AnnData(csr_matrix(rng.poisson(rate), dtype=np.float32), obs=obs, obsm={"spatial": xy}))
    return Sections.from_anndata(ad.concat(parts))


def large():
    true = tissue()
    stack, matrices = moved_at_random(true, 0, mirrored=1)
    began, before = time.perf_counter(), peak_gib()
    made = align(stack)
    row = {"cells": stack.n_cells, "genes": len(stack.genes), "seconds": time.perf_counter() - began}
    degrees, um = apart(stack, np.stack([np.eye(3)] * len(matrices)), made.matrices @ matrices)
    row |= {"agreement": mean_agreement(made.pairs), "true frame": mean_agreement(stack_agreement(true)),
            "error (degrees)": float(degrees), "error (µm)": float(um), "peak before (GiB)": before,
            "peak (GiB)": peak_gib()}
    say(row)
    return [row]


def peak_gib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def say(row):
    print("  " + ", ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()),
          file=sys.stderr, flush=True)


def markdown(results):
    text = ["# Registration\n", "Agreement: median over the 50 brightest genes of the correlation of one section's "
            "smoothed values with the other's at the same places, both ways, mean over pairs of neighbours. It is "
            "fitted on components of all genes.\n"]
    for part, found in results.items():
        text += [f"\n## {part}\n", f"{found['machine']}; code {found['code']}, {found['date']}.\n"]
        rows = found["rows"]
        text += [NOTES[part] + "\n"] if part in NOTES else []
        if "met" in rows[0]:
            agreed = np.mean([r["agreement"] for r in rows])
            text.append(f"{sum(r['met'] for r in rows)} of {len(rows)} seeds within 1 degree and 20 µm (worst of the "
                        f"others aside: {max(r['degrees'] for r in rows if r['met']):.2g} degrees, "
                        f"{max(r['um'] for r in rows if r['met']):.2g} µm); agreement {agreed:.3f}, in the supplied "
                        f"frame {rows[0]['supplied']:.3f}.\n" if any(r["met"] for r in rows) else "No seed met.\n")
            continue
        text += ["| " + " | ".join(rows[0]) + " |", "|---" * len(rows[0]) + "|"]
        text += ["| " + " | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in r.values()) + " |"
                 for r in rows]
    return "\n".join(text) + "\n"


PARTS = {"authors": authors, "spots": spots, "turned": turned, "mirrored": lambda: turned(mirrored=True),
         "large": large, "pot": pot}


def main(names):
    stored = RESULTS / "registration.json"
    results = json.loads(stored.read_text()) if stored.is_file() else {}
    for name in [n.removeprefix("--") for n in names] or [n for n in PARTS if n != "pot"]:
        print(name, file=sys.stderr, flush=True)
        results[name] = {"rows": PARTS[name](), **provenance()}
        RESULTS.mkdir(exist_ok=True)
        stored.write_text(json.dumps(results, indent=1) + "\n")
        (RESULTS / "registration.md").write_text(markdown({k: results[k] for k in PARTS if k in results}))


if __name__ == "__main__":
    main(sys.argv[1:])
