"""Does the check of quality see what is wrong with a stack: defects planted into sound sections, one at a time.

Each defect is planted into the first, a middle and the last section. It is found where a severe finding or a warning of
its kind names the section; a false alarm is a severe finding or a warning about other sections only, that the stack as
it is does not have. Writes quality.json and quality.md into benchmarks/results.

    python -m benchmarks.quality
"""

import argparse
import json
import time

import anndata as ad
import numpy as np

from benchmarks.cases import DATA, RESULTS, provenance
from isost_core import keys
from isost_core.datasets.phantoms import make_phantom
from isost_core.errors import InputError
from isost_core.quality.stack_quality import check
from isost_core.readers import ReadOptions, read_sections
from isost_core.sections.expression import brightest_genes, dense
from isost_core.sections.spacing import even_subset
from isost_core.sections.stack import Sections

GENES, CELLS = 500, 2000  # the brightest, of whole transcriptomes; of a section
REAL = {
    "MERFISH preoptic region": ("merfish_poa_5sections.h5ad", ReadOptions()),
    "breast cancer (ST)": ("st_breast_cancer_4layers.h5ad", ReadOptions()),
    "HER2+ tumour A (ST)": ("her2st_A.h5ad", ReadOptions()),
    "RA synovium, by hand": ("ra_synovium_RA2_7sections.h5ad",
                             ReadOptions(spatial_key="spatial_aligned_unit", um_per_unit=6000.0, gap=20.0)),
}
PHANTOMS = ("ball", "tube", "brain", "lobe")


def stacks():
    """{title: Sections} of all sound stacks."""
    for title, (file, options) in REAL.items():
        sections = read_sections([DATA / file], options)
        genes = np.sort(brightest_genes(sections.X, GENES))
        rng = np.random.default_rng(0)
        rows = np.concatenate([sections.rows(name)[even_subset(sections.xy[sections.rows(name)], CELLS, rng)]
                               for name in sections.names])
        yield title, Sections.from_log1p(sections.cells[rows][:, genes].copy())
    for kind in PHANTOMS:
        yield f"phantom {kind}", Sections.from_anndata(make_phantom(kind, 5, 30.0, n_cells=800, n_genes=40, seed=7)[0])


def _kept(sections, name, keep):
    rows, kept = sections.rows(name), np.ones(sections.n_cells, dtype=bool)
    kept[rows] = keep(sections.xy[rows])
    return Sections.from_log1p(sections.cells[kept])


def _placed(sections, name, place):
    cells = sections.cells.copy()
    cells.obsm[keys.SPATIAL][sections.rows(name)] = place(sections.xy[sections.rows(name)])
    return Sections.from_log1p(cells)


def _valued(sections, name, change):
    cells = sections.cells.copy()
    cells.X = dense(cells.X, np.float32)
    cells.X[sections.rows(name)] = change(cells.X[sections.rows(name)])
    return Sections.from_log1p(cells)


def _at_depths(sections, depths):
    cells = sections.cells.copy()
    for name, depth in zip(sections.names, depths, strict=True):
        cells.obs.iloc[sections.rows(name), cells.obs.columns.get_loc(keys.DEPTH)] = depth
    return Sections.from_log1p(cells)


def _copied(sections, name, change):
    """The section in the place of another: the one after it, or before the last."""
    k = sections.names.index(name)
    source = sections.names[k - 1 if k else 1]
    mine = sections.cells[sections.rows(source)].copy()
    mine.X = change(dense(mine.X, np.float32)).astype(np.float32)
    rest = sections.cells[np.setdiff1d(np.arange(sections.n_cells), sections.rows(name))].copy()
    rest.X = dense(rest.X, np.float32)
    for part in (mine, rest):
        part.obs = part.obs[[keys.SECTION, keys.DEPTH]].astype({keys.SECTION: str})
    mine.obs[keys.SECTION], mine.obs[keys.DEPTH] = name, sections.depths[k]
    return Sections.from_log1p(ad.concat([rest, mine], index_unique="-"))


def _swapped(sections, name):
    k = sections.names.index(name)
    other = k - 1 if k else 1
    depths = sections.depths.copy()
    depths[[k, other]] = depths[[other, k]]
    return _at_depths(sections, depths)


def _moved(sections, name):
    """The section three places away, or as far as it can be."""
    k, n = sections.names.index(name), len(sections.names)
    to = k + 3 if k + 3 < n else max(k - 3, 0)
    order = [j for j in range(n) if j != k]
    order.insert(to, k)
    depths = np.empty(n)
    depths[order] = sections.depths
    return _at_depths(sections, depths)


def _mixed(sections, name):
    cells, rows = sections.cells.copy(), sections.rows(name)
    spread = 2 * np.median(np.diff(sections.depths))
    cells.obs.iloc[rows, cells.obs.columns.get_loc(keys.DEPTH)] += np.random.default_rng(0).uniform(
        -spread, spread, len(rows))
    return Sections.from_log1p(cells)


def _fewer_counts(X):
    return np.log1p(np.random.default_rng(0).poisson(np.expm1(X) / 10))


def _noisy(X):
    return np.maximum(X * (1 + 0.1 * np.random.default_rng(0).standard_normal(X.shape)), 0)


def _turned(xy):
    middle = xy.mean(0)
    return (xy - middle)[:, ::-1] * [1, -1] + middle


DEFECTS = {
    "half of it missing": (("coverage",), lambda s, n: _kept(
        s, n, lambda xy: xy[:, 0] < np.median(xy[:, 0]))),
    "a quarter missing": (("coverage",), lambda s, n: _kept(
        s, n, lambda xy: ~(xy > np.median(xy, 0)).all(1))),
    "swapped with its neighbour": (("order",), _swapped),
    "moved three places": (("order",), _moved),
    "a copy of its neighbour": (("copy",), lambda s, n: _copied(s, n, lambda X: X)),
    "a copy with 10 % noise": (("copy",), lambda s, n: _copied(s, n, _noisy)),
    "mixed in depth with the others": (("depth",), _mixed),
    "no counts": (("counts",), lambda s, n: _valued(s, n, lambda X: X * 0)),
    "ten times fewer counts": (("brightness",), lambda s, n: _valued(s, n, _fewer_counts)),
    "one cell of ten left": (("counts",), lambda s, n: _kept(s, n, lambda xy: np.arange(len(xy)) % 10 == 0)),
    "a tenth of its genes missing": (("genes",), lambda s, n: _valued(
        s, n, lambda X: X * (np.arange(X.shape[1]) % 10 > 0))),
    "turned by 90°": (("pose", "agreement"), lambda s, n: _placed(s, n, _turned)),
    "shifted by a third of its width": (("shift", "agreement"), lambda s, n: _placed(
        s, n, lambda xy: xy + [np.ptp(xy[:, 0]) / 3, 0])),
}


def loud(quality):
    """{(kind, names)} of severe findings and warnings."""
    return {(f.kind, f.names) for f in quality.findings if f.severity != "note"}


def one(sections, name, kinds, plant, usual):
    """'found', 'said' (that it cannot be told) or 'missed', and the number of false alarms."""
    try:
        planted = plant(sections, name)
    except InputError as error:  # a section with too few cells left is refused, which is a finding too
        return f"refused: {error}", 0
    quality = check(planted)
    seen = loud(quality)
    found = any(kind in kinds and name in names for kind, names in seen)
    said = any(f.kind in kinds and name in f.names for f in quality.findings)
    false = [(kind, names) for kind, names in seen - usual if name not in names]
    return "found" if found else "said" if said else "missed", len(false)


def run():
    """Rows of all stacks and defects."""
    rows = []
    for title, sections in stacks():
        start = time.perf_counter()
        sound = check(sections)
        seconds, usual = time.perf_counter() - start, loud(sound)
        n = len(sections.names)
        rows.append({"stack": title, "defect": "none", "seconds": round(seconds, 1),
                     "findings": sorted(f"{kind}: {', '.join(names)}" for kind, names in usual)})
        for defect, (kinds, plant) in DEFECTS.items():
            found = [one(sections, sections.names[k], kinds, plant, usual) for k in (0, n // 2, n - 1)]
            rows.append({"stack": title, "defect": defect, "found": [f for f, _ in found],
                         "false_alarms": sum(false for _, false in found)})
            print(rows[-1], flush=True)
    return rows


def markdown(results):
    titles = list(dict.fromkeys(row["stack"] for row in results["rows"]))
    text = ["# Quality: planted defects\n",
            f"{results['machine']}; code {results['code']}, {results['date']}. Of three places (first, middle, last "
            "section): in how many the defect was found, + in how many the check said that it cannot tell, and in "
            "brackets the false alarms about other sections.\n",
            "| defect | " + " | ".join(titles) + " |", "|---" * (len(titles) + 1) + "|"]
    held = {(row["stack"], row["defect"]): row for row in results["rows"]}
    text.append("| none: severe findings and warnings | "
                + " | ".join(str(len(held[t, "none"]["findings"])) for t in titles) + " |")
    for defect in DEFECTS:
        text.append(f"| {defect} | " + " | ".join(_cell(held[t, defect]) for t in titles) + " |")
    return "\n".join(text) + "\n"


def _cell(row):
    found = sum(f == "found" or f.startswith("refused") for f in row["found"])
    said, false = row["found"].count("said"), row["false_alarms"]
    return f"{found}" + (f" + {said}" if said else "") + (f" ({false})" if false else "")


def main(argv=None):
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args(argv)
    results = {"rows": run(), **provenance()}
    print(markdown(results))
    (RESULTS / "quality.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    (RESULTS / "quality.md").write_text(markdown(results))


if __name__ == "__main__":
    main()
